"""Where an SQLite file is, and whether it is still the one that was opened."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from sqlalchemy.exc import OperationalError


class FileGone(sqlite3.OperationalError):
    """The file at our address is no longer the one that we have open. SQLite itself would not mind, and
    write on into what nobody will ever find."""


class Place:
    """Where the file is, and which one it was when it was opened."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._opened = _identity(file)
        self._log: tuple[int, int] | None = None
        self._lost = ""

    def check(self) -> None:
        """Raise OperationalError where another file, or none, is there now."""
        if not self._lost and _identity(self._file) == self._opened:
            return
        what = self._lost or f"{self._file} was removed or replaced"
        text = (
            f"{what} while Handshake was using it, so nothing more is kept. Put it back, or stop Handshake, "
            "restore a backup, and start it again"
        )
        raise OperationalError("the file", None, FileGone(text))

    def begun(self) -> None:
        """Note that the writer has opened the file anew: whoever was alone with it may find a new log."""
        self._log = None

    def committed(self) -> None:
        """Raise as ``check`` where what was just written went to what is gone. The log beside the file
        stays the same one as long as somebody has it open: https://www.sqlite.org/wal.html"""
        log = self._file.with_name(f"{self._file.name}-wal")
        found = _identity(log)
        if self._log is None:
            self._log = found
        elif found != self._log:
            self._lost = f"{log} was removed"
        self.check()


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def make(file: Path) -> None:
    """Make an empty file that only its owner may read; SQLite gives those beside it the same rights."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
