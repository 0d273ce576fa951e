"""Who labelled an issue: GitHub's timeline and Jira's changelog, in the shapes they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from automation.adapters.github import labels as github
from automation.adapters.github import triggers as github_triggers
from automation.adapters.jira import marks as jira
from automation.adapters.jira import triggers as jira_triggers
from automation.adapters.jira.versions import CLOUD, DATA_CENTER
from automation.adapters.shapes import Malformed
from automation.model import STATUS, Way
from automation.model.reading import Answer
from tests.unit.adapters import payloads

MONA = {"login": "mona", "databaseId": 7}
OLD = "2027-01-01T09:00:00Z"


def labelled(minute: int, name: str = "date-agreed", on: bool = True, **more: Any) -> Mapping[str, Any]:
    kind = "LabeledEvent" if on else "UnlabeledEvent"
    label = {"name": name, "createdAt": OLD, "updatedAt": OLD}
    when = f"2027-01-11T09:{minute:02}:00Z"
    return {
        "__typename": kind,
        "id": f"LE_{minute}",
        "createdAt": when,
        "label": label,
        "actor": MONA,
        **more,
    }


def timeline(*nodes: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"nodes": list(nodes), "pageInfo": {"hasPreviousPage": False}}


def of_github(*nodes: Mapping[str, Any]) -> list[tuple[str, bool, str]]:
    found = github.marks(timeline(*nodes), {"date-agreed"})
    return [(mark.id, mark.on, mark.by.id if mark.by else "") for mark in found]


def test_githubs_timeline_is_read_newest_first() -> None:
    nodes = labelled(1), labelled(2, "urgent"), labelled(3, on=False), labelled(4, "Date-Agreed")
    assert of_github(*nodes) == [("LE_4", True, "7"), ("LE_3", False, "7"), ("LE_1", True, "7")]


@pytest.mark.parametrize("actor", [None, {"login": "ghost"}])
def test_an_account_that_is_gone_is_nobody(actor: object) -> None:
    assert of_github(labelled(1, actor=actor)) == [("LE_1", True, "")]


@pytest.mark.parametrize(
    "label",
    [
        {"name": "date-agreed", "createdAt": OLD, "updatedAt": "2027-01-11T09:02:00Z"},
        {"name": "date-agreed", "createdAt": "2027-01-11T09:02:00Z", "updatedAt": None},
        {"name": "date-agreed"},
    ],
)
def test_a_label_that_was_changed_since_it_was_put_on_was_not_put_on_by_that_name(label: object) -> None:
    assert of_github(labelled(1, label=label)) == []


def test_a_label_that_was_changed_before_it_was_put_on_counts() -> None:
    label = {"name": "date-agreed", "createdAt": OLD, "updatedAt": "2027-01-11T09:02:00Z"}
    assert of_github(labelled(2, label=label)) == [("LE_2", True, "7")]


def test_a_timeline_without_a_time_is_none() -> None:
    with pytest.raises(Malformed):
        of_github(labelled(1, createdAt=None))


LABELS = (Way("signoff", "date-agreed"), Way("decline", "date-declined"))
ISSUE = {
    "fields": {
        "labels": ["date-agreed"],
        "created": "2027-01-10T09:00:00.000+0000",
        "creator": {"accountId": "a1", "displayName": "Lee"},
    }
}


def entry(id: str, before: str, after: str, field: str = "labels", **more: Any) -> Mapping[str, Any]:
    item = {
        "field": field,
        "fieldId": "labels",
        "from": "",
        "fromString": before,
        "to": "",
        "toString": after,
    }
    author = {"accountId": "a7", "displayName": "Mona"}
    return {"id": id, "created": "2027-01-11T09:00:00.000+0000", "author": author, "items": [item], **more}


def of_jira(*newest_first: Mapping[str, Any], whole: bool = True, issue: object = ISSUE) -> list[Any]:
    found = jira.marks(issue, newest_first, whole, LABELS, CLOUD)
    return [(mark.id, mark.name, mark.on, mark.by.name if mark.by else "") for mark in found]


def test_jiras_changelog_tells_what_came_and_went() -> None:
    history = (
        entry("3", "a b", "a b date-agreed"),
        entry("2", "a date-agreed", "a b"),
        entry("1", "", "date-agreed a"),
    )
    assert of_jira(*history) == [
        ("3", "date-agreed", True, "Mona"),
        ("2", "date-agreed", False, "Mona"),
        ("1", "date-agreed", True, "Mona"),
    ]


def test_one_entry_can_put_two_on_and_one_that_is_part_of_anothers_name_is_none() -> None:
    both = entry("1", "date-agreed-not", "date-agreed date-agreed-not date-declined")
    assert [name for _, name, _, _ in of_jira(both, issue={"fields": {}})] == ["date-agreed", "date-declined"]


def test_the_labels_that_an_issue_was_made_with_are_its_makers() -> None:
    assert of_jira() == [("created", "date-agreed", True, "Lee")]
    assert of_jira(entry("2", "date-agreed", "")) == [
        ("2", "date-agreed", False, "Mona"),
        ("created", "date-agreed", True, "Lee"),
    ]
    assert of_jira(whole=False) == [], "where the history does not go back so far, nobody's"


def test_data_center_gives_no_id_of_the_field_and_knows_people_by_their_key() -> None:
    item = {"field": "labels", "fieldtype": "jira", "fromString": "", "toString": "date-agreed"}
    author = {"key": "JIRAUSER1", "name": "mona", "displayName": "Mona"}
    history = [entry("1", "", "", items=[item], author=author)]
    [mark] = jira.marks({"fields": {}}, history, True, LABELS, DATA_CENTER)
    assert mark.by is not None and mark.by.id == "JIRAUSER1"


APPROVED = (Way("signoff", "Approved", STATUS),)


def moved(id: str, before: str, after: str) -> Mapping[str, Any]:
    item = {
        "field": "status",
        "fieldId": "status",
        "from": "1",
        "fromString": before,
        "to": "3",
        "toString": after,
    }
    return entry(id, "", "", items=[item])


def statuses(*newest_first: Mapping[str, Any], now: str = "Done", whole: bool = True) -> list[Any]:
    made = {"fields": {**ISSUE["fields"], "status": {"name": now}}}
    found = jira.marks(made, newest_first, whole, APPROVED, CLOUD)
    return [(mark.key, mark.by.name if mark.by else "") for mark in found]


def test_a_status_is_of_whoever_moved_the_issue_there() -> None:
    history = moved("3", "approved", "Done"), moved("2", "Open", "approved"), moved("1", "New", "Open")
    assert statuses(*history) == [("status 2 approved", "Mona")]


def test_the_status_that_an_issue_was_made_with_is_its_makers() -> None:
    assert statuses(now="Approved") == [("status created Approved", "Lee")]
    assert statuses(now="Approved", whole=False) == []
    assert statuses(moved("2", "Approved", "Done")) == [("status created Approved", "Lee")]


# ------------------------------------------------------------ deliveries


def github_reading(action: str, label: str, *labels: str) -> Any:
    body = payloads.issue_event(action, label={"name": label})
    return github_triggers.triggers("issues", body, frozenset({"acme/shop"}), labels=labels)


def test_githubs_delivery_is_heard_only_where_the_rules_name_its_label() -> None:
    [heard] = github_reading("labeled", "Date-Agreed", "date-agreed").triggers
    assert heard.what == "label" and heard.updated is not None and not heard.changed
    for action, label, named in (
        ("labeled", "urgent", ("date-agreed",)),
        ("labeled", "date-agreed", ()),
        ("unlabeled", "date-agreed", ("date-agreed",)),
    ):
        assert github_reading(action, label, *named).answer is Answer.IGNORED


def jira_reading(before: str, after: str, *labels: str) -> Any:
    item = {"field": "labels", "fieldId": "labels", "fromString": before, "toString": after}
    body = payloads.jira_event(changelog={"id": "10124", "items": [item]})
    return jira_triggers.triggers(
        body, frozenset({"PROD"}), "SALES", ways=[Way("signoff", label) for label in labels]
    )


def test_jiras_delivery_is_heard_only_where_a_label_of_the_rules_came() -> None:
    [heard] = jira_reading("a", "a date-agreed", "date-agreed").triggers
    assert heard.what == "label"
    for before, after, named in (
        ("a", "a urgent", ("date-agreed",)),
        ("", "date-agreed", ()),
        ("date-agreed", "", ("date-agreed",)),
        ("date-agreed", "date-agreed b", ("date-agreed",)),
    ):
        assert jira_reading(before, after, *named).answer is Answer.IGNORED
