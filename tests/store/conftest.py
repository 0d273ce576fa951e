"""A real database in a folder of its own, a queue on it, and jobs to put there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest

from automation.ports import Job
from automation.store import queue
from automation.store.database import Database
from automation.store.queue import LEASE_SECONDS, Queue
from tests.databases import with_tables
from tests.fakes import Clock


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/handshake.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def open_database(url: str) -> Iterator[Callable[[], Database]]:
    """Open the one database, as often as there are processes."""
    opened: list[Database] = []

    def open_it() -> Database:
        opened.append(Database(with_tables(url)))
        return opened[-1]

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture
def database(open_database: Callable[[], Database]) -> Database:
    return open_database()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(database: Database, clock: Clock) -> Queue:
    return Queue(database, clock.seconds)


@pytest.fixture
def other(open_database: Callable[[], Database], clock: Clock) -> Queue:
    """The queue of another process on the same database."""
    return Queue(open_database(), clock.seconds)


@pytest.fixture
def take_over(other: Queue, clock: Clock) -> Callable[..., Job | None]:
    """Let a lease end, and the other process claim what is free then."""

    def take_over(kinds: Collection[str] = ("set", "delivery", "reconcile"), system: str = "") -> Job | None:
        clock.forward(LEASE_SECONDS + 1)
        other.keep()
        return other.claim(kinds, system)

    return take_over


@pytest.fixture
def put(database: Database) -> Callable[..., None]:
    """Add a job that is told from others by its name."""

    def add(name: str, ordering: str = "", kind: str = "reconcile", due_at: float = 0.0, **more: str) -> None:
        with database.write() as connection:
            queue.put(connection, queue.new(kind, {"name": name}, ordering, due_at, **more))

    return add
