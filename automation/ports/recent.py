"""Remember answers for a short while, so that one look does not ask the same thing twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Generic, TypeVar

from cachetools import TTLCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST = 10_000
"""Answers that are remembered; beyond them, those that were not asked for the longest time are forgotten."""


class Recent(Generic[K, V]):
    """Answers that are at most ``seconds`` old. Safe to share between threads."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._read = clock()
        self._known: TTLCache[K, V] = TTLCache(MOST, seconds, clock)

    def get(self, key: K, ask: Callable[[], V]) -> V:
        """Return the answer for ``key``, asking where it is unknown or too old. Errors are not kept."""
        with self._lock, suppress(KeyError):
            return self._young()[key]
        return self.put(key, ask())

    def known(self, key: K) -> V | None:
        """Return the answer for ``key``, None where it is unknown or too old."""
        with self._lock:
            return self._young().get(key)

    def _young(self) -> TTLCache[K, V]:
        """Return what is remembered: nothing where the machine's clock was set back, as nobody knows then how
        old anything is."""
        now, before = self._clock(), self._read
        self._read = now
        if now < before:
            self._known.clear()
        return self._known

    def put(self, key: K, value: V) -> V:
        with self._lock:
            self._known[key] = value
        return value
