"""A real database in a folder of its own, a queue on it, and jobs to put there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from automation.store import queue
from automation.store.database import Database
from automation.store.queue import Queue
from tests.fakes import Clock


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/handshake.db"


@pytest.fixture
def open_database(url: str) -> Iterator[Callable[[], Database]]:
    """Open the one database file, as often as there are processes."""
    opened: list[Database] = []

    def open_it() -> Database:
        opened.append(Database(url))
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
def put(database: Database) -> Callable[..., None]:
    """Add a job that is told from others by its name."""

    def add(name: str, ordering: str = "", kind: str = "look", due_at: float = 0.0) -> None:
        with database.write() as connection:
            queue.put(connection, kind, {"name": name}, ordering, due_at)

    return add
