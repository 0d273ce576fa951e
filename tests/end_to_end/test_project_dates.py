"""A project's date on GitHub: told by the organisation's webhook only, of an issue by another id."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.end_to_end.conftest import REPO, SPRING, SUMMER, WINTER, Town
from tests.end_to_end.passing_time import live, undone

SHIP = "Ship date"


@pytest.fixture
def rules(rules: Path) -> Path:
    dates = "[{project: 1, field: Ship date}, {project: 2, field: Ship date}]"
    (rules / "dates.yaml").write_text(f"deadline_fields: {{github: {dates}}}\n", "utf-8")
    return rules


@pytest.fixture
def town(town: Town) -> Town:
    for title in ("Launch", "Later", "Others"):
        board = town.box.github.add_project("acme", title)
        town.box.github.add_project_field("acme", board, SHIP)
    return town


def give(town: Town, who: str, day: date | None, project: int = 1) -> None:
    town.box.github.as_user(who).set_project_date("acme", project, REPO, 1, SHIP, day)
    town.settle()


def shows(town: Town, project: int = 1) -> date | None:
    item = town.box.github.project("acme", project).item_of(town.box.github.repo(REPO), 1)
    return next((date.fromisoformat(value) for value in item.values.values()), None) if item else None


def in_trouble(town: Town) -> list[str]:
    """Return what jobs wait for, but for their time."""
    return [error for _, error in undone(town) if error]


def plain(text: str) -> str:
    return text.replace("\\", "")


@pytest.fixture
def agreed(linked: Town) -> Town:
    give(linked, "lee", SPRING)
    assert "Ship date (project 1) stays empty; 1 March waits" in plain(linked.on_issue()[-1])
    linked.comment("mona", "/signoff ship-date-project-1 2027-03-01")
    assert (shows(linked), linked.waiting()) == (SPRING, [])
    return linked


def test_each_project_is_held_by_itself_and_one_that_the_rules_do_not_name_is_not(agreed: Town) -> None:
    give(agreed, "lee", SUMMER, project=2)
    give(agreed, "lee", SUMMER, project=3)

    assert [shows(agreed, project) for project in (1, 2, 3)] == [SPRING, None, SUMMER]
    [line] = [line for line in agreed.on_issue()[-1].splitlines() if line.startswith("`/signoff")]
    agreed.comment("mona", line.strip("`"))
    assert [shows(agreed, project) for project in (1, 2, 3)] == [SPRING, SUMMER, SUMMER]


def test_a_look_before_the_delivery_does_not_take_back_what_product_set(agreed: Town) -> None:
    """Who set the date is told by the delivery alone, and a look that is due, here after the time in which
    product can undo, may see the date first."""
    give(agreed, "mona", SUMMER)
    agreed.clock.forward(minutes=20)
    before = len(agreed.on_issue())
    give(agreed, "mona", WINTER)

    assert shows(agreed) == WINTER and agreed.waiting() == []
    assert not any("waits" in said for said in agreed.on_issue()[before:])


def test_a_date_whose_delivery_never_comes_is_held_after_a_minute(agreed: Town) -> None:
    give(agreed, "mona", SUMMER)
    agreed.clock.forward(minutes=20)
    agreed.box.hooks.hold()
    give(agreed, "mona", WINTER)
    agreed.box.hooks.held.clear()
    assert shows(agreed) == WINTER

    live(agreed, 90)
    assert shows(agreed) == SUMMER and [one.value.day for one in agreed.waiting()] == [WINTER]


def test_an_issue_that_is_taken_off_its_project_is_put_back_unless_product_did_it(agreed: Town) -> None:
    agreed.box.github.as_user("lee").take_off_project("acme", 1, REPO, 1)
    agreed.settle()
    assert shows(agreed) == SPRING and [one.value.day for one in agreed.waiting()] == [None]

    agreed.clock.forward(minutes=5)
    agreed.box.github.as_user("mona").take_off_project("acme", 1, REPO, 1)
    agreed.settle()
    assert shows(agreed) is None


def test_a_date_that_no_delivery_told_of_is_held_whoever_set_it(agreed: Town) -> None:
    agreed.clock.forward(minutes=5)
    agreed.box.hooks.hold()
    agreed.box.github.as_user("mona").set_project_date("acme", 1, REPO, 1, SHIP, SUMMER)
    agreed.box.hooks.held.clear()
    agreed.box.hooks.release()

    agreed.edit("lee", title="Single sign-on for all")
    live(agreed, 90)

    assert shows(agreed) == SPRING


@pytest.mark.parametrize("kind", ["graphql", "fields"])
def test_a_delivery_that_is_there_before_its_date_can_be_read_is_not_forgotten(
    agreed: Town, kind: str
) -> None:
    agreed.clock.forward(minutes=5)
    agreed.box.lag(20, kind)

    give(agreed, "lee", SUMMER)
    live(agreed, 60)

    assert shows(agreed) == SPRING
    assert [one.value.day for one in agreed.waiting()] == [SUMMER]


def test_an_issue_that_graphql_does_not_know_yet_is_looked_for_again(town: Town) -> None:
    town.clock.forward(minutes=5)
    town.box.lag(20, "graphql")
    person = town.box.github.as_user("lee")
    number = person.open_issue(REPO, "Audit log", f"Every change.\n\nFor {town.deal}.")
    live(town, 60)
    person.set_project_date("acme", 1, REPO, number, SHIP, SPRING)
    live(town, 60)

    item = town.box.github.project("acme", 1).item_of(town.box.github.repo(REPO), number)
    assert item is not None and item.values == {}
    assert [one.value.day for one in town.waiting()] == [SPRING]
    assert in_trouble(town) == []


def test_what_lies_elsewhere_on_a_project_is_none_of_ours(agreed: Town) -> None:
    hub = agreed.box.github
    hub.add_repo("acme/secret", private=True, roles={"lee": "write"})
    hub.add_repo("acme/store", private=True, roles={"lee": "write", "handshake-bot": "write"})
    before = len(agreed.writes())

    for repo in ("acme/secret", "acme/store"):
        hub.add_issue(repo, "Audit log", f"For {agreed.deal}.", author="lee")
        hub.as_user("lee").set_project_date("acme", 1, repo, 1, SHIP, SUMMER)
    live(agreed, 120)

    assert len(agreed.writes()) == before
    assert not any("store" in r.path or "secret" in r.path for r in agreed.box.requests)
    assert in_trouble(agreed) == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1, 0, 1, 0), (0, 1, 0)])
def test_whatever_order_its_deliveries_come_in_it_ends_the_same(agreed: Town, order: tuple[int, ...]) -> None:
    agreed.clock.forward(minutes=5)
    agreed.box.hooks.hold()
    for who, day in (("lee", SUMMER), ("mona", WINTER)):
        agreed.clock.forward(seconds=5)
        agreed.box.github.as_user(who).set_project_date("acme", 1, REPO, 1, SHIP, day)
    agreed.box.hooks.release(order)
    live(agreed, 90)

    assert (shows(agreed), agreed.waiting(), in_trouble(agreed)) == (WINTER, [], [])


@pytest.mark.uninterrupted
def test_an_unsigned_date_costs_few_calls(agreed: Town) -> None:
    agreed.clock.forward(minutes=5)
    before = len(agreed.box.requests)

    give(agreed, "lee", SUMMER)

    assert shows(agreed) == SPRING
    asked = [r for r in agreed.box.requests[before:] if not r.path.startswith("/rest")]
    bodies = [json.loads(r.sent)["query"].split()[0] for r in asked if r.path == "/graphql"]
    restored = next(place for place, body in enumerate(bodies) if body.startswith("mutation"))
    # Which issue it is, all of it, and once more before it is written; beside that, who is of product.
    assert restored == 3
    assert sum(body.startswith("mutation") for body in bodies) == 1 and len(asked) <= 14
