"""A copy of the database, made while others write to it."""

from __future__ import annotations

import os
import shlex
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

from automation.store.database import StoreError, absent, parse, shown
from automation.store.restored import COPIED
from automation.store.sqlite import Sqlite

PAGES = 1024
"""Pages that are copied in one step: 4 MB."""
PAUSE = 0.005
"""Seconds between two steps, which leave the disk to those who serve."""


def back_up(url: str, target: Path, force: bool = False, step: Callable[[], None] = lambda: None) -> int:
    """Copy an SQLite database to ``target`` and prove the copy. Return its size in bytes. ``step`` is
    called after each step. Raise StoreError, and leave nothing half made behind.

    https://www.sqlite.org/backup.html
    """
    file = _file(url, target)
    if target.exists() and not force:
        raise StoreError(f"{target} is there already. Choose another name, or add --force to replace it.")
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            _copy(file, part, step)
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"The backup could not be made ({error}). Nothing was left behind.") from error
    _flush(target.parent)
    return target.stat().st_size


def _file(url: str, target: Path) -> Path:
    parsed = parse(url)
    if parsed.get_backend_name() != Sqlite.name:
        there = (parsed.username, None, parsed.host, parsed.port, parsed.database)
        plain = URL.create("postgresql", *there, parsed.query).difference_update_query(["password"])
        command = f"pg_dump --format=custom --file={shlex.quote(str(target))} {shlex.quote(str(plain))}"
        raise StoreError(f"This database is on PostgreSQL, which makes its own backups:\n  {command}")
    file = Path(parsed.database or "").expanduser()
    if not file.is_file():
        raise absent(shown(parsed))
    if target.exists() and target.samefile(file):
        raise StoreError(f"{target} is the database itself. Choose another name for its backup.")
    return file


def _copy(file: Path, part: Path, step: Callable[[], None]) -> None:
    with (
        closing(sqlite3.connect(file, isolation_level=None)) as source,
        closing(sqlite3.connect(part, isolation_level=None)) as copy,
    ):
        # One state of the database is read from beginning to end, as a write-ahead log allows;
        # without it the copying would begin anew whenever somebody writes.
        source.execute("BEGIN")
        began = time.time()
        if source.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None:
            raise sqlite3.DatabaseError(f"{file} is no database of Handshake")
        source.backup(copy, pages=PAGES, sleep=PAUSE, progress=lambda *_: step())
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, readable from any medium
        copy.execute("PRAGMA synchronous=FULL")
        copy.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (COPIED, str(began)))
        [(found,)] = copy.execute("PRAGMA integrity_check(1)").fetchall()
        if found != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged, and so the database may be: {found}")


def _flush(folder: Path) -> None:
    """Make the new name survive power loss."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
