"""A date as far away as there are any is a date like any other."""

from __future__ import annotations

from datetime import date

import pytest

from automation.sandbox.places import GitHubIssue
from automation.store.deliveries import Desk
from tests.end_to_end.conftest import REPO, Town


@pytest.mark.parametrize("tracker", ["github", "jira"])
@pytest.mark.parametrize("day", [date(1, 1, 1), date(1970, 1, 1), date(9999, 12, 31)])
def test_a_date_at_the_end_of_time_is_held_like_any_other(linked: Town, tracker: str, day: date) -> None:
    if isinstance(linked.place, GitHubIssue):
        linked.box.github.add_milestone(REPO, "Some day", day)
        linked.box.github.as_user("lee").set_milestone(REPO, linked.number, "Some day")
        linked.settle()
    else:
        linked.ask("lee", day)

    assert Desk(linked.worker_app.database).parked() == []
    assert linked.place.day() is None
    [waiting] = linked.waiting()
    assert waiting.value.day == day
    assert len(linked.on_issue()) == len(linked.on_deal()) == 2
