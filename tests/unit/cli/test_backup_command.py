"""``handshake backup``: a copy, a word on how to use it, and plain words where there is none."""

from __future__ import annotations

import pytest

from tests import databases


@pytest.fixture
def database(here) -> None:
    databases.default().close()


@pytest.mark.usefixtures("database")
def test_it_says_what_it_made_and_how_to_restore_it(handshake, here) -> None:
    result = handshake("backup", "copy.db")

    assert result.exit_code == 0, result.output
    first, second = result.output.splitlines()
    assert first.startswith("copy.db: ")
    assert first.endswith(" whole and readable. It holds what people wrote, so guard it.")
    assert second.startswith("To restore it: stop Handshake, put it in the place of the database")
    assert (here / "copy.db").stat().st_size > 1000


@pytest.mark.usefixtures("database")
def test_what_is_there_stays_unless_it_is_forced(handshake, here) -> None:
    (here / "copy.db").write_text("last week's")

    result = handshake("backup", "copy.db")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "add --force" in result.stderr
    assert (here / "copy.db").read_text() == "last week's"
    assert handshake("backup", "copy.db", "--force").exit_code == 0


def test_without_a_database_it_says_so(handshake) -> None:
    result = handshake("backup", "copy.db")

    assert result.exit_code == 2
    assert "There is no database at sqlite:///data/handshake.db yet" in result.stderr


def test_on_postgresql_it_gives_the_command_without_the_password(handshake) -> None:
    result = handshake("backup", "copy.dump", HANDSHAKE_DATABASE_URL="postgresql://us:hunter2@db/handshake")

    assert result.exit_code == 2
    assert "pg_dump --format=custom --file=copy.dump postgresql://us@db/handshake" in result.stderr
    assert "hunter2" not in result.stderr
