"""A storm: more is to be said than the trackers take in an hour. No limit is broken, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from automation.sandbox.places import GitHubIssue
from tests.end_to_end.conftest import BOT, MILESTONES, REPO, SPRING, Town

ISSUES = 130


@pytest.fixture
def interval() -> None:
    """The real limits hold; waiting moves the clock that both sides share."""


@pytest.fixture
def rules(rules: Path) -> Path:
    """One person moves all of them, which is not the question here."""
    (rules / "cap.yaml").write_text("most_restores_per_hour: 1000")
    return rules


@pytest.fixture
def stormy(town: Town) -> list[GitHubIssue]:
    """Many linked issues, all of whose dates somebody moves in one go."""
    town.box.github.set_quota(BOT, 1_000_000)
    hub, sam = town.box.github, town.box.github.as_user("sam")
    places = []
    for number in range(ISSUES):
        made = sam.open_issue(REPO, f"Wish {number}", f"Asked for in {town.deal}.")
        places.append(GitHubIssue(town.box, REPO, made, MILESTONES))
    for place in places:
        hub.as_user("lee").set_milestone(REPO, place.number, "Spring release")
    return places


@pytest.mark.simulation
def test_a_storm_of_500_events_breaks_no_limit_and_loses_nothing(
    town: Town, stormy: list[GitHubIssue]
) -> None:
    restored_after: list[float] = []
    begun = town.clock()
    hours = 0.0
    while hours < 6:
        town.settle(5000)
        if not restored_after and all(place.day() is None for place in stormy):
            restored_after.append((town.clock() - begun).total_seconds())
        if not town.worker_app.queue.counts():
            break
        town.clock.forward(minutes=2)
        hours = (town.clock() - begun).total_seconds() / 3600

    assert len(town.box.hooks.deliveries) >= 500
    assert town.box.violations == []
    assert town.worker_app.queue.counts() == {}
    assert {place.day() for place in stormy} == {None}
    assert {len([s for s in place.said() if s.author == BOT]) for place in stormy} == {2}
    assert len(town.on_deal()) == 2 * ISSUES
    writes = [r for r in town.box.requests if r.method == "PATCH" and r.status == 200]
    assert len(writes) == ISSUES
    assert restored_after[0] < 3600 < hours * 3600, "dates are set back long before all is said"
    assert SPRING in {proposal.value.day for proposal in town.waiting()}
