"""A date with a time promises a day in the zone of the rules; its time is kept as people gave it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.end_to_end.conftest import Town
from tests.end_to_end.test_moves import look_after

ROLLOUT = "customfield_10078"
BERLIN = ZoneInfo("Europe/Berlin")
EARLY = datetime(2027, 3, 1, 0, 30, tzinfo=BERLIN)
"""It is still February by UTC."""


@pytest.fixture
def tracker() -> str:
    return "jira"


@pytest.fixture
def rules(rules: Path) -> Path:
    (rules / "dates.yaml").write_text("deadline_fields: {jira: [Rollout]}\n", "utf-8")
    look_after(rules, projects="[PROD], time_zone: Europe/Berlin")
    return rules


@pytest.fixture
def town(town: Town) -> Town:
    town.box.jira.add_field("Rollout", "datetime", id=ROLLOUT)
    return town


def change(town: Town, who: str, moment: datetime) -> None:
    town.box.jira.as_user(who).set_date(town.place.key, ROLLOUT, moment)
    town.settle()


def shown(town: Town) -> object:
    return town.box.jira.issue(town.place.key).custom.get(ROLLOUT)


def test_product_agrees_to_the_very_moment_that_was_asked_and_another_time_of_that_day_is_put_back(
    linked: Town,
) -> None:
    change(linked, "lee", EARLY)
    assert shown(linked) is None
    assert "1 March waits for product" in linked.on_issue()[-1]

    linked.comment("mona", "/signoff 2027-03-01")
    assert shown(linked) == EARLY
    assert "1 March" in linked.on_deal()[-1]

    change(linked, "lee", EARLY.replace(hour=18))
    assert shown(linked) == EARLY


def test_another_day_of_products_is_set_to_noon_there_in_summer(linked: Town) -> None:
    change(linked, "lee", EARLY)

    linked.comment("mona", "/signoff 2027-04-15")

    assert shown(linked) == datetime(2027, 4, 15, 12, tzinfo=BERLIN)
    assert linked.waiting() == []
