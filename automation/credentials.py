"""Proves that every system accepts our credentials: at the start, and again after one did not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

from automation.ports import Refused, Unavailable
from automation.store.gates import Gates

log = structlog.get_logger("handshake")


class Credentials:
    """``checks`` ask each system, by name, whether our credentials are accepted."""

    def __init__(self, checks: Mapping[str, Callable[[], None]], gates: Gates) -> None:
        self._checks = checks
        self._gates = {name: gates.to(name) for name in checks}
        self._proved: set[str] = set()

    def prove(self) -> None:
        """Ask those systems that have not accepted them yet, or not the last time, and are not shut."""
        for name, check in self._checks.items():
            gate = self._gates[name]
            if gate.unauthorized():
                self._proved.discard(name)
            if name in self._proved or gate.opens_in(urgent=True) > 0:
                continue
            try:
                check()
            except (Unavailable, Refused) as error:
                log.warning("credentials", system=name, error=str(error))
            else:
                self._proved.add(name)
                log.info("credentials", system=name, accepted=True)
