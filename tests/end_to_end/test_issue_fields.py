"""An organisation's date field on GitHub beside the milestone, where GitHub is at its least convenient."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.end_to_end.conftest import SPRING, SUMMER, Town
from tests.end_to_end.passing_time import live

TARGET = "Target date"


@pytest.fixture
def rules(rules: Path) -> Path:
    (rules / "dates.yaml").write_text(f'deadline_fields: {{github: [milestone, "{TARGET}"]}}\n', "utf-8")
    return rules


@pytest.fixture
def town(town: Town) -> Town:
    town.box.github.add_issue_field("acme", TARGET, "date")
    return town


def give(town: Town, who: str, day: date | None, name: str = TARGET) -> None:
    town.box.github.as_user(who).set_field("acme/shop", 1, name, day)
    town.settle()


def shows(town: Town) -> tuple[date | None, date | None]:
    values = town.box.github.issue("acme/shop", 1).values
    return town.place.day(), next((date.fromisoformat(str(one.value)) for one in values), None)


@pytest.fixture
def agreed(linked: Town) -> Town:
    """Product has agreed to the target date, and the milestone is free."""
    give(linked, "lee", SPRING)
    linked.comment("mona", "/signoff target-date 2027-03-01")
    assert shows(linked) == (None, SPRING)
    return linked


def test_each_of_the_two_is_held_signed_and_told_by_itself(linked: Town) -> None:
    linked.ask("lee", SUMMER)
    give(linked, "lee", SPRING)
    assert shows(linked) == (None, None)
    assert "Target date stays empty; 1 March waits for product" in linked.on_issue()[-1]
    assert "/signoff target-date 2027-03-01" in linked.on_issue()[-1]

    linked.comment("mona", "/signoff target 2027-03-01")
    assert shows(linked) == (None, SPRING)
    linked.comment("mona", "/signoff milestone 2027-04-15")
    assert shows(linked) == (SUMMER, SPRING)
    assert linked.waiting() == []


def test_a_restore_that_github_drops_without_a_word_is_told_on_both_sides(agreed: Town) -> None:
    give(agreed, "lee", SUMMER)
    assert shows(agreed) == (None, SPRING)
    agreed.box.github.drops_values = True
    give(agreed, "lee", SUMMER)

    assert shows(agreed) == (None, SUMMER)
    assert "product has not agreed" in agreed.on_issue()[-1]
    assert "Give it write access to acme/shop" in agreed.on_issue()[-1]
    assert "don't use" in agreed.on_deal()[-1]


def test_a_server_whose_graphql_knows_no_such_fields_holds_them_all_the_same(agreed: Town) -> None:
    agreed.box.github.knows_issue_fields = False
    agreed.restart()

    give(agreed, "lee", SUMMER)
    agreed.ask("lee", SUMMER)
    live(agreed, 120)  # nobody is known to have done it, and that might only be late

    assert shows(agreed) == (None, SPRING)
    assert len(agreed.waiting()) == 2


@pytest.mark.uninterrupted
def test_a_renamed_field_is_still_held_to_what_was_agreed(agreed: Town, rules: Path) -> None:
    agreed.box.github.rename_issue_field("acme", TARGET, "Ship date")
    give(agreed, "lee", SUMMER, "Ship date")
    assert shows(agreed) == (None, SPRING)

    # Once the name in the rules is not believed any more, work waits until somebody writes the new one.
    agreed.clock.forward(minutes=11)
    agreed.box.github.as_user("lee").set_field("acme/shop", 1, "Ship date", None)
    assert agreed.box.hooks.drain()
    while agreed.worker_app.worker.run_next():
        pass
    assert shows(agreed) == (None, None)
    (rules / "dates.yaml").write_text("deadline_fields: {github: [milestone, Ship date]}\n", "utf-8")
    agreed.clock.forward(minutes=2)
    agreed.settle()
    assert shows(agreed) == (None, SPRING)


@pytest.mark.parametrize("kind", ["fields", "history", "graphql"])
def test_what_cannot_be_read_yet_is_looked_for_again(agreed: Town, kind: str) -> None:
    agreed.clock.forward(minutes=10)
    agreed.box.lag(20, kind)
    give(agreed, "lee", SUMMER)
    live(agreed, 60)
    assert shows(agreed) == (None, SPRING)

    agreed.clock.forward(minutes=10)
    give(agreed, "mona", SUMMER)
    live(agreed, 60)
    assert shows(agreed) == (None, SUMMER)
    assert [proposal.value.day for proposal in agreed.waiting()] == []
