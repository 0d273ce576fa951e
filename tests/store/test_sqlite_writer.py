"""SQLite's one writer: units share a commit, and yet each is committed whole or not at all.

Whoever returned is on the disk, whoever raised is not, whatever the others did.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, insert, select
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError, SQLAlchemyError

from automation.store import sqlite
from automation.store.database import Database
from automation.store.schema import links, meta


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "handshake.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{file}")
    yield database
    database.close()


def note(connection: Connection, name: str, value: str = "") -> None:
    connection.execute(insert(meta).values(name=name, value=value))


def noted(file: Path) -> set[str]:
    """Read as another process does."""
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM meta")}


class Unit:
    """One unit on a thread of its own, held open until it is told to go on."""

    def __init__(
        self, database: Database, name: str, body: Callable[[Connection], None] | None = None
    ) -> None:
        self._database, self.name, self._body = database, name, body
        self.began, self._go_on = threading.Event(), threading.Event()
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            with self._database.write() as connection:
                note(connection, self.name)
                self.began.set()
                assert self._go_on.wait(20)
                if self._body:
                    self._body(connection)
        except BaseException as error:
            self.error = error

    def let_go(self) -> Unit:
        self._go_on.set()
        return self

    def end(self) -> BaseException | None:
        self.let_go().thread.join(20)
        assert not self.thread.is_alive()
        return self.error


def waiting(database: Database) -> int:
    return database._backend._writer._waiting  # type: ignore[attr-defined]


@pytest.fixture
def pair(database) -> Callable[..., tuple[Unit, Unit]]:
    """Begin two units of one group: the first one is done with its body, the second one has the turn."""

    def pair(body: Callable[[Connection], None] | None = None) -> tuple[Unit, Unit]:
        first = Unit(database, "first")
        assert first.began.wait(20)
        second = Unit(database, "second", body)
        while not waiting(database):
            threading.Event().wait(0.001)
        first.let_go()
        assert second.began.wait(20)
        return first, second

    return pair


def fail(error: BaseException) -> Callable[[Connection], None]:
    def body(_: Connection) -> None:
        raise error

    return body


# ---------------------------------------------------------------- one commit for several


def test_nobody_returns_before_all_of_it_is_on_the_disk(file, pair) -> None:
    first, second = pair()

    assert first.thread.is_alive(), "its commit is to come"
    assert noted(file) == set()
    assert (second.end(), first.end()) == (None, None)
    assert noted(file) == {"first", "second"}


def test_units_that_wait_for_each_other_share_a_commit(database, pair) -> None:
    commits: list[Connection] = []
    counted = commits.append
    event.listen(Engine, "commit", counted)
    try:
        first, second = pair()
        second.end()
        first.end()
    finally:
        event.remove(Engine, "commit", counted)

    assert len(commits) == 1


def test_a_unit_alone_commits_alone(database, file) -> None:
    with database.write() as connection:
        note(connection, "alone")

    assert noted(file) == {"alone"}


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt(), SystemExit()])
def test_a_unit_that_fails_takes_nobody_with_it(database, file, pair, error) -> None:
    first, second = pair(fail(error))

    assert second.end() is error
    assert first.end() is None
    assert noted(file) == {"first"}


def test_what_comes_after_a_unit_that_failed_is_committed_too(database, file, pair) -> None:
    first, second = pair(fail(ValueError("broken")))
    third = Unit(database, "third")
    while not waiting(database):
        threading.Event().wait(0.001)
    second.let_go()
    assert third.began.wait(20)

    assert (third.end(), first.end()) == (None, None)
    assert noted(file) == {"first", "third"}


def orphan(connection: Connection) -> None:
    """Break a rule that SQLite looks at only when it commits."""
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    connection.execute(insert(links).values(subject="nowhere", deal="SALES-7", ended=False, link_json="{}"))


def test_a_commit_that_fails_fails_for_all_of_the_group(database, file, pair) -> None:
    first, second = pair(orphan)

    assert isinstance(second.end(), SQLAlchemyError)
    assert isinstance(first.end(), SQLAlchemyError)
    assert first.error is not second.error, "an exception belongs to one thread"
    assert noted(file) == set()


def test_after_a_commit_that_failed_the_next_one_goes_well(database, file, pair) -> None:
    first, second = pair(orphan)
    second.end()
    first.end()

    with database.write() as connection:
        note(connection, "next")

    assert noted(file) == {"next"}


def end_the_transaction(connection: Connection) -> None:
    """Do what some errors do to SQLite: end the transaction, not just the statement."""
    connection.exec_driver_sql("ROLLBACK")
    raise OSError("the disk is gone")


def test_an_error_that_ends_the_whole_transaction_is_an_error_for_all_of_it(database, file, pair) -> None:
    first, second = pair(end_the_transaction)

    assert isinstance(second.end(), OSError)
    assert isinstance(first.end(), OperationalError)
    assert noted(file) == set()
    with database.write() as connection:
        note(connection, "next")
    assert noted(file) == {"next"}


def test_a_body_that_swallows_such_an_error_is_not_taken_for_a_success(database, file) -> None:
    def swallow() -> None:
        with database.write() as connection:
            note(connection, "lost")
            connection.exec_driver_sql("ROLLBACK")

    with pytest.raises(SQLAlchemyError):
        swallow()

    assert noted(file) == set()


def test_a_group_that_was_handed_on_to_nobody_is_committed(database, file) -> None:
    """As when whoever waited was interrupted."""
    database._backend._writer._waiting += 1  # type: ignore[attr-defined]

    with database.write() as connection:
        note(connection, "left behind")

    assert noted(file) == {"left behind"}


def test_what_was_handed_on_is_committed_when_the_database_is_closed(database, file) -> None:
    database._backend._writer._waiting += 1  # type: ignore[attr-defined]
    unit = Unit(database, "left behind").let_go()
    assert unit.began.wait(20)

    database.close()

    assert unit.end() is None
    assert noted(file) == {"left behind"}


def test_a_write_inside_a_write_is_an_error_and_no_standstill(file, monkeypatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 20)
    database = Database(f"sqlite:///{file}")

    def nest() -> None:
        with database.write(), database.write():
            pass

    with pytest.raises(OperationalError, match="locked"):
        nest()

    with database.write() as connection:
        note(connection, "next")
    database.close()
    assert noted(file) == {"next"}


def test_many_threads_lose_nothing_and_keep_nothing_that_failed(database, file) -> None:
    threads, each = 8, 200
    kept: list[str] = []
    failed: list[str] = []

    def work(number: int) -> None:
        chance = random.Random(number)
        for unit in range(each):
            name = f"{number}: {unit}"
            try:
                with database.write() as connection:
                    note(connection, name)
                    if chance.random() < 0.2:
                        raise ValueError
                    if chance.random() < 0.1:
                        note(connection, name)  # once too often
            except (ValueError, IntegrityError):
                failed.append(name)
            else:
                kept.append(name)

    running = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)

    assert len(kept) + len(failed) == threads * each
    assert failed
    assert noted(file) == set(kept)


OTHER_PROCESS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
for number in range(100):
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO meta VALUES (?, '')", (f"theirs {number}",))
    connection.execute("COMMIT")
"""


def test_another_process_that_writes_at_the_same_time_loses_nothing_either(database, file) -> None:
    other = subprocess.Popen([sys.executable, "-c", OTHER_PROCESS, str(file)])
    ours = 0
    while other.poll() is None or ours < 100:
        with database.write() as connection:
            note(connection, f"ours {ours}")
        ours += 1

    assert other.returncode == 0
    assert noted(file) == {f"ours {n}" for n in range(ours)} | {f"theirs {n}" for n in range(100)}


# ---------------------------------------------------------------- what the disk does


def test_a_full_disk_is_an_error_for_whoever_did_not_fit_and_passes(database, file) -> None:
    def fill(most: int, size: int) -> None:
        with database.write() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")
            note(connection, f"{size} bytes", "x" * size)

    with pytest.raises(OperationalError, match="full"):
        fill(1, 1_000_000)
    assert noted(file) == set()

    fill(2**30, 1_000_000)

    assert noted(file) == {"1000000 bytes"}


def test_whoever_fits_on_a_full_disk_is_told_the_truth(file, database, pair) -> None:
    def too_much(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        note(connection, "too much", "x" * 1_000_000)

    first, second = pair(too_much)

    assert isinstance(second.end(), OperationalError)
    assert noted(file) == (set() if first.end() else {"first"})


def test_a_file_that_somebody_else_locks_for_long_is_an_error_and_passes(file, monkeypatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 20)
    database = Database(f"sqlite:///{file}")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert database.problem() is not None
        with pytest.raises(OperationalError, match="locked"), database.write():
            raise AssertionError("its turn never comes")
        other.execute("ROLLBACK")

    with database.write() as connection:
        note(connection, "afterwards")
    assert "afterwards" in noted(file)
    database.close()


def test_who_waits_behind_somebody_who_waits_is_not_kept_waiting_for_ever(file, monkeypatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    database = Database(f"sqlite:///{file}")
    holder = Unit(database, "slow")
    assert holder.began.wait(20)

    with pytest.raises(OperationalError, match="locked"), database.write():
        raise AssertionError("its turn never comes")

    assert holder.end() is None
    assert noted(file) == {"slow"}
    database.close()


def test_a_file_that_may_not_be_written_is_an_error_and_passes(database, file) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")

    with pytest.raises(OperationalError, match="readonly"), database.write():
        raise AssertionError("its turn never comes")

    with database.write() as connection:
        note(connection, "on a new connection")
    assert noted(file) == {"on a new connection"}


def test_a_damaged_file_is_an_error_and_passes_once_it_is_mended(database, file) -> None:
    with database.write() as connection:
        note(connection, "before")
    database.close()
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sound = file.read_bytes()
    file.write_bytes(sound[:100] + os.urandom(len(sound) - 100))

    def write(name: str) -> None:
        with database.write() as connection:
            note(connection, name)

    with pytest.raises(DatabaseError):
        write("refused")

    file.write_bytes(sound)
    write("after")
    assert noted(file) == {"before", "after"}


def test_a_reader_goes_on_while_others_write(database, pair) -> None:
    first, second = pair()

    with database.read() as connection:
        assert connection.scalars(select(meta.c.name)).all() == []

    second.end()
    first.end()
