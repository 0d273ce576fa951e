"""Work that is done every few seconds, on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger("handshake")


class Repeating:
    """Does something every so often, however it went the time before."""

    def __init__(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        """``name`` says in the log what went wrong; ``seconds`` lie between two times."""
        self._name = name
        self._seconds = seconds
        self._work = work
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin, and do it first when the time has passed once."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being done now."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def once(self) -> None:
        """Do it now. Never raises."""
        try:
            self._work()
        except Exception as error:  # a full or locked disk, a folder out of reach: the next time may go well
            log.error(self._name, error=f"{type(error).__name__}: {error}")

    def _run(self) -> None:
        while not self._stopping.wait(self._seconds):
            self.once()
