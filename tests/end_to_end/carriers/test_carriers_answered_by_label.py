"""A label on an issue answers what waits for the date of its milestone or version."""

from __future__ import annotations

from datetime import date

import pytest

from tests.end_to_end.carried import Carried
from tests.end_to_end.conftest import PEOPLE_NEEDED, SPRING, Town

JUNE = date(2027, 6, 1)


@pytest.fixture
def sign_off() -> str:
    return f"{PEOPLE_NEEDED}\n    answers: {{yes: {{label: date-agreed}}, no: {{label: date-declined}}}}"


@pytest.fixture
def moved(linked: Town, kind: Carried) -> Town:
    """1 March is agreed, and lee has moved what carries it, which was set back."""
    linked.ask("lee", SPRING)
    linked.comment("mona", f"/signoff {SPRING}")
    linked.clock.forward(hours=2)
    kind.set(linked, "lee", JUNE)
    linked.settle()
    linked.clock.forward(minutes=1)
    return linked


def put_on(town: Town, who: str, label: str) -> None:
    town.place.label(who, label)
    town.settle()


def test_product_agrees_to_it(moved: Town, kind: Carried) -> None:
    put_on(moved, "mona", "date-agreed")

    assert kind.due(moved) == JUNE == moved.place.day()
    assert moved.waiting() == []
    assert "date-agreed" not in moved.place.labels()


def test_product_declines_it(moved: Town, kind: Carried) -> None:
    put_on(moved, "mona", "date-declined")

    assert kind.due(moved) == SPRING
    assert moved.waiting() == []
    assert "date-declined" not in moved.place.labels()


def test_nobody_else_does_and_they_hear_who_can(moved: Town, kind: Carried) -> None:
    before = len(moved.on_issue())
    put_on(moved, "lee", "date-agreed")

    assert kind.due(moved) == SPRING and len(moved.waiting()) == 1
    [reply] = moved.on_issue()[before:]
    assert "Only product can answer" in reply and "date-agreed" in reply
    assert "date-agreed" not in moved.place.labels()
