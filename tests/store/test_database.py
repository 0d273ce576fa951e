"""The connection: what is committed stays, writers take turns, and unusable addresses are said plainly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, update

from automation.store.database import Database, StoreError
from automation.store.schema import meta

only_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""Of a test about the file."""


def note(connection: Connection, name: str, value: str = "yes") -> None:
    connection.execute(insert(meta).values(name=name, value=value))


def read(database: Database, name: str) -> str | None:
    with database.read() as connection:
        return connection.scalar(select(meta.c.value).where(meta.c.name == name))


def test_what_one_process_commits_another_reads(open_database) -> None:
    ours, theirs = open_database(), open_database()

    with ours.write() as connection:
        note(connection, "promise", "kept")

    assert read(theirs, "promise") == "kept"


def test_a_write_that_fails_leaves_nothing_behind(database) -> None:
    def write_and_fail() -> None:
        with database.write() as connection:
            note(connection, "promise")
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        write_and_fail()

    assert read(database, "promise") is None


def test_after_a_failed_write_the_next_one_goes_on(database) -> None:
    with pytest.raises(RuntimeError), database.write():
        raise RuntimeError("the power went")

    with database.write() as connection:
        note(connection, "promise")

    assert read(database, "promise") == "yes"


def test_a_reader_sees_one_state_while_somebody_writes(open_database) -> None:
    ours, theirs = open_database(), open_database()
    count = select(func.count()).select_from(meta)

    with ours.read() as connection:
        before = connection.scalar(count)
        with theirs.write() as writing:
            note(writing, "promise")
        assert connection.scalar(count) == before

    with ours.read() as connection:
        assert connection.scalar(count) == before + 1


def test_a_reader_does_not_wait_for_a_writer(open_database) -> None:
    ours, theirs = open_database(), open_database()

    with ours.write() as connection:
        note(connection, "promise")
        assert read(ours, "promise") is None
        assert read(theirs, "promise") is None


@only_sqlite
@pytest.mark.durable
def test_a_commit_survives_power_loss_as_far_as_sqlite_can_promise(database) -> None:
    def pragma(name: str) -> object:
        with database.read() as connection:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    full = 2
    assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", full, 1)


def test_writers_of_two_processes_never_lose_each_others_work(open_database) -> None:
    """Read, add one, write back: any overlap would lose a count. PostgreSQL wants to be told of it."""
    databases = [open_database(), open_database()]
    with databases[0].write() as connection:
        note(connection, "count", "0")
    each = 15

    def count_up(database: Database) -> None:
        for _ in range(each):
            with database.write() as connection:
                count = select(meta.c.value).where(meta.c.name == "count").with_for_update()
                now = connection.scalar(count)
                connection.execute(
                    update(meta).where(meta.c.name == "count").values(value=str(int(now or 0) + 1))
                )

    threads = [threading.Thread(target=count_up, args=(d,)) for d in databases for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert read(databases[0], "count") == str(4 * each)


def test_two_processes_can_start_on_an_empty_folder_at_once(url) -> None:
    ready = threading.Barrier(4)
    opened: list[Database] = []

    def start() -> None:
        ready.wait(5)
        opened.append(Database(url))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(opened) == 4
    for database in opened:
        database.close()


# ---------------------------------------------------------------- waiting


def woken(database: Database, seen: int) -> threading.Thread:
    thread = threading.Thread(target=database.wait, args=(seen, 60.0), daemon=True)
    thread.start()
    return thread


def test_a_write_wakes_all_who_wait(database) -> None:
    waiting = [woken(database, database.writes) for _ in range(2)]

    with database.write() as connection:
        note(connection, "promise")

    for thread in waiting:
        thread.join(10)
    assert [thread.is_alive() for thread in waiting] == [False, False]


def test_a_write_just_before_the_wait_is_not_missed(database) -> None:
    seen = database.writes
    with database.write() as connection:
        note(connection, "promise")

    waiting = woken(database, seen)

    waiting.join(10)
    assert not waiting.is_alive()


def test_a_failed_write_wakes_nobody(database) -> None:
    seen = database.writes
    with pytest.raises(RuntimeError), database.write():
        raise RuntimeError

    assert database.writes == seen


def test_waiting_ends_without_a_write_too(database) -> None:
    seen = database.writes

    database.wait(seen, 0.01)

    assert database.writes == seen


# ---------------------------------------------------------------- the secret


def test_a_secret_is_made_once_and_outlives_a_restart(open_database) -> None:
    made = open_database().secret("marker key")

    assert len(made) == 32
    assert open_database().secret("marker key") == made


def test_secrets_of_other_names_and_other_databases_differ(database, tmp_path) -> None:
    other = Database(f"sqlite:///{tmp_path}/another.db")

    assert len({database.secret("marker key"), database.secret("another"), other.secret("marker key")}) == 3
    other.close()


# ---------------------------------------------------------------- what cannot be used


def test_a_sound_database_has_no_problem(database) -> None:
    assert database.problem() is None


@only_sqlite
def test_a_damaged_database_is_a_problem_and_no_crash(database, tmp_path) -> None:
    database.close()
    damage(tmp_path)

    assert database.problem() == "it cannot be written (SQLITE_NOTADB); the log says more"


def damage(folder: Path) -> None:
    for path in folder.glob("handshake.db*"):
        path.write_bytes(b"flipped bytes " * 1000)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("handshake.db", "is not a database address"),
        ("sqlite://here:there/x.db", "is not a database address"),
        ("mysql://us:hunter2@db/handshake", "names mysql; SQLite and PostgreSQL are served"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite+nothing:///x.db", "cannot be opened"),
    ],
)
def test_an_unusable_address_gets_a_plain_message(address, says) -> None:
    with pytest.raises(StoreError) as caught:
        Database(address)

    assert says in str(caught.value)
    assert "sqlite:///" in str(caught.value) or "HANDSHAKE_DATABASE_URL" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_mistyped_address_does_not_show_its_password() -> None:
    with pytest.raises(StoreError) as caught:
        Database("postgresql//us:hunter2@db/handshake")

    assert "hunter2" not in str(caught.value)


def a_folder(at: Path) -> None:
    at.mkdir()


def a_damaged_file(at: Path) -> None:
    at.write_bytes(b"flipped bytes " * 1000)


@only_sqlite
@pytest.mark.parametrize("make", [a_folder, a_damaged_file])
def test_a_place_that_holds_something_else_gets_a_plain_message(
    make: Callable[[Path], None], tmp_path, url
) -> None:
    make(tmp_path / "handshake.db")

    with pytest.raises(StoreError, match=r"cannot be opened \(.+\)\. Check that it is there"):
        Database(url)


def test_a_folder_that_cannot_be_made_gets_a_plain_message(tmp_path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")

    with pytest.raises(StoreError, match="cannot be opened"):
        Database(f"sqlite:///{tmp_path}/data/handshake.db")


def test_the_folder_is_made_where_there_is_none(tmp_path) -> None:
    Database(f"sqlite:///{tmp_path}/deep/down/handshake.db").close()

    assert (tmp_path / "deep/down/handshake.db").is_file()


def test_a_home_folder_may_be_written_with_a_tilde(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    Database("sqlite:///~/data/handshake.db").close()

    assert (tmp_path / "data/handshake.db").is_file()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ops:hunter2@127.0.0.1:1/x",
        "postgresql://ops@127.0.0.1:1/x?password=hunter2",
        "postgresql://ops@127.0.0.1:1/x?sslpassword=hunter2",
        "postgresql://ops:a@hunter2@127.0.0.1:1/x",
        "postgresql://ops:a@b/hunter2@127.0.0.1:1/x",
        "sqlite:////proc/none/x.db?password=hunter2",
        "mysql://ops:hunter2@127.0.0.1/x?password=hunter2",
        "postgresql://ops:hunter2@127.0.0.1:port/x",
    ],
)
def test_whatever_is_wrong_with_an_address_its_password_is_not_shown(url) -> None:
    with pytest.raises(StoreError) as caught:
        Database(url)

    assert "hunter2" not in str(caught.value)
