"""A move from one milestone to another leaves two entries in GitHub's history, which may fall into
neighbouring seconds and come in either order: it is one wish, and ours is nobody's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.end_to_end.conftest import SPRING, SUMMER, WINTER, Town


@pytest.fixture(
    params=[("together", 0, False), ("apart", 1, False), ("backwards", 1, True)], ids=lambda p: p[0]
)
def noted(request: pytest.FixtureRequest, linked: Town) -> Town:
    """Winter is agreed."""
    _, apart, backwards = request.param
    hub = linked.box.github
    hub.moves_apart, hub.moves_backwards = timedelta(seconds=apart), backwards
    linked.comment("mona", f"/signoff {WINTER}")
    linked.clock.forward(minutes=25)
    return linked


def test_our_own_restore_is_nobodys_wish(noted: Town) -> None:
    noted.ask("lee", SUMMER)
    assert noted.place.day() == WINTER

    noted.clock.forward(minutes=25)
    noted.edit("lee", title="One login")  # looks at the history once more

    [waiting] = noted.waiting()
    assert (waiting.value.day, waiting.asked_by and waiting.asked_by.name) == (SUMMER, "lee")
    assert not any("signoff none" in said for said in noted.on_issue())


def test_a_move_that_follows_ours_is_somebodys_wish(noted: Town) -> None:
    noted.ask("lee", SUMMER)
    noted.clock.forward(seconds=1)
    noted.ask("sam", SPRING)

    [waiting] = noted.waiting()
    assert (waiting.value.day, waiting.asked_by and waiting.asked_by.name) == (SPRING, "sam")
    assert noted.place.day() == WINTER
