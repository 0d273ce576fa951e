"""``GET /livez``: the process answers. ``GET /readyz``: it could do its work now, and if not, why."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response

Checks = Mapping[str, Callable[[], str | None]]
"""By name, functions that return None when all is well, else a short reason that anybody may read."""


def create_blueprint(checks: Checks) -> Blueprint:
    """Return both routes. Every check is asked on every ``/readyz``."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/livez")
    def livez() -> Response:
        return Response("ok", mimetype="text/plain")

    @blueprint.get("/readyz")
    def readyz() -> tuple[dict[str, object], int]:
        results = {name: _ask(check) for name, check in checks.items()}
        ready = all(result == "ok" for result in results.values())
        return {"ready": ready, "checks": results}, 200 if ready else 503

    return blueprint


def _ask(check: Callable[[], str | None]) -> str:
    try:
        return check() or "ok"
    except Exception as error:
        # Only its kind: strangers may read this.
        return f"failed ({type(error).__name__})"
