"""The ledger: what was promised is proved, and told again."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update

from automation.model import Subject
from automation.store.ledger import called, story
from automation.store.schema import ledger
from automation.store.seals import verify
from tests.end_to_end.conftest import SPRING


@pytest.fixture
def database_url(each_database: str) -> str:
    return each_database


def test_what_was_asked_and_signed_is_sealed_by_the_worker_and_a_forged_word_shows(asked) -> None:
    asked.comment("mona", "/signoff")
    asked.worker_app.sealing.once()
    database = asked.worker_app.database
    proved = verify(database)
    assert proved.sealed >= 3 and (proved.newer, proved.broken) == (0, None), "linked, asked, signed"

    with database.write() as connection:
        connection.execute(update(ledger).where(ledger.c.id == 1).values(entry_json="{}"))

    broken = verify(database).broken
    assert broken and (broken.number, broken.key) == (1, asked.place.key)


def test_a_deal_s_story_tells_what_it_was_told_by_a_day_in_the_words_it_read(asked) -> None:
    """Asked on Monday, 11 January; signed on Thursday."""
    asked.clock.forward(days=3)
    asked.comment("mona", "/signoff")
    asked.clock.forward(minutes=20)
    asked.settle()
    database = asked.worker_app.database
    [deal] = called(database, asked.deal.lower())
    assert deal == Subject("jira", "deal", asked.deal)

    by_monday = story(database, deal, date(2027, 1, 11))
    whole = story(database, deal)

    assert [(line.entry.what, line.key) for line in by_monday] == [
        ("linked", asked.place.key),
        ("told", asked.place.key),
        ("told", asked.place.key),
    ]
    assert [heard.told.value.day for line in by_monday for heard in line.entry.told] == [None]
    assert whole[:3] == by_monday and [line.entry.what for line in whole[3:]] == ["told"]
    [heard] = whole[-1].entry.told
    assert (heard.told.value.day, heard.told.rechecking) == (SPRING, False)
    said = [line.entry.text for line in whole if line.entry.what == "told"]
    assert len(said) == len(asked.on_deal())
    for words, read in zip(said, asked.on_deal(), strict=True):
        assert words.splitlines()[0].strip("*").replace("\\", "") in read


def test_words_whose_answer_was_lost_stand_in_the_story_once(asked) -> None:
    asked.box.fail_next("POST", "/comment$", "502 after")
    asked.comment("mona", "/signoff")
    asked.clock.forward(minutes=20)
    asked.settle()
    database = asked.worker_app.database

    lines = story(database, Subject("jira", "deal", asked.deal))

    told = [line.entry for line in lines if line.entry.what == "told"]
    assert len(told) == len(asked.on_deal())
    assert [heard.told.value.day for heard in told[-1].told] == [SPRING]
