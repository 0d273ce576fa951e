"""A database file that is taken away while it is used: nothing is said to be kept that nobody will find."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from automation.model import Delivery
from automation.store.database import Database
from automation.store.inbox import Inbox
from automation.store.queue import Queue
from tests.factories import NOW


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "handshake.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{file}")
    yield opened
    opened.close()


@pytest.fixture
def accept(database):
    ids = iter(range(100))
    return lambda: Inbox(database).accept(Delivery("github", f"d{next(ids)}", "issues", b"{}", NOW))


def test_a_delivery_is_not_stored_once_the_file_is_gone(database, file, accept) -> None:
    accept()
    file.unlink()

    for _ in range(2):
        with pytest.raises(OperationalError, match="was removed or replaced"):
            accept()
    assert database.problem() == "it cannot be written (FileGone); the log says more"
    assert not file.exists(), "an empty one in its place would look like a new start"


def test_the_worker_takes_no_work_from_a_file_that_is_gone(database, file, accept, clock) -> None:
    accept()
    file.unlink()

    with pytest.raises(OperationalError, match="was removed or replaced"):
        Queue(database, clock.seconds).claim(("delivery",))


def test_another_file_in_its_place_is_not_written_before_a_new_start(database, file, accept) -> None:
    accept()
    other = file.with_name("restored.db")
    Database(f"sqlite:///{other}").close()
    os.replace(other, file)

    with pytest.raises(OperationalError, match="start it again"):
        accept()
    with pytest.raises(OperationalError), database.read():
        pass


def test_the_very_file_put_back_is_used_again(database, file, accept) -> None:
    accept()
    aside = file.with_name("aside.db")
    file.rename(aside)
    with pytest.raises(OperationalError):
        accept()

    aside.rename(file)

    assert accept() == [True]
    assert database.problem() is None


def test_without_its_log_nothing_is_kept_any_more(database, file, accept) -> None:
    accept()
    file.with_name("handshake.db-wal").unlink()

    with pytest.raises(OperationalError, match="-wal was removed"):
        accept()
    assert database.problem() is not None


def test_somebody_else_who_opens_and_closes_it_takes_nothing_away(database, file, accept) -> None:
    for _ in range(3):
        accept()
        Database(f"sqlite:///{file}").close()

    assert database.problem() is None


def test_only_its_owner_may_read_what_is_stored(database, file, accept) -> None:
    accept()

    rights = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (file.parent, *file.parent.iterdir())}
    assert rights == {
        "data": 0o700,
        "handshake.db": 0o600,
        "handshake.db-wal": 0o600,
        "handshake.db-shm": 0o600,
    }
    assert database.exposed() is None


def test_of_an_older_file_that_others_can_read_it_is_said_how_to_mend_it(database, file) -> None:
    file.chmod(0o644)

    said = database.exposed() or ""
    assert "other people on this machine can read it" in said
    assert f"chmod 600 {file} {file}-wal {file}-shm" in said
