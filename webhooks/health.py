"""``GET /livez``: the process answers. ``GET /readyz``: it could do its work now, and if not, why."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait

import structlog
from flask import Blueprint, Response

log = structlog.get_logger("handshake")

PATIENCE = 2.0
"""Seconds in which ``/readyz`` is answered, whatever hangs: a locked database alone can take five."""

Checks = Mapping[str, Callable[[], str | None]]
"""By name, functions that return None when all is well, else a short reason that anybody may read."""

NO_DETAILS: Checks = {}


def create_blueprint(checks: Checks, details: Checks = NO_DETAILS, patience: float = PATIENCE) -> Blueprint:
    """Return both routes. Every ``/readyz`` asks all checks, and waits ``patience`` seconds for them.

    ``details`` are asked as well, and told where there is something to tell: what operations should look
    at although the work goes on. They never make it unready.
    """
    blueprint = Blueprint("health", __name__)
    questions = {name: _Question(name, check) for name, check in checks.items()}
    asides = {name: _Question(name, detail) for name, detail in details.items()}

    @blueprint.get("/livez")
    def livez() -> Response:
        return Response("ok", mimetype="text/plain")

    @blueprint.get("/readyz")
    def readyz() -> tuple[dict[str, object], int]:
        asked = {name: question.ask() for name, question in questions.items()}
        aside = {name: question.ask() for name, question in asides.items()}
        answered, _ = wait([*asked.values(), *aside.values()], patience)
        late = f"no answer within {patience:g} seconds"

        def told(answers: Mapping[str, Future[str]]) -> dict[str, str]:
            return {name: one.result() if one in answered else late for name, one in answers.items()}

        results = told(asked)
        ready = all(result == "ok" for result in results.values())
        details = {name: result for name, result in told(aside).items() if result != "ok"}
        return {"ready": ready, "checks": results, "details": details}, 200 if ready else 503

    return blueprint


class _Question:
    """Asks a check on a thread of its own, one at most: whoever comes meanwhile gets the same answer."""

    def __init__(self, name: str, check: Callable[[], str | None]) -> None:
        self._name = name
        self._check = check
        self._lock = threading.Lock()
        self._answer: Future[str] | None = None

    def ask(self) -> Future[str]:
        with self._lock:
            if self._answer is None or self._answer.done():
                answer: Future[str] = Future()
                about = (answer,)
                threading.Thread(target=self._find_out, args=about, name=self._name, daemon=True).start()
                self._answer = answer
            return self._answer

    def _find_out(self, answer: Future[str]) -> None:
        try:
            answer.set_result(self._check() or "ok")
        except Exception as error:  # only its kind is said: strangers may read this
            log.error("check", name=self._name, error=f"{type(error).__name__}: {error}")
            answer.set_result(f"failed ({type(error).__name__})")
