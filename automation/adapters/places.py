"""Which places (repositories, projects) we see nothing of at present, and when to look at one again.

A 404 alone does not tell an issue that is gone from one that we may not see: its place is asked, too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from automation.ports import NoAccess

log = structlog.get_logger("handshake")

FIRST_WAIT = 5.0
LONGEST_WAIT = 600.0
"""Seconds until a place is looked at again; they grow with the time that it has not been seen."""


class Places:
    """The places of one system. Safe to share between threads."""

    def __init__(self, system: str, clock: Callable[[], float]) -> None:
        self._system = system
        self._clock = clock
        self._lock = threading.Lock()
        self._lost: dict[str, tuple[float, float, str]] = {}

    def enter(self, place: str) -> None:
        """Raise NoAccess for a place that was not seen just now, so that work which waits asks nothing."""
        with self._lock:
            _, until, why = self._lost.get(place, (0.0, 0.0, ""))
        wait = until - self._clock()
        if 0 < wait <= LONGEST_WAIT:
            raise NoAccess(self._called(place), why, wait)

    def lost(self, place: str, why: str) -> NoAccess:
        """Note that nothing of a place can be seen, and return what to raise. It is logged once."""
        now = self._clock()
        with self._lock:
            known = self._lost.get(place)
            since = known[0] if known else now
            wait = min(max(now - since, FIRST_WAIT), LONGEST_WAIT)
            self._lost[place] = since, now + wait, why
        if known is None:
            log.warning("access lost", system=self._system, place=place, error=why)
        return NoAccess(self._called(place), why, wait)

    def seen(self, place: str) -> None:
        """Note that a place can be seen."""
        with self._lock:
            known = self._lost.pop(place, None)
        if known is not None:
            log.info("access is back", system=self._system, place=place)

    def _called(self, place: str) -> str:
        return f"{self._system}: {place}"
