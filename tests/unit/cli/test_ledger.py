"""``handshake ledger``: what stood on a day, by any name the issue ever had."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from automation.model import Entry, Person, Subject
from automation.store import codec
from automation.store.database import Database
from automation.store.schema import ledger
from automation.store.subjects import become, note

WAS, IS = (Subject("github", "issue", id, key) for id, key in (("1", "acme/shop#12"), ("2", "acme/till#3")))
LEE = Person("github", "7", "Lee")


@pytest.fixture
def told(served: None) -> None:
    """An issue that was transferred, with what was asked on one day and signed on the next."""
    database = Database("sqlite:///data/handshake.db")
    days = ((1, "asked", "milestone: 2027-03-01"), (2, "signed", "milestone: 1\n2020 signed \x1b[2J"))
    with database.write() as connection:
        note(connection, WAS)
        become(connection, WAS, IS)
        for day, what, text in days:
            entry = Entry(datetime(2026, 11, day, 12, tzinfo=UTC), what, text, LEE)
            row = {"subject": str(IS), "entry_json": codec.dump(codec.entry, entry)}
            connection.execute(insert(ledger).values(row))
    database.close()


@pytest.mark.parametrize("name", ["acme/till#3", "ACME/Till#3", "acme/shop#12", "github:issue:2"])
def test_an_issue_s_story_is_told_by_any_name_it_had(handshake, told, name: str) -> None:
    said = handshake("ledger", name).output.splitlines()

    assert ["asked" in said[0], "signed" in said[1], len(said)] == [True, True, 2], "newest last, a line each"
    assert "by Lee" in said[1] and "\x1b" not in said[1]


def test_what_came_after_the_day_is_not_told(handshake, told) -> None:
    [entry] = json.loads(handshake("ledger", "acme/till#3", "--as-of", "2026-11-01", "--json").output)

    assert (entry["what"], entry["by"]) == ("asked", {"system": "github", "id": "7", "name": "Lee"})


def test_an_issue_that_nobody_knows_is_said_to_be_unknown(handshake, told) -> None:
    assert handshake("ledger", "acme/shop#99").exit_code == 1
