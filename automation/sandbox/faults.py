"""Failures ordered for requests to come."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

FAULTS = (
    "502 before",
    "502 after",
    "drop before",
    "drop after",
    "timeout before",
    "timeout after",
    "429",
    "403 limit",
    "403 abuse",
    "422 hurry",
    "422 abuse",
    "graphql limit",
    "page",
    "401",
    "stranger",
    "errors",
)


@dataclass(frozen=True, slots=True)
class Failure:
    """How a request fails. See ``Sandbox.fail_next``."""

    how: str
    retry_after: int | None = None
    hold: float = 0.0

    @property
    def acts(self) -> bool:
        """Tell whether the request is carried out all the same."""
        return self.how.endswith(" after")

    @property
    def silent(self) -> bool:
        """Tell whether no answer comes."""
        return self.how.startswith(("drop", "timeout"))


@dataclass(slots=True)
class _Order:
    method: str
    path: re.Pattern[str]
    failure: Failure
    left: int


@dataclass(frozen=True, slots=True)
class _Out:
    """All requests of these methods (empty: of any) fail whose path is found."""

    methods: tuple[str, ...]
    path: re.Pattern[str]
    failure: Failure


class Faults:
    """The failures that wait for their requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: list[_Order] = []
        self._out: dict[str, _Out] = {}
        self._closing = threading.Event()

    def order(self, method: str, path: str, failure: Failure, times: int) -> None:
        """Let the next ``times`` requests fail that have this method and whose path the regex finds."""
        if failure.how not in FAULTS:
            raise ValueError(f"how is one of {', '.join(FAULTS)}, not {failure.how!r}")
        with self._lock:
            self._orders.append(_Order(method, re.compile(path), failure, times))

    def go_out(self, system: str, methods: tuple[str, ...], path: str, failure: Failure) -> None:
        """Let a system be out until it is ``back``."""
        if failure.how not in FAULTS:
            raise ValueError(f"how is one of {', '.join(FAULTS)}, not {failure.how!r}")
        self._out[system] = _Out(methods, re.compile(path), failure)

    def come_back(self, system: str) -> None:
        self._out.pop(system, None)

    def take(self, system: str, method: str, path: str) -> Failure | None:
        """Return the failure that this request meets, and count it."""
        out = self._out.get(system)
        if out and (not out.methods or method in out.methods) and out.path.search(path):
            return out.failure
        with self._lock:
            for order in self._orders:
                if order.left and order.method == method and order.path.search(path):
                    order.left -= 1
                    return order.failure
            return None

    def hold(self, failure: Failure) -> None:
        """Let the seconds of a timeout pass, or fewer where the sandbox stops."""
        if failure.how.startswith("timeout"):
            self._closing.wait(failure.hold)

    def close(self) -> None:
        """Let nobody wait any longer."""
        self._closing.set()
