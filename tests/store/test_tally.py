"""The counters: every count arrives once, whoever counts and whatever the database does."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.exc import SQLAlchemyError

from automation.store import counters as tallies
from automation.store.counters import Counters
from automation.store.database import Database


@pytest.fixture
def counters(database) -> Counters:
    return Counters(database)


def read(database: Database) -> dict:
    with database.read() as connection:
        return tallies.read(connection)


def test_what_was_counted_is_found_by_name_and_labels(database, counters) -> None:
    counters.add("calls", "github", "GET", "200")
    counters.add("calls", "github", "GET", "200", by=2)
    counters.add("restore seconds", by=0.5)

    counters.flush()

    assert read(database) == {"calls": {("github", "GET", "200"): 3}, "restore seconds": {(): 0.5}}


def test_what_was_not_flushed_is_not_there_yet(database, counters) -> None:
    counters.add("calls")

    assert read(database) == {}


def test_a_flush_counts_nothing_twice(database, counters) -> None:
    counters.add("calls")
    counters.flush()
    counters.flush()

    assert read(database) == {"calls": {(): 1}}


def test_with_nothing_new_nothing_is_written(database, counters) -> None:
    before = database.writes

    counters.flush()

    assert database.writes == before


def test_counts_of_all_processes_are_added_up_and_of_levels_the_last_counts(database, open_database) -> None:
    ours, theirs = Counters(database), Counters(open_database())
    ours.add("calls")
    theirs.add("calls", by=2)
    ours.set("quota", 4000, "github")
    ours.flush()
    theirs.set("quota", 3000, "github")
    theirs.flush()

    assert read(database) == {"calls": {(): 3}, "quota": {("github",): 3000}}


def test_what_could_not_be_written_is_written_the_next_time(database, counters) -> None:
    counters.add("calls")
    counters.set("quota", 4000, "github")
    rename(database, "counters", "elsewhere")
    with pytest.raises(SQLAlchemyError):
        counters.flush()
    counters.add("calls")
    counters.set("quota", 3000, "github")

    rename(database, "elsewhere", "counters")
    counters.flush()

    assert read(database) == {"calls": {(): 2}, "quota": {("github",): 3000}}


def rename(database: Database, old: str, new: str) -> None:
    with database.write() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")


def test_many_who_flush_at_once_lose_nothing_and_stop_nobody(open_database) -> None:
    names = [f"name {number}" for number in range(20)]
    tallies = [Counters(open_database()) for _ in range(4)]
    errors: list[BaseException] = []

    def count(counters: Counters, order: list[str]) -> None:
        try:
            for _ in range(5):
                for name in order:
                    counters.add(name)
                counters.flush()
        except BaseException as error:
            errors.append(error)

    threads = [
        threading.Thread(target=count, args=(counters, names[:: -1 if number % 2 else 1]))
        for number, counters in enumerate(tallies)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert errors == []
    assert read(open_database()) == {name: {(): 20} for name in names}


def test_what_is_counted_until_the_end_is_written(database, counters) -> None:
    counters.start()
    counters.add("calls")

    counters.stop()

    assert read(database) == {"calls": {(): 1}}


def test_a_database_that_cannot_be_used_at_the_end_is_no_crash(database, counters) -> None:
    rename(database, "counters", "elsewhere")
    counters.start()
    counters.add("calls")

    counters.stop()

    rename(database, "elsewhere", "counters")
    assert read(database) == {}
