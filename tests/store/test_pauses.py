"""How many dates were set back within the hour, for whom: counted for all who share the database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from automation.model import Setback, SetDeadline
from automation.store.outbox import add_effects
from automation.store.pauses import Pauses
from tests.factories import NOW, SPRING, WINTER, effect, say

BOT, LEE, SAM = "github:66", "github:7", "github:8"
RULE = "rule: dates wait"


@pytest.fixture
def pauses(database) -> Pauses:
    return Pauses(database)


@pytest.fixture
def set_back(database, clock):
    """Plan to set dates back on somebody's account, as passes do."""

    def set_back(actor: str, number: int, rule: str = RULE) -> None:
        keys = [f"{actor} {rule} {clock.seconds()} {each}" for each in range(number)]
        intent = SetDeadline("milestone", SPRING, WINTER, "restore", (actor, rule))
        with database.write() as connection:
            planned = [effect(intent, key=key) for key in keys]
            add_effects(connection, planned, "", now=clock.seconds)
            add_effects(connection, planned, "", now=clock.seconds)  # known already, and counted once

    return set_back


@pytest.fixture
def over(pauses, clock):
    """Name those who are over, for one more date on each of these accounts."""

    def over(*accounts: tuple[str, str], most: int = 5) -> list[str]:
        return [pause.name for pause in pauses.exceeding(accounts, most, clock.now)]

    return over


def test_one_more_than_an_hour_allows_is_paused_until_the_last_is_an_hour_ago(
    set_back, over, pauses, clock
) -> None:
    set_back(LEE, 4)
    assert over((LEE, RULE)) == []
    clock.forward(600)
    set_back(LEE, 1)

    assert over((LEE, RULE)) == [LEE]
    [pause] = pauses.exceeding([(LEE, RULE)], 5, clock.now)
    assert (pause.until, pause.told) == (NOW + timedelta(minutes=70), False)
    clock.forward(3601)
    assert over((LEE, RULE)) == []


def test_several_dates_of_one_issue_count_each(set_back, over) -> None:
    set_back(LEE, 4)

    assert over((LEE, RULE), (LEE, RULE)) == [LEE]


def test_whoever_is_paused_takes_the_rule_from_nobody_else(set_back, over) -> None:
    set_back(BOT, 5)

    assert over((BOT, RULE)) == [BOT]
    assert over((SAM, RULE)) == []


def test_a_rule_that_runs_amok_is_paused_whoever_it_is_about(set_back, over) -> None:
    for number in range(5):
        set_back(f"github:{number}", 1)

    assert over((SAM, RULE)) == [RULE]
    assert over((SAM, "rule: another")) == []


def test_who_is_paused_is_listed_once_people_were_asked_and_can_be_released(
    set_back, over, pauses, clock, database
) -> None:
    set_back(LEE, 5)
    assert pauses.now(clock.now) == []
    asked = say("date-not-agreed", setback=Setback("paused", hint="Too many.", paused=LEE))
    with database.write() as connection:
        add_effects(connection, [effect(asked, key="asked")], "", now=clock.seconds)

    [listed] = pauses.now(clock.now)
    [again] = pauses.exceeding([(LEE, RULE)], 5, clock.now)
    assert "paused until 10:00 UTC" in (pauses.problem(clock.seconds()) or "")
    assert (listed.name, listed.text, again.told) == (LEE, "Too many.", True)

    pauses.release(LEE, clock.now)
    assert pauses.problem(clock.seconds()) is None
    set_back(LEE, 20)
    assert over((LEE, RULE)) == [], "for an hour"
    assert over((SAM, RULE)) == [], "and it takes the rule from nobody"
    clock.forward(3601)
    set_back(LEE, 5)
    assert over((LEE, RULE)) == [LEE]
