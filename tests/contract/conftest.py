"""The town of the end-to-end tests, and the people and clients of the sandbox's own."""

from __future__ import annotations

from tests.end_to_end.conftest import database_url, interval, mode, rules, sign_off, town, tracker
from tests.sandbox.conftest import arrivals, box, clock, curl

__all__ = [
    "arrivals",
    "box",
    "clock",
    "curl",
    "database_url",
    "interval",
    "mode",
    "rules",
    "sign_off",
    "town",
    "tracker",
]
