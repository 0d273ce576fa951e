"""What happened to a milestone, who did it, and which issues hear of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from automation.domain.carriers import carriers_of, reconcile
from automation.model import (
    CARRIER,
    NOTHING,
    Carrier,
    CarrierMove,
    CarrierState,
    FieldState,
    IssueState,
    Subject,
    Trigger,
    Value,
)
from tests.factories import ISSUE, LEE, MONA, NOW, SPRING, SUMMER, WINTER, proposal

SUBJECT = Subject("github", CARRIER, "acme/shop#2")
KNOWN = CarrierState(SUBJECT, 1, SPRING, (CarrierMove(SPRING, NOW - timedelta(days=1), MONA),))
LATER = replace(SPRING, day=SUMMER.day)
UNDATED = replace(SPRING, day=None)


def told(value: Value, by=LEE, minutes: int = 0) -> Trigger:
    at = NOW + timedelta(minutes=minutes)
    return Trigger(SUBJECT, "moved", by, at, updated=at, held=value)


def holds(value: Value) -> Carrier:
    return Carrier("acme/shop", value, NOW)


@pytest.mark.parametrize("value", [LATER, UNDATED])
def test_a_date_that_moved_is_told_to_all_that_stand_on_it_with_who_moved_it(value: Value) -> None:
    made = reconcile(KNOWN, holds(value), [told(value)], [ISSUE], NOW)

    assert made.state.value == value and made.state.moves[-1] == CarrierMove(value, NOW, LEE)
    assert [message.subject for message in made.messages] == [ISSUE]


def test_what_a_delivery_claims_and_the_tracker_does_not_hold_is_nobodys_doing() -> None:
    assert reconcile(KNOWN, holds(SPRING), [told(LATER)], [ISSUE], NOW).state == KNOWN

    lied = reconcile(KNOWN, holds(LATER), [told(UNDATED, MONA)], [ISSUE], NOW)
    assert lied.state.moves[-1].by is None and lied.messages


def test_an_old_delivery_lends_nobody_a_later_move() -> None:
    away = CarrierMove(SPRING, NOW, LEE)
    known = replace(KNOWN, moves=(CarrierMove(LATER, NOW - timedelta(hours=1), MONA), away))

    again = reconcile(known, holds(LATER), [told(LATER, MONA, minutes=-60)], [ISSUE], NOW)

    assert again.state.moves[-1].by is None, "this is another move to the same day"


def test_whoever_moved_it_is_learned_where_the_delivery_comes_after_the_look() -> None:
    alone = reconcile(KNOWN, holds(LATER), [], [ISSUE], NOW)
    known = reconcile(alone.state, holds(LATER), [told(LATER)], [ISSUE], NOW)

    assert alone.state.moves[-1].by is None
    assert known.state.moves[-1].by == LEE and known.messages
    assert not reconcile(known.state, holds(LATER), [told(LATER)], [ISSUE], NOW).messages, "and told once"


def test_in_whatever_order_deliveries_come_the_same_is_known_in_the_end() -> None:
    moves = [told(LATER, LEE, 1), told(UNDATED, MONA, 2), told(LATER, MONA, 3)]
    ends = set()
    for order in permutations(moves):
        state = KNOWN
        for trigger in (*order, order[0]):
            state = reconcile(state, holds(LATER), [trigger], [ISSUE], NOW).state
        ends.add((state.value, state.moves[-1].by is not None))

    assert ends == {(LATER, True)}


def test_a_deleted_carrier_is_told_once() -> None:
    gone = reconcile(KNOWN, None, [], [ISSUE], NOW)

    assert gone.state.gone and [message.subject for message in gone.messages] == [ISSUE]
    assert not reconcile(gone.state, None, [], [ISSUE], NOW).messages


def test_an_issue_stands_on_what_holds_it_what_it_goes_back_to_and_what_is_asked() -> None:
    state = IssueState(
        ISSUE,
        fields={"milestone": FieldState(standing=WINTER, contested=SPRING)},
        proposals=(proposal(SUMMER, WINTER),),
    )

    place = ISSUE.key.partition("#")[0]
    assert carriers_of(state) == {Subject("github", CARRIER, f"{place}#{ref}") for ref in "123"}
    day = FieldState(standing=Value("2027-03-01", SPRING.day))
    assert carriers_of(replace(state, fields={"duedate": day}, proposals=())) == frozenset()
    assert carriers_of(replace(state, fields={"milestone": FieldState(NOTHING)}, proposals=())) == frozenset()
