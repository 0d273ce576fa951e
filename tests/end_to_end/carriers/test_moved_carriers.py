"""The own date of a milestone or a version moves, and with it the date that people rely on: it is held as any
other date, by one write to what carries it, and asked about once, whatever stands on it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from automation.domain.fields import spoken_of
from automation.model import Commitment, Mode
from automation.store.open_proposals import waiting
from tests.end_to_end.carried import KINDS, Carried, held, said_on, subject_of
from tests.end_to_end.conftest import REPO, SPRING, SUMMER, Town
from tests.end_to_end.passing_time import live

FEBRUARY, MAY, JUNE = date(2027, 2, 1), date(2027, 5, 1), date(2027, 6, 1)
MILESTONES_ONLY = pytest.mark.parametrize("tracker", ["github"])
VERSIONS_ONLY = pytest.mark.parametrize("tracker", ["jira"])


@pytest.fixture
def agreed(linked: Town) -> Town:
    """1 March is agreed, and both sides know."""
    linked.ask("lee", SPRING)
    linked.comment("mona", f"/signoff {SPRING}")
    linked.clock.forward(hours=2)
    return linked


def kind_of(town: Town) -> Carried:
    return KINDS[town.subject.system]


def move(town: Town, who: str, to: date | None, of: date = SPRING) -> None:
    kind_of(town).set(town, who, to, of)
    town.settle()


def news(town: Town, before: tuple[int, int]) -> tuple[list[str], list[str]]:
    return town.on_issue()[before[0] :], town.on_deal()[before[1] :]


def so_far(town: Town) -> tuple[int, int]:
    return len(town.on_issue()), len(town.on_deal())


def date_writes(town: Town) -> list[str]:
    """Return the carriers that were written to, or the issues that were given one."""
    return kind_of(town).writes(town)


def due(town: Town, of: date = SPRING) -> date | None:
    return kind_of(town).due(town, of)


def asker(town: Town) -> str:
    """Return who is known to have asked for what waits."""
    [proposal] = town.waiting()
    return proposal.asked_by.name if proposal.asked_by else ""


def test_a_milestone_that_is_moved_without_product_is_set_back_once_told_once_and_put_to_product(
    agreed: Town,
) -> None:
    before, writes = so_far(agreed), date_writes(agreed)

    move(agreed, "lee", JUNE)

    assert date_writes(agreed)[len(writes) :] == [kind_of(agreed).path(agreed)]
    assert due(agreed) == SPRING and agreed.place.day() == SPRING
    [on_issue], [on_deal] = news(agreed, before)
    noun = kind_of(agreed).noun
    assert f"Date of {noun} “Spring release” kept at 1 March; 1 June waits for product" in on_issue
    assert "signoff 2027-06-01" in on_issue and "not to repeat 1 March" in on_issue
    assert "1 March is being rechecked" in on_deal and noun not in on_deal.lower()
    [(about, waiting)] = agreed.worker_app.states.open_proposals()
    assert about == kind_of(agreed).subject(agreed) and waiting.value.day == JUNE
    assert asker(agreed) == ("lee" if kind_of(agreed).telling else "")
    assert commitment_of(agreed).at_risk

    agreed.edit("lee", title="One login")
    agreed.clock.forward(hours=3)
    agreed.settle()
    assert [one for side in news(agreed, before) for one in side if "1 June" in one] == [on_issue, on_deal]
    assert len(date_writes(agreed)) == len(writes) + 1


def commitment_of(town: Town) -> Commitment:
    found = town.worker_app.states.load(town.subject)[0].fields[kind_of(town).field].commitment
    assert found is not None
    return found


def test_an_earlier_date_of_its_milestone_is_held_and_takes_back_nothing_that_was_agreed(
    agreed: Town,
) -> None:
    before = so_far(agreed)

    move(agreed, "lee", FEBRUARY)

    [on_issue], [on_deal] = news(agreed, before)
    assert due(agreed) == SPRING
    assert "1 February" in on_issue and "signoff 2027-02-01" in on_issue
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
    noun = kind_of(agreed).noun
    assert f"1 February (date of {noun} “Spring release”) declined; 1 March stands" in on_issue
    assert "1 March still stands" in on_deal and agreed.waiting() == [] and due(agreed) == SPRING


@pytest.mark.parametrize("words", ["/signoff", "/signoff 2027-06-01", "/signoff {label} 1 June"])
def test_product_agrees_and_the_milestone_gets_the_date(agreed: Town, words: str) -> None:
    move(agreed, "lee", JUNE)
    before, writes = so_far(agreed), date_writes(agreed)

    agreed.comment("mona", words.format(label=kind_of(agreed).label.lower()))

    on_issue, on_deal = news(agreed, before)
    assert agreed.waiting() == [] and agreed.place.day() == JUNE and due(agreed) == JUNE
    assert date_writes(agreed)[len(writes) :] == [kind_of(agreed).path(agreed)]
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


@MILESTONES_ONLY
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
    assert "@sam" in on_issue.lower() and on_deal == []


def test_product_says_no_and_the_agreed_date_stands(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    before, writes = so_far(agreed), date_writes(agreed)

    agreed.comment("mona", "/decline because the customer has planned for it")

    assert date_writes(agreed) == writes and due(agreed) == SPRING
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
    assert "signoff 2027-06-01" in on_issue and "give no date" in on_deal
    assert [proposal.value.day for proposal in town.waiting()] == [JUNE] and due(town) == SPRING

    town.comment("mona", "/signoff")

    assert due(town) == JUNE and "agreed for 1 June" in town.on_deal()[-1]
    assert commitment_of(town).value.day == JUNE


@MILESTONES_ONLY
def test_product_moves_the_milestone_itself_and_commits_after_the_undo_time(agreed: Town) -> None:
    before, writes = so_far(agreed), date_writes(agreed)

    move(agreed, "mona", JUNE)
    assert news(agreed, before) == ([], [])

    agreed.clock.forward(minutes=20)
    agreed.settle()
    [on_issue], [on_deal] = news(agreed, before)
    assert "1 June" in on_issue and "moves from 1 March to 1 June" in on_deal
    assert date_writes(agreed) == writes and agreed.waiting() == []


@MILESTONES_ONLY
def test_who_moved_it_is_known_from_the_delivery_only(agreed: Town) -> None:
    """The delivery is lost: that it was product cannot be told any more, so it is asked."""
    before = so_far(agreed)
    agreed.box.hooks.hold()
    kind_of(agreed).set(agreed, "mona", JUNE)
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
    writes = date_writes(agreed)
    kind_of(agreed).set(agreed, "lee", JUNE)
    assert agreed.box.hooks.drain()
    agreed.worker_app.worker.run_next()  # the delivery is read
    agreed.worker_app.worker.run_next()  # and the milestone looked at
    kind_of(agreed).set(agreed, "sam", SPRING)
    agreed.settle()

    assert date_writes(agreed) == writes and due(agreed) == SPRING
    assert [proposal.value.day for proposal in agreed.waiting()] == [JUNE]


@MILESTONES_ONLY
def test_an_approved_edit_that_lands_in_the_middle_of_a_restore_survives(agreed: Town) -> None:
    before = so_far(agreed)
    kind_of(agreed).set(agreed, "lee", JUNE)
    assert agreed.box.hooks.drain()
    agreed.worker_app.worker.run_next()
    agreed.worker_app.worker.run_next()
    kind_of(agreed).set(agreed, "mona", MAY)
    agreed.settle()
    agreed.clock.forward(minutes=20)
    agreed.settle()

    assert due(agreed) == MAY and agreed.waiting() == [] and commitment_of(agreed).value.day == MAY
    assert "moves from 1 March to 1 May" in news(agreed, before)[1][-1]


@pytest.mark.parametrize("how", [0, 1])
def test_a_restore_that_is_refused_is_said_plainly_on_both_sides(agreed: Town, how: int) -> None:
    before = so_far(agreed)
    right = kind_of(agreed).refuse(agreed, how)

    move(agreed, "lee", JUNE)

    [on_issue], [on_deal] = news(agreed, before)
    assert "shows 1 June, but product has not agreed" in on_issue
    assert "It should show 1 March and could not be set back" in on_issue
    assert right in on_issue and "kept at" not in on_issue
    assert "please don't use 1 June" in on_deal and due(agreed) == JUNE
    assert held(agreed, kind_of(agreed)).contested is not None and [
        p.value.day for p in agreed.waiting()
    ] == [JUNE]


@pytest.mark.parametrize("mode", [Mode.TELL])
def test_an_unsigned_date_of_the_milestone_stands_where_the_mode_only_tells(agreed: Town) -> None:
    before, writes = so_far(agreed), date_writes(agreed)

    move(agreed, "lee", JUNE)

    assert date_writes(agreed) == writes and due(agreed) == JUNE
    [on_issue], [on_deal] = news(agreed, before)
    assert "changed to 1 June; product has not agreed yet" in on_issue
    assert "1 March is being rechecked" in on_deal

    agreed.comment("mona", "/signoff")

    assert agreed.waiting() == [] and commitment_of(agreed).value.day == JUNE
    assert "moves from 1 March to 1 June" in news(agreed, before)[1][-1]


def test_moved_and_moved_back_before_anybody_looked_is_nothing(agreed: Town) -> None:
    before = so_far(agreed)

    kind_of(agreed).set(agreed, "lee", JUNE)
    kind_of(agreed).set(agreed, "lee", SPRING)
    agreed.settle()

    assert news(agreed, before) == ([], []) and agreed.waiting() == []


def test_a_deleted_milestone_is_a_cleared_date_that_is_not_said_to_be_kept(agreed: Town) -> None:
    before, writes = so_far(agreed), date_writes(agreed)

    kind_of(agreed).delete(agreed, "lee")
    agreed.settle()

    [on_issue], [on_deal] = news(agreed, before)
    assert date_writes(agreed) == writes
    assert "was deleted" in on_issue and "Spring release kept" not in on_issue and "signoff none" in on_issue
    assert "1 March is being rechecked" in on_deal
    assert [proposal.value.day for proposal in agreed.waiting()] == [None]


def test_a_yes_to_a_date_that_its_milestone_has_no_more_is_not_carried_out(linked: Town) -> None:
    linked.comment("sam", f"/ask {SPRING}")
    move(linked, "lee", JUNE)
    before, writes = so_far(linked), date_writes(linked)

    linked.comment("mona", "/signoff")

    [on_issue], on_deal = news(linked, before)
    assert f"No open {kind_of(linked).noun} is due on that day" in on_issue and on_deal == []
    assert date_writes(linked) == writes and linked.place.day() is None


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
    assert [proposal.value.day for proposal in agreed.waiting()] == [JUNE]
    assert asker(agreed) == ("lee" if kind_of(agreed).telling else "")


def test_a_milestone_is_set_back_three_times_an_hour_and_then_it_is_not_agreed(agreed: Town) -> None:
    before, writes = so_far(agreed), date_writes(agreed)
    for month in (4, 5, 6, 7, 8):
        move(agreed, "lee", date(2027, month, 1))

    assert len(date_writes(agreed)) == len(writes) + 3 and due(agreed) == date(2027, 8, 1)
    on_issue, on_deal = news(agreed, before)
    assert [len(on_issue), len(on_deal)] == [5, 5]
    assert "1 August, but product has not agreed" in on_issue[-1]
    assert "please don't use 1 August" in on_deal[-1]
    assert [proposal.value.day for proposal in agreed.waiting()] == [date(2027, 8, 1)]


@pytest.mark.parametrize("done", [0, 1, 2, 3, 4])
def test_a_crash_on_the_way_loses_and_doubles_no_message(agreed: Town, done: int) -> None:
    before = so_far(agreed)
    kind_of(agreed).set(agreed, "lee", JUNE)
    assert agreed.box.hooks.drain()
    for _ in range(done):
        agreed.worker_app.worker.run_next()

    agreed.restart()
    agreed.settle()

    assert [len(side) for side in news(agreed, before)] == [1, 1]


def test_a_closed_milestone_moves_nothing(agreed: Town) -> None:
    before = so_far(agreed)

    kind_of(agreed).end(agreed, "lee")
    agreed.settle()

    assert news(agreed, before) == ([], []) and agreed.waiting() == []


def test_a_moved_milestone_is_one_restore_one_question_and_one_comment_per_deal_with_its_features(
    agreed: Town,
) -> None:
    other = kind_of(agreed).another(agreed, "Audit log")
    second = agreed.box.jira.add_issue("SALES", "Echo Foods", reporter="sam", assignee="sam", due=JUNE)
    for deal in (second, agreed.deal):
        other.comment("sam", f"/link {deal}")
    agreed.settle()
    before, writes = so_far(agreed), date_writes(agreed)
    on_other = len(said_on(other))

    move(agreed, "lee", JUNE)

    assert date_writes(agreed)[len(writes) :] == [kind_of(agreed).path(agreed)]
    on_issue, [on_deal] = news(agreed, before)
    assert on_issue == [], "it is said on the issue with most deals"
    [there] = said_on(other)[on_other:]
    assert "Two deals rely on this date" in there
    assert on_deal.startswith("“Single sign-on” and “Audit log”: 1 March is being rechecked")
    told = [c.text for c in agreed.box.jira.comments(second) if "1 June" in c.text]
    assert len(told) == 1 and told[0].startswith("“Audit log”: 1 June is requested, not agreed")
    [(about, waiting)] = agreed.worker_app.states.open_proposals()
    assert (about, waiting.value.day) == (kind_of(agreed).subject(agreed), JUNE)
    assert len(agreed.worker_app.states.standing_on(kind_of(agreed).subject(agreed))) == 2

    agreed.comment("mona", "/signoff 2027-06-01")  # on the one where it was not said

    assert agreed.waiting() == [] and due(agreed) == JUNE
    assert "“Single sign-on” and “Audit log” move from 1 March to 1 June" in agreed.on_deal()[-1]
    assert "“Audit log”: agreed for 1 June" in agreed.box.jira.comments(second)[-1].text
    for place in (agreed.place, other):
        known, _ = agreed.worker_app.states.load(subject_of(agreed, place))
        agreed_there = known.fields[kind_of(agreed).field].commitment
        assert agreed_there and agreed_there.value.day == JUNE and not agreed_there.at_risk
    so_it_is = [said_on(other), agreed.on_issue(), agreed.on_deal()]
    live(agreed, 3700)
    kind_of(agreed).stir(agreed, other)
    agreed.settle()
    assert [said_on(other), agreed.on_issue(), agreed.on_deal()] == so_it_is


def test_what_waits_for_a_milestone_is_listed_with_its_deals_and_where_to_answer(agreed: Town) -> None:
    move(agreed, "lee", JUNE)

    [asked] = waiting(agreed.worker_app.database)

    assert (asked.title, [deal.key for deal in asked.deals]) == ("Spring release", [agreed.deal])
    kind = kind_of(agreed)
    number = kind.path(agreed).rpartition("/")[2]
    assert spoken_of(asked.subject) == f"{agreed.subject.place} {kind.noun} {number}"
    assert asked.label == kind.label


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
    kind_of(town).open_to_all(town)
    town.ask("lee", SPRING)
    town.comment("sam", f"/link {town.deal}")
    before = so_far(town)

    move(town, "lee", JUNE)

    [on_issue], [on_deal] = news(town, before)
    assert "1 June waits for product" in on_issue and due(town) == SPRING
    assert "deal" not in on_issue.lower() and "Rule:" not in on_issue and town.deal not in on_issue
    assert "1 June is requested, not agreed" in on_deal


@MILESTONES_ONLY
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
    (rules / "everywhere.yaml").write_text("moved_dates: {comment_on: all}\n", "utf-8")
    agreed.restart()
    other = kind_of(agreed).another(agreed, "Audit log")
    other.comment("sam", f"/link {agreed.deal}")
    agreed.settle()
    before, there = so_far(agreed), len(said_on(other))

    move(agreed, "lee", JUNE)

    assert len(news(agreed, before)[0]) == len(said_on(other)[there:]) == 1
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
    writes = date_writes(agreed)

    agreed.ask("lee", SUMMER)

    [write] = date_writes(agreed)[len(writes) :]
    assert write.endswith((f"/repos/acme/shop/issues/{agreed.place.key[10:]}", f"/issue/{agreed.place.key}"))
    [(about, _)] = agreed.worker_app.states.open_proposals()
    assert about == agreed.subject and due(agreed) == SPRING


def test_the_same_move_delivered_again_under_another_id_says_nothing_twice(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    before = so_far(agreed)

    hooks = agreed.box.hooks
    about = ("milestone", "jira:version_updated")
    edited = next(
        one for one in reversed(hooks.deliveries) if one.event in about and b"2027-06-01" in one.body
    )
    hooks.send(edited.system, edited.event, json.loads(edited.body), edited.headers)
    agreed.settle()
    agreed.clock.forward(minutes=5)
    agreed.settle()

    assert news(agreed, before) == ([], [])


# ------------------------------------------------------------ of a version nobody is known to have moved it


@VERSIONS_ONLY
def test_a_version_that_product_moves_by_hand_is_held_as_nobody_can_tell_and_its_word_sets_it(
    agreed: Town,
) -> None:
    move(agreed, "mona", JUNE)

    assert due(agreed) == SPRING and [one.value.day for one in agreed.waiting()] == [JUNE]
    assert asker(agreed) == "" and commitment_of(agreed).at_risk

    before = so_far(agreed)
    agreed.comment("lee", "/withdraw")
    assert [one.value.day for one in agreed.waiting()] == [JUNE], "lee is not known to have asked"

    agreed.comment("mona", "/signoff")
    assert due(agreed) == JUNE and commitment_of(agreed).value.day == JUNE
    assert "moves from 1 March to 1 June" in news(agreed, before)[1][-1]


@VERSIONS_ONLY
def test_a_date_that_product_gives_a_version_by_command_is_set_and_not_held(agreed: Town) -> None:
    before, writes = so_far(agreed), date_writes(agreed)

    agreed.comment("mona", "/signoff release date 2027-06-01")

    assert due(agreed) == JUNE and agreed.waiting() == []
    assert date_writes(agreed)[len(writes) :] == [kind_of(agreed).path(agreed)]
    assert [len(side) for side in news(agreed, before)] == [1, 1]


@VERSIONS_ONLY
def test_an_edit_that_lands_in_the_middle_of_a_restore_is_not_written_over_but_held_itself(
    agreed: Town,
) -> None:
    kind_of(agreed).set(agreed, "lee", JUNE)
    assert agreed.box.hooks.drain()
    agreed.worker_app.worker.run_next()
    agreed.worker_app.worker.run_next()
    kind_of(agreed).set(agreed, "sam", MAY)
    agreed.settle()

    assert due(agreed) == SPRING and [one.value.day for one in agreed.waiting()] == [MAY]


@VERSIONS_ONLY
def test_what_we_set_ourselves_is_known_by_its_value_and_what_others_set_is_looked_at(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    read = len(version_reads(agreed))
    hooks = agreed.box.hooks
    ours = next(one for one in reversed(hooks.deliveries) if one.event == "jira:version_updated")
    assert b"2027-03-01" in ours.body

    hooks.send(ours.system, ours.event, json.loads(ours.body), ours.headers)
    agreed.settle()
    assert len(version_reads(agreed)) == read, "nothing would come of looking"

    kind_of(agreed).rename(agreed, "lee", "Release of spring")
    agreed.settle()
    assert len(version_reads(agreed)) > read
    [asked] = waiting(agreed.worker_app.database)
    assert asked.title == "Release of spring"


@VERSIONS_ONLY
def test_a_version_that_is_left_alone_and_moved_back_by_hand_is_looked_at_though_that_was_our_last_word(
    agreed: Town,
) -> None:
    for month in (4, 5, 6, 7):
        move(agreed, "lee", date(2027, month, 1))
    assert due(agreed) == date(2027, 7, 1) and held(agreed, kind_of(agreed)).contested is not None

    move(agreed, "lee", SPRING)

    assert held(agreed, kind_of(agreed)).contested is None


def version_reads(town: Town) -> list[str]:
    return [one.path for one in town.box.requests if one.method == "GET" and "/version/" in one.path]


@VERSIONS_ONLY
def test_a_version_that_moves_behind_another_one_of_its_issue_is_set_back_and_the_issue_is_left_alone(
    agreed: Town,
) -> None:
    agreed.box.jira.as_user("lee").set_fix_versions(agreed.place.key, "Spring release", "Summer release")
    agreed.settle()
    before, writes = so_far(agreed), date_writes(agreed)
    kind_of(agreed).set(agreed, "lee", JUNE)  # the other one is the earliest by then
    agreed.edit("lee", title="One login")

    assert date_writes(agreed)[len(writes) :] == [kind_of(agreed).path(agreed)]
    assert due(agreed) == SPRING and [one.value.day for one in agreed.waiting()] == [JUNE]
    assert len([one for one in news(agreed, before)[0] if "1 June" in one]) == 1
    assert not any("15 April" in one for side in news(agreed, before) for one in side)


@VERSIONS_ONLY
def test_an_issue_that_shows_another_version_as_its_own_was_left_behind_tells_nothing_of_that(
    agreed: Town,
) -> None:
    agreed.box.jira.as_user("lee").set_fix_versions(agreed.place.key, "Spring release", "Summer release")
    agreed.settle()
    kind_of(agreed).refuse(agreed, 0)
    move(agreed, "lee", JUNE)
    before = so_far(agreed)
    assert agreed.place.day() == SUMMER

    agreed.edit("lee", title="One login")

    assert not any("15 April" in one for side in news(agreed, before) for one in side)
    assert [one.value.day for one in agreed.waiting()] == [JUNE]


@VERSIONS_ONLY
def test_another_version_that_is_moved_before_the_agreed_one_is_set_back_where_others_stand_on_it(
    agreed: Town,
) -> None:
    """It is not taken off the issue that has it beside its own."""
    agreed.box.jira.as_user("lee").set_fix_versions(agreed.place.key, "Spring release", "Summer release")
    other = kind_of(agreed).another(agreed, "Audit log", SUMMER)
    other.comment("sam", f"/link {agreed.deal}")
    agreed.settle()
    writes = date_writes(agreed)

    move(agreed, "lee", FEBRUARY, of=SUMMER)

    assert date_writes(agreed)[len(writes) :] == [kind_of(agreed).path(agreed, SUMMER)]
    assert due(agreed, SUMMER) == SUMMER and agreed.place.day() == SPRING


@VERSIONS_ONLY
def test_a_version_that_is_merged_into_a_later_one_is_a_change_of_its_issues(agreed: Town) -> None:
    kind = kind_of(agreed)
    into = kind.path(agreed, SUMMER).rpartition("/")[2]
    before = so_far(agreed)

    agreed.box.jira.as_user("lee").delete_version(kind.path(agreed).rpartition("/")[2], into)
    agreed.settle()

    [(about, asked)] = agreed.worker_app.states.open_proposals()
    assert (about, asked.value.day) == (agreed.subject, SUMMER)
    assert "1 March is being rechecked" in news(agreed, before)[1][-1]
