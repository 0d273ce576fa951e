"""A backup: one state of the database, made while others write, whole, private and never half there."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from automation.model import Delivery
from automation.store import backup
from automation.store.backup import back_up
from automation.store.database import Database, StoreError
from automation.store.inbox import Inbox
from automation.store.restored import COPIED
from automation.store.schema import meta
from tests.factories import NOW


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/handshake.db"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backup.db"


def note(database: Database, name: str, value: str = "") -> None:
    with database.write() as connection:
        connection.execute(insert(meta).values(name=name, value=value))


def noted(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM meta")}


def test_a_copy_has_all_that_was_committed(database, url, target) -> None:
    note(database, "promise")

    size = back_up(url, target)

    assert noted(target) == {"promise", COPIED}
    assert size == target.stat().st_size > 0


def test_a_copy_is_one_file_that_only_its_owner_can_read(database, url, target, tmp_path) -> None:
    before = set(tmp_path.iterdir())

    back_up(url, target)

    assert set(tmp_path.iterdir()) - before == {target}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_copy_needs_no_second_file_so_that_it_can_be_read_from_any_medium(database, url, target) -> None:
    """https://www.sqlite.org/fileformat.html#file_format_version_numbers: 2 is a write-ahead log."""
    back_up(url, target)

    assert target.read_bytes()[18:20] == b"\x01\x01"


def test_writers_go_on_meanwhile_and_the_copy_is_of_one_moment(database, url, target, monkeypatch) -> None:
    monkeypatch.setattr(backup, "PAGES", 1)
    steps = 0

    def write() -> None:
        nonlocal steps
        steps += 1
        assert steps < 500, "the copying begins anew with each write, and never ends"
        note(database, f"written meanwhile {steps}", "x" * 5000)

    back_up(url, target, step=write)

    assert steps > 10
    assert noted(target) == {COPIED}
    with database.read() as connection:
        assert len(connection.scalars(select(meta.c.name)).all()) == steps


def test_only_the_copy_says_that_it_is_one(database, url, target) -> None:
    back_up(url, target)

    with database.read() as connection:
        assert connection.scalars(select(meta.c.name)).all() == []


def test_a_copy_can_be_opened_like_any_database(database, url, target) -> None:
    note(database, "promise", "kept")
    back_up(url, target)

    opened = Database(f"sqlite:///{target}")

    with opened.read() as connection:
        assert connection.scalar(select(meta.c.value).where(meta.c.name == "promise")) == "kept"
    opened.close()


# ---------------------------------------------------------------- what is in the way


def test_what_is_there_is_not_replaced_unless_that_is_wanted(database, url, target) -> None:
    target.write_text("the backup of last week")

    with pytest.raises(StoreError, match=r"is there already\. Choose another name, or add --force"):
        back_up(url, target)
    assert target.read_text() == "the backup of last week"

    back_up(url, target, force=True)
    assert COPIED in noted(target)


def test_the_database_is_never_replaced_by_its_own_copy(database, url, tmp_path) -> None:
    with pytest.raises(StoreError, match="is the database itself"):
        back_up(url, tmp_path / "handshake.db", force=True)


def test_a_backup_that_was_cut_short_is_not_in_the_way_of_the_next(database, url, target) -> None:
    target.with_name("backup.db.part").write_text("half a backup")

    back_up(url, target)

    assert not target.with_name("backup.db.part").exists()


def test_where_copying_fails_nothing_is_left_behind_and_the_old_backup_stays(database, url, target) -> None:
    target.write_text("the backup of last week")

    def fail() -> None:
        raise OSError("No space left on device")

    with pytest.raises(StoreError, match=r"could not be made \(No space left on device\)\. Nothing was left"):
        back_up(url, target, force=True, step=fail)

    assert target.read_text() == "the backup of last week"
    assert not target.with_name("backup.db.part").exists()


def test_a_folder_that_is_not_there_is_said_plainly(database, url, tmp_path) -> None:
    with pytest.raises(StoreError, match="No such file or directory"):
        back_up(url, tmp_path / "nowhere" / "backup.db")


def test_where_there_is_no_database_none_is_made(url, target, tmp_path) -> None:
    with pytest.raises(StoreError, match=r"There is no database at .*handshake\.db yet"):
        back_up(url, target)

    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_program_is_not_taken_for_ours(url, target, tmp_path) -> None:
    with closing(sqlite3.connect(tmp_path / "handshake.db")) as connection:
        connection.execute("CREATE TABLE invoices (id INTEGER)")

    with pytest.raises(StoreError, match="is no database of Handshake"):
        back_up(url, target)


def test_a_damaged_database_does_not_pass_for_a_good_backup(database, url, target, tmp_path) -> None:
    for number in range(200):
        Inbox(database).accept(Delivery("github", str(number), "issues", b"{}", NOW))
    database.close()
    file = tmp_path / "handshake.db"
    with closing(sqlite3.connect(file)) as connection:
        asked = "SELECT rootpage FROM sqlite_master WHERE name = 'deliveries_by_age'"
        [(page,)] = connection.execute(asked)
    with file.open("r+b") as opened:
        opened.seek((page - 1) * 4096 + 8)
        opened.write(os.urandom(2000))

    with pytest.raises(StoreError, match="the copy is damaged, and so the database may be"):
        back_up(url, target)

    assert not target.exists()


# ---------------------------------------------------------------- PostgreSQL


def test_postgresql_is_told_how_to_make_its_own_without_the_password(target) -> None:
    with pytest.raises(StoreError) as caught:
        back_up("postgresql+psycopg://us:hunter2@db:5433/hs?sslmode=require&password=hunter3", target)

    said = str(caught.value)
    assert said.startswith("This database is on PostgreSQL, which makes its own backups:\n  pg_dump ")
    assert f"--file={target}" in said
    assert said.endswith(" 'postgresql://us@db:5433/hs?sslmode=require'")
    assert "hunter" not in said


def test_an_address_that_is_none_is_said_to_be_so(target) -> None:
    with pytest.raises(StoreError, match="is not a database address"):
        back_up("handshake.db", target)
