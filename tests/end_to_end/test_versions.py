"""An issue promises the date of the earliest version that it is planned for; the others promise nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from automation.model import Commitment
from tests.end_to_end.conftest import SPRING, SUMMER, WINTER, Town

JUNE = date(2027, 6, 1)


@pytest.fixture
def tracker() -> str:
    return "jira"


@pytest.fixture
def rules(rules: Path) -> Path:
    (rules / "dates.yaml").write_text("deadline_fields: {jira: [fixVersions]}\n", "utf-8")
    return rules


@pytest.fixture
def town(town: Town) -> Town:
    for name, day in {"v1": WINTER, "v2": SPRING, "v3": SUMMER, "v9": JUNE, "Backlog": None}.items():
        town.box.jira.add_version("PROD", name, day)
    return town


@pytest.fixture
def agreed(linked: Town) -> Town:
    """Product has agreed to v2, due on 1 March; the issue stands in the backlog as well."""
    plan(linked, "lee", "Backlog", "v2")
    linked.comment("mona", "/signoff 2027-03-01")
    linked.clock.forward(hours=2)
    assert planned(linked) == {"Backlog", "v2"} and linked.waiting() == []
    return linked


def plan(town: Town, who: str, *names: str) -> None:
    town.box.jira.as_user(who).set_fix_versions(town.place.key, *names)
    town.settle()


def planned(town: Town) -> set[str]:
    return {one.name for one in town.box.jira.versions_of(town.box.jira.issue(town.place.key))}


def version(town: Town, name: str) -> str:
    project = town.box.jira.project("PROD")
    return next(one.id for one in town.box.jira.versions_in(project) if one.name == name)


def steps(town: Town) -> list[Mapping[str, object]]:
    """Return the steps of our last write of versions."""
    sent = [json.loads(one.sent) for one in town.box.requests if one.method == "PUT" and one.sent]
    found: list[Mapping[str, object]] = [one for one in sent if "fixVersions" in one.get("update", {})][-1][
        "update"
    ]["fixVersions"]
    return found


def commitment(town: Town) -> Commitment:
    found = town.worker_app.states.load(town.subject)[0].fields["fixVersions"].commitment
    assert found is not None
    return found


def so_far(town: Town) -> tuple[int, int]:
    return len(town.on_issue()), len(town.on_deal())


def test_versions_without_a_date_and_later_ones_are_no_news_and_are_left_to_whoever_gave_them(
    agreed: Town,
) -> None:
    before = so_far(agreed)

    plan(agreed, "sam", "v2", "v9")

    assert planned(agreed) == {"v2", "v9"}
    assert so_far(agreed) == before and agreed.waiting() == []

    plan(agreed, "lee", "v3", "v9")

    assert planned(agreed) == {"v2", "v9"}
    assert steps(agreed) == [
        {"add": {"id": version(agreed, "v2")}},
        {"remove": {"id": version(agreed, "v3")}},
    ]


def test_an_earlier_version_beside_the_agreed_one_is_taken_off_again(agreed: Town) -> None:
    plan(agreed, "lee", "Backlog", "v1", "v2")

    assert planned(agreed) == {"Backlog", "v2"}
    assert steps(agreed) == [{"remove": {"id": version(agreed, "v1")}}]
    assert "31 January waits for product" in agreed.on_issue()[-1]

    agreed.comment("mona", "/signoff")

    assert "v1" in planned(agreed) and commitment(agreed).value.day == WINTER


def test_the_agreed_version_is_given_back_where_a_later_one_would_be_left(agreed: Town) -> None:
    plan(agreed, "sam", "v2", "v9")

    plan(agreed, "lee", "v9")

    assert planned(agreed) == {"v2", "v9"}
    assert "1 June waits for product" in agreed.on_issue()[-1]


def test_another_version_of_the_issue_that_is_moved_before_the_agreed_one_is_taken_off(agreed: Town) -> None:
    plan(agreed, "sam", "v2", "v9")

    agreed.box.jira.as_user("lee").set_release_date(version(agreed, "v9"), WINTER)
    agreed.settle()

    assert planned(agreed) == {"v2"}
    assert "31 January waits for product" in agreed.on_issue()[-1] and commitment(agreed).value.day == SPRING


def test_another_day_of_products_is_that_of_a_version_there_is(agreed: Town) -> None:
    plan(agreed, "sam", "Backlog", "v2", "v9")

    agreed.comment("mona", "/signoff 2027-04-15")

    assert planned(agreed) == {"Backlog", "v3", "v9"}
    agreed.comment("mona", "/signoff 2027-05-05")
    assert "2027-04-15" in agreed.on_issue()[-1] and planned(agreed) == {"Backlog", "v3", "v9"}


def test_an_archived_version_cannot_be_given_back_which_both_sides_read(agreed: Town) -> None:
    agreed.box.jira.as_user("sam").archive(version(agreed, "v2"))
    agreed.settle()
    assert planned(agreed) == {"Backlog", "v2"}

    plan(agreed, "lee", "Backlog", "v3")

    assert planned(agreed) == {"Backlog", "v3"}
    assert "product has not agreed" in agreed.on_issue()[-1]
    assert "archived" in agreed.on_issue()[-1]
    assert "don't use 15 April" in agreed.on_deal()[-1]


def test_a_version_with_no_date_that_gets_one_from_behind_is_put_to_product(linked: Town) -> None:
    plan(linked, "lee", "Backlog")
    assert linked.waiting() == []

    linked.box.jira.as_user("lee").set_release_date(version(linked, "Backlog"), SPRING)
    linked.settle()

    assert [proposal.value.day for proposal in linked.waiting()] == [SPRING]


def test_another_name_of_a_version_is_no_news(agreed: Town) -> None:
    before = so_far(agreed)

    agreed.box.jira.as_user("lee").release(version(agreed, "v2"))
    agreed.box.jira.as_user("lee").rename_version(version(agreed, "v2"), "Spring")
    agreed.settle()

    assert so_far(agreed) == before and agreed.waiting() == []


@pytest.mark.parametrize("into", ["", "v3"], ids=["deleted", "merged"])
def test_a_version_that_is_deleted_leaves_the_question_with_product(agreed: Town, into: str) -> None:
    other = version(agreed, into) if into else ""

    agreed.box.jira.as_user("lee").delete_version(version(agreed, "v2"), other)
    agreed.settle()

    assert [proposal.value.day for proposal in agreed.waiting()] == [SUMMER if into else None]
    assert commitment(agreed).at_risk
    assert "recheck" in agreed.on_deal()[-1]
