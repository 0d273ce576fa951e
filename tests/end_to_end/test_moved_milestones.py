"""A milestone's own date moves, and with it the date that people rely on: it is held as any other date, by
one write to the milestone, and asked about once, whatever stands on it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from automation.domain.fields import spoken_of
from automation.model import CARRIER, Commitment, FieldState, Mode, Subject
from automation.sandbox.github_shapes import node
from automation.store.open_proposals import waiting
from tests.end_to_end.conftest import BOT, REPO, SPRING, SUMMER, WINTER, Town
from tests.end_to_end.passing_time import live

FEBRUARY, MAY, JUNE = date(2027, 2, 1), date(2027, 5, 1), date(2027, 6, 1)
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


def milestone_writes(town: Town) -> list[str]:
    """Return the milestones that were written to, or the issues that were given one."""
    return [path for verb, path in town.writes() if verb == "PATCH" and "/comments/" not in path]


def due(town: Town, of: date = SPRING) -> date | None:
    """Return the day that a milestone is due on, by the midnight, Pacific time, that GitHub keeps."""
    found = town.box.github.milestone(REPO, TITLES[of]).due_on
    return found.date() if found else None


def carrier_of(town: Town) -> Subject:
    return Subject("github", CARRIER, node("MI", town.box.github.milestone(REPO, TITLES[SPRING]).id))


def held(town: Town) -> FieldState:
    """Return what is known of the milestone's own date."""
    promise = town.worker_app.states.carrier(carrier_of(town)).promise
    assert promise is not None
    return promise.fields["due_on"]


def test_a_milestone_that_is_moved_without_product_is_set_back_once_told_once_and_put_to_product(
    agreed: Town,
) -> None:
    before, writes = so_far(agreed), milestone_writes(agreed)

    move(agreed, "lee", JUNE)

    assert milestone_writes(agreed)[len(writes) :] == ["/repos/acme/shop/milestones/2"]
    assert due(agreed) == SPRING and agreed.place.day() == SPRING
    [on_issue], [on_deal] = news(agreed, before)
    assert "Date of milestone “Spring release” kept at 1 March; 1 June waits for product" in on_issue
    assert "`/signoff 2027-06-01`" in on_issue and "not to repeat 1 March" in on_issue
    assert "1 March is being rechecked" in on_deal and "milestone" not in on_deal.lower()
    [(about, waiting)] = agreed.worker_app.states.open_proposals()
    assert about == carrier_of(agreed) and waiting.value.day == JUNE
    assert waiting.asked_by and waiting.asked_by.name == "lee"
    assert commitment_of(agreed).at_risk

    agreed.edit("lee", title="One login")
    agreed.clock.forward(hours=3)
    agreed.settle()
    assert [one for side in news(agreed, before) for one in side if "1 June" in one] == [on_issue, on_deal]
    assert len(milestone_writes(agreed)) == len(writes) + 1


def commitment_of(town: Town) -> Commitment:
    found = town.worker_app.states.load(town.subject)[0].fields["milestone"].commitment
    assert found is not None
    return found


def test_an_earlier_date_of_its_milestone_is_held_and_takes_back_nothing_that_was_agreed(
    agreed: Town,
) -> None:
    before = so_far(agreed)

    move(agreed, "lee", FEBRUARY)

    [on_issue], [on_deal] = news(agreed, before)
    assert due(agreed) == SPRING
    assert "1 February" in on_issue and "`/signoff 2027-02-01`" in on_issue
    assert "not to repeat" not in on_issue
    assert "1 March still stands" in on_deal and "1 February" in on_deal
    assert "recheck" not in on_deal and not commitment_of(agreed).at_risk

    move(agreed, "lee", JUNE)

    assert "1 March is being rechecked" in news(agreed, before)[1][-1] and commitment_of(agreed).at_risk

    move(agreed, "lee", FEBRUARY)

    assert commitment_of(agreed).at_risk, "sales was told not to repeat it, so product is waited for"
    assert [proposal.value.day for proposal in agreed.waiting()] == [FEBRUARY] and due(agreed) == SPRING


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
    assert "1 February (date of milestone “Spring release”) declined; 1 March stands" in on_issue
    assert "1 March still stands" in on_deal and agreed.waiting() == [] and due(agreed) == SPRING


@pytest.mark.parametrize("words", ["/signoff", "/signoff 2027-06-01", "/signoff milestone date 1 June"])
def test_product_agrees_and_the_milestone_gets_the_date(agreed: Town, words: str) -> None:
    move(agreed, "lee", JUNE)
    before, writes = so_far(agreed), milestone_writes(agreed)

    agreed.comment("mona", words)

    on_issue, on_deal = news(agreed, before)
    assert agreed.waiting() == [] and agreed.place.day() == JUNE and due(agreed) == JUNE
    assert milestone_writes(agreed)[len(writes) :] == ["/repos/acme/shop/milestones/2"]
    assert len(on_issue) == 1 and "“Spring release” moved from 1 March" in on_issue[0]
    assert len(on_deal) == 1 and "“Single sign-on” moves from 1 March" in on_deal[0]
    assert all("to 1 June" in one for one in (*on_issue, *on_deal))
    assert commitment_of(agreed).value.day == JUNE and not commitment_of(agreed).at_risk
    live(agreed, 3700)
    assert [len(side) for side in news(agreed, before)] == [1, 1]


def test_product_offers_another_date_for_the_milestone(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    before = so_far(agreed)

    agreed.comment("mona", "/signoff 2027-05-04")

    on_issue, on_deal = news(agreed, before)
    assert agreed.waiting() == [] and due(agreed) == date(2027, 5, 4)
    assert "(1 June was asked for.)" in on_issue[0] and len(on_issue) == 1
    assert "moves from 1 March to 4 May" in on_deal[0] and "1 June was asked for" in on_deal[0]


def test_whoever_moved_the_milestone_takes_the_wish_back(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    before = so_far(agreed)

    agreed.comment("lee", "/withdraw")

    [on_issue], [on_deal] = news(agreed, before)
    assert "no longer asked for" in on_issue and "1 March still stands" in on_deal
    assert agreed.waiting() == [] and not commitment_of(agreed).at_risk and due(agreed) == SPRING


def test_whose_word_does_not_count_agrees_to_no_milestone(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    before = so_far(agreed)

    agreed.comment("sam", "/signoff 2027-06-01")

    assert [p.value.day for p in agreed.waiting()] == [JUNE] and due(agreed) == SPRING
    [on_issue], on_deal = news(agreed, before)
    assert "@sam" in on_issue and on_deal == []


def test_product_says_no_and_the_agreed_date_stands(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    before, writes = so_far(agreed), milestone_writes(agreed)

    agreed.comment("mona", "/decline because the customer has planned for it")

    assert milestone_writes(agreed) == writes and due(agreed) == SPRING
    [on_issue], [on_deal] = news(agreed, before)
    assert "declined; 1 March stands" in on_issue and "still shows" not in on_issue
    assert "1 March still stands" in on_deal and not commitment_of(agreed).at_risk


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
    assert [proposal.value.day for proposal in town.waiting()] == [JUNE] and due(town) == SPRING

    town.comment("mona", "/signoff")

    assert due(town) == JUNE and "agreed for 1 June" in town.on_deal()[-1]
    assert commitment_of(town).value.day == JUNE


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


def test_what_is_set_back_by_hand_meanwhile_is_not_written_again(agreed: Town) -> None:
    """Lee moves it, and Sam moves it back before we do: nothing is left to write, and product is asked."""
    agreed.box.github.set_role(REPO, "sam", "write")
    writes = milestone_writes(agreed)
    agreed.box.github.as_user("lee").edit_milestone(REPO, TITLES[SPRING], due=JUNE)
    assert agreed.box.hooks.drain()
    agreed.worker_app.worker.run_next()  # the delivery is read
    agreed.worker_app.worker.run_next()  # and the milestone looked at
    agreed.box.github.as_user("sam").edit_milestone(REPO, TITLES[SPRING], due=SPRING)
    agreed.settle()

    assert milestone_writes(agreed) == writes and due(agreed) == SPRING
    assert [proposal.value.day for proposal in agreed.waiting()] == [JUNE]


def test_an_approved_edit_that_lands_in_the_middle_of_a_restore_survives(agreed: Town) -> None:
    before = so_far(agreed)
    agreed.box.github.as_user("lee").edit_milestone(REPO, TITLES[SPRING], due=JUNE)
    assert agreed.box.hooks.drain()
    agreed.worker_app.worker.run_next()
    agreed.worker_app.worker.run_next()
    agreed.box.github.as_user("mona").edit_milestone(REPO, TITLES[SPRING], due=MAY)
    agreed.settle()
    agreed.clock.forward(minutes=20)
    agreed.settle()

    assert due(agreed) == MAY and agreed.waiting() == [] and commitment_of(agreed).value.day == MAY
    assert "moves from 1 March to 1 May" in news(agreed, before)[1][-1]


@pytest.mark.parametrize("role", ["triage", "read"])
def test_a_restore_that_is_refused_is_said_plainly_on_both_sides(agreed: Town, role: str) -> None:
    before = so_far(agreed)
    agreed.box.github.set_role(REPO, BOT, role)

    move(agreed, "lee", JUNE)

    [on_issue], [on_deal] = news(agreed, before)
    assert "shows 1 June, but product has not agreed" in on_issue
    assert "It should show 1 March and could not be set back" in on_issue
    assert "Give it write access to acme/shop" in on_issue and "kept at" not in on_issue
    assert "please don't use 1 June" in on_deal and due(agreed) == JUNE
    assert held(agreed).contested is not None and [p.value.day for p in agreed.waiting()] == [JUNE]


@pytest.mark.parametrize("mode", [Mode.TELL])
def test_an_unsigned_date_of_the_milestone_stands_where_the_mode_only_tells(agreed: Town) -> None:
    before, writes = so_far(agreed), milestone_writes(agreed)

    move(agreed, "lee", JUNE)

    assert milestone_writes(agreed) == writes and due(agreed) == JUNE
    [on_issue], [on_deal] = news(agreed, before)
    assert "changed to 1 June; product has not agreed yet" in on_issue
    assert "1 March is being rechecked" in on_deal

    agreed.comment("mona", "/signoff")

    assert agreed.waiting() == [] and commitment_of(agreed).value.day == JUNE
    assert "moves from 1 March to 1 June" in news(agreed, before)[1][-1]


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


def test_an_issue_that_is_read_with_its_old_date_holds_up_nothing(agreed: Town) -> None:
    agreed.box.github.world.set_lag(20, ("fields",))
    before = so_far(agreed)

    move(agreed, "lee", JUNE)
    live(agreed, 60)

    assert [len(side) for side in news(agreed, before)] == [1, 1] and due(agreed) == SPRING


@pytest.mark.parametrize("kinds", [("milestones",), ("fields", "milestones")])
def test_what_cannot_be_read_yet_is_waited_for(agreed: Town, kinds: tuple[str, ...]) -> None:
    agreed.box.github.world.set_lag(20, kinds)
    before = so_far(agreed)

    move(agreed, "lee", JUNE)
    assert news(agreed, before) == ([], [])

    live(agreed, 60)
    assert [len(side) for side in news(agreed, before)] == [1, 1]
    [waiting] = agreed.waiting()
    assert (waiting.value.day, waiting.asked_by and waiting.asked_by.name) == (JUNE, "lee")


def test_a_milestone_is_set_back_three_times_an_hour_and_then_it_is_not_agreed(agreed: Town) -> None:
    before, writes = so_far(agreed), milestone_writes(agreed)
    for month in (4, 5, 6, 7, 8):
        move(agreed, "lee", date(2027, month, 1))

    assert len(milestone_writes(agreed)) == len(writes) + 3 and due(agreed) == date(2027, 8, 1)
    on_issue, on_deal = news(agreed, before)
    assert [len(on_issue), len(on_deal)] == [5, 5]
    assert "1 August, but product has not agreed" in on_issue[-1]
    assert "please don't use 1 August" in on_deal[-1]
    assert [proposal.value.day for proposal in agreed.waiting()] == [date(2027, 8, 1)]


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


def test_a_moved_milestone_is_one_restore_one_question_and_one_comment_per_deal_with_its_features(
    agreed: Town,
) -> None:
    hub = agreed.box.github
    other = hub.add_issue(REPO, "Audit log", "All that happened.", author="lee", milestone=TITLES[SPRING])
    second = agreed.box.jira.add_issue("SALES", "Echo Foods", reporter="sam", assignee="sam", due=JUNE)
    for deal in (second, agreed.deal):
        hub.as_user("sam").comment(REPO, other, f"/link {deal}")
    agreed.settle()
    before, writes = so_far(agreed), milestone_writes(agreed)
    on_other = len(said_on(agreed, other))

    move(agreed, "lee", JUNE)

    assert milestone_writes(agreed)[len(writes) :] == ["/repos/acme/shop/milestones/2"]
    on_issue, [on_deal] = news(agreed, before)
    assert on_issue == [], "it is said on the issue with most deals"
    [there] = said_on(agreed, other)[on_other:]
    assert "Two deals rely on this date" in there
    assert on_deal.startswith("“Single sign-on” and “Audit log”: 1 March is being rechecked")
    told = [c.text for c in agreed.box.jira.comments(second) if "1 June" in c.text]
    assert len(told) == 1 and told[0].startswith("“Audit log”: 1 June is requested, not agreed")
    [(about, waiting)] = agreed.worker_app.states.open_proposals()
    assert (about, waiting.value.day) == (carrier_of(agreed), JUNE)
    assert len(agreed.worker_app.states.standing_on(carrier_of(agreed))) == 2

    agreed.comment("mona", "/signoff 2027-06-01")  # on the one where it was not said

    assert agreed.waiting() == [] and due(agreed) == JUNE
    assert "“Single sign-on” and “Audit log” move from 1 March to 1 June" in agreed.on_deal()[-1]
    assert "“Audit log”: agreed for 1 June" in agreed.box.jira.comments(second)[-1].text
    for number in (agreed.number, other):
        subject = Subject("github", "issue", str(hub.issue(REPO, number).id))
        agreed_there = agreed.worker_app.states.load(subject)[0].fields["milestone"].commitment
        assert agreed_there and agreed_there.value.day == JUNE and not agreed_there.at_risk
    so_it_is = [said_on(agreed, other), agreed.on_issue(), agreed.on_deal()]
    live(agreed, 3700)
    hub.as_user("lee").label(REPO, other, "later")
    agreed.settle()
    assert [said_on(agreed, other), agreed.on_issue(), agreed.on_deal()] == so_it_is


def test_what_waits_for_a_milestone_is_listed_with_its_deals_and_where_to_answer(agreed: Town) -> None:
    move(agreed, "lee", JUNE)

    [asked] = waiting(agreed.worker_app.database)

    assert (asked.title, [deal.key for deal in asked.deals]) == ("Spring release", [agreed.deal])
    assert spoken_of(asked.subject) == "acme/shop milestone 2" and asked.label == "Milestone date"


def test_an_open_question_about_a_milestone_outlives_its_last_link(town: Town) -> None:
    town.ask("lee", SPRING)
    town.comment("sam", f"/link {town.deal}")
    move(town, "lee", JUNE)
    town.comment("sam", f"/unlink {town.deal}")
    before = so_far(town)

    move(town, "lee", MAY)

    assert due(town) == SPRING and [p.value.day for p in town.waiting()] == [MAY]
    [on_deal] = news(town, before)[1]
    assert "1 May is requested, not agreed" in on_deal and "release" not in on_deal.lower()


def test_an_answer_that_cannot_be_read_yet_is_waited_for(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    agreed.box.github.world.set_lag(20, ("comment", "list"))

    agreed.comment("mona", "/signoff 2027-06-01")
    live(agreed, 90)

    assert agreed.waiting() == [] and due(agreed) == JUNE


def test_strangers_read_of_a_moved_milestone_nothing_of_deals(town: Town) -> None:
    town.box.github.set_private(REPO, False)
    town.ask("lee", SPRING)
    town.comment("sam", f"/link {town.deal}")
    before = so_far(town)

    move(town, "lee", JUNE)

    [on_issue], [on_deal] = news(town, before)
    assert "1 June waits for product" in on_issue and due(town) == SPRING
    assert "deal" not in on_issue.lower() and "Rule:" not in on_issue and town.deal not in on_issue
    assert "1 June is requested, not agreed" in on_deal


def test_what_was_said_of_a_milestone_is_taken_back_where_its_place_turns_public(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    assert "One deal relies" in agreed.on_issue()[-1]

    agreed.box.github.set_role(REPO, "mona", "admin")
    agreed.box.github.as_user("mona").set_private(REPO, False)
    agreed.settle()

    assert not any("deal" in one.lower() or "Rule:" in one for one in agreed.on_issue())


def test_a_moved_milestone_is_told_on_every_issue_where_the_rules_want_that(
    agreed: Town, rules: Path
) -> None:
    hub = agreed.box.github
    (rules / "everywhere.yaml").write_text("moved_dates: {comment_on: all}\n", "utf-8")
    agreed.restart()
    other = hub.add_issue(REPO, "Audit log", "All that happened.", author="lee", milestone=TITLES[SPRING])
    hub.as_user("sam").comment(REPO, other, f"/link {agreed.deal}")
    agreed.settle()
    before, there = so_far(agreed), len(said_on(agreed, other))

    move(agreed, "lee", JUNE)

    assert len(news(agreed, before)[0]) == len(said_on(agreed, other)[there:]) == 1
    assert len(news(agreed, before)[1]) == 1


def test_a_deal_that_is_linked_while_the_milestone_is_asked_about_hears_that_it_is_rechecked(
    agreed: Town,
) -> None:
    move(agreed, "lee", JUNE)
    late = agreed.box.jira.add_issue("SALES", "Late Ltd", reporter="sam", assignee="sam", due=JUNE)

    agreed.comment("sam", f"/link {late}")

    [told] = [c.text for c in agreed.box.jira.comments(late)]
    assert "recheck" in told


def test_an_issue_that_is_moved_onto_a_later_milestone_is_its_own_change(agreed: Town) -> None:
    writes = milestone_writes(agreed)

    agreed.ask("lee", SUMMER)

    assert milestone_writes(agreed)[len(writes) :] == [f"/repos/acme/shop/issues/{agreed.number}"]
    [(about, _)] = agreed.worker_app.states.open_proposals()
    assert about == agreed.subject and due(agreed) == SPRING


def said_on(town: Town, number: int) -> list[str]:
    return [c.body for c in town.box.github.comments(REPO, number) if c.author.login == BOT]


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
