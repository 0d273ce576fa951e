"""Who moved an issue on a project of GitHub's, and the deliveries that tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from automation.adapters.github import columns
from automation.adapters.github.item_triggers import on_project
from automation.adapters.github.labels import marks
from automation.adapters.shapes import Malformed
from automation.model import COLUMN, Choice, Way
from automation.model.reading import Answer, Reading

YES, NO = Way("signoff", "Agreed", COLUMN, "project 7"), Way("decline", "No", COLUMN, "project 8")
MONA = {"login": "mona", "databaseId": 7}


def on(number: object = 7, owner: object = "Acme") -> Mapping[str, Any]:
    return {"number": number, "owner": {"login": owner}}


def step(**more: Any) -> Mapping[str, Any]:
    return {
        "__typename": columns.KIND,
        "id": "PVTISC_1",
        "createdAt": "2027-01-11T09:00:00Z",
        "status": "Agreed",
        "previousStatus": "Todo",
        "wasAutomated": False,
        "project": on(),
        "actor": MONA,
        **more,
    }


def read(*nodes: Mapping[str, Any]) -> list[Any]:
    found = marks({"nodes": list(nodes)}, {"agreed"}, "acme", {"project 7"})
    return [(one.key, one.on, one.by and one.by.id) for one in found]


def test_a_step_tells_what_it_was_given_and_what_it_had_before() -> None:
    assert read(step(), step(id="PVTISC_2", status="", previousStatus="Agreed")) == [
        ("column PVTISC_2 project 7: Agreed", False, "7"),
        ("column PVTISC_1 project 7: Agreed", True, "7"),
        ("column PVTISC_1 project 7: Todo", False, "7"),
    ]


@pytest.mark.parametrize("project", [on(8), on(owner="evil"), on(owner=None), on("7"), None])
def test_one_of_another_project_or_owner_or_that_may_not_be_read_is_none(project: object) -> None:
    assert read(step(project=project)) == []


@pytest.mark.parametrize("more", [{"wasAutomated": True}, {"wasAutomated": None}, {"actor": None}])
def test_a_workflow_or_an_account_that_is_gone_is_nobody(more: Mapping[str, Any]) -> None:
    assert {by for _, _, by in read(step(**more))} == {None}


def test_a_step_without_a_time_is_none() -> None:
    with pytest.raises(Malformed):
        read(step(createdAt=None))


def test_what_an_issue_has_now_is_told_of_the_projects_in_the_rules() -> None:
    items = [
        {"project": on(7, "evil"), "columnNow": {"name": "No"}},
        {"project": on(7), "columnNow": {"name": "Agreed"}},
        {"project": on(9), "columnNow": {"name": "Agreed"}},
    ]
    seven = Choice("project 7", "Agreed", "Status of project 7", COLUMN)
    eight = Choice("project 8", "", "Status of project 8", COLUMN)
    found = columns.now({"projectItems": {"nodes": items}}, "acme", (YES, NO, YES))
    assert found == (seven, eight)
    assert [one.value for one in columns.now(None, "acme", (YES, NO))] == ["", ""]
    assert columns.now({"projectItems": {"nodes": items}}, "acme", ()) == ()


def delivery(change: Mapping[str, Any], action: str = "edited") -> Reading:
    body = {
        "action": action,
        "projects_v2_item": {
            "project_node_id": "PVT_1",
            "content_node_id": "I_1012",
            "content_type": "Issue",
            "updated_at": "2027-01-12T10:00:00Z",
        },
        "changes": {"field_value": change},
        "organization": {"login": "Acme"},
        "sender": {"id": 7, "login": "maria"},
    }
    return on_project(body, frozenset(), frozenset({"acme"}), (YES, NO))


MOVED = {"field_node_id": "PVTSSF_2", "field_type": "single_select", "project_number": 7}


@pytest.mark.parametrize(
    "change", [{"to": {"id": "a", "name": "agreed"}}, {"project_number": None, "to": {"name": "No"}}]
)
def test_a_delivery_of_a_status_that_answers_is_heard(change: Mapping[str, Any]) -> None:
    [heard] = delivery({**MOVED, **change}).triggers
    assert (heard.what, heard.subject.id, heard.updated) == ("label", "I_1012", None)
    assert heard.at is not None and heard.actor and heard.actor.id == "7"


@pytest.mark.parametrize(
    ("change", "action"),
    [
        ({"to": {"name": "Todo"}}, "edited"),
        ({"to": {"name": "No"}}, "edited"),  # of another project
        ({"to": None}, "edited"),
        ({"field_type": "date", "to": "2027-05-01T00:00:00Z"}, "edited"),
        ({}, "deleted"),
    ],
)
def test_no_other_delivery_is_heard_where_no_project_has_a_date(
    change: Mapping[str, Any], action: str
) -> None:
    assert delivery({**MOVED, **change}, action).answer is Answer.IGNORED
