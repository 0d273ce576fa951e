"""The database as the rest sees it: transactions, and a way to wait for what others write."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import URL, Connection, Table, extract, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from automation.store import migrations
from automation.store.postgres import Postgres
from automation.store.schema import meta
from automation.store.sqlite import Sqlite, there

log = structlog.get_logger("handshake")

Answer = TypeVar("Answer")

CLOCKS_DIFFER = 5.0
"""Seconds between two clocks that are harmless: leases of jobs last several times as long."""
SERVED = (Sqlite.name, Postgres.name, "postgres")
EXAMPLES = "sqlite:///data/handshake.db or postgresql://handshake@localhost/handshake"


class StoreError(Exception):
    """The database cannot be used; the message says why and what to do."""


class _Absent(Exception):
    """There is no database at this address, and none is to be made."""


def absent(address: object) -> StoreError:
    """Say that there is no database."""
    return StoreError(
        f"There is no database at {address} yet. `handshake serve` makes it; "
        "or set HANDSHAKE_DATABASE_URL to the one it uses."
    )


class Backend(Protocol):
    """One kind of database."""

    name: str

    def read(self) -> AbstractContextManager[Connection]: ...

    def write(self) -> AbstractContextManager[Connection]: ...

    def watch(self, heard: Callable[[], None]) -> None:
        """Call ``heard``, on a thread, when another process may have put a job, and every few seconds."""
        ...

    def exposed(self) -> str | None:
        """Say that others on this machine can read what is stored, and what to do, or None."""
        ...

    def close(self) -> None: ...


class Database:
    """Hands out read and write transactions, and wakes those who ``wait`` after each write.
    ``writes`` counts them, so that nobody who waits can miss one."""

    def __init__(self, url: str, make: bool = True) -> None:
        """Raise StoreError where it cannot be used; without ``make`` also where there is none yet."""
        self._wake = threading.Condition()
        self._asking = threading.Lock()
        self._closed = False
        self.writes = 0
        parsed = parse(url)
        try:
            if not make and parsed.get_backend_name() == Sqlite.name and not there(parsed):
                raise _Absent
            self._backend = _backend(parsed)
            self._prepare(make)
        except _Absent:
            raise absent(shown(parsed)) from None
        except migrations.WrongTables as error:
            raise StoreError(f"The database at {shown(parsed)} {error}.") from error
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(
                f"The database at {shown(parsed)} cannot be opened ({_told(parsed, error)}). "
                "Check that it is there and can be written, or set HANDSHAKE_DATABASE_URL."
            ) from error

    def _prepare(self, make: bool) -> None:
        """Make the tables, or bring them up to date, unless they are."""
        try:
            with self.read() as connection:
                ready = migrations.revision(connection) == migrations.HEAD
                if not make and not ready and migrations.untouched(connection):
                    raise _Absent
            if not ready:
                with self.write() as connection:
                    migrations.upgrade(connection)
        except BaseException:
            self._backend.close()
            raise

    @property
    def server(self) -> bool:
        """Tell whether it is a server, where many write at once and each question costs a journey."""
        return self._backend.name == Postgres.name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one consistent state."""
        with self._backend.read() as connection:
            yield connection

    @contextmanager
    def write(self, wakes: bool = True) -> Iterator[Connection]:
        """Give a transaction that is durable at the end, or leaves nothing behind on an error. Without
        ``wakes`` it is nothing that anybody waits for."""
        with self._backend.write() as connection:
            yield connection
        if wakes:
            self.wake_up()

    def watch(self, due: Callable[[], bool]) -> None:
        """Wake all who wait also for what other processes write, and for what comes due by itself, wherever
        ``due`` says that there is something to do: one asks for all of them."""

        def heard() -> None:
            try:
                with self._asking:  # a database that is closed opens nothing any more
                    news = not self._closed and due()
            except SQLAlchemyError as error:  # a full or locked disk, a server that starts again
                log.info("watch", error=_kind(error))
                return
            if news:
                self.wake_up()

        self._backend.watch(heard)

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
            made = upsert(connection, meta).values(name=name, value=secrets.token_hex(32))
            connection.execute(made.on_conflict_do_nothing())
            return bytes.fromhex(connection.scalars(select(meta.c.value).where(meta.c.name == name)).one())

    def problem(self) -> str | None:
        """Say that the database cannot be written now, or None (for the readiness check).

        Strangers may read it, so the error itself, which can name hosts and people, is only logged.
        """
        try:
            self.twice(self._touch)
        except SQLAlchemyError as error:
            log.error("database", error=_cause(error))
            return f"it cannot be written ({_kind(error)}); the log says more"
        return None

    def _touch(self) -> None:
        with self._backend.write() as connection:  # for real, as a full disk shows at the commit only
            row = {"value": str(time.time())}
            touched = upsert(connection, meta).values(name="last asked", **row)
            connection.execute(touched.on_conflict_do_update(index_elements=["name"], set_=row))

    def twice(self, work: Callable[[], Answer]) -> Answer:
        """Do ``work``, and again where its connection was lost, as when the server starts anew: for what may
        be done twice. The pool has new connections by then."""
        try:
            return work()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            log.info("connected anew", error=_kind(error))
            return work()

    def exposed(self) -> str | None:
        """Say that others on this machine can read what is stored, and what to do, or None."""
        return self._backend.exposed()

    def clock_problem(self, now: Callable[[], float]) -> str | None:
        """Say that our clock and the database's differ, or None (for the readiness check). Machines that
        share a database know by their clocks when a job of another has been left behind."""
        with self._backend.read() as connection:
            theirs = select(extract("epoch", func.now()))  # whole seconds on SQLite
            before, there, after = now(), float(connection.scalars(theirs).one()), now()
        ahead = before - there if before > there else min(0.0, after - there)
        if abs(ahead) <= CLOCKS_DIFFER:
            return None
        way = "ahead of" if ahead > 0 else "behind"
        return (
            f"this machine's clock is {abs(ahead):.0f} seconds {way} the database's; "
            "set both by the same time servers (NTP)"
        )

    def close(self) -> None:
        with self._asking:
            self._closed = True
        self._backend.close()


def upsert(connection: Connection, table: Table) -> Any:
    """Return an INSERT that knows ON CONFLICT, in the words of this database."""
    kind = postgresql if connection.dialect.name == Postgres.name else sqlite
    return kind.insert(table)


def put_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Add whole rows, each in the place of the one with its key, if there is one."""
    if rows:
        connection.execute(_put_rows(connection.dialect.name, table), rows)


@cache
def _put_rows(dialect: str, table: Table) -> Any:
    add = (postgresql if dialect == Postgres.name else sqlite).insert(table)
    rest = {column.name: add.excluded[column.name] for column in table.c if not column.primary_key}
    return add.on_conflict_do_update(index_elements=list(table.primary_key), set_=rest)


def parse(url: str) -> URL:
    """Read the address of a database. Raise StoreError where it is none, or one that is not served."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # not shown: it may hold a password
        raise StoreError(f"HANDSHAKE_DATABASE_URL is not a database address. Write {EXAMPLES}") from error
    name = parsed.get_backend_name()
    if name not in SERVED:
        raise StoreError(
            f"HANDSHAKE_DATABASE_URL names {name}; SQLite and PostgreSQL are served. Write {EXAMPLES}"
        )
    return parsed


def shown(url: URL) -> str:
    """Return an address without the passwords in it, also those of its query."""
    hidden = {name: "***" for name in url.query if _secret(name)}
    plain = url.update_query_dict(hidden) if hidden else url
    if _split(url):
        return f"{url.drivername}://***"
    return plain.render_as_string().replace("%2A%2A%2A", "***")


def _secret(name: str) -> bool:
    return "pass" in name.lower()


def _split(url: URL) -> bool:
    """Tell whether a password holds an ``@`` that was not written as %40, so that its end passes for the
    host or the name."""
    return "@" in (url.host or "") + (url.database or "") and url.get_backend_name() != Sqlite.name


def _told(url: URL, error: Exception) -> str:
    """Say what was wrong, without the address's passwords, which the error may quote."""
    if _split(url):
        return "write an @ in the password as %40"
    text = _cause(error)
    values = [url.password, *(value for name, value in url.query.items() if _secret(name))]
    for value in values:
        for word in (value,) if isinstance(value, str) else value or ():
            text = text.replace(word, "***") if word else text
    return text


def _backend(url: URL) -> Backend:
    if url.get_backend_name() != Sqlite.name:
        return Postgres(url)
    if url.database in (None, "", ":memory:"):
        raise StoreError(
            f"HANDSHAKE_DATABASE_URL names no file, so nothing would outlive a restart. Write {EXAMPLES}"
        )
    return Sqlite(url)


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error)


def _kind(error: Exception) -> str:
    """Return a word for an error that gives nothing away: ``SQLITE_FULL``, ``ConnectionTimeout``."""
    cause = getattr(error, "orig", None) or error
    return getattr(cause, "sqlite_errorname", type(cause).__name__)
