"""Proves that every system accepts our credentials: at the start, and again after one did not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

from automation.ports import OUTAGE_FIRST_WAIT as FIRST_WAIT
from automation.ports import OUTAGE_LONGEST_WAIT as LONGEST_WAIT
from automation.ports import Closed, Lanes, Refused, Unavailable

log = structlog.get_logger("handshake")


class Credentials:
    """``checks`` ask each system, by name, whether our credentials are accepted."""

    def __init__(self, checks: Mapping[str, Callable[[], None]], limiters: Lanes) -> None:
        self._checks = checks
        self._limiters = {name: limiters.to(name) for name in checks}
        self._proved: set[str] = set()
        self._unasked = set(checks)
        self._now = limiters.now
        self._waits: dict[str, tuple[float, float]] = {}
        """Of those that gave no clear answer: not before when they are asked again, and the next wait."""

    def prove(self) -> None:
        """Ask those systems that have not accepted them yet, or not the last time, and are not shut. A
        refusal from before the start says nothing: we may have been started with other credentials."""
        for name, check in self._checks.items():
            limiter = self._limiters[name]
            if limiter.unauthorized():
                if name in self._unasked:
                    limiter.ask_at_once()
                self._proved.discard(name)
            self._unasked.discard(name)
            at, wait = self._waits.get(name, (0.0, FIRST_WAIT))
            if name in self._proved or limiter.opens_in(urgent=True) > 0 or self._now() < at:
                continue
            try:
                check()
            except (Unavailable, Refused) as error:
                log.warning("credentials", system=name, error=str(error))
                if not isinstance(error, Closed):  # else the limiter says when
                    self._waits[name] = self._now() + wait, min(wait * 2, LONGEST_WAIT)
            else:
                self._waits.pop(name, None)
                self._proved.add(name)
                log.info("credentials", system=name, accepted=True)
