"""Who moved a date that no history tells of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from automation.engine.untraced import history
from automation.model import NOTHING, FieldState, Person, Subject, Trigger, Value

NAME = "PVT_1.PVTF_2"
NOW = datetime(2027, 1, 11, 9, tzinfo=UTC)
LEE, MONA = Person("github", "1", "lee"), Person("github", "2", "mona")
MARCH, APRIL = (Value(f"2027-0{month}-01", date(2027, month, 1)) for month in (3, 4))
KNOWN = FieldState(standing=MARCH, last="x", last_at=NOW)
ISSUE = Subject("github", "issue", "7")


def told(by: Person | None, held: Value | None, seconds: int = 1, changed: str = NAME) -> Trigger:
    when = NOW + timedelta(seconds=seconds)
    return Trigger(ISSUE, "issue", by, when, changed=(changed,), held=held)


def mover(truth: Value, *triggers: Trigger, known: FieldState = KNOWN) -> Person | None:
    past = history(NAME, truth, known, triggers)
    return past.moves[-1].by if past.moves else None


def test_the_newest_delivery_that_tells_of_what_it_holds_says_who() -> None:
    assert mover(APRIL, told(LEE, APRIL), told(MONA, APRIL, 5), told(LEE, NOTHING, 3)) == MONA
    assert mover(NOTHING, told(LEE, APRIL), told(MONA, NOTHING, 2, changed="PVT_1")) == MONA


@pytest.mark.parametrize(
    "trigger",
    [
        told(MONA, NOTHING),  # of what it held in between
        told(MONA, None),  # which does not say of what
        told(MONA, APRIL, -1),  # of before what was taken into account
        told(MONA, APRIL, changed="PVT_1.PVTF_3"),
        told(MONA, APRIL, changed="PVT_12"),
        replace(told(MONA, APRIL), at=None),
    ],
)
def test_nobody_did_what_no_delivery_tells_of(trigger: Trigger) -> None:
    past = history(NAME, APRIL, KNOWN, (trigger,))

    assert past.moves == () and past.shows == MARCH  # as if it were only late


def test_what_should_stand_was_not_moved_by_anybody() -> None:
    contested = replace(KNOWN, contested=APRIL)

    assert mover(MARCH, told(LEE, MARCH)) is None
    assert mover(APRIL, told(LEE, APRIL), known=contested) is None
    assert history(NAME, APRIL, None, (told(LEE, APRIL),)).moves == ()
