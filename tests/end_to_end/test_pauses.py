"""Whoever has too many dates set back in an hour is paused: people are asked once, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import requests

from automation.sandbox.places import GitHubIssue
from automation.store.open_proposals import waiting
from automation.store.pauses import Pauses
from tests.end_to_end.conftest import BOT, MILESTONES, REPO, SPRING, Town

CAP = 2


@pytest.fixture
def rules(rules: Path) -> Path:
    (rules / "cap.yaml").write_text(f"most_restores_per_hour: {CAP}")
    return rules


@pytest.fixture
def edited(town: Town) -> list[GitHubIssue]:
    """Lee moves the dates of five linked issues, one after the other."""
    sam = town.box.github.as_user("sam")
    made = [sam.open_issue(REPO, f"Wish {number}", f"Asked for in {town.deal}.") for number in range(5)]
    places = [GitHubIssue(town.box, REPO, number, MILESTONES) for number in made]
    town.settle()
    for place in places:
        place.ask("lee", SPRING)
        town.settle()
    return places


def words(place: GitHubIssue) -> list[str]:
    return [said.text for said in place.said() if said.author == BOT and "connected" not in said.text]


def unsigned(places: list[GitHubIssue]) -> int:
    return sum(place.day() == SPRING for place in places)


def test_past_the_cap_dates_stand_until_the_hour_is_over_and_are_set_back_and_told_then(
    town: Town, edited: list[GitHubIssue]
) -> None:
    said = [[one for one in words(place) if "Spring" in one or "1 March" in one] for place in edited]
    assert [place.day() for place in edited] == [None, None, SPRING, SPRING, SPRING]
    assert [len(one) for one in said] == [1, 1, 1, 0, 0], "people are asked once"
    [asked] = said[2]
    assert "shows 1 March, but product has not agreed" in asked
    assert "Too many dates had to be set back within the hour because of lee" in asked
    assert "/signoff 2027-03-01" in asked
    assert "rule" not in asked.split("Rule:")[0], "it is about Lee, not about the rule"
    left = waiting(town.worker_app.database)
    assert [one.paused for one in left] == [False, False, True, True, True]
    assert "waiting-for-product" not in edited[4].labels()

    for _ in range(2):
        town.clock.forward(minutes=61)
        town.settle()

    assert unsigned(edited) == 0
    assert all(any("kept at no date" in one or "1 March" in one for one in words(place)) for place in edited)
    assert not any(one.paused for one in waiting(town.worker_app.database))
    assert "waiting-for-product" in edited[4].labels()


def test_somebody_else_is_held_as_ever_and_a_release_sets_all_back_at_once(
    town: Town, edited: list[GitHubIssue]
) -> None:
    sam = town.box.github.as_user("sam")
    other = GitHubIssue(town.box, REPO, sam.open_issue(REPO, "Another", f"For {town.deal}."), MILESTONES)
    town.settle()
    other.ask("sam", SPRING)
    town.settle()
    assert other.day() is None

    ready = requests.get(f"http://127.0.0.1:{town.receiver.port}/readyz", timeout=5).json()
    assert ready["details"]["pauses"].startswith("somebody or a rule is paused until")
    pauses = Pauses(town.worker_app.database)
    [pause] = pauses.now(town.clock())
    assert pause.until - town.clock() > timedelta(minutes=50)
    assert pauses.release(pause.name, town.clock()) == 3
    town.settle()

    assert unsigned(edited) == 0


def test_what_is_signed_during_the_pause_stands(town: Town, edited: list[GitHubIssue]) -> None:
    edited[4].comment("mona", "/signoff 2027-03-01")
    for _ in range(2):
        town.settle()
        town.clock.forward(minutes=61)
    town.settle()

    assert [place.day() for place in edited] == [None, None, None, None, SPRING]
