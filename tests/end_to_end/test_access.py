"""What cannot be seen at all: lost access is waited for, and an issue that is gone is told from it."""

from __future__ import annotations

import pytest
import requests

from tests.end_to_end.conftest import BOT, REPO, SPRING, Town
from tests.end_to_end.passing_time import TRACKERS, live, undone


def shut(town: Town, shut: bool) -> None:
    """Take the rights of our account away, or give them back."""
    if town.place.key.startswith(REPO):
        town.box.github.set_role(REPO, BOT, None if shut else "maintain")
    else:
        town.box.jira.hide("PROD", *([BOT] if shut else []))


@TRACKERS
@pytest.mark.parametrize("hours", [2, 24])
def test_a_date_that_came_while_access_was_lost_is_held_when_it_is_back(
    linked: Town, hours: int, capsys: pytest.CaptureFixture[str]
) -> None:
    shut(linked, True)
    linked.place.ask("lee", SPRING)
    before = len(linked.on_deal())
    linked.settle()
    for _ in range(8):
        linked.clock.forward(hours=hours / 8)
        linked.settle()
    assert linked.place.day() == SPRING
    assert {state for state, _ in undone(linked)} == {"waiting"}
    assert all("cannot be seen" in error for _, error in undone(linked))
    logged = capsys.readouterr().out
    assert logged.count("access lost  ") == 1
    ready = requests.get(f"http://127.0.0.1:{linked.receiver.port}/readyz", timeout=5).json()
    assert list(ready["details"]) == ["access"], "a 404 is an answer: the tracker is not out"
    assert "1 place of" in ready["details"]["access"] and "PROD" not in ready["details"]["access"]

    shut(linked, False)
    live(linked, 15 * 60)
    assert linked.place.day() is None
    assert [p.value.day for p in linked.waiting()] == [SPRING]
    assert undone(linked) == []
    assert len(linked.on_deal()) == before + 1
    assert "access is back" in capsys.readouterr().out


@TRACKERS
def test_words_and_dates_that_were_under_way_wait_for_access_too(linked: Town) -> None:
    linked.place.ask("lee", SPRING)
    linked.box.hooks.drain()
    while linked.place.day() is not None and linked.worker_app.worker.decide_next():
        pass
    shut(linked, True)
    live(linked, 3600)
    assert linked.place.day() == SPRING
    shut(linked, False)
    live(linked, 15 * 60)
    assert linked.place.day() is None, undone(linked)
    assert len(linked.on_issue()) == 2
    assert undone(linked) == []


@TRACKERS
def test_an_issue_that_is_really_gone_ends_with_a_line_in_the_log(
    linked: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    linked.place.ask("lee", SPRING)
    if linked.place.key.startswith(REPO):
        linked.box.github.set_role(REPO, "lee", "admin")
        linked.box.github.as_user("lee").delete_issue(REPO, linked.number)
    else:
        linked.box.jira.as_user("lee").delete(linked.place.key)
    live(linked, 5)
    assert undone(linked) == []
    assert "the issue was deleted, or moved" in capsys.readouterr().out
