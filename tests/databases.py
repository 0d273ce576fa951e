"""SQLite databases for tests: the tables are made once and copied, and no commit waits for the disk."""

from __future__ import annotations

import functools
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Dialect, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import Pool

from automation.store import postgres, sqlite
from automation.store.database import Database


def with_tables(url: str) -> str:
    """Put a new database with its tables where ``url`` names a SQLite file that is not there. Return it."""
    if (file := file_of(url)) and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(0o600)
        file.write_bytes(_made())
    return url


def file_of(url: str) -> Path | None:
    """Return the file of a SQLite database, None of any other."""
    parsed = make_url(url)
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def default() -> Database:
    """Open the database that is used where no setting names one, with its tables."""
    return Database(with_tables("sqlite:///data/handshake.db"))


@functools.cache
def _made() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "made.db"
        Database(f"sqlite:///{file}").close()
        with sqlite3.connect(file) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return file.read_bytes()


@contextmanager
def unflushed() -> Iterator[None]:
    """Let commits of this process not wait for the disk: a test that cuts no power cannot tell, and most of
    its time is waiting. https://www.sqlite.org/pragma.html#pragma_synchronous"""
    event.listen(Pool, "checkout", _off)
    try:
        yield
    finally:
        event.remove(Pool, "checkout", _off)


@contextmanager
def compiled_once() -> Iterator[None]:
    """Let each statement be compiled once for all databases of this process, of which each test has its own.
    https://docs.sqlalchemy.org/en/20/core/connections.html#using-a-dictionary-for-compiled-queries"""
    dialects: dict[str, Dialect] = {}
    compiled: dict[Any, Any] = {}

    def alike(url: URL, **how: Any) -> Engine:
        engine = create_engine(url, **how)
        engine.dialect = dialects.get(engine.name, engine.dialect)
        engine.update_execution_options(compiled_cache=compiled)
        # A dialect knows its server only once it was connected to one: many tests name one that is not there.
        event.listen(engine, "connect", lambda *_: dialects.setdefault(engine.name, engine.dialect))
        return engine

    with pytest.MonkeyPatch.context() as patch:
        for backend in (sqlite, postgres):
            patch.setattr(backend, "create_engine", alike)
        yield


def _off(connection: Any, _record: Any, _proxy: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")
