"""Product answers a date in Jira by the status that it gives an issue: its right, by the changelog. A status
stays as it is, whoever set it."""

from __future__ import annotations

import pytest

from automation.store import ledger
from tests.end_to_end.answers import committed
from tests.end_to_end.conftest import PEOPLE_NEEDED, SPRING, SUMMER, Town

YES, NO = "Date agreed", "Date declined"
ANSWERS = f"answers: {{yes: {{jira_status: {YES}}}, no: {{jira_status: {NO}}}}}"


@pytest.fixture
def tracker() -> str:
    return "jira"


@pytest.fixture
def sign_off() -> str:
    return f"{PEOPLE_NEEDED}\n    {ANSWERS}"


def give(town: Town, who: str, status: str) -> None:
    town.clock.forward(seconds=2)
    town.box.jira.as_user(who).transition(town.place.key, status)
    town.settle()


def status(town: Town) -> str:
    return town.box.jira.issue(town.place.key).status


def test_what_asks_product_names_the_status(asked: Town) -> None:
    assert f"Or give it the status “{YES}”." in asked.on_issue()[-1]


def test_product_agrees_by_a_status_and_the_ledger_names_the_entry(asked: Town) -> None:
    give(asked, "mona", YES)

    assert committed(asked) == SPRING == asked.place.day()
    assert status(asked) == YES
    lines = (line.entry for line in ledger.story(asked.worker_app.database, asked.subject))
    [signed] = [entry for entry in lines if entry.what == "signed"]
    assert signed.by and signed.by.name == "Mona" and signed.move and not signed.comment


def test_product_declines_by_a_status(asked: Town) -> None:
    give(asked, "mona", NO)

    assert asked.waiting() == [] and committed(asked) is None
    assert asked.place.day() != SPRING


def test_somebody_elses_status_stays_is_no_yes_and_they_hear_who_can(asked: Town) -> None:
    before = len(asked.on_issue())
    give(asked, "lee", YES)

    assert committed(asked) is None and [one.value.day for one in asked.waiting()] == [SPRING]
    assert status(asked) == YES
    [reply] = asked.on_issue()[before:]
    assert "Only product can answer" in reply and YES in reply and "stays" in reply


def test_it_counts_where_the_issue_has_moved_on_before_it_was_read(asked: Town) -> None:
    asked.clock.forward(seconds=2)
    asked.box.hooks.hold()
    asked.box.jira.as_user("mona").transition(asked.place.key, YES)
    asked.clock.forward(seconds=2)
    asked.box.jira.as_user("lee").transition(asked.place.key, "In Progress")
    asked.box.hooks.release((1, 0, 0))
    asked.settle()

    assert committed(asked) == SPRING


def test_it_counts_once_the_issue_is_seen_where_its_webhook_was_lost(asked: Town) -> None:
    asked.clock.forward(seconds=2)
    asked.box.hooks.hold()
    asked.box.jira.as_user("mona").transition(asked.place.key, YES)
    asked.box.hooks.release(())
    asked.clock.forward(minutes=5)
    asked.edit("lee", title="Single sign-on for all")

    assert committed(asked) == SPRING


def test_a_status_where_nothing_waits_says_nothing_and_agrees_to_nothing_later(linked: Town) -> None:
    before = len(linked.on_issue())
    give(linked, "mona", YES)
    give(linked, "lee", "In Progress")
    give(linked, "lee", YES)
    assert len(linked.on_issue()) == before

    linked.ask("lee", SUMMER)
    linked.clock.forward(minutes=20)
    linked.edit("lee", title="Single sign-on for all")
    assert committed(linked) is None
    assert [one.value.day for one in linked.waiting()] == [SUMMER]
