"""The engine's stand-ins, on a database of each kind."""

from __future__ import annotations

from tests.unit.engine.conftest import (
    clock,
    crm,
    database,
    folder,
    jobs,
    know,
    message,
    states,
    tracker,
    url,
)

__all__ = ["clock", "crm", "database", "folder", "jobs", "know", "message", "states", "tracker", "url"]
