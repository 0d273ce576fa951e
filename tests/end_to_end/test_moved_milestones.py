"""A milestone's own date moves, and with it the date that people rely on. No write of the issue can change
that: it is told as what it is, once on each side, and product is asked."""

from __future__ import annotations

import json
from datetime import date

import pytest

from automation.model import CARRIER, Commitment, Subject
from automation.sandbox.github_shapes import node
from tests.end_to_end.conftest import REPO, SPRING, SUMMER, WINTER, Town
from tests.end_to_end.passing_time import live

FEBRUARY, JUNE = date(2027, 2, 1), date(2027, 6, 1)
TITLES = {WINTER: "Winter release", SPRING: "Spring release", SUMMER: "Summer release"}


@pytest.fixture
def agreed(linked: Town) -> Town:
    """1 March is agreed, and both sides know."""
    linked.ask("lee", SPRING)
    linked.comment("mona", f"/signoff {SPRING}")
    linked.clock.forward(hours=2)
    return linked


def move(town: Town, who: str, to: date | None, of: date = SPRING) -> None:
    town.box.github.as_user(who).edit_milestone(REPO, TITLES[of], due=to)
    town.settle()


def news(town: Town, before: tuple[int, int]) -> tuple[list[str], list[str]]:
    return town.on_issue()[before[0] :], town.on_deal()[before[1] :]


def so_far(town: Town) -> tuple[int, int]:
    return len(town.on_issue()), len(town.on_deal())


def milestone_writes(town: Town) -> list[tuple[str, str]]:
    return [write for write in town.writes() if write[0] == "PATCH" and "/comments/" not in write[1]]


def test_a_date_that_moves_with_its_milestone_is_told_once_on_each_side_and_put_to_product(
    agreed: Town,
) -> None:
    before, writes = so_far(agreed), milestone_writes(agreed)

    move(agreed, "lee", JUNE)

    assert milestone_writes(agreed) == writes, "nothing that could be written to the issue would help"
    [on_issue], [on_deal] = news(agreed, before)
    assert "1 June" in on_issue and "1 March" in on_issue and "`/signoff 2027-06-01`" in on_issue
    assert "kept" not in on_issue and "Spring release" in on_issue
    assert "1 March is being rechecked" in on_deal and "milestone" not in on_deal.lower()
    [waiting] = agreed.waiting()
    assert (waiting.value.day, waiting.asked_by and waiting.asked_by.name) == (JUNE, "lee")
    assert commitment_of(agreed).at_risk

    agreed.edit("lee", title="One login")
    agreed.clock.forward(hours=3)
    agreed.settle()
    assert [one for side in news(agreed, before) for one in side if "1 June" in one] == [on_issue, on_deal]


def commitment_of(town: Town) -> Commitment:
    found = town.worker_app.states.load(town.subject)[0].fields["milestone"].commitment
    assert found is not None
    return found


def test_an_earlier_date_of_its_milestone_is_asked_about_and_takes_back_nothing_that_was_agreed(
    agreed: Town,
) -> None:
    before = so_far(agreed)

    move(agreed, "lee", FEBRUARY)

    [on_issue], [on_deal] = news(agreed, before)
    assert "1 February" in on_issue and "`/signoff 2027-02-01`" in on_issue
    assert "1 March still stands" in on_issue and "not to repeat" not in on_issue
    assert "1 March still stands" in on_deal and "don't use 1 February" in on_deal
    assert "recheck" not in on_deal and not commitment_of(agreed).at_risk

    move(agreed, "lee", JUNE)

    assert "1 March is being rechecked" in news(agreed, before)[1][-1] and commitment_of(agreed).at_risk

    move(agreed, "lee", FEBRUARY)

    assert commitment_of(agreed).at_risk, "sales was told not to repeat it, so product is waited for"
    assert [proposal.value.day for proposal in agreed.waiting()] == [FEBRUARY]


def test_product_agrees_to_an_earlier_date_of_its_milestone_and_the_deal_hears_of_the_move(
    agreed: Town,
) -> None:
    move(agreed, "lee", FEBRUARY)
    before = so_far(agreed)

    agreed.comment("mona", "/signoff")

    on_issue, on_deal = news(agreed, before)
    assert len(on_issue) == 1 and len(on_deal) == 1 and agreed.waiting() == []
    assert "comes earlier: 1 February instead of 1 March" in on_deal[0]


def test_a_refused_earlier_date_of_its_milestone_leaves_the_agreed_one(agreed: Town) -> None:
    move(agreed, "lee", FEBRUARY)
    before = so_far(agreed)

    agreed.comment("mona", "/decline because the tests need that month")

    [on_issue], [on_deal] = news(agreed, before)
    assert "still shows 1 February" in on_issue
    assert "1 March still stands" in on_deal


def test_product_agrees_to_the_date_that_the_milestone_has_by_now(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    before = so_far(agreed)

    agreed.comment("mona", "/signoff")

    on_issue, on_deal = news(agreed, before)
    assert agreed.waiting() == [] and agreed.place.day() == JUNE
    assert len(on_issue) == 1 and "1 June" in on_issue[0]
    assert len(on_deal) == 1 and "moves from 1 March to 1 June" in on_deal[0]


def test_product_says_no_and_nothing_claims_that_it_was_set_back(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    before, writes = so_far(agreed), milestone_writes(agreed)

    agreed.comment("mona", "/decline because the customer has planned for it")

    assert milestone_writes(agreed) == writes
    [on_issue], [on_deal] = news(agreed, before)
    assert "still shows 1 June" in on_issue
    assert "1 March still stands" in on_deal


def test_where_nothing_is_linked_a_moved_milestone_makes_no_noise(town: Town) -> None:
    town.ask("lee", SPRING)
    town.comment("sam", f"/link {town.deal}")
    town.comment("sam", f"/unlink {town.deal}")
    before, requests = so_far(town), len(town.writes())

    move(town, "lee", JUNE)

    assert news(town, before) == ([], []) and len(town.writes()) == requests and town.waiting() == []


def test_a_planned_date_that_moves_with_its_milestone_is_put_to_product_too(town: Town) -> None:
    town.ask("lee", SPRING)
    town.comment("sam", f"/link {town.deal}")
    before = so_far(town)

    move(town, "lee", JUNE)

    [on_issue], [on_deal] = news(town, before)
    assert "`/signoff 2027-06-01`" in on_issue and "give no date" in on_deal
    assert [proposal.value.day for proposal in town.waiting()] == [JUNE]


def test_product_moves_the_milestone_itself_and_commits_after_the_undo_time(agreed: Town) -> None:
    before, writes = so_far(agreed), milestone_writes(agreed)

    move(agreed, "mona", JUNE)
    assert news(agreed, before) == ([], [])

    agreed.clock.forward(minutes=20)
    agreed.settle()
    [on_issue], [on_deal] = news(agreed, before)
    assert "1 June" in on_issue and "moves from 1 March to 1 June" in on_deal
    assert milestone_writes(agreed) == writes and agreed.waiting() == []


def test_who_moved_it_is_known_from_the_delivery_only(agreed: Town) -> None:
    """The delivery is lost: that it was product cannot be told any more, so it is asked."""
    before = so_far(agreed)
    agreed.box.hooks.hold()
    agreed.box.github.as_user("mona").edit_milestone(REPO, TITLES[SPRING], due=JUNE)
    agreed.box.hooks.release([])
    agreed.settle()
    assert news(agreed, before) == ([], [])

    agreed.edit("lee", title="One login")
    assert agreed.waiting() == [], "whoever it was may be told yet"
    live(agreed, 120)

    [waiting] = agreed.waiting()
    assert (waiting.value.day, waiting.asked_by) == (JUNE, None)
    assert any("1 June" in one for one in news(agreed, before)[0])


def test_moved_and_moved_back_ends_the_question(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    before = so_far(agreed)
    agreed.box.github.set_role(REPO, "sam", "write")

    move(agreed, "sam", SPRING)

    on_issue, on_deal = news(agreed, before)
    assert agreed.waiting() == []
    assert len(on_issue) == 1 and "back at 1 March" in on_issue[0]
    assert len(on_deal) == 1 and "still agreed for 1 March" in on_deal[0]


def test_moved_and_moved_back_before_anybody_looked_is_nothing(agreed: Town) -> None:
    before = so_far(agreed)

    agreed.box.github.as_user("lee").edit_milestone(REPO, TITLES[SPRING], due=JUNE)
    agreed.box.github.as_user("lee").edit_milestone(REPO, TITLES[SPRING], due=SPRING)
    agreed.settle()

    assert news(agreed, before) == ([], []) and agreed.waiting() == []


def test_a_deleted_milestone_is_a_cleared_date_that_is_not_said_to_be_kept(agreed: Town) -> None:
    before, writes = so_far(agreed), milestone_writes(agreed)

    agreed.box.github.as_user("lee").delete_milestone(REPO, TITLES[SPRING])
    agreed.settle()

    [on_issue], [on_deal] = news(agreed, before)
    assert milestone_writes(agreed) == writes
    assert "was deleted" in on_issue and "kept" not in on_issue and "`/signoff none`" in on_issue
    assert "1 March is being rechecked" in on_deal
    assert [proposal.value.day for proposal in agreed.waiting()] == [None]


def test_a_yes_to_a_date_that_its_milestone_has_no_more_is_not_carried_out(linked: Town) -> None:
    linked.comment("sam", f"/ask {SPRING}")
    move(linked, "lee", JUNE)
    before, writes = so_far(linked), milestone_writes(linked)

    linked.comment("mona", "/signoff")

    [on_issue], on_deal = news(linked, before)
    assert "No open milestone is due on that day" in on_issue and on_deal == []
    assert milestone_writes(linked) == writes and linked.place.day() is None


@pytest.mark.parametrize("kinds", [("fields",), ("milestones",), ("fields", "milestones")])
def test_what_cannot_be_read_yet_is_waited_for(agreed: Town, kinds: tuple[str, ...]) -> None:
    agreed.box.github.world.set_lag(20, kinds)
    before = so_far(agreed)

    move(agreed, "lee", JUNE)
    assert news(agreed, before) == ([], [])

    live(agreed, 60)
    assert [len(side) for side in news(agreed, before)] == [1, 1]
    [waiting] = agreed.waiting()
    assert (waiting.value.day, waiting.asked_by and waiting.asked_by.name) == (JUNE, "lee")


def test_a_date_that_goes_to_and_fro_is_told_three_times_an_hour_and_the_last_of_it_later(
    agreed: Town,
) -> None:
    before = so_far(agreed)
    for month in (4, 5, 6, 7, 8):
        move(agreed, "lee", date(2027, month, 1))
    assert [len(side) for side in news(agreed, before)] == [3, 3]

    live(agreed, 3700)

    on_issue, on_deal = news(agreed, before)
    assert "1 August" in on_issue[-1] and "1 August" in on_deal[-1]
    assert [len(on_issue), len(on_deal)] == [4, 4]


@pytest.mark.parametrize("done", [0, 1, 2, 3, 4])
def test_a_crash_on_the_way_loses_and_doubles_no_message(agreed: Town, done: int) -> None:
    before = so_far(agreed)
    agreed.box.github.as_user("lee").edit_milestone(REPO, TITLES[SPRING], due=JUNE)
    assert agreed.box.hooks.drain()
    for _ in range(done):
        agreed.worker_app.worker.run_next()

    agreed.restart()
    agreed.settle()

    assert [len(side) for side in news(agreed, before)] == [1, 1]


def test_a_closed_milestone_moves_nothing(agreed: Town) -> None:
    before = so_far(agreed)

    agreed.box.github.as_user("lee").edit_milestone(REPO, TITLES[SPRING], state="closed")
    agreed.settle()

    assert news(agreed, before) == ([], []) and agreed.waiting() == []


def test_all_issues_of_a_milestone_hear_of_it_by_messages_and_each_deal_once(agreed: Town) -> None:
    hub = agreed.box.github
    other = hub.add_issue(REPO, "Audit log", "All that happened.", author="lee", milestone=TITLES[SPRING])
    second = agreed.box.jira.add_issue("SALES", "Echo Foods", reporter="sam", assignee="sam", due=JUNE)
    hub.as_user("sam").comment(REPO, other, f"/link {second}")
    agreed.settle()
    before = so_far(agreed)

    move(agreed, "lee", JUNE)

    assert [len(side) for side in news(agreed, before)] == [1, 1]
    told = [c.text for c in agreed.box.jira.comments(second) if "1 June" in c.text]
    assert len(told) == 1
    assert {proposal.value.day for proposal in agreed.waiting()} == {JUNE}
    carrier = Subject("github", CARRIER, node("MI", hub.milestone(REPO, TITLES[SPRING]).id))
    assert len(agreed.worker_app.states.standing_on(carrier)) == 2


def test_the_same_move_delivered_again_under_another_id_says_nothing_twice(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    before = so_far(agreed)

    hooks = agreed.box.hooks
    edited = next(one for one in reversed(hooks.deliveries) if one.event == "milestone")
    hooks.send("github", "milestone", json.loads(edited.body), edited.headers)
    agreed.settle()
    agreed.clock.forward(minutes=5)
    agreed.settle()

    assert news(agreed, before) == ([], [])
