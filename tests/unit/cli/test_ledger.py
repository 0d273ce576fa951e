"""``handshake ledger``: what stood on a day, by any name the issue ever had."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, update

from automation.model import Entry, Heard, Person, Subject, Told, Value
from automation.store import codec
from automation.store.ledger import enter
from automation.store.schema import issues, ledger, links
from automation.store.seals import seal
from automation.store.subjects import become, note
from tests import databases

WAS, IS = (Subject("github", "issue", id, key) for id, key in (("1", "acme/shop#12"), ("2", "acme/till#3")))
LEE = Person("github", "7", "Lee")
EMPTY = ("fields_json", "handled_json", "words_json", "mentioned_json")
BLANK = {"version": 1, "unsettled_since": 0.0, **dict.fromkeys(EMPTY, "null")}


@pytest.fixture
def told(served: None) -> None:
    """An issue that was transferred, with what was asked on one day and signed on the next."""
    database = databases.default()
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


def test_a_ledger_is_proved_with_a_head_to_keep_and_a_forged_entry_is_named(handshake, told) -> None:
    assert (
        "Nothing is sealed yet. Not sealed yet, and so not proved: 2 entries."
        in handshake("ledger", "verify").output
    )
    database = databases.default()
    seal(database)
    whole = json.loads(handshake("ledger", "verify", "--json").output)
    assert (whole["sealed"], whole["not_sealed_yet"], whole["broken"]) == (2, 0, None)
    assert handshake("ledger", "verify", "--head", whole["head"]).exit_code == 0
    assert handshake("ledger", "verify", "--head", "2:beef").exit_code == 2, "that is no head"

    with database.write() as connection:
        connection.execute(update(ledger).where(ledger.c.id == 2).values(entry_json="{}"))
    database.close()

    said = handshake("ledger", "verify")
    assert said.exit_code == 1
    assert "Entry 2 (of acme/till#3) is not what was sealed." in said.output


def test_a_deal_s_story_is_its_words_and_ends_with_the_dates_it_may_use(handshake, told) -> None:
    database = databases.default()
    deal = Subject("jira", "deal", "SALES-7")
    agreed, doubted = (
        Told(Value("1", date(2027, 3, 1), "Spring"), rechecking) for rechecking in (False, True)
    )
    days = ((1, "**It is agreed**\n\n1 March.", agreed), (9, "Please wait. \x1b[2J", doubted))
    with database.write() as connection:
        note(connection, IS)
        connection.execute(insert(issues).values(subject=str(IS), **BLANK))
        row = {"subject": str(IS), "deal": str(deal), "ended": False, "link_json": "{}"}
        connection.execute(insert(links).values(row))
        enter(connection, str(IS), [Entry(datetime(2026, 11, 1, tzinfo=UTC), "linked", "SALES-7", LEE)])
        for day, words, use in days:
            at = datetime(2026, 11, day, 12, tzinfo=UTC)
            heard = (Heard(deal, "milestone", use),)
            enter(connection, str(deal), [Entry(at, "told", words, on=str(WAS), told=heard)])
    database.close()

    then = handshake("ledger", "sales-7", "--as-of", "2026-11-01").output
    now = handshake("ledger", "SALES-7").output

    assert "linked  acme/till#3, SALES-7, by Lee" in then and "told about acme/till#3:" in then
    assert "It is agreed" in then and "Please wait" not in then
    assert then.splitlines()[-1].startswith("acme/till#3, milestone: it may use 1 March")
    assert "not to repeat 1 March" in now.splitlines()[-1] and "\x1b" not in now
    dates = json.loads(handshake("ledger", "SALES-7", "--json").output)[-1]["dates"]
    assert dates == [{"field": "milestone", "day": "2027-03-01", "being_rechecked": True}]
