"""Whatever field holds the date, the same happens to it: one story per verdict, over every deadline field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from tests.end_to_end.conftest import SPRING, SUMMER, WINTER, Town

GO_LIVE = "customfield_10077"


@dataclass(frozen=True)
class Field:
    """A deadline field under test: how the rules name it, what people call it, how a person sets it in the
    stand-in (no day: clears it), and how its day is read there. A new field is one more in ``FIELDS``."""

    tracker: str
    rules: str
    label: str
    set: Callable[[Town, str, date | None], None]
    day: Callable[[Town], date | None]


def _ask(town: Town, who: str, day: date | None) -> None:
    town.place.ask(who, day)


def _day(town: Town) -> date | None:
    return town.place.day()


def _set_go_live(town: Town, who: str, day: date | None) -> None:
    town.box.jira.as_user(who).set_date(town.place.key, GO_LIVE, day)


def _go_live(town: Town) -> date | None:
    return town.box.jira.issue(town.place.key).custom.get(GO_LIVE)


FIELDS = {
    "milestone": Field("github", "{github: [milestone]}", "milestone", _ask, _day),
    "duedate": Field("jira", "{jira: [duedate]}", "due date", _ask, _day),
    "a date by name": Field("jira", "{jira: [Go-live date]}", "go-live date", _set_go_live, _go_live),
    "a date by id": Field("jira", f"{{jira: [{GO_LIVE}]}}", "go-live date", _set_go_live, _go_live),
}


@pytest.fixture(
    params=[
        pytest.param(name, marks=[pytest.mark.thorough] if name == "a date by id" else []) for name in FIELDS
    ]
)
def field(request: pytest.FixtureRequest) -> Field:
    return FIELDS[request.param]


@pytest.fixture
def tracker(field: Field) -> str:
    return field.tracker


@pytest.fixture
def rules(rules: Path, field: Field) -> Path:
    (rules / "dates.yaml").write_text(f"deadline_fields: {field.rules}\n", "utf-8")
    return rules


@pytest.fixture
def town(town: Town) -> Town:
    town.box.jira.add_field("Go-live date", projects=["PROD"], id=GO_LIVE)
    return town


@pytest.fixture
def change(town: Town, field: Field) -> Callable[[str, date | None], date | None]:
    """Let somebody set the field, and return the day that it shows when all has been done."""

    def change(who: str, day: date | None) -> date | None:
        field.set(town, who, day)
        town.settle()
        return field.day(town)

    return change


Changes = Callable[[str, date | None], date | None]


@pytest.fixture
def held(linked: Town, change: Changes) -> Town:
    """Lee has asked for 1 March by setting the field, and was held."""
    assert change("lee", SPRING) is None
    return linked


@pytest.fixture
def agreed(held: Town, field: Field) -> Town:
    """Product has signed 1 March."""
    held.comment("mona", "/signoff 2027-03-01")
    assert field.day(held) == SPRING and held.waiting() == []
    return held


def test_a_date_that_is_set_is_taken_back_and_proposed(held: Town) -> None:
    assert [proposal.value.day for proposal in held.waiting()] == [SPRING]


@pytest.mark.parametrize("day", [WINTER, SUMMER, None], ids=["earlier", "later", "cleared"])
def test_an_agreed_date_that_is_changed_is_put_back(agreed: Town, change: Changes, day: date | None) -> None:
    assert change("lee", day) == SPRING
    assert [proposal.value.day for proposal in agreed.waiting()] == [day]


def test_a_date_that_stood_before_the_link_stands_and_is_asked_about(
    town: Town, field: Field, change: Changes
) -> None:
    change("lee", SPRING)
    town.comment("sam", f"/link {town.deal}")

    assert field.day(town) == SPRING
    assert any("2027-03-01" in said for said in town.on_issue())


def test_another_date_of_products_is_applied_instead(held: Town, field: Field) -> None:
    held.comment("mona", "/signoff 2027-04-15")

    assert (field.day(held), held.waiting()) == (SUMMER, [])


def test_a_declined_date_is_not_applied(held: Town, field: Field) -> None:
    held.comment("mona", "/decline the audit comes first")

    assert (field.day(held), held.waiting()) == (None, [])


def test_a_withdrawn_date_is_not_applied(held: Town, field: Field) -> None:
    held.comment("lee", "/withdraw")

    assert (field.day(held), held.waiting()) == (None, [])


def test_products_own_edit_stands(agreed: Town, change: Changes) -> None:
    assert change("mona", SUMMER) == SUMMER
    assert agreed.waiting() == []


def test_a_yes_of_somebody_else_changes_nothing(held: Town, field: Field) -> None:
    held.comment("lee", "/signoff 2027-03-01")

    assert field.day(held) is None and len(held.waiting()) == 1


def test_after_three_restores_in_an_hour_the_field_is_left_alone(agreed: Town, change: Changes) -> None:
    agreed.clock.forward(hours=2)
    shown = []
    for _ in range(4):
        agreed.clock.forward(minutes=2)
        shown.append(change("lee", SUMMER))
        writes = len(agreed.writes())

    assert shown == [SPRING, SPRING, SPRING, SUMMER]
    assert "not agreed" in " ".join(agreed.on_deal()[-1:] + agreed.on_issue()[-1:]).lower()
    agreed.settle()
    assert len(agreed.writes()) == writes
