FROM python:3.12-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /app

# Dependencies first: they change seldom, so this layer is mostly reused.
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY . .
RUN pip install --no-index --no-deps --no-build-isolation . \
    && useradd --system --uid 10001 --home-dir /data --create-home handshake

# The database lives in /data, the rules in /app/rules: mount your own over them.
ENV HANDSHAKE_HOST=0.0.0.0 \
    HANDSHAKE_PORT=8080 \
    HANDSHAKE_DATABASE_URL=sqlite:////data/handshake.db \
    HANDSHAKE_RULES=/app/rules
USER handshake
VOLUME /data
EXPOSE 8080

HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['HANDSHAKE_PORT'] + '/livez', timeout=4)"]

CMD ["handshake", "serve"]
