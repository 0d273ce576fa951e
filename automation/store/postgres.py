"""PostgreSQL through psycopg 3: a pool, and LISTEN/NOTIFY to hear of new jobs at once."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import URL, Connection, create_engine, event, func
from sqlalchemy import select as ask
from sqlalchemy.exc import InvalidatePoolError, SQLAlchemyError

POOL = 16
"""Connections of one process at most: one that stores what is received, eight for questions and long
deliveries, or those that work."""
PATIENCE = 5
"""Seconds that somebody waits for a connection of the pool, or for rows that another one is changing."""
CONNECT: dict[str, Any] = {
    "application_name": "handshake",
    "connect_timeout": PATIENCE,
    "options": f"-c lock_timeout={PATIENCE}s",
    # A server that is gone without a word is noticed within 25 seconds, not after hours:
    # https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-KEEPALIVES
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}

CHANNEL = "handshake"
NEWS = "handshake news"
"""What a connection knows of its transaction: that it put a job."""
AGAIN_AFTER = 1.0
"""Seconds until the listener tries again when its connection was lost."""
LOOK = 2.0
"""Seconds after which the listener is called without any news, so that what comes due is seen too."""
BREATH = 0.01
"""Seconds between two announcements, each for all jobs that were put meanwhile."""


class Postgres:
    """One server. Each unit has a transaction of its own; the server groups their commits."""

    name = "postgresql"

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")
        self._engine = create_engine(
            self._url,
            hide_parameters=True,
            pool_size=POOL,
            max_overflow=0,
            pool_timeout=PATIENCE,
            connect_args=CONNECT,
            # How many rows an INSERT added tells whether something was known before:
            # https://docs.sqlalchemy.org/en/21/core/connections.html#sqlalchemy.engine.Connection.execution_options.params.preserve_rowcount
            execution_options={"preserve_rowcount": True},
        )
        event.listen(self._engine, "connect", _on_connect)
        event.listen(self._engine, "checkout", _on_checkout)
        # What is read in several steps belongs together.
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._closed = threading.Event()
        self._news = threading.Event()
        self._crier = threading.Thread(target=self._cry, name="announce", daemon=True)
        self._start = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._reading.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            connection.info.pop(NEWS, None)
            yield connection
            news = connection.info.pop(NEWS, False)
        if news:
            with self._start:
                if self._crier.ident is None:
                    self._crier.start()
            self._news.set()

    def _cry(self) -> None:
        """Announce, after their commit, that there are jobs. A NOTIFY inside of a transaction would let
        only one commit at a time; whoever misses one looks by itself, only later.

        https://www.postgresql.org/docs/current/sql-notify.html
        """
        while self._news.wait() and not self._closed.is_set():
            self._news.clear()
            with suppress(SQLAlchemyError), self._engine.begin() as connection:
                connection.execute(ask(func.pg_notify(CHANNEL, "")))
            self._closed.wait(BREATH)

    def watch(self, heard: Callable[[], None]) -> None:
        """Call ``heard``, on a thread, whenever any process has put a job, and every few seconds.

        https://www.postgresql.org/docs/current/sql-listen.html
        """
        threading.Thread(target=self._listen, args=(heard,), name="listen", daemon=True).start()

    def _listen(self, heard: Callable[[], None]) -> None:
        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        while not self._closed.is_set():
            try:
                with psycopg.connect(address, autocommit=True, **CONNECT) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    heard()  # of what was said while nobody listened
                    while not self._closed.is_set():
                        for _ in connection.notifies(timeout=LOOK):
                            heard()
                        heard()
            except psycopg.Error:  # those who wait also look by themselves, only less often
                self._closed.wait(AGAIN_AFTER)

    def exposed(self) -> None:
        """The server guards its files."""

    def close(self) -> None:
        self._closed.set()
        self._news.set()
        if self._crier.ident is not None:
            self._crier.join()
        self._engine.dispose()


def announce(connection: Connection) -> None:
    """Tell all who ``watch`` that there is a job, once this transaction is committed."""
    if connection.dialect.name == Postgres.name:
        connection.info[NEWS] = True


class _Text(StrDumperUnknown):
    """Writes the character that PostgreSQL takes in no text as the one that stands for such."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def _on_checkout(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have all that wait in the pool replaced where one of them was ended, as by a restart of the server. Its
    socket then has something to be read, which one that waits has not; to ask the server each time would be a
    journey more for each transaction.
    https://docs.sqlalchemy.org/en/21/core/events.html#sqlalchemy.events.PoolEvents.checkout
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        raise InvalidatePoolError("the server has ended the connection")


def _on_connect(connection: Any, _record: Any) -> None:
    connection.adapters.register_dumper(str, _Text)
