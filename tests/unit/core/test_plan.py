"""The main job, as pure decisions: what one look at an issue changes, decides and intends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from automation.domain.commitments import UNDO
from automation.domain.plan_builder import WAITING
from automation.domain.snapshot import collect_receipts
from automation.engine.plan import plan
from automation.model import (
    NOTHING,
    Change,
    Deal,
    Effect,
    Evidence,
    Facts,
    IssueState,
    Kind,
    Mode,
    Outcome,
    Pending,
    Person,
    Plan,
    ProposalState,
    Receipt,
    Rights,
    Say,
    Setback,
    SetDeadline,
    SetLabel,
    Status,
    Value,
    Words,
)
from automation.rulebook.rulebook import Rulebook, load
from tests.factories import (
    DEAL,
    ISSUE,
    LEE,
    MONA,
    NOW,
    OMAR,
    RIGHTS,
    SAM,
    SPRING,
    STRANGER,
    SUMMER,
    UNDATED,
    WINTER,
    commitment,
    deal,
    facts,
    issue,
    looked,
    proposal,
    state,
    wrote,
)


@pytest.fixture(scope="module")
def shipped() -> Rulebook:
    return load(Path("rules"))


@pytest.fixture
def look(shipped: Rulebook):
    def look(
        before: IssueState,
        seen: Facts,
        mode: Mode = Mode.ENFORCE,
        receipts: dict[str, Receipt] | None = None,
        rules: Rulebook = shipped,
    ) -> Plan:
        return plan(
            before,
            receipts or {},
            looked(collect_receipts(before, receipts or {})[0], seen),
            rules,
            mode,
            NOW,
        )

    return look


@pytest.fixture
def later(shipped: Rulebook):
    """Look again once the undo time is over."""

    def later(made: Plan, milestone: Value) -> Plan:
        return plan(replace(made.state, version=9), {}, facts(milestone), shipped, Mode.ENFORCE, NOW + UNDO)

    return later


def writes(made: Plan) -> list[SetDeadline]:
    return [effect.intent for effect in made.effects if isinstance(effect.intent, SetDeadline)]


def said(made: Plan) -> list[tuple[str, str]]:
    return [(e.target.key, e.intent.message) for e in made.effects if isinstance(e.intent, Say)]


def labels(made: Plan) -> list[tuple[str, bool]]:
    return [(e.intent.label, e.intent.present) for e in made.effects if isinstance(e.intent, SetLabel)]


def effect_for(made: Plan, message: str) -> Effect:
    return next(e for e in made.effects if isinstance(e.intent, Say) and e.intent.message == message)


# ---------------------------------------------------------------- hold


def test_an_unsigned_milestone_is_set_back_kept_as_a_proposal_and_told_on_both_sides(look) -> None:
    made = look(state(WINTER), facts(SPRING, by=LEE))

    account = ("github:101", "rule: dates on customer requests wait for product")
    assert writes(made) == [SetDeadline("milestone", SPRING, WINTER, "restore", account)]
    [asked] = made.state.open_proposals()
    assert (asked.value, asked.old, asked.asked_by) == (SPRING, WINTER, LEE)
    assert asked.answer_by == date(2027, 1, 13)
    assert said(made) == [(ISSUE.key, "date-held"), (DEAL.key, "date-asked")]
    assert labels(made) == [(WAITING, True)]
    assert made.state.fields["milestone"].standing == WINTER


def test_words_beside_a_hold_wait_for_its_receipt(look) -> None:
    made = look(state(WINTER), facts(SPRING, by=LEE))

    restore = next(e for e in made.effects if isinstance(e.intent, SetDeadline))
    assert [e.after for e in made.effects if isinstance(e.intent, Say)] == [restore.key] * 2


def test_the_label_says_that_something_waits_whatever_becomes_of_the_restore(look) -> None:
    made = look(state(WINTER), facts(SPRING, by=LEE))

    assert [e.after for e in made.effects if isinstance(e.intent, SetLabel)] == [""]


def test_a_change_of_an_unlinked_issue_is_left_alone(look) -> None:
    made = look(state(WINTER, linked=False), facts(SPRING, by=LEE))

    assert made.effects == ()
    assert made.state.fields["milestone"].standing == SPRING
    assert [decision.outcome for decision in made.decisions] == [Outcome.QUIET]


def test_a_date_that_stood_before_linking_is_inherited_and_not_touched(look) -> None:
    first = IssueState(ISSUE)

    made = look(first, facts(WINTER, wrote(SAM, "link", deal=DEAL.key)))

    assert made.state.fields["milestone"].status is Status.INHERITED
    assert writes(made) == []
    assert [link.deal for link in made.state.links] == [DEAL.subject]
    assert said(made) == [(ISSUE.key, "linked"), (DEAL.key, "linked")]


@pytest.mark.parametrize(
    "asked", [SUMMER, NOTHING, UNDATED], ids=["later", "cleared", "to one without a date"]
)
def test_a_later_or_cleared_date_puts_the_commitment_at_risk_at_once(look, asked) -> None:
    made = look(state(WINTER, status=Status.COMMITTED, commitment=commitment()), facts(asked, by=LEE))

    assert made.state.fields["milestone"].commitment == commitment(at_risk=True)
    assert effect_for(made, "date-asked").intent.event.commitment.at_risk


def test_an_earlier_date_does_not(look) -> None:
    before = state(SPRING, status=Status.COMMITTED, commitment=commitment(SPRING))

    made = look(before, facts(WINTER, by=LEE))

    assert not made.state.fields["milestone"].commitment.at_risk


def test_a_milestone_without_a_date_is_no_deadline_where_there_was_none(look) -> None:
    made = look(state(), facts(UNDATED, by=LEE))

    assert made.effects == () and made.decisions == ()
    assert made.state.fields["milestone"].standing == UNDATED


def test_the_same_look_again_while_the_restore_is_under_way_does_nothing(look) -> None:
    once = look(state(WINTER), facts(SPRING, by=LEE))

    again = look(once.state, facts(SPRING, by=LEE))

    assert again.effects == () and again.state == once.state


def test_our_own_restore_coming_back_as_an_event_does_nothing(look) -> None:
    once = look(state(WINTER), facts(SPRING, by=LEE))
    key = once.state.fields["milestone"].pending.effect

    echo = look(once.state, facts(WINTER), receipts={key: Receipt(True)})

    assert echo.effects == ()
    assert echo.state.fields["milestone"].pending is None
    assert echo.state.open_proposals() == once.state.open_proposals()


def test_setting_it_again_after_the_restore_is_held_again(look) -> None:
    once = look(state(WINTER), facts(SPRING, by=LEE))
    key = once.state.fields["milestone"].pending.effect

    again = look(replace(once.state, version=6), facts(SPRING, by=LEE), receipts={key: Receipt(True)})

    assert len(writes(again)) == 1
    assert len(again.state.open_proposals()) == 1, "the same wish is not asked twice"


def test_a_newer_wish_takes_the_place_of_the_older_one(look) -> None:
    made = look(state(WINTER, proposals=(proposal(SPRING),)), facts(SUMMER, by=SAM))

    assert [p.value for p in made.state.open_proposals()] == [SUMMER]
    assert [p.state for p in made.state.proposals if p.value == SPRING] == [ProposalState.SUPERSEDED]


def test_the_fourth_restore_within_an_hour_is_given_up_and_said_once_for_each_date(look) -> None:
    lately = tuple(NOW - timedelta(minutes=minutes) for minutes in (50, 30, 10))

    made = look(state(WINTER, restores=lately), facts(SPRING, by=LEE))
    again = look(made.state, facts(SPRING, by=LEE))
    other = look(made.state, facts(SUMMER, by=LEE))
    back = look(other.state, facts(SPRING, by=LEE))

    assert writes(made) == []
    assert said(made) == [(ISSUE.key, "date-not-agreed"), (DEAL.key, "date-not-agreed")]
    assert effect_for(made, "date-not-agreed").intent.event.setback == Setback("limit")
    assert labels(made) == [(WAITING, True)]
    assert again.effects == ()
    assert said(other) == said(made), "another date that nobody agreed stands there now"
    assert said(back) == [], "not in turns, for ever"


def test_restores_of_more_than_an_hour_ago_do_not_count(look) -> None:
    before = state(WINTER, restores=tuple(NOW - timedelta(minutes=minutes) for minutes in (90, 80, 70)))

    assert len(writes(look(before, facts(SPRING, by=LEE)))) == 1


def test_a_restore_that_could_not_be_done_is_said_on_both_sides(look) -> None:
    before = state(WINTER, pending=Pending("key", SPRING), proposals=(proposal(SPRING, WINTER),))

    made = look(before, facts(SPRING), receipts={"key": Receipt(False, "no rights")})

    assert said(made) == [(ISSUE.key, "date-not-agreed"), (DEAL.key, "date-not-agreed")]
    assert made.state.fields["milestone"].contested == SPRING
    event = effect_for(made, "date-not-agreed").intent.event
    assert event.change == Change("milestone", Kind.LATER, WINTER, SPRING, 29)
    assert (event.setback, event.actor) == (Setback("failed"), None)


def test_why_a_restore_was_refused_goes_with_the_words(look) -> None:
    before = state(pending=Pending("key", SPRING), proposals=(proposal(SPRING),))

    made = look(before, facts(SPRING), receipts={"key": Receipt(False, "403", "Give it write access.")})

    event = effect_for(made, "date-not-agreed").intent.event
    assert event.change == Change("milestone", Kind.SET, NOTHING, SPRING)
    assert event.setback == Setback("refused", "restore", "Give it write access.")


def test_a_signed_date_that_could_not_be_set_is_told_to_whoever_signed(look) -> None:
    signed = commitment(SPRING, verified=False)
    before = state(SPRING, status=Status.COMMITTED, commitment=signed, pending=Pending("key", WINTER))

    made = look(before, facts(WINTER), receipts={"key": Receipt(False, "403", "Give it.", "apply")})

    event = effect_for(made, "date-not-agreed").intent.event
    assert event.setback == Setback("refused", "apply", "Give it.")
    assert (event.actor, event.change.old, event.change.new) == (MONA, SPRING, WINTER)


@pytest.mark.parametrize("shows", [WINTER, SUMMER])
def test_of_a_refused_restore_nothing_is_said_where_the_field_shows_another_date_by_now(look, shows) -> None:
    before = state(WINTER, pending=Pending("key", SPRING), proposals=(proposal(SPRING, WINTER),))

    made = look(before, facts(shows, by=LEE), receipts={"key": Receipt(False, "403")})

    assert (ISSUE.key, "date-not-agreed") not in said(made)


def test_a_date_set_right_by_hand_is_contested_no_longer(look) -> None:
    made = look(state(WINTER, contested=SPRING), facts(WINTER))

    assert made.state.fields["milestone"].contested is None


# ---------------------------------------------------------------- the label that says what waits


def test_the_label_is_taken_off_with_the_last_answer_whatever_the_tracker_shows(look) -> None:
    before = replace(state(WINTER, proposals=(proposal(SPRING, WINTER),)), labels={WAITING: True})

    made = look(before, facts(WINTER, wrote(MONA, "decline")))

    assert labels(made) == [(WAITING, False)]
    assert made.state.labels == {WAITING: False}


def test_a_wish_that_takes_the_place_of_another_leaves_the_label_alone(look) -> None:
    before = replace(state(WINTER, proposals=(proposal(SPRING),)), labels={WAITING: True})

    assert labels(look(before, facts(SUMMER, by=SAM))) == []


def test_asked_and_answered_between_two_looks_needs_no_label(look) -> None:
    ask = wrote(LEE, "ask", comment="c1", day=SPRING.day)
    decline = wrote(MONA, "decline", comment="c2", day=SPRING.day, at=NOW + timedelta(seconds=2))

    made = look(state(WINTER), facts(WINTER, ask, decline))

    assert [p.state for p in made.state.proposals] == [ProposalState.DECLINED]
    assert labels(made) == []


def test_what_was_missed_about_the_label_is_made_up_for(look) -> None:
    before = replace(state(WINTER), labels={WAITING: True})

    assert labels(look(before, facts(WINTER))) == [(WAITING, False)]


def test_somebody_who_cannot_be_named_is_held_like_anybody(look) -> None:
    assert len(writes(look(state(WINTER), facts(SPRING)))) == 1


def test_on_a_public_issue_no_label_gives_the_deal_away(look) -> None:
    made = look(state(WINTER), facts(SPRING, by=LEE, issue=issue(SPRING, public=True)))

    assert labels(made) == []
    assert writes(made)


# ---------------------------------------------------------------- product's own edit


def test_products_own_edit_is_never_set_back_and_plans(look) -> None:
    made = look(state(WINTER), facts(SPRING, by=MONA))

    assert made.effects == ()
    field = made.state.fields["milestone"]
    assert (field.standing, field.status, field.commitment) == (SPRING, Status.PLANNED, None)
    assert made.decisions[0].because == "product's own edit is never held"


def test_products_own_edit_commits_where_it_moves_a_commitment(look, later) -> None:
    before = state(WINTER, status=Status.COMMITTED, commitment=commitment())

    made = look(before, facts(SUMMER, by=MONA))

    assert made.state.fields["milestone"].commitment.value == SUMMER
    assert (made.effects, made.reconcile_at) == ((), NOW + UNDO)
    assert said(later(made, SUMMER)) == [(ISSUE.key, "date-moved"), (DEAL.key, "date-moved")]


def test_products_own_edit_answers_what_was_asked(look, later) -> None:
    made = look(state(WINTER, proposals=(proposal(SPRING, WINTER),)), facts(SUMMER, by=MONA))

    assert made.state.open_proposals() == ()
    assert made.state.fields["milestone"].commitment.counter
    assert said(later(made, SUMMER)) == [(ISSUE.key, "date-agreed"), (DEAL.key, "date-agreed")]


def test_products_own_edit_that_is_undone_in_time_is_told_to_nobody(look, later) -> None:
    before = state(WINTER, status=Status.COMMITTED, commitment=commitment())
    moved = look(before, facts(SUMMER, by=MONA))

    back = look(replace(moved.state, version=6), facts(WINTER, by=MONA))

    assert said(later(back, WINTER)) == []
    assert later(back, WINTER).state.fields["milestone"].commitment.value == WINTER


# ---------------------------------------------------------------- answers


def waiting(**changes) -> IssueState:
    return state(WINTER, proposals=(proposal(SPRING, WINTER),), **changes)


@pytest.mark.parametrize("command", [{}, {"day": SPRING.day}, {"field": "milestone", "day": SPRING.day}])
def test_product_signs_and_the_held_value_is_applied(look, command) -> None:
    made = look(waiting(), facts(WINTER, wrote(MONA, "signoff", **command)))

    assert writes(made) == [SetDeadline("milestone", expect=WINTER, value=SPRING, why="apply")]
    assert made.state.open_proposals() == ()
    assert said(made) == [], "nobody hears of it before the tracker holds it"


def test_both_sides_hear_once_the_tracker_was_seen_to_hold_it(look) -> None:
    signed = look(waiting(), facts(WINTER, wrote(MONA, "signoff")))
    key = signed.state.fields["milestone"].pending.effect

    seen = look(replace(signed.state, version=6), facts(SPRING), receipts={key: Receipt(True)})
    again = look(seen.state, facts(SPRING))

    assert said(seen) == [(ISSUE.key, "date-agreed"), (DEAL.key, "date-agreed")]
    assert seen.state.fields["milestone"].commitment.verified
    assert again.effects == ()


def test_the_old_value_seen_before_our_write_arrives_is_no_change(look) -> None:
    signed = look(waiting(), facts(WINTER, wrote(MONA, "signoff")))

    assert look(signed.state, facts(WINTER)).effects == ()


def test_another_date_is_a_counter_offer(look) -> None:
    made = look(waiting(), facts(WINTER, wrote(MONA, "signoff", day=SUMMER.day, because="imports first")))

    agreed = made.state.fields["milestone"].commitment
    assert (agreed.value, agreed.counter, agreed.because) == (SUMMER, True, "imports first")


def test_a_date_that_no_milestone_carries_is_answered_with_those_on_offer(look) -> None:
    made = look(waiting(), facts(WINTER, wrote(MONA, "signoff", day=date(2027, 5, 5))))

    assert said(made) == [(ISSUE.key, "reply-no-carrier")]
    assert effect_for(made, "reply-no-carrier").intent.event.choices == (
        "2027-01-31",
        "2027-03-01",
        "2027-04-15",
    )
    assert made.state.open_proposals()


def test_a_bare_yes_written_before_our_comment_was_there_signs_nothing(look) -> None:
    before = state(WINTER, proposals=(proposal(SPRING, WINTER, shown_at=NOW + timedelta(seconds=30)),))

    made = look(before, facts(WINTER, wrote(MONA, "signoff")))

    assert writes(made) == []
    assert effect_for(made, "reply-which").intent.event.choices == ("/signoff 2027-03-01",)


def test_signing_the_standing_date_without_a_proposal_promises_it(look) -> None:
    made = look(state(WINTER), facts(WINTER, wrote(MONA, "signoff", day=WINTER.day)))

    assert made.state.fields["milestone"].commitment.value == WINTER
    assert said(made) == [(ISSUE.key, "date-agreed"), (DEAL.key, "date-agreed")]


@pytest.mark.parametrize("word", ["signoff", "decline"])
def test_anyone_else_changes_nothing_and_gets_one_kind_reply(look, word) -> None:
    once = look(waiting(), facts(WINTER, wrote(LEE, word)))
    again = look(replace(once.state, version=6), facts(WINTER, wrote(LEE, word, comment="c2")))

    assert said(once) == [(ISSUE.key, "reply-not-product")]
    assert once.state.open_proposals() == waiting().open_proposals()
    assert [e.key for e in again.effects] == [e.key for e in once.effects], (
        "the same reply, so it is not posted twice"
    )


@pytest.mark.parametrize("word", ["signoff", "decline", "link"])
def test_a_stranger_gets_no_reply(look, word) -> None:
    made = look(waiting(), facts(WINTER, wrote(STRANGER, word, deal=DEAL.key)))

    assert made.effects == () and made.ledger == ()


def test_decline_tells_both_sides_and_what_stood_goes_on(look) -> None:
    made = look(waiting(), facts(WINTER, wrote(MONA, "decline", because="the export comes first")))

    assert said(made) == [(ISSUE.key, "date-declined"), (DEAL.key, "date-declined")]
    assert made.state.open_proposals() == ()
    assert made.state.fields["milestone"].standing == WINTER


def test_decline_makes_a_commitment_safe_again(look) -> None:
    before = waiting(status=Status.COMMITTED, commitment=commitment(at_risk=True))

    made = look(before, facts(WINTER, wrote(MONA, "decline")))

    assert not made.state.fields["milestone"].commitment.at_risk


def test_decline_sets_back_what_restoring_had_given_up_on(look) -> None:
    made = look(waiting(contested=SPRING), facts(SPRING, wrote(MONA, "decline")))

    assert writes(made) == [SetDeadline("milestone", expect=SPRING, value=WINTER, why="restore")]


@pytest.mark.parametrize("word", ["signoff", "decline"])
def test_a_comment_that_was_edited_since_never_counts(look, word) -> None:
    made = look(waiting(), facts(WINTER, wrote(MONA, word, edited=True)))

    assert said(made) == [(ISSUE.key, "reply-edited")]
    assert made.state.open_proposals()


def test_a_comment_is_carried_out_once_however_often_it_is_delivered(look) -> None:
    once = look(state(WINTER), facts(WINTER, wrote(MONA, "signoff", day=WINTER.day)))

    again = look(once.state, facts(WINTER, wrote(MONA, "signoff", day=WINTER.day)))

    assert again.effects == () and again.decisions == ()


def test_a_policy_can_need_two_people(look, shipped) -> None:
    two = shipped.config.sign_off["product"].model_copy(update={"people_needed": 2})
    settings = replace(shipped.config, sign_off={"product": two})
    rules = replace(shipped, config=settings)

    first = look(waiting(), facts(WINTER, wrote(MONA, "signoff")), rules=rules)
    same = look(first.state, facts(WINTER, wrote(MONA, "signoff", comment="c2")), rules=rules)
    second = look(first.state, facts(WINTER, wrote(OMAR, "signoff", comment="c3")), rules=rules)

    assert said(first) == [(ISSUE.key, "reply-more-needed")]
    assert writes(same) == []
    assert writes(second) and second.state.fields["milestone"].commitment.signed_by == (MONA, OMAR)


def test_nothing_waits_is_said(look) -> None:
    made = look(state(WINTER), facts(WINTER, wrote(MONA, "decline")))

    assert said(made) == [(ISSUE.key, "reply-nothing-waits")]


def test_a_signature_takes_the_place_of_a_restore_under_way(look) -> None:
    held = look(state(WINTER), facts(SPRING, by=LEE))
    shown = replace(held.state.open_proposals()[0], shown_at=NOW - timedelta(minutes=1))
    before = replace(held.state, version=6, proposals=(shown,))

    signed = look(before, facts(SPRING, wrote(MONA, "signoff")))

    field = signed.state.fields["milestone"]
    assert field.pending is None, "so the restore will find itself overtaken"
    assert field.standing == SPRING and field.commitment.verified


# ---------------------------------------------------------------- links


def test_linking_twice_changes_nothing(look) -> None:
    made = look(state(WINTER), facts(WINTER, wrote(SAM, "link", deal=DEAL.key)))

    assert made.effects == () and len(made.state.links) == 1


@pytest.mark.parametrize("deals", [{}, {DEAL.subject: replace(DEAL, open=False)}], ids=["unknown", "closed"])
def test_an_unknown_or_closed_deal_gets_one_short_reply(look, deals) -> None:
    made = look(state(linked=False), facts(NOTHING, wrote(SAM, "link", deal=DEAL.key), deals=deals))

    assert said(made) == [(ISSUE.key, "reply-unknown-deal")]
    assert made.state.links == ()


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize(
    ("unchecked", "answer"), [(frozenset(), "reply-unknown-deal"), ({SAM.id}, "reply-cannot-check")]
)
def test_a_deal_that_the_linker_may_not_see_is_answered_like_one_that_is_not_there(
    look, exists, unchecked, answer
) -> None:
    seen = facts(NOTHING, wrote(SAM, "link", deal=DEAL.key), deals={DEAL.subject: DEAL} if exists else {})
    made = look(
        state(linked=False),
        replace(seen, unseen=frozenset({(SAM.id, DEAL.subject)}), unchecked=frozenset(unchecked)),
    )

    assert said(made) == [(ISSUE.key, answer)]
    assert made.state.links == ()


@pytest.mark.parametrize("word", ["link", "unlink"])
def test_in_public_the_answer_is_the_same_whatever_was_named(look, word) -> None:
    answers = []
    for linked in (True, False):
        for key in (DEAL.key, "SALES-999"):
            seen = facts(NOTHING, wrote(SAM, word, deal=key), issue=issue(public=True))
            made = look(state(linked=linked), seen)
            # What a rule says of it has nothing for strangers, and is not posted.
            answers.append([m for k, m in said(made) if k == ISSUE.key and m not in ("linked", "unlinked")])

    assert answers == [["reply-noted"]] * 4


def test_a_link_that_names_nothing_is_answered_helpfully(look) -> None:
    made = look(state(linked=False), facts(NOTHING, wrote(SAM, "link", problem="Name one deal.")))

    assert said(made) == [(ISSUE.key, "reply-unclear")]


def test_linking_labels_the_private_issue(look) -> None:
    made = look(state(linked=False), facts(NOTHING, wrote(SAM, "link", deal=DEAL.key)))

    assert labels(made) == [("customer-request", True)]


def named(*, by: Person, mentioned: bool, **changes) -> Facts:
    """Facts where ``by`` has put the deal into the body, or taken it out."""
    credits = {DEAL.subject: Evidence(by, NOW)}
    return facts(credits=credits, mentioned=(DEAL.subject,) if mentioned else (), **changes)


def test_a_deal_in_the_body_links_and_leaving_it_unlinks(look) -> None:
    made = look(state(linked=False), named(by=LEE, mentioned=True))
    gone = look(replace(made.state, version=6), named(by=SAM, mentioned=False))

    assert made.state.linked() == (DEAL.subject,)
    assert gone.state.linked() == ()
    assert (DEAL.key, "unlinked") in said(gone)


def test_a_deal_in_a_strangers_body_links_nothing(look) -> None:
    made = look(state(linked=False), named(by=STRANGER, mentioned=True))

    assert made.effects == () and made.state.linked() == ()


def test_a_link_by_command_does_not_hang_on_the_body(look) -> None:
    both = look(state(), named(by=LEE, mentioned=True))

    assert look(both.state, named(by=LEE, mentioned=False)).state.linked() == (DEAL.subject,)


def test_an_unknown_deal_in_the_body_is_answered_once(look) -> None:
    once = look(state(linked=False), named(by=LEE, mentioned=True, deals={}))
    again = look(once.state, named(by=LEE, mentioned=True, deals={}))

    assert said(once) == [(ISSUE.key, "reply-unknown-deal")]
    assert again.effects == ()


def of_text(*deals: Deal, mentioned: tuple[Deal, ...] | None = None) -> Facts:
    """Facts where Lee has put these deals into the body, or taken them out."""
    return facts(
        credits={one.subject: Evidence(LEE, NOW) for one in deals},
        mentioned=tuple(one.subject for one in (deals if mentioned is None else mentioned)),
        deals={one.subject: one for one in deals},
    )


def test_one_text_links_at_most_ten_deals_and_says_so_in_one_comment(look) -> None:
    many = tuple(Deal(deal(f"SALES-{n}"), f"Deal {n}", "") for n in range(1, 13))

    made = look(state(linked=False), of_text(*many))
    ended = look(replace(made.state, version=6), of_text(*many, mentioned=()))

    assert made.state.linked() == tuple(one.subject for one in many[:10])
    assert said(made) == [(ISSUE.key, "linked"), *((one.key, "linked") for one in many[:10])]
    [on_issue] = [e.intent for e in made.effects if e.target == ISSUE and isinstance(e.intent, Say)]
    assert on_issue.event.choices == ("SALES-11", "SALES-12")
    assert ended.state.linked() == ()
    assert [one for one in said(ended) if one[0] == ISSUE.key] == [(ISSUE.key, "unlinked")]


def test_each_deal_of_a_text_is_of_whoever_wrote_it(look) -> None:
    eight = Deal(deal("SALES-8"), "Boreas", "")
    seen = replace(
        of_text(DEAL, eight),
        credits={DEAL.subject: Evidence(LEE, NOW), eight.subject: Evidence(STRANGER, NOW)},
    )

    made = look(state(linked=False), seen)

    assert [(link.deal, link.by) for link in made.state.links] == [(DEAL.subject, LEE)]


def test_unlinking_lets_the_date_go_unless_something_was_promised(look) -> None:
    free = look(state(), facts(NOTHING, wrote(SAM, "unlink", deal=DEAL.key)))
    bound = look(
        state(WINTER, status=Status.COMMITTED, commitment=commitment()),
        facts(WINTER, wrote(SAM, "unlink", deal=DEAL.key)),
    )

    assert free.state.concerned() == ()
    assert bound.state.concerned() == (DEAL.subject,)
    assert labels(free) == [] and ("customer-request", False) not in labels(bound)
    assert writes(look(replace(bound.state, version=6), facts(SPRING, by=LEE)))


def test_linking_again_starts_from_what_was_promised(look) -> None:
    bound = state(WINTER, status=Status.COMMITTED, commitment=commitment())
    ended = look(bound, facts(WINTER, wrote(SAM, "unlink", deal=DEAL.key))).state

    again = look(replace(ended, version=6), facts(WINTER, wrote(SAM, "link", comment="c2", deal=DEAL.key)))

    assert again.state.linked() == (DEAL.subject,)
    assert effect_for(again, "linked").intent.event.commitments["milestone"].value == WINTER


def test_ask_makes_a_proposal_and_touches_nothing(look) -> None:
    made = look(state(WINTER), facts(WINTER, wrote(SAM, "ask", day=SPRING.day, because="they start then")))

    assert writes(made) == []
    assert [(p.value, p.asked_by) for p in made.state.open_proposals()] == [(SPRING, SAM)]
    assert said(made) == [(ISSUE.key, "date-wanted"), (DEAL.key, "date-asked")]


def test_only_whoever_asked_can_withdraw(look) -> None:
    other = look(waiting(), facts(WINTER, wrote(SAM, "withdraw")))
    asker = look(waiting(), facts(WINTER, wrote(LEE, "withdraw")))

    assert said(other) == [(ISSUE.key, "reply-not-yours")]
    assert other.state.open_proposals()
    assert asker.state.open_proposals() == ()
    assert said(asker) == [(ISSUE.key, "date-withdrawn"), (DEAL.key, "date-withdrawn")]


# ---------------------------------------------------------------- scope


def spoken_of(body: str) -> IssueState:
    return replace(state(), words=Words("Single sign-on", body))


def test_a_changed_scope_is_told_once_on_both_sides(look) -> None:
    seen = facts(issue=issue(body="One login for all.\n\n- and for guests"))

    made = look(spoken_of("One login for all."), seen)
    again = look(made.state, seen)

    assert said(made) == [(ISSUE.key, "scope-changed"), (DEAL.key, "scope-changed")]
    assert effect_for(made, "scope-changed").intent.event.scope.added == ("and for guests",)
    assert again.effects == ()


def test_letter_by_letter_is_noticed_in_the_end(look) -> None:
    steps = ["Reply within minutes please", "Reply within minutas please", "Reply within monutas please"]
    known = spoken_of(steps[0])
    told = []
    for body in steps[1:]:
        made = look(known, facts(issue=issue(body=body)))
        known, told = made.state, [*told, *said(made)]

    assert (ISSUE.key, "scope-changed") in told


def test_words_are_kept_only_while_deals_depend_on_them(look) -> None:
    assert look(state(linked=False), facts()).state.words is None
    assert look(state(), facts()).state.words is not None


# ---------------------------------------------------------------- modes and rules


def test_observe_decides_says_what_it_would_do_and_writes_nothing(look) -> None:
    made = look(state(WINTER), facts(SPRING, by=LEE), Mode.OBSERVE)

    assert made.effects == () and made.state.open_proposals() == ()
    assert made.decisions[0].outcome is Outcome.FIRED
    assert any("restore" in sentence for sentence in made.would)
    assert made.state.fields["milestone"].standing == SPRING, "nothing observed is executed later"


def test_observe_answers_no_command(look) -> None:
    made = look(waiting(), facts(WINTER, wrote(LEE, "signoff")), Mode.OBSERVE)

    assert made.effects == ()


def test_tell_comments_and_leaves_the_date(look) -> None:
    made = look(state(WINTER), facts(SPRING, by=LEE), Mode.TELL)

    assert writes(made) == []
    assert said(made) == [(ISSUE.key, "date-held"), (DEAL.key, "date-asked")]
    assert not effect_for(made, "date-held").intent.held
    assert made.state.fields["milestone"].status is Status.UNSIGNED


def test_tell_signs_what_stands_and_asks_product_to_set_the_rest(look) -> None:
    asked = look(state(WINTER), facts(SPRING, by=LEE), Mode.TELL)
    shown = replace(asked.state.open_proposals()[0], shown_at=NOW - timedelta(minutes=1))
    before = replace(asked.state, proposals=(shown,), version=6)

    signed = look(before, facts(SPRING, wrote(MONA, "signoff")), Mode.TELL)
    counter = look(before, facts(SPRING, wrote(MONA, "signoff", day=SUMMER.day)), Mode.TELL)

    assert signed.state.fields["milestone"].commitment.verified
    assert said(counter) == [(ISSUE.key, "reply-set-it-yourself")]
    assert counter.state.fields == before.fields


def test_what_was_changed_before_the_mode_came_into_force_is_left_standing(shipped) -> None:
    before, seen = state(WINTER), facts(SPRING, by=LEE)

    made = plan(
        before, {}, looked(before, seen), shipped, Mode.ENFORCE, NOW, since=NOW + timedelta(seconds=1)
    )

    assert made.effects == ()
    assert made.state.fields["milestone"].standing == SPRING


def test_what_was_written_before_the_mode_came_into_force_is_not_carried_out(shipped) -> None:
    seen = facts(WINTER, wrote(MONA, "signoff", day=SPRING.day))

    made = plan(
        waiting(), {}, looked(waiting(), seen), shipped, Mode.ENFORCE, NOW, since=NOW + timedelta(seconds=1)
    )

    assert made.effects == () and made.state.handled == ("c1",)


def folder(tmp_path: Path, rules: str) -> Path:
    made = tmp_path / "rules"
    made.mkdir()
    (made / "messages").mkdir()
    for message in Path("rules/messages").iterdir():
        (made / "messages" / message.name).write_bytes(message.read_bytes())
    (made / "handshake.yaml").write_text(Path("rules/handshake.yaml").read_text())
    (made / "rules.yaml").write_text(rules)
    return made


def test_changing_the_yaml_changes_what_happens(look, tmp_path) -> None:
    rules = load(
        folder(
            tmp_path,
            """
            rules:
              - name: only slips are held
                when: deadline.changed
                if: change.kind == "later" && change.days > 14
                then: [{hold: {until: product}}]
            """,
        )
    )

    later = look(state(WINTER), facts(SPRING, by=LEE), rules=rules)
    earlier = look(state(SPRING), facts(WINTER, by=LEE), rules=rules)

    assert len(writes(later)) == 1 and said(later) == []
    assert earlier.effects == ()


def test_a_condition_that_fails_marks_its_rule_and_the_others_go_on(look, tmp_path) -> None:
    rules = load(
        folder(
            tmp_path,
            """
            rules:
              - name: broken
                when: deadline.changed
                if: issue.deals[7].name == "x"
                then: [{label: {add: never}}]
              - name: sound
                when: deadline.changed
                then: [{label: {add: moved}}]
            """,
        )
    )

    made = look(state(WINTER), facts(SPRING, by=LEE), rules=rules)

    assert [one.outcome for one in made.decisions if one.where] == [Outcome.ERROR, Outcome.FIRED]
    assert labels(made) == [("moved", True)]


def test_a_guard_that_has_no_answer_holds_and_the_words_beside_it_go_out(look, tmp_path) -> None:
    rules = load(
        folder(
            tmp_path,
            """
            rules:
              - name: too much work
                when: deadline.changed
                if: issue.labels.exists(a, issue.labels.exists(b, a + b == "never"))
                then: [{hold: {until: product}}, {comment: {to: [deals], message: date-asked}}]
            """,
        )
    )
    many = facts(SPRING, by=LEE, issue=issue(SPRING, labels=tuple(f"label {n}" for n in range(110))))

    made = look(state(WINTER), many, rules=rules)

    account = ("github:101", "rule: too much work")
    assert writes(made) == [SetDeadline("milestone", SPRING, WINTER, "restore", account)]
    assert said(made) == [(DEAL.key, "date-asked")]
    [decision] = made.decisions
    assert decision.outcome is Outcome.ERROR
    assert "a guard that has no answer holds" in decision.because


def test_the_same_look_gives_the_same_plan(look) -> None:
    assert look(state(WINTER), facts(SPRING, by=LEE)) == look(state(WINTER), facts(SPRING, by=LEE))


def test_rights_count_by_id_not_by_name(look) -> None:
    impostor = replace(STRANGER, name=MONA.name)

    made = look(
        waiting(), facts(WINTER, wrote(impostor, "signoff"), rights={**RIGHTS, STRANGER.id: Rights()})
    )

    assert made.effects == () and made.state.open_proposals()
