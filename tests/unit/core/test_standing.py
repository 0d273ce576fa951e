"""How a date stands, as operations read it."""

from __future__ import annotations

from datetime import date

import pytest

from automation.domain.standing import how_it_stands
from automation.model import Commitment, FieldState, Override, Status
from tests.factories import NOW, SAM, SPRING, WINTER, commitment

TODAY = date(2027, 2, 10)


def agreed(value=SPRING, **changes: object) -> FieldState:
    known: Commitment = commitment(value, **changes)
    return FieldState(value, Status.COMMITTED, known)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (FieldState(), ""),
        (FieldState(SPRING, Status.INHERITED), "stood before it was followed, and is promised to nobody"),
        (FieldState(SPRING, Status.PLANNED), "planned by product, and promised to nobody"),
        (FieldState(SPRING, Status.UNSIGNED), "let through, and not agreed"),
        (
            FieldState(SPRING, Status.OVERRIDDEN, override=Override(SPRING, "product", SAM, NOW)),
            "stands without product's yes, by sam",
        ),
        (
            FieldState(SPRING, Status.OVERRIDDEN, commitment(WINTER, at_risk=True)),
            "stands without product's yes, as what carries it was overridden",
        ),
        (agreed(), "agreed by mona"),
        (agreed(at_risk=True), "agreed by mona, in doubt: another date waits for product"),
        (agreed(rescoped=True), "agreed by mona, in doubt: what is to be built has changed"),
        (agreed(asked_at=NOW), "agreed by mona, to be confirmed: its day is near"),
        (agreed(WINTER, overdue=True), "agreed by mona, in doubt: its day has passed"),
        (
            agreed(at_risk=True, rescoped=True),
            "agreed by mona, in doubt: another date waits for product, and what is to be built has changed",
        ),
    ],
)
def test_it_is_said_what_stands_behind_a_date(known: FieldState, said: str) -> None:
    assert how_it_stands(known, TODAY) == said
