"""Whatever is built in leaves a decision: what it came to, whose word did not count, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from automation.engine.plan import plan
from automation.model import (
    NOTHING,
    Answer,
    Deal,
    Decision,
    Evidence,
    Facts,
    IssueState,
    Mode,
    Outcome,
    Pending,
    Plan,
    Reason,
    Receipt,
    Rights,
    Yes,
)
from automation.rulebook.rulebook import Rulebook, load
from tests.factories import (
    DEAL,
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
    deal,
    facts,
    issue,
    proposal,
    state,
    wrote,
)

BEGINNING = datetime.min.replace(tzinfo=NOW.tzinfo)
WAITING = state(WINTER, proposals=(proposal(SPRING, WINTER),))
NOBODY = {**RIGHTS, LEE.id: Rights(may_link=True), STRANGER.id: Rights()}
CLOSED = Deal(deal("SALES-8"), "Boreas", "", open=False)
PAST = date(2026, 3, 1)


@pytest.fixture(scope="module")
def shipped() -> Rulebook:
    return load(Path("rules"))


@pytest.fixture(scope="module")
def two_needed(shipped: Rulebook) -> Rulebook:
    policy = shipped.config.sign_off["product"].model_copy(update={"people_needed": 2})
    return replace(shipped, config=replace(shipped.config, sign_off={"product": policy}))


def look(
    before: IssueState,
    seen: Facts,
    rules: Rulebook,
    mode: Mode = Mode.ENFORCE,
    since: datetime = BEGINNING,
    receipts: dict[str, Receipt] | None = None,
) -> Plan:
    return plan(before, receipts or {}, seen, rules, mode, NOW, since)


def built_in(made: Plan) -> Decision:
    [decision] = [one for one in made.decisions if not one.where]
    return decision


def walk(reasons: tuple[Reason, ...]) -> Iterator[Reason]:
    for reason in reasons:
        yield reason
        yield from walk(reason.children)


def in_the_way(decision: Decision) -> str:
    """Return what stood in the way, from the top down."""
    return "; ".join(one.text for one in walk(decision.reasons) if one.answer is Answer.NO)


@pytest.mark.parametrize(
    ("written", "before", "outcome", "why"),
    [
        (
            wrote(LEE, "signoff", day=SPRING.day),
            WAITING,
            "refused",
            "lee's word does not count; for product: not in the team acme/product or the group "
            "product-managers, by what the tracker answered at that moment",
        ),
        (wrote(STRANGER, "signoff"), WAITING, "refused", "stranger's word does not count"),
        (
            wrote(MONA, "signoff", edited=True),
            WAITING,
            "refused",
            "the comment was edited after it was written",
        ),
        (wrote(MONA, "signoff", problem="That is no day."), WAITING, "refused", "it could not be read"),
        (wrote(MONA, "signoff", day=PAST), WAITING, "refused", "the day has passed"),
        (
            wrote(MONA, "signoff", day=date(2027, 12, 24)),
            WAITING,
            "refused",
            "nothing there carries that date",
        ),
        (
            wrote(MONA, "signoff", field="duedate", day=SPRING.day),
            state(WINTER),
            "refused",
            "it could not be read",
        ),
        (
            wrote(MONA, "signoff", at=NOW - timedelta(minutes=90)),
            WAITING,
            "refused",
            "which of the dates that wait is meant is not clear",
        ),
        (wrote(MONA, "signoff"), state(WINTER), "quiet", ""),
        (wrote(MONA, "signoff"), WAITING, "done", ""),
        (wrote(MONA, "decline"), WAITING, "done", ""),
        (wrote(LEE, "decline"), WAITING, "refused", "lee's word does not count"),
        (wrote(LEE, "withdraw"), WAITING, "done", ""),
        (wrote(SAM, "withdraw"), WAITING, "refused", "no date waits here that sam asked for"),
        (wrote(STRANGER, "withdraw"), WAITING, "refused", "stranger may not link here, nor ask"),
        (wrote(LEE, "ask", day=SPRING.day), state(WINTER), "done", ""),
        (
            wrote(STRANGER, "ask", day=SPRING.day),
            state(WINTER),
            "refused",
            "stranger may not link here, nor ask",
        ),
        (wrote(SAM, "link", deal=DEAL.key), state(linked=False), "done", ""),
        (wrote(SAM, "link", deal=DEAL.key), state(), "quiet", ""),
        (wrote(SAM, "link", deal="SALES-9"), state(), "refused", "there is no deal SALES-9"),
        (wrote(SAM, "link", deal="SALES-8"), state(), "refused", "SALES-8 is closed"),
        (wrote(STRANGER, "link", deal=DEAL.key), state(), "refused", "stranger may not link here"),
        (wrote(SAM, "unlink", deal=DEAL.key), state(), "done", ""),
        (wrote(SAM, "unlink", deal="SALES-9"), state(), "quiet", ""),
        (wrote(SAM, "name", text="Login for all"), state(), "done", ""),
        (wrote(STRANGER, "name", text="Buy this"), state(), "refused", "stranger is of no sign-off policy"),
        (wrote(SAM, "user", text="Ana Ruiz"), state(), "done", ""),
        (wrote(MONA, "signoff", near="/signof"), WAITING, "refused", "it is nearly a command"),
        (wrote(STRANGER, "signoff", near="/signof"), WAITING, "refused", "stranger may use no commands here"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_command_says_what_it_came_to_and_why(shipped, written, before, outcome, why) -> None:
    seen = facts(WINTER, written, rights=NOBODY, deals={DEAL.subject: DEAL, CLOSED.subject: CLOSED})

    decision = built_in(look(before, seen, shipped))

    assert decision.outcome == outcome
    assert in_the_way(decision).startswith(why) if why else in_the_way(decision) == ""
    assert dict(decision.reasons[0].values)["comment"] == "c1", "which words it was about"


def test_a_deal_that_could_not_be_asked_about_is_told_from_one_that_is_hidden(shipped) -> None:
    words = wrote(SAM, "link", deal=DEAL.key)
    hidden = facts(WINTER, words, unseen=frozenset({(SAM.id, DEAL.subject)}))
    unasked = replace(hidden, unchecked=frozenset({SAM.id}))

    before = state(linked=False)
    assert in_the_way(built_in(look(before, hidden, shipped))) == "sam may not see SALES-7"
    said = in_the_way(built_in(look(before, unasked, shipped)))
    assert said == "whether sam may see SALES-7 could not be asked"


def test_what_was_written_before_the_mode_came_into_force_says_so(shipped) -> None:
    early = facts(WINTER, wrote(MONA, "signoff", at=NOW - timedelta(hours=2)))

    made = look(WAITING, early, shipped, since=NOW - timedelta(hours=1))

    assert built_in(made).outcome is Outcome.REFUSED
    assert in_the_way(built_in(made)) == "it was written before the mode was enforce"


def test_whose_yes_counts_and_whose_does_not_is_said_of_each(two_needed) -> None:
    yeses = (Yes(OMAR, SUMMER, NOW), Yes(SAM, SPRING, NOW))
    waiting = state(WINTER, proposals=(proposal(SPRING, WINTER, yeses=yeses),))

    decision = built_in(look(waiting, facts(WINTER, wrote(MONA, "signoff", day=SPRING.day)), two_needed))

    assert decision.outcome is Outcome.DONE
    assert "1 of 2 people have said yes to that date" in decision.because
    said = {one.text.partition(",")[0]: one.answer for one in walk(decision.reasons[-1].children)}
    assert said == {
        "omar's yes is to another value": Answer.NO,
        "sam's yes does not count: not in the team acme/product or the group product-managers": Answer.NO,
        "mona's yes counts": Answer.YES,
    }


def test_an_edit_of_products_says_whether_it_agreed_to_anything(shipped, two_needed) -> None:
    answers, plans = facts(SPRING, by=MONA), facts(SUMMER, by=MONA)
    agreed = state(WINTER, commitment=commitment())

    assert "is a yes, and the last one it takes" in built_in(look(WAITING, answers, shipped)).because
    assert "stands as a plan" in built_in(look(state(WINTER), plans, shipped)).because
    held = look(agreed, answers, two_needed).decisions[0]
    assert "1 of 2 people have said yes to that date" in held.because


def test_a_held_date_says_who_it_was_and_that_they_are_not_of_product(shipped) -> None:
    [decision] = look(state(WINTER), facts(SPRING, by=LEE), shipped).decisions
    [unknown] = look(state(WINTER), facts(SPRING), shipped).decisions

    assert decision.outcome is Outcome.FIRED
    assert decision.because == "lee is not of product; the date waits for product; it is set back"
    assert unknown.because.startswith("who changed it cannot be told")
    [condition, *_] = decision.reasons
    assert condition.children[0].values == (("size(issue.deals)", "1"),)


def test_the_fourth_time_within_the_hour_says_that_the_cap_is_reached(shipped) -> None:
    times = tuple(NOW - timedelta(minutes=n) for n in (30, 20, 10))

    [decision] = look(state(WINTER, restores=times), facts(SPRING, by=LEE), shipped).decisions

    assert decision.because.endswith("set back 3 times within the hour already")


def test_a_date_that_the_tracker_did_not_take_leaves_a_decision_with_its_receipt(shipped) -> None:
    before = state(NOTHING, pending=Pending("e1", SPRING))
    receipts = {"e1": Receipt(False, "GitHub: 403", "The right is missing.")}

    decision = built_in(look(before, facts(SPRING), shipped, receipts=receipts))

    assert (decision.rule, decision.outcome) == ("a date that could not be set", Outcome.REFUSED)
    assert dict(decision.reasons[0].values)["receipt"] == "GitHub: 403"


def test_deals_named_in_the_words_say_who_put_them_there_and_why_one_is_not_linked(shipped) -> None:
    named = {deal("SALES-7"): Evidence(SAM, NOW), deal("SALES-8"): Evidence(STRANGER, NOW)}
    seen = facts(
        WINTER,
        issue=issue(WINTER),
        mentioned=tuple(map(deal, ("SALES-7", "SALES-8", "SALES-9"))),
        credits=named,
        rights=NOBODY,
    )

    decision = built_in(look(state(linked=False), seen, shipped))

    assert decision.outcome is Outcome.DONE
    assert "sam put SALES-7 into the words: it is linked" in decision.because
    assert "stranger, who put SALES-8 into the words, may not link here" in decision.because
    assert "who put SALES-9 into the words cannot be told" in decision.because


def test_thousands_of_deals_and_lines_without_an_end_leave_a_decision_of_a_few_kilobytes(shipped) -> None:
    many = facts(WINTER, issue=issue(WINTER), mentioned=tuple(deal(f"SALES-{n}") for n in range(100, 9000)))
    long = facts(WINTER, wrote(MONA, "decline", because="x" * 60_000))

    named, declined = (built_in(look(WAITING, seen, shipped)) for seen in (many, long))

    assert named.because.endswith("and 8860 more of this kind")
    assert max(len(str(named.reasons)), len(str(declined.reasons))) < 10_000


def test_each_decision_names_the_effects_that_it_intends(shipped) -> None:
    made = look(state(WINTER), facts(SPRING, wrote(LEE, "signoff", day=SPRING.day), by=LEE), shipped)

    by_decision = [key for decision in made.decisions for key in decision.effects]
    assert len(by_decision) == len(set(by_decision))
    assert set(by_decision) <= {effect.key for effect in made.effects}
    assert all(decision.effects for decision in made.decisions)


def test_nothing_new_decides_nothing_and_explains_nothing(shipped, monkeypatch) -> None:
    from automation.rulebook.conditions.expressions import Condition

    def dear(*_: object) -> Reason:
        raise AssertionError("a condition was taken apart")

    monkeypatch.setattr(Condition, "explain", dear)

    assert look(state(WINTER), facts(WINTER), shipped).decisions == ()
    [quiet] = look(state(WINTER, linked=False), facts(SPRING, by=LEE), shipped).decisions
    assert (quiet.outcome, quiet.reasons[0].children) == (Outcome.QUIET, ())


def test_no_reason_that_is_logged_quotes_what_people_wrote(shipped) -> None:
    words = "Borealis wants it"
    for written in (
        wrote(MONA, "signoff", because=words),
        wrote(MONA, "decline", because=words),
        wrote(MONA, "signoff", problem=words),
        wrote(SAM, "user", text=words),
        wrote(SAM, "name", text=words),
        wrote(MONA, "signoff", near=words),
    ):
        decision = built_in(look(WAITING, facts(WINTER, written), shipped))
        assert words not in decision.because
        assert words in str(decision.reasons), "it is kept all the same"
