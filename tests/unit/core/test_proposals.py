"""Asking, taking back and answering in words: what is not clear changes nothing and is answered kindly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from automation.domain.commands import parse
from automation.domain.fields import DUEDATE, MILESTONE, date_field
from automation.domain.offers import command_for
from automation.domain.plan_builder import WAITING
from automation.engine.plan import plan
from automation.model import (
    NOTHING,
    Facts,
    IssueState,
    Mode,
    Person,
    Plan,
    ProposalState,
    Rights,
    Say,
    SetDeadline,
    SetLabel,
    Subject,
    Value,
    Written,
)
from automation.rulebook.rulebook import Rulebook, load
from automation.rulebook.variables import ProductVars
from automation.rulebook.views import message
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
    WINTER,
    commitment,
    facts,
    issue,
    looked,
    proposal,
    state,
    wrote,
)

PROD_7 = Subject("jira", "issue", "PROD-7")


@pytest.fixture(scope="module")
def shipped() -> Rulebook:
    return load(Path("rules"))


@pytest.fixture
def look(shipped: Rulebook):
    def look(before: IssueState, seen: Facts, mode: Mode = Mode.ENFORCE, rules: Rulebook = shipped) -> Plan:
        return plan(before, {}, looked(before, seen), rules, mode, NOW)

    return look


def waiting(*more, **changes) -> IssueState:
    return state(WINTER, proposals=(proposal(SPRING, WINTER), *more), **changes)


def replies(made: Plan) -> list[str]:
    said = [e.intent for e in made.effects if isinstance(e.intent, Say)]
    return [say.message for say in said if say.event.name == "command.answered"]


def the_reply(made: Plan) -> Say:
    [said] = [e.intent for e in made.effects if isinstance(e.intent, Say)]
    return said


def untouched(made: Plan, before: IssueState) -> bool:
    """Tell whether nothing was changed and nobody but the author of the command is told anything."""
    told = [effect.target for effect in made.effects]
    return (
        made.state.proposals == before.proposals
        and made.state.fields == before.fields
        and set(told) <= {ISSUE}
        and not made.ledger
    )


# ---------------------------------------------------------------- ask


def asks(by: Person = SAM, **command) -> Facts:
    return facts(WINTER, wrote(by, "ask", **{"day": SPRING.day, **command}))


def test_a_wish_waits_for_product_and_shows_that_it_waits(look) -> None:
    made = look(state(WINTER), asks(because="they start then"))

    [asked] = made.state.open_proposals()
    assert (asked.value, asked.old, asked.asked_by, asked.policy) == (SPRING, WINTER, SAM, "product")
    assert [e.intent for e in made.effects if isinstance(e.intent, SetLabel)] == [SetLabel(WAITING, True)]
    assert [line.what for line in made.ledger] == ["asked"]
    assert asked.because == "they start then"


def test_the_reason_for_a_wish_that_waits_already_is_kept_with_it(look) -> None:
    made = look(waiting(), asks(comment="c2", because="they start then"))

    assert [(p.id, p.because) for p in made.state.proposals] == [("p1", "they start then")]


def test_the_same_wish_again_is_the_same_wish(look) -> None:
    made = look(waiting(), asks(comment="c2"))

    assert [p.id for p in made.state.proposals] == ["p1"]


def test_another_wish_takes_the_place_of_the_first(look) -> None:
    made = look(waiting(), asks(day=SUMMER.day))

    assert [(p.value, p.state) for p in made.state.proposals] == [
        (SPRING, ProposalState.SUPERSEDED),
        (SUMMER, ProposalState.OPEN),
    ]


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ({"edited": True}, "reply-edited"),
        ({"day": None, "problem": "Name the date you ask for."}, "reply-unclear"),
        ({"day": NOW.date()}, "reply-no-carrier"),
    ],
    ids=["edited since", "unclear", "no milestone on that day"],
)
def test_a_wish_that_cannot_count_is_answered_and_nothing_else(look, command, reply) -> None:
    made = look(state(WINTER), asks(**command))

    assert replies(made) == [reply]
    assert untouched(made, state(WINTER))


def test_what_is_agreed_already_need_not_be_asked_for(look) -> None:
    agreed = state(WINTER, commitment=commitment(WINTER))

    made = look(agreed, asks(day=WINTER.day))

    assert replies(made) == ["reply-nothing-waits"]
    assert untouched(made, agreed)


def test_a_stranger_asks_in_vain_and_hears_nothing(look) -> None:
    made = look(state(WINTER), asks(by=STRANGER))

    assert made.effects == ()
    assert untouched(made, state(WINTER))


def test_while_observing_nothing_is_asked(look) -> None:
    made = look(state(WINTER), asks(), Mode.OBSERVE)

    assert made.effects == ()
    assert made.state.proposals == ()


def test_where_no_policy_says_who_answers_nothing_is_asked(look, shipped) -> None:
    nobody = replace(shipped, config=replace(shipped.config, sign_off={}))

    made = look(state(WINTER), asks(), rules=nobody)

    assert made.state.proposals == ()
    assert made.state.handled == ("c1",)


# ---------------------------------------------------------------- a field that is not there


@pytest.mark.parametrize("word", ["ask", "signoff"])
def test_an_issue_without_a_date_field_is_said_to_have_none(look, word) -> None:
    """Jira can hide the due date of a project."""
    hidden = replace(facts(issue=issue(deadlines={})), written=(wrote(MONA, word, day=SPRING.day),))

    made = look(IssueState(ISSUE), hidden)

    assert replies(made) == ["reply-unclear"]
    assert the_reply(made).event.written.command.problem == "This issue has no date field."


@pytest.mark.parametrize(("word", "day"), [("ask", SPRING.day), ("signoff", SPRING.day), ("signoff", None)])
def test_a_field_of_another_tracker_is_said_to_be_none_of_this_issue(look, word, day) -> None:
    written = wrote(MONA, word, field="duedate", day=day, nothing=day is None)

    made = look(state(WINTER), facts(WINTER, written))

    assert replies(made) == ["reply-unclear"]
    assert the_reply(made).event.written.command.problem == "This issue has no field named Due date."
    assert untouched(made, state(WINTER))


# ---------------------------------------------------------------- withdraw


def withdraws(by: Person = LEE, **command) -> Facts:
    return facts(WINTER, wrote(by, "withdraw", **command))


ELSEWHERE = proposal(SUMMER, WINTER, id="p2", field="duedate")
TWO_FIELDS = replace(withdraws(), issue=issue(deadlines={"milestone": WINTER, "duedate": NOTHING}))


def test_whoever_asked_takes_it_back_and_what_stood_is_safe_again(look) -> None:
    before = waiting(commitment=commitment(WINTER, at_risk=True))

    made = look(before, withdraws(because="the customer can wait"))

    assert made.state.proposals[0].state is ProposalState.WITHDRAWN
    assert not made.state.fields["milestone"].commitment.at_risk
    assert [line.what for line in made.ledger] == ["withdrawn"]


def test_a_wish_taken_back_is_set_back_where_the_tracker_still_holds_it(look) -> None:
    made = look(waiting(contested=SPRING), facts(SPRING, wrote(LEE, "withdraw")))

    assert [e.intent for e in made.effects if isinstance(e.intent, SetDeadline)] == [
        SetDeadline("milestone", SPRING, WINTER, "restore")
    ]


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ({"edited": True}, "reply-edited"),
        ({"problem": "I could not read “please”."}, "reply-unclear"),
        ({"field": "duedate"}, "reply-not-yours"),
    ],
    ids=["edited since", "unclear", "another field"],
)
def test_a_withdrawal_that_cannot_count_is_answered_and_nothing_else(look, command, reply) -> None:
    made = look(waiting(), withdraws(**command))

    assert replies(made) == [reply]
    assert untouched(made, waiting())


def test_of_several_wishes_of_ones_own_one_has_to_be_named(look) -> None:
    made = look(waiting(ELSEWHERE), TWO_FIELDS)

    assert replies(made) == ["reply-which"]
    assert the_reply(made).event.choices == (
        "/withdraw milestone 2027-03-01",
        "/withdraw due-date 2027-04-15",
    )
    assert made.state.proposals == waiting(ELSEWHERE).proposals


@pytest.mark.parametrize("named", [{"field": "duedate"}, {"day": SUMMER.day}])
def test_of_several_wishes_of_ones_own_the_named_one_is_taken_back(look, named) -> None:
    made = look(waiting(ELSEWHERE), replace(TWO_FIELDS, written=withdraws(**named).written))

    assert [p.id for p in made.state.open_proposals()] == ["p1"]


def test_a_date_one_did_not_ask_for_takes_nothing_back(look) -> None:
    made = look(waiting(), withdraws(day=SUMMER.day))

    assert replies(made) == ["reply-not-yours"]
    assert untouched(made, waiting())


@pytest.mark.parametrize("edited", [True, False])
def test_a_stranger_withdraws_in_vain_and_hears_nothing(look, edited) -> None:
    made = look(waiting(), withdraws(by=STRANGER, edited=edited))

    assert made.effects == ()
    assert untouched(made, waiting())


def test_whoever_lost_the_right_to_link_can_still_take_back_what_they_asked(look) -> None:
    seen = replace(withdraws(), rights={**RIGHTS, LEE.id: Rights()})

    assert look(waiting(), seen).state.open_proposals() == ()


# ---------------------------------------------------------------- answers


def answers(word: str = "signoff", by: Person = MONA, **command) -> Facts:
    return facts(WINTER, wrote(by, word, **command))


@pytest.mark.parametrize("word", ["signoff", "decline"])
def test_an_answer_that_cannot_be_read_answers_nothing(look, word) -> None:
    made = look(waiting(), answers(word, problem="I could not read “fine”."))

    assert replies(made) == ["reply-unclear"]
    assert untouched(made, waiting())


@pytest.mark.parametrize("word", ["signoff", "decline"])
def test_a_bare_answer_to_several_wishes_lists_them_with_their_dates(look, word) -> None:
    shown = NOW - timedelta(hours=1)
    other = proposal(SUMMER, WINTER, id="p2", field="duedate", shown_at=shown)
    before = waiting(other)

    made = look(before, answers(word))

    assert replies(made) == ["reply-which"]
    assert the_reply(made).event.choices == (
        f"/{word} milestone 2027-03-01",
        f"/{word} due-date 2027-04-15",
    )
    assert untouched(made, before)


def test_no_to_nothing_is_answered_kindly(look) -> None:
    made = look(state(WINTER), answers("decline"))

    assert replies(made) == ["reply-nothing-waits"]
    assert untouched(made, state(WINTER))


def test_agreeing_to_what_is_agreed_changes_nothing(look) -> None:
    agreed = state(WINTER, commitment=commitment(WINTER))

    made = look(agreed, answers(day=WINTER.day))

    assert replies(made) == ["reply-nothing-waits"]
    assert untouched(made, agreed)


def test_agreeing_to_no_date_where_there_is_none_is_answered_instead_of_passed_over(look) -> None:
    made = look(state(NOTHING), facts(NOTHING, wrote(MONA, "signoff", nothing=True)))

    assert replies(made) == ["reply-nothing-waits"]
    assert untouched(made, state(NOTHING))


def test_agreeing_to_no_date_where_one_is_planned_takes_it_off(look) -> None:
    made = look(state(WINTER), answers(nothing=True))

    assert [e.intent for e in made.effects if isinstance(e.intent, SetDeadline)] == [
        SetDeadline("milestone", WINTER, NOTHING, "apply")
    ]


def test_a_date_nobody_asked_for_and_no_milestone_carries_is_answered_with_those_on_offer(look) -> None:
    made = look(state(WINTER), answers(day=NOW.date()))

    assert replies(made) == ["reply-no-carrier"]
    assert the_reply(made).event.choices == ("2027-01-31", "2027-03-01", "2027-04-15")
    assert untouched(made, state(WINTER))


def test_the_same_person_twice_is_still_one_person(look, shipped) -> None:
    policy = shipped.config.sign_off["product"].model_copy(update={"people_needed": 2})
    two = replace(shipped, config=replace(shipped.config, sign_off={"product": policy}))

    first = look(waiting(), answers(day=SPRING.day), rules=two)
    again = look(replace(first.state, version=6), answers(day=SPRING.day, comment="c2"), rules=two)
    other = look(replace(again.state, version=7), answers(by=OMAR, day=SPRING.day, comment="c3"), rules=two)

    assert again.state.open_proposals()[0].agreed(SPRING) == (MONA,)
    assert other.state.fields["milestone"].commitment.signed_by == (MONA, OMAR)


def test_whoever_is_product_for_another_policy_may_not_answer_this_one(look) -> None:
    seen = replace(answers(by=OMAR), rights={OMAR.id: Rights(may_link=True, product=frozenset({"legal"}))})

    made = look(waiting(), seen)

    assert replies(made) == ["reply-not-product"]
    assert untouched(made, waiting())


# ---------------------------------------------------------------- the line to paste

GO_LIVE = date_field("customfield_10071", "jira", "Go-live date")


@pytest.mark.parametrize(
    ("subject", "fields", "field", "value", "line"),
    [
        (ISSUE, (MILESTONE,), MILESTONE, SPRING, "/signoff 2027-03-01"),
        (ISSUE, (MILESTONE,), MILESTONE, NOTHING, "/signoff none"),
        (PROD_7, (DUEDATE,), DUEDATE, SPRING, "handshake signoff 2027-03-01"),
        (PROD_7, (DUEDATE, GO_LIVE), DUEDATE, SPRING, "handshake signoff due-date 2027-03-01"),
        (PROD_7, (DUEDATE, GO_LIVE), GO_LIVE, SPRING, "handshake signoff go-live-date 2027-03-01"),
    ],
)
def test_the_line_has_always_its_date_and_the_field_where_there_are_several(
    subject, fields, field, value, line
) -> None:
    assert command_for(subject, fields, field.id, value) == line


def test_a_link_that_was_made_by_command_is_ended_by_command(look) -> None:
    made = look(state(WINTER), facts(WINTER, wrote(SAM, "unlink", deal=DEAL.key)))

    assert made.state.linked() == ()
    assert [line.what for line in made.ledger] == ["unlinked"]


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ({"deal": "SALES-999"}, "reply-unknown-deal"),
        ({"deal": DEAL.key, "edited": True}, "reply-edited"),
        ({"problem": "Name one deal, by its key or its address."}, "reply-unclear"),
    ],
)
def test_an_end_of_a_link_that_cannot_count_is_answered_and_nothing_else(look, command, reply) -> None:
    made = look(state(WINTER), facts(WINTER, wrote(SAM, "unlink", **command)))

    assert replies(made) == [reply]
    assert made.state.linked() == (DEAL.subject,)


def test_a_stranger_ends_no_link_and_hears_nothing(look) -> None:
    made = look(state(WINTER), facts(WINTER, wrote(STRANGER, "unlink", deal=DEAL.key)))

    assert made.effects == ()
    assert made.state.linked() == (DEAL.subject,)


# ---------------------------------------------------------------- what is offered

LONG_AGO = Value("9", date(2026, 3, 1), "Last release")


def written(by: Person, line: str, **facts_of: object) -> Facts:
    """Return the facts where somebody wrote ``line`` today."""
    commands = parse([line], "github", NOW.date())
    found = tuple(Written(command, "c9", by, NOW) for command in commands)
    return replace(facts(WINTER), written=found, **facts_of)


@pytest.mark.parametrize("by", [MONA, SAM, LEE, STRANGER])
@pytest.mark.parametrize(
    "line",
    [
        *(
            "/signoff soon",
            "/signoff if it fits",
            "/decline 03/04",
            "/decline not before 1 May",
            "/withdraw 3/4",
        ),
        *(
            "/sign-off",
            "/approve",
            "/reject",
            "/signoff YYYY-MM-DD",
            "/ask soon",
            "/link",
            "/unlink",
            "/linked x",
        ),
    ],
)
@pytest.mark.parametrize("asked", [(), (proposal(SPRING, WINTER),), (proposal(LONG_AGO, WINTER),)])
def test_what_a_reply_offers_is_what_is_asked_or_no_command(look, by, line, asked) -> None:
    before = state(WINTER, proposals=asked)
    made = look(before, written(by, line))

    for say in (effect.intent for effect in made.effects if isinstance(effect.intent, Say)):
        reply = message(say, issue(WINTER), {}, ProductVars(), "", None, NOW.date()).reply
        for offered in (*say.event.choices, reply.example, reply.form):
            [command] = parse([offered], "github", NOW.date())
            answer = command.word in ("decline", "withdraw")
            days = {p.value.day for p in asked if answer or p.value == SPRING}
            assert command.problem or command.day in days
    assert made.state.fields == before.fields


@pytest.mark.parametrize("line", ["/signoff", "/signoff 2026-03-01", "/signoff 1 March 2026"])
def test_what_was_asked_and_has_passed_gets_one_question_and_no_yes(look, line) -> None:
    before = state(WINTER, proposals=(proposal(LONG_AGO, WINTER, shown_at=NOW - timedelta(days=1)),))
    made = look(before, written(MONA, line))

    assert replies(made) == ["reply-past"]
    assert the_reply(made).event.choices == ("/signoff 2027-03-01",)
    assert the_reply(made).event.written.command.problem == "1 March 2026 has passed; did you mean 2027?"
    assert untouched(made, before)


def test_a_year_that_was_left_out_is_that_of_the_wish(look) -> None:
    later = Value("9", date(2029, 3, 1), "Much later")
    signed = look(state(WINTER, proposals=(proposal(later, WINTER),)), written(MONA, "/signoff 1 March"))

    assert signed.state.fields["milestone"].commitment.value == later
    assert signed.state.fields["milestone"].commitment.dated


def test_a_date_that_can_mean_two_days_gets_a_line_for_each(look) -> None:
    made = look(waiting(), written(MONA, "/signoff 03/04/2027"))

    assert replies(made) == ["reply-unclear"]
    assert the_reply(made).event.choices == ("/signoff 2027-03-04", "/signoff 2027-04-03")


@pytest.mark.parametrize(
    ("by", "line", "linked", "reply"),
    [
        (MONA, "/sign-off", True, ["reply-nearly"]),
        (SAM, "/sign-off", True, ["reply-nearly"]),
        (STRANGER, "/sign-off", True, []),
        (MONA, "/approve", True, ["reply-nearly"]),
        (MONA, "/approve", False, []),
        (MONA, "/sign-off", False, ["reply-nearly"]),
    ],
)
def test_what_is_nearly_a_command_is_answered_to_those_who_may(look, by, line, linked, reply) -> None:
    made = look(state(WINTER, linked=linked), written(by, line))

    assert replies(made) == reply
    assert made.state.handled == ("c9",)


def test_what_is_nearly_a_command_names_the_date_that_was_typed(look) -> None:
    made = look(waiting(), written(MONA, "/sign-off 15 April because so"))

    assert the_reply(made).event.choices == ("/signoff 2027-04-15",)
    assert made.state.open_proposals() == waiting().open_proposals()
