"""Hears of what other processes write to an SQLite file, without asking all the time."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

LOOK = 2.0
"""Seconds after which whoever hears of news is called without any, so that what comes due is seen too."""
SOON = 0.005
"""Seconds after a writing to the file until it is looked at, and then again after twice as long each time: a
commit can be read some time after it was written, once it is on the disk."""
REST = 0.01
"""Seconds until we look again after news: a writer that is busy writes hundreds of times a second."""
OFTEN = 0.05
"""Seconds between two looks where the system tells nothing of files."""

IN_MODIFY = 0x2


class FileWatch:
    """Tells that the log beside a file is written to, by inotify. Linux alone has that; elsewhere, and where
    there are no watches left, it waits for a moment only.

    https://man7.org/linux/man-pages/man7/inotify.7.html
    """

    def __init__(self, file: Path) -> None:
        self._log = os.fsencode(f"{file.name}-wal") + b"\0"
        self._closed, self._wake = os.pipe()
        self._events = _inotify(file.parent)
        self._poll = select.poll()
        self._poll.register(self._closed, select.POLLIN)
        if self._events is not None:
            self._poll.register(self._events, select.POLLIN)

    def wait(self, seconds: float) -> bool:
        """Wait for so long, or until something was written, or until ``stop``. Return whether that was so."""
        if self._events is None:
            self._poll.poll(OFTEN * 1000)
            return False
        self._poll.poll(seconds * 1000)
        with contextlib.suppress(BlockingIOError):
            return self._log in os.read(self._events, 65536)
        return False

    def rest(self, seconds: float) -> None:
        """Let what is written by then be seen at one time: each write of a burst would wake us, and all
        other threads would wait for that."""
        if select.select([self._closed], [], [], seconds)[0] or self._events is None:
            return
        with contextlib.suppress(BlockingIOError):
            os.read(self._events, 65536)

    def stop(self) -> None:
        """End all waiting."""
        os.write(self._wake, b"x")

    def close(self) -> None:
        for file in (self._closed, self._wake, self._events):
            if file is not None:
                os.close(file)


def _inotify(folder: Path) -> int | None:
    """Return what can be read whenever a file of the folder is written to."""
    if sys.platform != "linux":
        return None
    system = ctypes.CDLL(None)
    events: int = system.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if events < 0:
        return None
    if system.inotify_add_watch(events, os.fsencode(folder), IN_MODIFY) < 0:
        os.close(events)
        return None
    return events


def follow(
    connection: sqlite3.Connection,
    files: FileWatch,
    heard: Callable[[], None],
    closed: Callable[[], bool],
    clock: Callable[[], float],
) -> None:
    """Call ``heard`` whenever another connection has committed, and every LOOK seconds, until ``closed``.

    https://www.sqlite.org/pragma.html#pragma_data_version
    """
    seen, called, pause = None, 0.0, SOON
    while not closed():
        now = clock()
        version = seen
        with contextlib.suppress(sqlite3.Error):  # a lock or a full disk passes
            (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version != seen or now - called >= LOOK:
            seen, called = version, now
            heard()
            files.rest(REST)
            pause = SOON
        pause = SOON if files.wait(pause) else min(2 * pause, LOOK)
