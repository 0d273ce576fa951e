"""A date that cannot be set back or put in force: both sides read what shows, what should, and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.end_to_end.conftest import BOT, REPO, SPRING, SUMMER, WINTER, Town

WAITING = "waiting-for-product"
RIGHTS = f"Give it write access to {REPO}"
JIRA_RIGHTS = "Give it the permissions “Edit Issues” and “Schedule Issues” in project PROD"
JIRA_FIELD = "“Due date” is not on the edit screen of project PROD, or Handshake's account lacks"


class Refusal(NamedTuple):
    """What stands in the way, and what people read of it."""

    tracker: str
    refuse: Callable[[Town, bool], None]
    words: str
    labels: bool = True
    """Whether the label can still be written."""


def _lock(how: str) -> Callable[[Town, bool], None]:
    return lambda town, on: town.box.jira.lock_dates("PROD", how if on else "")


def _role(role: str) -> Callable[[Town, bool], None]:
    return lambda town, on: town.box.github.set_role(REPO, BOT, role if on else "maintain")


REFUSALS = {
    "dropped without a word": Refusal("github", _role("triage"), RIGHTS),
    "a reader": Refusal("github", _role("read"), RIGHTS, labels=False),
    "no right to schedule": Refusal("jira", _lock("schedule"), JIRA_FIELD),
    "no right to edit": Refusal("jira", _lock("edit"), JIRA_RIGHTS, labels=False),
    "no right to edit, said by 400": Refusal("jira", _lock("edit 400"), JIRA_RIGHTS, labels=False),
    "no right to edit, said by 404": Refusal("jira", _lock("edit 404"), JIRA_RIGHTS, labels=False),
    "an archived project": Refusal("jira", _lock("archived"), "project PROD is archived", labels=False),
}


def each(*names: str) -> pytest.MarkDecorator:
    """Run a test with these refusals."""
    chosen = [
        pytest.param(REFUSALS[name].tracker, REFUSALS[name], id=f"{REFUSALS[name].tracker}: {name}")
        for name in names
    ]
    return pytest.mark.parametrize(("tracker", "refusal"), chosen)


ONE_OF_EACH = each("dropped without a word", "no right to edit, said by 404")


def plain(text: str) -> str:
    """Return the words without what makes them inert."""
    return text.replace("\\", "").replace("\u200b", "")


def field(town: Town) -> str:
    return "Milestone" if "#" in town.place.key else "Due date"


def command(town: Town, day: str) -> str:
    return f"/signoff {day}" if "#" in town.place.key else f"handshake signoff {day}"


@each(*REFUSALS)
def test_a_date_that_cannot_be_set_back_is_told_with_what_shows_what_should_and_the_missing_right(
    linked: Town, refusal: Refusal
) -> None:
    refusal.refuse(linked, True)

    linked.ask("lee", SPRING)

    told = plain(linked.on_issue()[-1])
    assert f"{field(linked)} shows 1 March, but product has not agreed" in told
    assert "It should show no date and could not be set back" in told
    assert refusal.words in told
    assert command(linked, "2027-03-01") in told
    assert "mona" in told.lower()
    assert not re.search(r"PATCH|PUT|\b4\d\d\b|token-", told)
    assert "please don't use 1 March" in plain(linked.on_deal()[-1])
    assert "Please give no date for now." in plain(linked.on_deal()[-1])
    assert "What you can tell the customer" in linked.on_deal()[-1]
    assert len(linked.on_issue()) == len(linked.on_deal()) == 2, "each side hears of it once"
    assert linked.place.day() == SPRING
    if refusal.labels:
        assert WAITING in linked.place.labels()


@ONE_OF_EACH
def test_what_was_agreed_before_is_named_where_it_still_stands(linked: Town, refusal: Refusal) -> None:
    linked.ask("mona", SPRING)
    linked.comment("mona", "/signoff 2027-03-01")
    linked.clock.forward(minutes=20)
    linked.settle()
    refusal.refuse(linked, True)

    linked.ask("lee", WINTER)

    assert "shows 31 January, but product has not agreed" in plain(linked.on_issue()[-1])
    assert "It should show 1 March and could not be set back" in plain(linked.on_issue()[-1])
    assert "please don't use 31 January" in plain(linked.on_deal()[-1])
    assert "1 March still stands" in plain(linked.on_deal()[-1])

    linked.ask("lee", None)

    assert "shows no date, but product has not agreed" in plain(linked.on_issue()[-1])
    assert "please give no date" in plain(linked.on_deal()[-1])
    assert "don't repeat 1 March either" in plain(linked.on_deal()[-1])


@ONE_OF_EACH
def test_a_date_set_right_by_hand_ends_it_and_the_next_one_is_held_as_ever(
    linked: Town, refusal: Refusal
) -> None:
    refusal.refuse(linked, True)
    linked.ask("lee", SPRING)
    refusal.refuse(linked, False)

    linked.ask("lee", None)
    said = len(linked.on_issue()), len(linked.on_deal())
    linked.ask("lee", SUMMER)

    assert linked.place.day() is None
    assert said[0] == 2
    assert "stays empty; 15 April waits for product" in plain(linked.on_issue()[-1])


@ONE_OF_EACH
def test_who_signed_a_date_that_cannot_be_set_reads_why_and_the_deal_is_told_to_wait(
    asked: Town, refusal: Refusal
) -> None:
    refusal.refuse(asked, True)

    asked.comment("mona", "/signoff 2027-03-01")

    told = plain(asked.on_issue()[-1])
    assert f"{field(asked)} could not be set to 1 March, though product agreed" in told
    assert "It shows no date" in told
    assert refusal.words in told
    assert "mona" in told.lower()
    assert "please don't use 1 March yet" in plain(asked.on_deal()[-1])
    assert "agreed for" not in plain(asked.on_deal()[-1])

    refusal.refuse(asked, False)
    asked.ask("lee", SPRING)

    assert "agreed for 1 March" in plain(asked.on_deal()[-1]), "set by hand, it is what product signed"


@ONE_OF_EACH
def test_who_overrides_with_a_date_that_cannot_be_set_reads_why_and_deals_hear_once_it_stands(
    linked: Town, refusal: Refusal, rules: Path
) -> None:
    settings = rules / "handshake.yaml"
    may = "may_override: {users: {github: [mona]}, jira_groups: [product-managers]}"
    settings.write_text(settings.read_text().replace("people_needed: 1", may))
    linked.clock.forward(seconds=1)
    refusal.refuse(linked, True)

    linked.comment("mona", "/override 2027-03-01 because it is urgent")

    told = plain(linked.on_issue()[-1])
    assert f"{field(linked)} could not be set to 1 March, though it is to stand without product's" in told
    assert refusal.words in told
    assert "mona" in told.lower()
    assert not any("1 March" in said for said in linked.on_deal())

    refusal.refuse(linked, False)
    linked.ask("lee", SPRING)

    assert "1 March is planned, and product has not agreed" in plain(linked.on_deal()[-1])


@pytest.mark.parametrize("tracker", ["github"])
def test_of_an_archived_repository_nothing_can_be_written_and_the_deal_is_told_all_the_same(
    linked: Town,
) -> None:
    linked.place.ask("lee", SPRING)
    linked.box.github.set_archived(REPO, True)

    linked.settle()

    assert len(linked.on_issue()) == 1
    assert "please don't use 1 March" in plain(linked.on_deal()[-1])
    assert linked.worker_app.queue.counts()["parked"] == 3, "the date, the label and the words wait, visible"

    linked.clock.forward(hours=1)
    linked.box.github.set_role(REPO, "mona", "admin")
    linked.box.github.as_user("mona").archive(REPO, False)
    linked.settle()
    linked.clock.forward(minutes=1)
    linked.settle()

    assert linked.place.day() is None and "parked" not in linked.worker_app.queue.counts()
    assert WAITING in linked.place.labels()
    [held] = linked.on_issue()[1:]
    assert "1 March waits for product" in plain(held)
    linked.comment("mona", "/signoff 2027-03-01")
    assert linked.place.day() == SPRING and "agreed for 1 March" in plain(linked.on_deal()[-1])


@pytest.mark.parametrize("tracker", ["github"])
def test_a_token_that_may_only_read_is_told_to_the_deal_too(linked: Town) -> None:
    linked.box.github.set_read_only(BOT, True)

    linked.ask("lee", SPRING)

    assert "please don't use 1 March" in plain(linked.on_deal()[-1])


@pytest.mark.parametrize("tracker", ["github"])
def test_where_the_milestone_to_go_back_to_is_gone_the_unsigned_date_is_taken_off(town: Town) -> None:
    town.ask("lee", WINTER)
    town.comment("sam", f"/link {town.deal}")
    town.place.ask("lee", SPRING)
    town.box.github.as_user("lee").delete_milestone(REPO, "Winter release")

    town.settle()

    assert town.place.day() is None
    assert "1 March waits for product" in plain(town.on_issue()[-1])
    assert "1 March is requested, not agreed" in plain(town.on_deal()[-1])


@pytest.mark.parametrize("tracker", ["github"])
def test_on_a_public_issue_the_right_is_named_and_neither_rule_nor_deal(linked: Town) -> None:
    linked.box.github.set_private(REPO, False)
    linked.box.github.set_role(REPO, BOT, "triage")
    linked.clock.forward(minutes=2)

    linked.ask("lee", SPRING)

    told = plain(linked.on_issue()[-1])
    assert RIGHTS in told
    assert "could not be set back" in told
    assert not re.search(r"rules/|deadlines\.yaml|deal|SALES|Borealis|customer", told)


@pytest.mark.parametrize("tracker", ["github", "jira"])
def test_after_three_restores_within_the_hour_both_sides_read_that_this_is_the_limit(linked: Town) -> None:
    for _ in range(4):
        linked.ask("lee", SPRING)

    told = plain(linked.on_issue()[-1])
    assert f"{field(linked)} shows 1 March, but product has not agreed" in told
    assert "set back to no date three times within the hour, and that is the limit" in told
    assert "until people sort it out" in told
    assert command(linked, "2027-03-01") in told
    assert "please don't use 1 March" in plain(linked.on_deal()[-1])
    assert linked.place.day() == SPRING
    assert WAITING in linked.place.labels()


def test_another_date_that_stands_beyond_the_limit_is_told_too_but_not_in_turns_for_ever(
    linked: Town,
) -> None:
    for day in (SPRING, SUMMER, SPRING, WINTER, SUMMER):
        linked.ask("lee", day)
    told = plain(linked.on_issue()[-1])
    assert f"{field(linked)} shows 15 April, but product has not agreed" in told
    assert command(linked, "2027-04-15") in told
    assert "please don't use 15 April" in plain(linked.on_deal()[-1])

    said = len(linked.on_issue()), len(linked.on_deal())
    for day in (WINTER, SUMMER) * 3:
        linked.ask("lee", day)
    assert (len(linked.on_issue()), len(linked.on_deal())) == said
