"""An iteration of a project promises its last day. It keeps its id, whatever days it gets in the project's
settings, of which nobody tells and which are not ours to write."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from automation.sandbox.github_project_nouns import ProjectField
from tests.end_to_end.conftest import BOT, MILESTONES, REPO, SPRING, SUMMER, WINTER, Town
from tests.end_to_end.passing_time import live
from tests.end_to_end.test_every_field import FIELDS

APRIL = date(2027, 3, 29)
SPRINT = FIELDS["an iteration"]


@pytest.fixture
def rules(rules: Path) -> Path:
    (rules / "dates.yaml").write_text(f"deadline_fields: {SPRINT.rules}\n", "utf-8")
    return rules


@pytest.fixture
def town(town: Town) -> Town:
    hub = town.box.github
    board = hub.add_project("acme", "Launch", 990_007)
    hub.add_project_field("acme", board, "Sprint", "iteration", id=990_009)
    for title, day in MILESTONES.items():
        hub.add_iteration("acme", board, "Sprint", f"To the {title}", day - timedelta(13), 14)
    return town


@pytest.fixture
def agreed(linked: Town) -> Town:
    SPRINT.set(linked, "lee", SPRING)
    linked.settle()
    assert SPRINT.day(linked) is None and "1 March waits for product" in linked.on_issue()[-1]
    linked.comment("mona", "/signoff 2027-03-01")
    assert SPRINT.day(linked) == SPRING
    linked.clock.forward(hours=2)
    linked.settle()
    return linked


def column(town: Town) -> ProjectField:
    return town.box.github.project_field("acme", 1, "Sprint")


def of(town: Town, day: date) -> str:
    return next(one.id for one in column(town).iterations if one.end == day)


def shift(town: Town, id: str, start: date, duration: int = 14) -> None:
    town.box.github.edit_iteration("acme", 1, "Sprint", id, start, duration)


def look(town: Town) -> None:
    """Let the issue be looked at, for an edit that changes nothing of what is to be built."""
    town.edit("lee", body=town.box.github.issue(REPO, town.number).body + "\n")


def mutations(town: Town) -> list[str]:
    asked = [one for one in town.box.requests if one.path.endswith("/graphql") and one.actor == BOT]
    return [one.sent.decode() for one in asked if b"iterationId: $iteration" in one.sent]


def test_it_is_set_back_by_the_id_of_the_iteration(agreed: Town) -> None:
    written = len(mutations(agreed))

    SPRINT.set(agreed, "lee", SUMMER)
    agreed.settle()

    assert SPRINT.day(agreed) == SPRING
    [sent] = mutations(agreed)[written:]
    assert f'"iteration": "{of(agreed, SPRING)}"' in sent
    assert "1 March is being rechecked" in agreed.on_deal()[-1]


def test_an_iteration_that_is_over_keeps_its_id_and_can_be_given_back(linked: Town) -> None:
    linked.clock.now = linked.clock.now.replace(month=2, day=10)
    SPRINT.set(linked, "mona", WINTER)
    linked.settle()
    assert column(linked).iteration(of(linked, WINTER)).end < linked.clock.now.date()

    SPRINT.set(linked, "lee", SUMMER)
    linked.settle()

    assert SPRINT.day(linked) == WINTER and [one.value.day for one in linked.waiting()] == [SUMMER]


def test_an_iteration_whose_own_days_move_is_told_on_both_sides_and_left_to_people(agreed: Town) -> None:
    id, written = of(agreed, SPRING), len(mutations(agreed))
    said, told = len(agreed.on_issue()), len(agreed.on_deal())
    shift(agreed, id, date(2027, 3, 16))
    agreed.settle()
    assert len(agreed.on_issue()) == said, "no webhook tells of it"

    look(agreed)
    live(agreed, 120)

    assert SPRINT.day(agreed) == APRIL and len(mutations(agreed)) == written, "it is not ours to write"
    on_issue, on_deal = agreed.on_issue()[said:], agreed.on_deal()[told:]
    shown = next(one for one in on_issue if "29 March" in one)
    assert "Sprint shows 29 March, but product has not agreed" in shown
    assert "in the settings of project 1" in shown and "signoff 2027-03-29" in shown
    assert len([one for one in on_deal if "please don't use 29 March" in one]) == 1
    assert [(one.value.day, one.asked_by) for one in agreed.waiting()] == [(APRIL, None)]

    said = len(agreed.on_issue())
    live(agreed, 3700)
    look(agreed)
    assert len([one for one in agreed.on_issue()[said:] if "29 March" in one]) == 0, "once"

    agreed.comment("mona", "/signoff 2027-03-29")
    assert agreed.waiting() == [] and len(mutations(agreed)) == written
    assert "moves from 1 March to 29 March" in agreed.on_deal()[-1]


def test_people_who_give_the_iteration_its_days_back_end_it(agreed: Town) -> None:
    id = of(agreed, SPRING)
    shift(agreed, id, date(2027, 3, 16))
    look(agreed)
    live(agreed, 120)
    assert SPRINT.day(agreed) == APRIL

    shift(agreed, id, SPRING - timedelta(13))
    agreed.comment("mona", "/decline because it stays as agreed")

    [field] = agreed.worker_app.states.load(agreed.subject)[0].fields.values()
    assert field.commitment and not field.commitment.at_risk and field.contested is None
    assert "1 March still stands" in agreed.on_deal()[-1]


def test_a_day_on_which_no_iteration_ends_is_answered_with_those_there_are(agreed: Town) -> None:
    agreed.comment("mona", "/signoff 2027-05-05")

    assert "No iteration ends on that day" in agreed.on_issue()[-1]
    assert "2027-04-15" in agreed.on_issue()[-1] and SPRINT.day(agreed) == SPRING


def test_an_iteration_that_is_deleted_takes_its_date_along_and_product_is_asked(agreed: Town) -> None:
    agreed.box.github.delete_iteration("acme", 1, "Sprint", of(agreed, SPRING))
    look(agreed)
    live(agreed, 120)

    assert SPRINT.day(agreed) is None
    assert [one.value.day for one in agreed.waiting()] == [None]
    assert "1 March is being rechecked" in agreed.on_deal()[-1]


def test_the_days_of_a_webhook_are_those_of_its_iteration(agreed: Town) -> None:
    """Product's own edit is known by the delivery that tells of it."""
    SPRINT.set(agreed, "mona", SUMMER)
    agreed.settle()
    agreed.clock.forward(minutes=20)
    agreed.settle()

    assert SPRINT.day(agreed) == SUMMER and agreed.waiting() == []
    assert "moves from 1 March to 15 April" in agreed.on_deal()[-1]
