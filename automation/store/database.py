"""The connection: SQLite with a write-ahead log, one writer at a time, and durable commits."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from automation.store.schema import meta, metadata

BUSY_TIMEOUT_MS = 5000
EXAMPLE = "sqlite:///data/handshake.db"


class StoreError(Exception):
    """The database cannot be used; the message says why and what to do."""


class Database:
    """Hands out read and write transactions, and wakes those who ``wait`` after each write.
    ``writes`` counts them, so that nobody who waits can miss one.

    https://www.sqlite.org/pragma.html#pragma_synchronous: FULL makes a commit survive power loss
    under a write-ahead log too. Writers of this process queue on a lock, since SQLite's own
    waiting is unfair; ``BEGIN IMMEDIATE`` keeps other processes (the CLI) in order.
    """

    def __init__(self, url: str) -> None:
        self._wake = threading.Condition()
        self.writes = 0
        self._writing = threading.Lock()
        try:
            self._engine = _engine(url)
            with self.write() as connection:  # no two processes at once
                metadata.create_all(connection)
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(
                f"The database at {url} cannot be opened ({_cause(error)}). "
                "Check that its folder exists and can be written, or set HANDSHAKE_DATABASE_URL."
            ) from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one consistent state."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a transaction that commits at the end, or leaves nothing behind on an error."""
        with self._writing, self._engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                yield connection
        self.wake_up()

    def wake_up(self) -> None:
        """Wake all who wait."""
        with self._wake:
            self.writes += 1
            self._wake.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Wait until ``writes`` is no longer ``seen``, but no longer than ``seconds``."""
        with self._wake:
            self._wake.wait_for(lambda: self.writes != seen, seconds)

    def secret(self, name: str) -> bytes:
        """Return 32 random bytes that are made once and kept in the database."""
        with self.write() as connection:
            known = connection.scalar(select(meta.c.value).where(meta.c.name == name))
            if known is None:
                known = secrets.token_hex(32)
                connection.execute(insert(meta).values(name=name, value=known))
            return bytes.fromhex(known)

    def problem(self) -> str | None:
        """Say why the database cannot be written now, or None (for the readiness check)."""
        try:
            with self.write() as connection:
                connection.exec_driver_sql("PRAGMA user_version")
        except SQLAlchemyError as error:
            return f"the database cannot be written: {_cause(error)}"
        return None

    def close(self) -> None:
        self._engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # not shown: it may hold a password
        raise StoreError(f"HANDSHAKE_DATABASE_URL is not a database address. Write {EXAMPLE}") from error
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise StoreError(
            f"HANDSHAKE_DATABASE_URL names {parsed.drivername}; only SQLite is served so far. Write {EXAMPLE}"
        )
    if parsed.database in (None, "", ":memory:"):
        raise StoreError(
            f"HANDSHAKE_DATABASE_URL names no file, so nothing would outlive a restart. Write {EXAMPLE}"
        )
    file = Path(str(parsed.database)).expanduser()
    file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed.set(database=str(file)),
        hide_parameters=True,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error)
