"""SQLite: a write-ahead log, durable commits, and one writer at a time whose commit is shared."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from automation.store.sqlite_file import Place, make
from automation.store.sqlite_watch import FileWatch, follow

BUSY_TIMEOUT_MS = 5000
MOST_TOGETHER = 64
"""Units that share a commit at most, so that the first of them need not wait long."""
ALONE = 0.1
"""Seconds after which a unit that waits for another one to commit looks whether anybody is there."""
ASK_AGAIN = 0.001
"""Seconds between two tries to begin while another process writes."""


def there(url: URL) -> bool:
    """Tell whether the file of an address is there, where it names one."""
    return url.database in (None, "", ":memory:") or Path(url.database or "").expanduser().exists()


class Sqlite:
    """One file, which only its owner may read: others' words are in it, and the key of our marks.

    https://www.sqlite.org/pragma.html#pragma_synchronous: FULL makes a commit survive power loss
    under a write-ahead log too.
    """

    name = "sqlite"

    def __init__(self, url: URL) -> None:
        self._file = Path(str(url.database)).expanduser()
        self._file.parent.mkdir(0o700, parents=True, exist_ok=True)
        make(self._file)
        self._place = Place(self._file)
        self._engine = _engine(url.set(database=str(self._file)), self._file)
        self._writer = _Writer(self._engine, self._place)
        self._closed = threading.Event()
        self._watching = threading.Lock()
        self._watches = list[FileWatch]()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self._place.check()
        with self._engine.connect() as connection:
            _run(connection, "BEGIN")
            yield connection

    def exposed(self) -> str | None:
        """Say that others on this machine can read the file, as those made by earlier versions, or None."""
        if not self._file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            return None
        files = " ".join(str(self._file) + end for end in ("", "-wal", "-shm"))
        return f"other people on this machine can read it; to keep it to yourself: chmod 600 {files}"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self._writer.turn() as connection:
            yield connection

    def watch(self, heard: Callable[[], None]) -> None:
        """Call ``heard``, on a thread, whenever another connection has committed, and every few seconds."""
        threading.Thread(target=self._watch, args=(heard,), name="watch", daemon=True).start()

    def _watch(self, heard: Callable[[], None]) -> None:
        connection, files = _connect(self._file), FileWatch(self._file)
        connection.isolation_level = None
        with self._watching:
            self._watches.append(files)
        with contextlib.closing(connection):
            follow(connection, files, heard, self._closed.is_set, time.monotonic)
        with self._watching:
            self._watches.remove(files)
            files.close()

    def close(self) -> None:
        self._closed.set()
        with self._watching:
            for files in self._watches:
                files.stop()
        self._writer.close()
        self._engine.dispose()


class _Group:
    """Units that are committed together."""

    def __init__(self) -> None:
        self.size = 0
        self.ended = threading.Event()
        self.error: BaseException | None = None
        self.spoilt = False


class _Writer:
    """Lets one thread write at a time. Whoever finishes while others wait hands the open transaction
    on to them, and the last one commits for all: a commit costs a flush of the disk, which is dear,
    and SQLite's own waiting is unfair. ``BEGIN IMMEDIATE`` keeps other processes (the CLI) in order."""

    def __init__(self, engine: Engine, place: Place) -> None:
        self._engine = engine
        self._place = place
        self._connection: Connection | None = None
        self._group: _Group | None = None
        self._turn = threading.Lock()
        self._count = threading.Lock()
        self._waiting = 0

    @contextmanager
    def turn(self) -> Iterator[Connection]:
        """Give the connection, inside a savepoint of one's own. Return once all of it is on the disk."""
        self._wait_for_turn()
        connection, group = self._begin()
        try:
            yield connection
            _run(connection, "RELEASE unit")
        except BaseException as error:
            self._leave(connection, group, error)
            raise
        self._leave(connection, group, None)
        while not group.ended.wait(ALONE):
            self._end_orphaned(group)
        if group.error is not None:
            cause = getattr(group.error, "orig", group.error)
            raise OperationalError("COMMIT", None, cause) from group.error

    def _wait_for_turn(self) -> None:
        with self._count:
            self._waiting += 1
        try:
            ours = self._turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
        finally:
            with self._count:
                self._waiting -= 1
        if not ours:
            raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is locked"))

    def _begin(self) -> tuple[Connection, _Group]:
        try:
            if self._group is None:
                self._place.check()
            if self._connection is None:
                self._connection = self._engine.connect()
                self._place.begun()
            if self._group is None:
                self._connection.begin()
                _lock(_file(self._connection), "BEGIN IMMEDIATE")
                self._group = _Group()
            self._group.size += 1
            _run(self._connection, "SAVEPOINT unit")
        except BaseException as error:
            self._fail(error)
            self._turn.release()
            raise
        return self._connection, self._group

    def _leave(self, connection: Connection, group: _Group, error: BaseException | None) -> None:
        """Hand the transaction on, or end it, and give up the turn."""
        try:
            if error is not None and not _undone(connection):
                self._fail(error)
                return
            if isinstance(error, OperationalError):
                group.spoilt = True
            with self._count:
                go_on = self._waiting > 0 and group.size < MOST_TOGETHER
            if not go_on:
                self._commit(connection, group)
        finally:
            self._turn.release()

    def _commit(self, connection: Connection, group: _Group) -> None:
        try:
            transaction = connection.get_transaction()
            if transaction is not None:
                transaction.commit()
                self._place.committed()
        except BaseException as error:
            self._fail(error)
            if not isinstance(error, Exception):
                raise
        else:
            self._group = None
            group.ended.set()
            if group.spoilt:
                # A connection that found the file to be read-only would think so for ever.
                connection.invalidate()
                connection.close()
                self._connection = None

    def _fail(self, error: BaseException) -> None:
        """Fail for all of the group, and start afresh with a new connection."""
        connection, self._connection = self._connection, None
        group, self._group = self._group, None
        try:
            if connection is not None:
                connection.invalidate()
                connection.close()
        finally:
            if group is not None:
                group.error = error
                group.ended.set()

    def _end_orphaned(self, group: _Group) -> None:
        """Commit for a group that was handed on to somebody who then did not come."""
        if self._turn.acquire(blocking=False):
            try:
                if self._group is group and self._connection is not None:
                    self._commit(self._connection, group)
            finally:
                self._turn.release()

    def close(self) -> None:
        with self._turn:
            if self._connection is not None and self._group is not None:
                self._commit(self._connection, self._group)
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _undone(connection: Connection) -> bool:
    """Take back what a unit wrote. Return False where the whole transaction is gone, as some errors
    (a full disk) end it: https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
    """
    try:
        if not _file(connection).in_transaction:
            return False
        _run(connection, "ROLLBACK TO unit")
        _run(connection, "RELEASE unit")
    except Exception:
        return False
    return True


def _run(connection: Connection, statement: str) -> None:
    """Run what begins or ends a transaction or savepoint. SQLAlchemy's own way takes ten times as long, and
    once anybody listens to it, each statement looks for listeners."""
    try:
        _file(connection).execute(statement)
    except sqlite3.Error as error:
        raise OperationalError(statement, None, error) from error


def _file(connection: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection.connection.driver_connection)


def _connect(file: Path) -> sqlite3.Connection:
    """Open the file, and make none where it is gone. https://www.sqlite.org/uri.html"""
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_TIMEOUT_MS / 1000,
        check_same_thread=False,
    )


def _engine(url: URL, file: Path) -> Engine:
    engine = create_engine(url, hide_parameters=True, creator=lambda: _connect(file))
    event.listen(engine, "connect", _on_connect)
    return engine


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    # SQLite does not wait for whoever changes to WAL at the same moment.
    _lock(connection, "PRAGMA journal_mode=WAL")
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _lock(file: sqlite3.Connection, statement: str) -> None:
    """Do what takes the lock that one process has at a time. SQLite itself would ask again after up to 100 ms
    each time, while whoever comes anew gets in: of two busy processes one starves.
    https://www.sqlite.org/c3ref/busy_timeout.html"""
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    file.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                file.execute(statement)
                return
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > until:
                    raise OperationalError(statement, None, error) from error
            time.sleep(ASK_AGAIN)
    finally:
        file.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
