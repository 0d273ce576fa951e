"""What PostgreSQL alone can do to us: servers restart, connections die, machines get in each other's way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Select, TextClause, insert, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from automation.store import claim_queries, queue
from automation.store import postgres as module
from automation.store.database import Database
from automation.store.queue import Queue
from automation.store.schema import jobs, meta
from tests.fakes import Clock
from tests.postgres_server import Server

pytestmark = pytest.mark.postgres


@pytest.fixture
def open_database(postgres_url: str) -> Iterator[Callable[[], Database]]:
    opened: list[Database] = []

    def open_it() -> Database:
        opened.append(Database(postgres_url))
        return opened[-1]

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture
def ours(open_database) -> Database:
    return open_database()


@pytest.fixture
def theirs(open_database) -> Database:
    return open_database()


def note(connection: Connection, name: str, value: str = "") -> None:
    connection.execute(insert(meta).values(name=name, value=value))


def names(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.scalars(select(meta.c.name)))


# ---------------------------------------------------------------- hearing of each other


def hear(database: Database, say: Callable[[], None]) -> bool:
    """Say something, and tell whether it was heard. The listener needs a moment before it listens; that
    it does is heard too, so it takes two to know."""
    return all(_heard(database, say) for _ in range(2))


def _heard(database: Database, say: Callable[[], None]) -> bool:
    for _ in range(400):
        seen = database.writes
        say()
        database.wait(seen, 0.05)
        if database.writes != seen:
            return True
    return False


def put(database: Database) -> None:
    with database.write() as connection:
        queue.put(connection, queue.new("reconcile", {}))


def test_a_job_that_another_machine_puts_is_heard_of(ours, theirs) -> None:
    ours.watch(lambda: True)

    assert hear(ours, lambda: put(theirs))


def test_a_job_that_was_rolled_back_is_not_heard_of(monkeypatch, ours, theirs) -> None:
    monkeypatch.setattr(module, "LOOK", 600.0)
    ours.watch(lambda: True)
    assert hear(ours, lambda: put(theirs))
    for _ in range(5):  # what was said before is heard until now
        ours.wait(ours.writes, 0.1)
    seen = ours.writes

    def put_and_fail() -> None:
        with theirs.write() as connection:
            queue.put(connection, queue.new("reconcile", {}))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        put_and_fail()

    ours.wait(seen, 0.1)
    assert ours.writes == seen


def test_hearing_outlives_a_restart_of_the_server(monkeypatch, postgres: Server, ours, theirs) -> None:
    if postgres.data is None:
        pytest.skip("the server is not ours to restart")
    monkeypatch.setattr(module, "AGAIN_AFTER", 0.05)
    ours.watch(lambda: True)
    assert hear(ours, lambda: put(theirs))

    postgres.restart()

    assert hear(ours, lambda: put(theirs))


# ---------------------------------------------------------------- connections that die


def end_all_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_connections_that_died_in_the_pool_are_replaced_without_a_word(ours, postgres_url) -> None:
    assert ours.problem() is None

    end_all_connections(postgres_url)

    assert ours.problem() is None
    assert names(ours) == {"last asked"}


def test_a_connection_that_dies_in_the_middle_is_an_error_and_leaves_nothing(ours, postgres_url) -> None:
    def write() -> None:
        with ours.write() as connection:
            note(connection, "half")
            end_all_connections(postgres_url)

    with pytest.raises(OperationalError):
        write()

    assert names(ours) == set()


def test_after_a_restart_of_the_server_work_goes_on(postgres: Server, ours) -> None:
    if postgres.data is None:
        pytest.skip("the server is not ours to restart")
    with ours.write() as connection:
        note(connection, "before")

    postgres.restart()

    with ours.write() as connection:
        note(connection, "after")
    assert names(ours) == {"before", "after"}


# ---------------------------------------------------------------- in each other's way


def test_what_is_read_in_several_steps_belongs_together(ours, theirs) -> None:
    with ours.read() as connection:
        before = connection.scalars(select(meta.c.name)).all()
        with theirs.write() as writing:
            note(writing, "meanwhile")
        assert connection.scalars(select(meta.c.name)).all() == before


def test_two_jobs_of_one_ordering_claimed_at_the_same_moment(ours, theirs) -> None:
    """Neither sees what the other has not committed yet: only the index can tell them apart."""
    with ours.write() as connection:
        for number in range(2):
            queue.put(connection, queue.new("reconcile", {"number": number}, "issue 12"))
    clock = Clock()
    claimed: list[object] = []
    with ours.write() as connection:
        ids = connection.scalars(select(jobs.c.id).order_by(jobs.c.id)).all()
        connection.execute(update(jobs).where(jobs.c.id == ids[0]).values(state="running", owner="ours"))
        other = threading.Thread(
            target=lambda: claimed.append(Queue(theirs, clock.seconds).claim(("reconcile",))), daemon=True
        )
        other.start()
        while not blocked(ours):
            threading.Event().wait(0.005)

    other.join(30)
    assert claimed == [None], "the second waits until the first is done"
    with ours.read() as connection:
        assert connection.scalars(select(jobs.c.state).order_by(jobs.c.id)).all() == ["running", "ready"]


def blocked(database: Database) -> bool:
    """Tell whether somebody waits for what another one is changing."""
    with database.read() as connection:
        waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(connection.scalar(waits))


def test_who_waits_for_a_row_for_long_gets_an_error(monkeypatch, postgres_url) -> None:
    monkeypatch.setattr(module, "CONNECT", {**module.CONNECT, "options": "-c lock_timeout=20ms"})
    database = Database(postgres_url)
    with database.write() as connection:
        note(connection, "contested")
    change = update(meta).values(value="changed")

    def change_too() -> None:
        with database.write() as connection:
            connection.execute(change)

    with database.write() as connection:
        connection.execute(change)
        with pytest.raises(SQLAlchemyError, match="lock timeout"):
            change_too()

    change_too()
    database.close()


def test_a_text_may_hold_any_character(ours) -> None:
    with ours.write() as connection:
        note(connection, "odd", "before \0 after \N{SNOWMAN}")

    with ours.read() as connection:
        assert connection.scalar(select(meta.c.value)) == "before \N{REPLACEMENT CHARACTER} after \N{SNOWMAN}"


# ---------------------------------------------------------------- many jobs


@pytest.mark.parametrize("analyzed", [False, True])
def test_a_long_line_is_walked_along_its_index(ours, analyzed) -> None:
    """Whether or not the server has looked at the table, no search may look at all jobs there are."""
    far = 9e9
    rows = [
        {"kind": "reconcile", "ordering": f"issue {n}", "payload_json": "{}", "priority": 2, "state": "ready"}
        | {"due_at": far if n % 2 else 0.0, "put_at": 0.0}
        for n in range(5000)
    ]
    with ours.write() as connection:
        # A vacuum after an emptied table notes many pages of index for few entries, so that the planner
        # takes a walk along it for dearer than reading a table that is still small.
        connection.execute(text("TRUNCATE jobs"))
        connection.execute(insert(jobs), rows)
        if analyzed:
            connection.execute(text("ANALYZE jobs"))
        asked = claim_queries.front(True, ("delivery", "reconcile")).params(to="", now=1.0)
        plan = connection.scalars(explain(asked)).all()

    walked = [line for line in plan if "Scan using jobs_by_turn" in line or "Scan on jobs_by_turn" in line]
    assert len(walked) >= 4, "\n".join(plan)
    assert not [line for line in plan if "jobs_pkey" in line or "Seq Scan" in line]


def explain(asked: Select[Any]) -> TextClause:
    rendered = asked.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    return text(f"EXPLAIN {rendered}".replace(":", "\\:"))
