"""Words to a deal start from what that deal was told last, whatever was decided, queued or undone since."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from automation.sandbox.places import GitHubIssue
from tests.end_to_end.conftest import SPRING, SUMMER, WINTER, Town, both

tracker = both


@pytest.fixture
def agreed(asked: Town) -> Town:
    """Mona has signed 1 March, and the deal has read so."""
    asked.comment("mona", "/signoff 2027-03-01")
    assert "1 March" in asked.on_deal()[-1]
    return asked


@pytest.fixture
def moved(agreed: Town) -> Town:
    """Mona moves it to 15 April, of which nobody hears for 15 minutes."""
    agreed.ask("mona", SUMMER)
    return agreed


def undo_time_ends(town: Town) -> None:
    town.clock.forward(minutes=20)
    town.settle()


def another_deal(town: Town, name: str, owner: str = "sam") -> str:
    return town.box.jira.add_issue("SALES", name, reporter=owner, assignee=owner, due=date(2027, 3, 20))


def on(town: Town, deal: str) -> list[str]:
    return replace(town, deal=deal).on_deal()


def since(town: Town, before: int) -> list[str]:
    return town.on_deal()[before:]


def without_words(town: Town) -> None:
    """Let all be done but the sending of words, as where a limit holds them back."""
    while town.worker_app.worker.run_next(words=False) or not town.box.hooks.drain():
        town.clock.forward(seconds=1)
    while town.box.hooks.drain() and town.worker_app.worker.run_next(words=False):
        town.clock.forward(seconds=1)


# ---------------------------------------------------------------- the undo time


def test_a_date_removed_within_the_undo_time_is_told_by_the_date_the_deal_knows(moved: Town) -> None:
    moved.ask("lee", None)
    told = moved.on_deal()[-1]
    before = len(moved.on_deal())
    undo_time_ends(moved)

    assert moved.place.day() == SUMMER
    assert "1 March is being rechecked" in told
    assert "don't repeat 1 March" in told
    assert "15 April" not in told
    assert since(moved, before) == [], "it is at risk, so nothing is said to move"


def test_when_the_removal_is_declined_the_deal_hears_the_move_once_and_nothing_that_contradicts_it(
    moved: Town,
) -> None:
    moved.ask("lee", None)
    undo_time_ends(moved)
    before = len(moved.on_deal())

    moved.comment("mona", "/decline")
    undo_time_ends(moved)

    [told] = since(moved, before)
    assert "moves from 1 March to 15 April" in told
    assert "15 April" in moved.on_issue()[-1]
    assert not any("1 March still stands" in said for said in moved.on_issue())


def test_when_the_removal_is_declined_within_the_undo_time_the_deal_hears_the_move_when_it_ends(
    moved: Town,
) -> None:
    moved.ask("lee", None)
    before = len(moved.on_deal())

    moved.comment("mona", "/decline")
    at_once = since(moved, before)
    undo_time_ends(moved)

    assert at_once == []
    [told] = since(moved, before)
    assert "moves from 1 March to 15 April" in told


def test_when_the_removal_is_withdrawn_the_move_is_told(moved: Town) -> None:
    moved.ask("lee", None)
    undo_time_ends(moved)
    before = len(moved.on_deal())

    moved.comment("lee", "/withdraw")

    [told] = since(moved, before)
    assert "moves from 1 March to 15 April" in told


def test_when_the_removal_is_signed_the_date_that_goes_is_the_one_the_deal_knows(moved: Town) -> None:
    moved.ask("lee", None)
    undo_time_ends(moved)
    before = len(moved.on_deal())

    moved.comment("mona", "/signoff none")
    undo_time_ends(moved)

    assert moved.place.day() is None
    [told] = since(moved, before)
    assert "no agreed date any more" in told
    assert "1 March" in told
    assert "15 April" not in told


def test_what_changes_in_scope_within_the_undo_time_names_no_date_that_the_deal_does_not_know(
    moved: Town,
) -> None:
    moved.edit("lee", body="One login for all tools.\n\n- keep guests out")

    assert "1 March" in moved.on_deal()[-1]
    assert "15 April" not in moved.on_deal()[-1]


def test_a_move_that_is_undone_while_a_wish_waits_ends_where_the_deal_was(moved: Town) -> None:
    moved.ask("mona", SPRING)
    undo_time_ends(moved)

    assert not any("15 April" in said for said in moved.on_deal())


def test_a_doubt_ends_in_words_where_product_agrees_to_the_same_date_again(agreed: Town) -> None:
    agreed.ask("lee", SUMMER)
    assert "don't repeat 1 March" in agreed.on_deal()[-1]
    before = len(agreed.on_deal())

    agreed.comment("mona", "/signoff 2027-03-01")

    [told] = since(agreed, before)
    assert "still agreed for 1 March" in told
    assert "15 April" not in told


# ---------------------------------------------------------------- deals that come and go


def test_a_deal_linked_in_the_undo_time_hears_the_date_as_agreed_and_of_no_move(moved: Town) -> None:
    other = another_deal(moved, "Echo Foods")
    moved.comment("sam", f"/link {other}")
    linked = on(moved, other)
    undo_time_ends(moved)

    [first] = linked
    assert "rechecked" in first
    assert "1 March" not in first
    assert "15 April" not in first
    assert "moves from 1 March to 15 April" in moved.on_deal()[-1]
    [_, told] = on(moved, other)
    assert "agreed for 15 April" in told
    assert sum("moved from" in said for said in moved.on_issue()) == 1
    assert not any("agreed to 15 April" in said for said in moved.on_issue()), "no second comment for it"


def test_a_deal_linked_while_the_date_is_at_risk_hears_it_as_agreed_when_the_risk_ends(agreed: Town) -> None:
    agreed.ask("lee", SUMMER)
    other = another_deal(agreed, "Echo Foods")
    agreed.comment("sam", f"/link {other}")
    before = len(agreed.on_deal())

    agreed.comment("mona", "/decline")

    [_, told] = on(agreed, other)
    assert "agreed for 1 March" in told
    [declined] = since(agreed, before)
    assert "1 March still stands" in declined


def test_an_unlinked_deal_whose_promise_goes_on_hears_by_the_date_it_knows(moved: Town) -> None:
    moved.comment("sam", f"/unlink {moved.deal}")
    assert "1 March" in moved.on_deal()[-1]
    assert "15 April" not in moved.on_deal()[-1]

    moved.ask("lee", None)
    assert "don't repeat 1 March" in moved.on_deal()[-1]
    moved.comment("mona", "/decline")
    undo_time_ends(moved)

    assert "moves from 1 March to 15 April" in moved.on_deal()[-1]
    assert sum("15 April" in said for said in moved.on_deal()) == 1


# ---------------------------------------------------------------- words that wait


def test_of_two_dates_agreed_while_words_waited_the_deal_hears_the_one_in_force(asked: Town) -> None:
    before = len(asked.on_deal())
    asked.place.comment("mona", "/signoff 2027-03-01")
    without_words(asked)
    asked.clock.forward(seconds=5)
    asked.place.ask("mona", SUMMER)
    without_words(asked)
    asked.clock.forward(minutes=20)
    without_words(asked)
    assert since(asked, before) == []

    asked.settle()

    [told] = since(asked, before)
    assert "agreed for 15 April" in told
    assert "1 March" not in told.replace("asked for 1 March", "")


def test_word_of_an_agreed_date_waits_while_it_is_at_risk_and_is_said_once_when_that_ends(
    asked: Town,
) -> None:
    before = len(asked.on_deal())
    asked.place.comment("mona", "/signoff 2027-03-01")
    without_words(asked)
    asked.clock.forward(seconds=5)
    asked.place.ask("lee", None)
    without_words(asked)

    asked.settle()
    [rechecked] = since(asked, before)
    assert "still no date to give" in rechecked
    assert "may change" in rechecked

    asked.comment("mona", "/decline")
    undo_time_ends(asked)
    [_, told] = since(asked, before)
    assert "agreed for 1 March" in told


def test_a_wish_that_was_answered_while_words_waited_is_not_told_as_open(linked: Town) -> None:
    before = len(linked.on_deal())
    linked.place.ask("lee", SPRING)
    without_words(linked)
    linked.clock.forward(seconds=5)
    linked.place.comment("mona", "/signoff 2027-03-01")
    without_words(linked)

    linked.settle()

    [told] = since(linked, before)
    assert "agreed for 1 March" in told


@pytest.mark.parametrize("how", ["502 after", "drop after", "drop before"])
def test_word_that_was_withheld_is_said_exactly_once_though_sending_fails_and_we_crash(
    moved: Town, how: str
) -> None:
    moved.ask("lee", None)
    undo_time_ends(moved)
    before = len(moved.on_deal())
    moved.box.fail_next("POST", "/comment$", how)
    moved.place.comment("mona", "/decline")
    without_words(moved)
    moved.worker_app.worker.run_next()
    moved.restart()
    moved.settle()
    moved.clock.forward(minutes=5)
    moved.settle()

    [told] = since(moved, before)
    assert "moves from 1 March to 15 April" in told


# ---------------------------------------------------------------- whose wish it is


@pytest.fixture
def two_deals(agreed: Town) -> tuple[Town, str]:
    """Lee has linked another deal, which was told of the same date."""
    other = another_deal(agreed, "Echo Foods", owner="lee")
    agreed.comment("lee", f"/link {other}")
    assert "agreed for 1 March" in on(agreed, other)[-1]
    return agreed, other


def test_a_wish_beside_an_agreed_date_and_its_end_are_for_the_askers_deals_alone(
    two_deals: tuple[Town, str],
) -> None:
    town, other = two_deals
    before, theirs = len(town.on_deal()), len(on(town, other))

    town.comment("lee", "/ask 2027-01-31 because they would like it sooner")
    assert (len(since(town, before)), len(on(town, other)) - theirs) == (0, 1)
    assert "31 January, was asked for" in on(town, other)[-1]
    town.comment("mona", "/decline")

    assert since(town, before) == []
    assert "31 January was asked for" in on(town, other)[-1]
    assert "1 March still stands" in on(town, other)[-1]


def test_a_wish_of_nobody_who_has_a_deal_there_is_for_product_alone(two_deals: tuple[Town, str]) -> None:
    town, other = two_deals
    before, theirs, on_issue = len(town.on_deal()), len(on(town, other)), len(town.on_issue())

    town.comment("mona", "/ask 2027-01-31 because it is nearly done")

    assert (len(since(town, before)), len(on(town, other)) - theirs) == (0, 0)
    assert len(town.on_issue()) == on_issue + 1


def test_what_puts_the_date_at_risk_is_for_all_deals(two_deals: tuple[Town, str]) -> None:
    town, other = two_deals

    town.ask("lee", SUMMER)
    risked = town.on_deal()[-1], on(town, other)[-1]
    town.comment("mona", "/decline")

    assert all("don't repeat 1 March" in said for said in risked)
    assert all("1 March still stands" in said for said in (town.on_deal()[-1], on(town, other)[-1]))


def test_a_deal_is_its_owners_where_that_can_be_known(agreed: Town) -> None:
    """In Jira both sides know people by the same account."""
    other = another_deal(agreed, "Echo Foods", owner="lee")
    agreed.comment("sam", f"/link {other}")
    before, theirs = len(agreed.on_deal()), len(on(agreed, other))

    agreed.ask("lee", WINTER)

    heard = (len(since(agreed, before)), len(on(agreed, other)) - theirs)
    assert heard == ((0, 0) if isinstance(agreed.place, GitHubIssue) else (0, 1))
