"""The web application: webhooks in, health out, a page that says what this is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound

from automation.model.systems import Source
from automation.store.figures import Figures
from webhooks import health, metrics, receiver
from webhooks.batches import Batches, Inbox
from webhooks.receiver import Count, Dropped, RuledOut

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Handshake</title>
<h1>This is Handshake</h1>
<p>It keeps promises to customers honest: no deadline stands until product has signed it off.</p>
<ul>
<li>Webhooks go to {addresses}.</li>
<li>Is it running? <a href="/livez">/livez</a></li>
<li>Can it work? <a href="/readyz">/readyz</a></li>
<li>How much? <a href="/metrics">/metrics</a></li>
</ul>
</html>
"""


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """What the edge needs: the webhook secrets by source, what the ``sources`` are, those without a secret
    too, the largest body in bytes, and the address that all of this has for others (``public_url``, empty
    where it is not set).

    GitHub sends no payload above 25 MB:
    https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
    """

    secrets: Mapping[str, tuple[str, ...]] = field(repr=False)
    sources: Mapping[str, Source]
    max_body: int = 25 * 2**20
    public_url: str = ""


def _keep_all(_source: str, _event: str) -> Dropped | None:
    return None


def _count_nothing(_outcome: str, _source: str, _reason: str) -> None:
    pass


def create_app(
    settings: EdgeSettings,
    inbox: Inbox,
    checks: health.Checks,
    figures: Callable[[], Figures] = Figures,
    ruled_out: RuledOut = _keep_all,
    count: Count = _count_nothing,
    details: health.Checks = health.NO_DETAILS,
    now: receiver.Clock = lambda: datetime.now(UTC),
) -> Flask:
    """Return the application. Raise ValueError, with a plain message, for secrets that protect nothing."""
    app = Flask("handshake", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    sources = receiver.served(settings.sources, settings.secrets, settings.public_url)
    known = " or ".join(f"/webhooks/{name} (once {s.setting} is set)" for name, s in settings.sources.items())
    app.register_blueprint(
        receiver.create_blueprint(
            sources, known, settings.max_body, Batches(inbox).store, ruled_out, count, now
        )
    )
    page = PAGE.replace(
        "{addresses}", " and ".join(f"<code>POST /webhooks/{name}</code>" for name in settings.sources)
    )
    app.register_blueprint(health.create_blueprint(checks, details))
    app.register_blueprint(metrics.create_blueprint(figures))
    app.register_error_handler(HTTPException, _as_json)

    @app.get("/")
    def front() -> str:
        return page

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app


def _as_json(error: HTTPException) -> Response:
    """Answer any error with ``{"error": sentence}``; a sentence of our own stands as it is."""
    sentence = error.description
    if isinstance(error, InternalServerError):
        sentence = "Something went wrong on our side. Please try again, and tell those who run Handshake."
    elif isinstance(error, MethodNotAllowed):
        sentence = f"Please use {' or '.join(sorted(error.valid_methods or ()))} for this address."
    elif isinstance(error, NotFound) and sentence == NotFound.description:
        sentence = "There is nothing here. Please check the address; / says what there is."
    response = cast(Response, error.get_response())
    response.data = json.dumps({"error": sentence}) + "\n"
    response.mimetype = "application/json"
    return response
