"""An organisation's projects, as inconvenient as on GitHub."""

from __future__ import annotations

from datetime import date

import pytest

REPO = "acme/shop"
MAY = date(2027, 5, 1)
ITEMS = """{ repository(owner: "acme", name: "shop") { issue(number: 1) { id projectItems(first: 9) { nodes {
  id project { id number }
  fieldValues(first: 9) { nodes {
    ... on ProjectV2ItemFieldDateValue { date field { ... on ProjectV2FieldCommon { id } } }
    ... on ProjectV2ItemIssueFieldValue { issueFieldValue { ... on IssueFieldDateValue { value } } }
  } }
} } } } }"""
UPDATE = """mutation($project: ID!, $item: ID!, $field: ID!, $day: Date) {
  updateProjectV2ItemFieldValue(
    input: {projectId: $project, itemId: $item, fieldId: $field, value: {date: $day}}
  ) { projectV2Item { fieldValues(first: 9) { nodes { ... on ProjectV2ItemFieldDateValue { date } } } } }
}"""


@pytest.fixture
def board(box):
    number = box.github.add_project("acme", "Launch")
    box.github.add_project_field("acme", number, "Ship date")
    return number


def graph(curl, query, who="bot", **variables):
    return curl(who, "POST", "/graphql", json={"query": query, "variables": variables}).json()


def items(curl, who="bot"):
    return graph(curl, ITEMS, who)["data"]["repository"]["issue"]["projectItems"]["nodes"]


def test_an_issue_tells_of_each_project_that_it_is_on_and_that_may_be_read(box, curl, board):
    other = box.github.add_project("acme", "Later")
    field = box.github.add_project_field("acme", other, "Ship date")
    pia = box.github.as_user("pia")
    assert items(curl) == []

    pia.add_to_project("acme", board, REPO, 1)
    pia.set_project_date("acme", other, REPO, 1, "Ship date", MAY)

    assert [(one["project"]["number"], one["fieldValues"]["nodes"]) for one in items(curl)] == [
        (board, []),
        (other, [{"date": "2027-05-01", "field": {"id": field.node}}]),
    ]
    box.github.set_project_role("acme", other, "bot", None)
    assert [one["project"]["number"] for one in items(curl)] == [board]
    assert curl("bot", "GET", f"/orgs/acme/projectsV2/{other}/fields").status_code == 404


def test_it_is_written_by_mutations_and_each_refusal_has_its_type(box, curl, board):
    field = box.github.project_field("acme", board, "Ship date")
    box.github.as_user("pia").add_to_project("acme", board, REPO, 1)
    [item] = items(curl)
    about = {"project": item["project"]["id"], "item": item["id"], "field": field.node, "day": "2027-05-01"}

    done = graph(curl, UPDATE, **about)["data"]["updateProjectV2ItemFieldValue"]["projectV2Item"]
    assert done["fieldValues"]["nodes"] == [{"date": "2027-05-01"}]

    assert graph(curl, UPDATE, **about | {"item": "PVTI_1"})["errors"][0]["type"] == "NOT_FOUND"
    box.github.set_project_role("acme", board, "bot", "read")
    assert graph(curl, UPDATE, **about)["errors"][0]["type"] == "FORBIDDEN"


ITERATION = """mutation($project: ID!, $item: ID!, $field: ID!, $id: String) {
  updateProjectV2ItemFieldValue(
    input: {projectId: $project, itemId: $item, fieldId: $field, value: {iterationId: $id}}
  ) { projectV2Item { fieldValues(first: 9) { nodes {
    ... on ProjectV2ItemFieldIterationValue {
      iterationId title startDate duration field { ... on ProjectV2FieldCommon { id } }
    }
  } } } }
}"""


def test_an_iteration_is_held_by_its_id_and_its_days_are_those_of_the_projects_settings(box, curl, board):
    field = box.github.add_project_field("acme", board, "Sprint", "iteration")
    first, second = (
        box.github.add_iteration("acme", board, "Sprint", title, start, 14)
        for title, start in (("One", date(2026, 12, 1)), ("Two", MAY))
    )
    pia = box.github.as_user("pia")
    pia.add_to_project("acme", board, REPO, 1)
    [item] = items(curl)
    about = {"project": item["project"]["id"], "item": item["id"], "field": field.node}

    done = graph(curl, ITERATION, **about, id=second)["data"]["updateProjectV2ItemFieldValue"]
    [held] = done["projectV2Item"]["fieldValues"]["nodes"]
    assert held == {
        "iterationId": second,
        "title": "Two",
        "startDate": "2027-05-01",
        "duration": 14,
        "field": {"id": field.node},
    }
    assert "errors" in graph(curl, ITERATION, **about, id="ffffffff")

    sent = len(box.hooks.deliveries)
    box.github.edit_iteration("acme", board, "Sprint", second, date(2027, 5, 8), 7)
    assert len(box.hooks.deliveries) == sent, "no webhook tells of a project's settings"
    rows = curl("bot", "GET", f"/orgs/acme/projectsV2/{board}/fields").json()
    there = next(row for row in rows if row["name"] == "Sprint")
    shown = [
        (one["id"], one["start_date"], one["duration"], one["completed"])
        for one in there["configuration"]["iterations"]
    ]
    assert shown == [(first, "2026-12-01", 14, True), (second, "2027-05-08", 7, False)]
    assert there["data_type"] == "iteration"


def test_a_column_that_shows_an_issues_field_is_written_through_the_issue_only(box, curl, board):
    target = box.github.add_issue_field("acme", "Target date", "date")
    column = box.github.add_project_field("acme", board, "Target date", shows=target)
    pia = box.github.as_user("pia")
    pia.add_to_project("acme", board, REPO, 1)
    pia.set_project_date("acme", board, REPO, 1, "Target date", MAY)

    [item] = items(curl)
    assert item["fieldValues"]["nodes"] == [{"issueFieldValue": {"value": "2027-05-01"}}]
    about = {"project": item["project"]["id"], "item": item["id"], "field": column.node, "day": "2027-06-01"}
    assert graph(curl, UPDATE, **about)["errors"][0]["type"] == "UNPROCESSABLE"
    told = curl("bot", "GET", f"/orgs/acme/projectsV2/{board}/fields").json()
    assert [row.get("issue_field_id") for row in told] == [None, target.id]


def test_its_webhook_names_no_issue_but_by_its_node_id(box, arrivals, board):
    sam, pia = box.github.as_user("sam"), box.github.as_user("pia")
    pia.set_project_date("acme", board, REPO, 1, "Ship date", MAY)
    sam.set_project_date("acme", board, REPO, 1, "Ship date", None)
    pia.take_off_project("acme", board, REPO, 1)
    assert box.hooks.drain()

    bodies = [request.get_json() for request in arrivals.seen]
    assert sorted(body["action"] for body in bodies) == ["created", "deleted", "edited", "edited"]
    assert not any({"repository", "issue"} & body.keys() for body in bodies)
    changes = {
        body["sender"]["login"]: body["changes"]["field_value"] for body in bodies if "changes" in body
    }
    assert (changes["pia"]["from"], changes["pia"]["to"]) == (None, "2027-05-01T00:00:00+00:00")
    assert (changes["sam"]["to"], changes["sam"]["project_number"]) == (None, board)
    assert {request.headers["X-GitHub-Event"] for request in arrivals.seen} == {"projects_v2_item"}


def test_a_transferred_issue_stays_on_its_projects(box, curl, board):
    box.github.add_repo("acme/store", private=True, roles={"pia": "write", "bot": "write"})
    pia = box.github.as_user("pia")
    pia.set_project_date("acme", board, REPO, 1, "Ship date", MAY)

    number = pia.transfer_issue(REPO, 1, "acme/store")

    [(_, item)] = box.github.projects_with(box.github.repo("acme/store"), number)
    assert list(item.values.values()) == ["2027-05-01"]


STATUSES = """{ repository(owner: "acme", name: "shop") { issue(number: 1) {
  projectItems(first: 9) { nodes { fieldValueByName(name: "Status") {
    ... on ProjectV2ItemFieldSingleSelectValue { name }
  } } }
  timelineItems(last: 9, itemTypes: [PROJECT_V2_ITEM_STATUS_CHANGED_EVENT]) { nodes {
    ... on ProjectV2ItemStatusChangedEvent {
      previousStatus status wasAutomated actor { login }
      project { number owner { ... on Organization { login } } }
    }
  } }
} } }"""


def test_the_history_of_an_issue_tells_who_gave_it_which_status(box, curl, board):
    box.github.add_project_field("acme", board, "Status", "single_select", options=("Todo", "Agreed"))
    box.github.add_project_field("acme", board, "Size", "single_select", options=("S", "L"))
    pia = box.github.as_user("pia")
    for status in ("Todo", "Agreed", "Agreed", None):
        pia.set_status("acme", board, REPO, 1, status, by_rule=status == "Todo")

    def told():
        return graph(curl, STATUSES)["data"]["repository"]["issue"]

    steps = told()["timelineItems"]["nodes"]
    assert [(one["previousStatus"], one["status"], one["wasAutomated"]) for one in steps] == [
        ("", "Todo", True),
        ("Todo", "Agreed", False),
        ("Agreed", "", False),
    ]
    assert steps[0]["project"] == {"number": board, "owner": {"login": "acme"}}
    assert steps[0]["actor"] == {"login": "pia"}
    assert told()["projectItems"]["nodes"] == [{"fieldValueByName": None}]
    pia.set_status("acme", board, REPO, 1, "Todo")
    assert told()["projectItems"]["nodes"] == [{"fieldValueByName": {"name": "Todo"}}]

    box.github.set_project_role("acme", board, "bot", None)
    assert {one["project"] for one in told()["timelineItems"]["nodes"]} == {None}
    box.github.knows_statuses = False
    [error] = graph(curl, STATUSES)["errors"]
    assert error["extensions"]["code"] in ("undefinedType", "argumentLiteralsIncompatible")
