"""Another bot that sets a date back whenever it is not its own: three times an hour are enough, and then both
sides read that the date is not agreed, and nobody writes any more."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.end_to_end.carried import KINDS
from tests.end_to_end.conftest import BODY, BOT, SPRING, SUMMER, Town
from tests.end_to_end.passing_time import live
from tests.end_to_end.test_every_field import FIELDS, Field, with_fields
from tests.end_to_end.test_moves import look_after

OTHER = "lee"
"""The account that the other bot writes by."""
MOST = 20
NAMES = ("milestone", "a date on a project", "versions", "duedate")


@pytest.fixture(params=[pytest.param(n, marks=[pytest.mark.thorough] * (n == "duedate")) for n in NAMES])
def field(request: pytest.FixtureRequest) -> Field:
    return FIELDS[request.param]


@pytest.fixture
def tracker(field: Field) -> str:
    return field.tracker


@pytest.fixture
def agreed(rules: Path, field: Field, town: Town) -> Town:
    (rules / "dates.yaml").write_text(f"deadline_fields: {field.rules}\n", "utf-8")
    look_after(rules, projects="[PROD], time_zone: Europe/Berlin")
    town = with_fields(town)
    town.clock.forward(seconds=1)
    town.comment("sam", f"/link {town.deal}")
    town.comment("mona", f"/signoff {SPRING}")
    assert field.day(town) == SPRING
    town.clock.forward(hours=2)
    town.settle()
    return town


def insist(town: Town, field: Field, on: date) -> int:
    """Let the other bot act whenever the date is not its own. Return how often it did."""
    acted = 0
    while field.day(town) != on and acted < MOST:
        field.set(town, OTHER, on)
        acted += 1
        town.settle()
    return acted


def test_a_bot_that_sets_its_date_again_and_again_ends_in_words_and_not_in_a_war(
    agreed: Town, field: Field
) -> None:
    said, told = len(agreed.on_issue()), len(agreed.on_deal())

    acted = insist(agreed, field, SUMMER)

    assert (acted, field.day(agreed)) == (4, SUMMER)
    assert "15 April, but product has not agreed" in agreed.on_issue()[-1]
    assert "please don't use 15 April" in agreed.on_deal()[-1]
    assert (len(agreed.on_issue()) - said, len(agreed.on_deal()) - told) == (4, 4)
    assert [one.value.day for one in agreed.waiting()] == [SUMMER]
    writes = len(agreed.writes())
    for hour in (1, 2, 3):  # nothing begins anew when the hour is over
        live(agreed, 3700)
        agreed.edit("lee", body=BODY + "\n" * hour)
        assert insist(agreed, field, SUMMER) == 0
    assert len(agreed.writes()) == writes

    agreed.comment("mona", f"/decline {SUMMER}")
    again = insist(agreed, field, SUMMER)
    assert again <= 4 and field.day(agreed) == SUMMER, "product's word is worth one more, and no war"


def test_a_bot_that_moves_what_carries_the_date_is_left_alone_after_three_times(
    agreed: Town, field: Field
) -> None:
    if agreed.subject.system not in KINDS or field.id not in ("milestone", "fixVersions"):
        pytest.skip("nothing of its own carries this one")
    june, acted = date(2027, 6, 1), 0
    while field.day(agreed) == SPRING and acted < MOST:
        field.behind(agreed, OTHER, june)
        acted += 1
        agreed.settle()

    assert acted == 4
    assert "1 June, but product has not agreed" in agreed.on_issue()[-1]
    assert "please don't use 1 June" in agreed.on_deal()[-1]
    writes = [one for one in agreed.box.requests if one.actor == BOT and one.method in ("PATCH", "PUT")]
    live(agreed, 2 * 3700)
    after = [one for one in agreed.box.requests if one.actor == BOT and one.method in ("PATCH", "PUT")]
    assert len(after) == len(writes)
