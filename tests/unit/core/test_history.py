"""What the tracker's history tells is dealt with in its own order, whichever delivery came first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from automation.domain.changes import moves_of_others, since_then
from automation.engine.plan import plan
from automation.model import (
    NOTHING,
    Evidence,
    Facts,
    FieldState,
    History,
    IssueState,
    Mode,
    Move,
    Pending,
    Person,
    Plan,
    Say,
    SetDeadline,
    SetLabel,
    Status,
    Value,
)
from automation.rulebook.rulebook import load
from tests.factories import (
    DEAL,
    ISSUE,
    LEE,
    MONA,
    NOW,
    SAM,
    SPRING,
    SUMMER,
    WINTER,
    facts,
    looked,
    state,
    wrote,
)

BEFORE, AFTER = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)


def move(
    id: str, new: Value | None, old: Value | None = NOTHING, by: Person | None = LEE, at: datetime = AFTER
) -> Move:
    return Move(id, at, by, old, new)


def past(*moves: Move) -> dict[str, History]:
    newest = moves[-1] if moves else None
    return {"milestone": History(moves, newest.id, newest.at) if newest else History()}


@pytest.fixture(scope="module")
def look():
    shipped = load(Path("rules"))

    def look(before: IssueState, seen: Facts, mode: Mode = Mode.ENFORCE, since: datetime = BEFORE) -> Plan:
        return plan(before, {}, looked(before, seen), shipped, mode, NOW + timedelta(minutes=5), since)

    return look


def link(at: datetime = NOW):
    return wrote(SAM, "link", deal=DEAL.key, at=at)


def writes(made: Plan) -> list[tuple[Value, Value, str]]:
    intents = [effect.intent for effect in made.effects]
    return [(i.expect, i.value, i.why) for i in intents if isinstance(i, SetDeadline)]


def said(made: Plan) -> list[str]:
    return [effect.intent.message for effect in made.effects if isinstance(effect.intent, Say)]


# ---------------------------------------------------------------- a first sight


def test_a_date_set_after_the_link_is_held_though_it_stood_when_we_first_looked(look) -> None:
    made = look(IssueState(ISSUE), facts(SPRING, link(), history=past(move("7", SPRING))))

    assert writes(made) == [(SPRING, NOTHING, "restore")]
    assert [(p.value, p.asked_by, p.asked_at) for p in made.state.open_proposals()] == [(SPRING, LEE, AFTER)]
    assert said(made) == ["linked", "linked", "date-held", "date-asked"]
    assert made.state.fields["milestone"].last == "7"


def test_what_stood_at_the_link_stands_however_often_it_changed_since(look) -> None:
    history = past(move("7", SPRING, WINTER, SAM), move("8", SUMMER, SPRING, LEE))

    made = look(IssueState(ISSUE), facts(SUMMER, link(), history=history))

    known = made.state.fields["milestone"]
    assert (known.standing, known.status) == (WINTER, Status.INHERITED)
    assert writes(made) == [(SUMMER, WINTER, "restore")]
    assert [p.value for p in made.state.open_proposals()] == [SUMMER]


def test_a_link_that_does_not_count_holds_nothing(look) -> None:
    stranger = replace(link(), author=Person("github", "666", "stranger"))

    made = look(IssueState(ISSUE), facts(SPRING, stranger, history=past(move("7", SPRING))))

    assert writes(made) == [] and made.state.open_proposals() == ()
    assert made.state.fields["milestone"].standing == SPRING


def test_where_it_cannot_be_told_what_stood_no_date_stands_and_the_ledger_says_so(look) -> None:
    made = look(IssueState(ISSUE), facts(SPRING, link(), history=past(move("7", SPRING, old=None))))

    assert writes(made) == [(SPRING, NOTHING, "restore")]
    assert "unknown" in [entry.what for entry in made.ledger]


def test_words_count_from_when_they_were_written(look) -> None:
    seen = facts(
        SPRING,
        mentioned=(DEAL.subject,),
        credits={DEAL.subject: Evidence(SAM, NOW)},
        history=past(move("7", SPRING)),
    )

    made = look(IssueState(ISSUE), seen)

    assert [link.at for link in made.state.links] == [NOW]
    assert writes(made) == [(SPRING, NOTHING, "restore")]


def test_what_was_changed_before_the_mode_came_into_force_is_left_standing(look) -> None:
    seen = facts(SPRING, link(AFTER), history=past(move("7", SPRING, at=AFTER)))

    assert writes(look(IssueState(ISSUE), seen, since=AFTER + timedelta(seconds=1))) == []


# ---------------------------------------------------------------- in the order it happened


def test_products_date_that_was_overwritten_before_we_looked_goes_on(look) -> None:
    history = past(move("7", SUMMER, by=MONA), move("8", SPRING, SUMMER))

    made = look(state(), facts(SPRING, history=history))

    assert made.state.fields["milestone"].status is Status.PLANNED
    assert writes(made) == [(SPRING, SUMMER, "restore")]


def test_an_answer_goes_to_what_was_asked_before_it(look) -> None:
    signed = wrote(MONA, "signoff", day=SUMMER.day)

    before = look(state(), facts(SPRING, signed, history=past(move("7", SPRING))))
    after = look(state(), facts(SPRING, signed, history=past(move("7", SPRING, at=BEFORE))))

    assert [p.state.value for p in before.state.proposals] == ["open"]
    assert [p.state.value for p in after.state.proposals] == ["signed"]
    assert before.state.fields["milestone"].standing == after.state.fields["milestone"].standing == SUMMER


def test_a_wish_that_gave_way_to_another_is_kept_and_set_back_by_nobody(look) -> None:
    history = past(move("7", SPRING), move("8", SUMMER, SPRING, SAM))

    made = look(state(), facts(SUMMER, history=history))

    assert [(p.value, p.state.value) for p in made.state.proposals] == [
        (SPRING, "superseded"),
        (SUMMER, "open"),
    ]
    assert len(made.state.fields["milestone"].restores) == len(writes(made)) == 1
    assert said(made) == ["date-held", "date-asked"]


def test_linked_and_unlinked_before_we_looked_leaves_no_label(look) -> None:
    unlink = wrote(SAM, "unlink", comment="c2", deal=DEAL.key, at=AFTER)

    made = look(IssueState(ISSUE), facts(NOTHING, link(), unlink))

    assert made.state.linked() == ()
    assert not [effect for effect in made.effects if isinstance(effect.intent, SetLabel)]


# ---------------------------------------------------------------- what of a history counts


def test_the_first_half_of_our_own_write_is_nobodys_wish_until_it_has_ended() -> None:
    """A restore from spring to winter, of which the history tells no more than that it is out of spring."""
    half = move("7", NOTHING, SPRING, SAM)
    known = FieldState(WINTER, last="6", wrote=(WINTER,), pending=Pending("e1", SPRING))

    under_way = since_then([half, move("6", SPRING)], known, None)
    ended = since_then([half, move("6", SPRING)], replace(known, pending=None), None)

    assert (under_way.moves, under_way.newest) == ((), "6")
    assert ended.moves == (half,)


def test_a_move_whose_first_half_was_seen_is_news_by_its_second() -> None:
    whole = replace(move("8", SUMMER, SPRING), also="7")
    older = [move("6", SPRING), move("5", WINTER)]

    assert since_then([whole, *older], FieldState(SPRING, last="7"), None).moves == (whole,)
    assert since_then([whole, *older], FieldState(SPRING, last="8"), None).moves == ()


def test_our_own_writes_are_no_news(look) -> None:
    """Also where the token is that of somebody of product."""
    known = state(SUMMER, last="6", wrote=(NOTHING, SUMMER))
    ours = (move("7", NOTHING, SPRING, MONA), move("8", SUMMER, by=MONA))

    assert moves_of_others(known, past(*ours, move("9", SPRING))) == {"milestone": (move("9", SPRING),)}
    made = look(known, facts(SPRING, history=past(*ours, move("9", SPRING, SUMMER))))

    assert [p.value for p in made.state.proposals] == [SPRING]
    assert made.state.fields["milestone"].wrote == (SUMMER,), "what is planned now, and nothing of before"


def test_a_write_that_is_still_under_way_is_known_again_later(look) -> None:
    known = state(SUMMER, last="6", wrote=(SUMMER,), pending=Pending("e1", NOTHING))

    made = look(known, facts(NOTHING, wrote(SAM, "link", deal="SALES-8"), history=past()))

    assert made.state.fields["milestone"].wrote == (SUMMER,)


@pytest.mark.parametrize(
    ("known", "start", "taken"),
    [
        (None, None, []),
        (None, NOW, ["8", "9"]),
        (FieldState(last="8"), None, ["9"]),
        (FieldState(last="0"), None, ["7", "8", "9"]),
        (FieldState(SPRING), None, ["9"]),
        (FieldState(WINTER), None, ["8", "9"]),
    ],
    ids=["never seen", "first sight", "after an entry", "nothing seen", "after a value", "after leaving it"],
)
def test_only_what_was_not_taken_into_account_counts(known, start, taken) -> None:
    moves = [move("7", WINTER, at=BEFORE), move("8", SPRING, WINTER), move("9", SUMMER, SPRING)]

    found = since_then(iter(moves[::-1]), known, start)

    assert [one.id for one in found.moves] == taken
    assert (found.newest, found.newest_at) == ("9", AFTER)


def test_a_history_that_lags_behind_lends_nobody_its_place(look) -> None:
    made = look(state(), facts(SPRING, history=past(move("7", SUMMER, by=MONA))))

    assert [(p.value, p.asked_by) for p in made.state.open_proposals()] == [(SPRING, None)]
