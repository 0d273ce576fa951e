"""The fields of an organisation's issues, as inconvenient as on GitHub."""

from __future__ import annotations

from datetime import date

import pytest

from automation.sandbox import Refusal

REPO = "acme/shop"
VALUES = f"/repos/{REPO}/issues/1/issue-field-values"
MAY = date(2027, 5, 1)


def values(curl) -> dict[str, object]:
    rows = curl("bot", "GET", VALUES).json()
    return {row["issue_field_name"]: row["value"] for row in rows}


def sent(field: int, value: str) -> dict[str, object]:
    return {"issue_field_values": [{"field_id": field, "value": value}]}


def test_a_value_is_dropped_without_a_word_where_the_organisation_has_no_fields(box, curl):
    answer = curl("bot", "POST", VALUES, json=sent(7, "2027-05-01"))

    assert (answer.status_code, answer.json()) == (200, [])
    assert "issue_field_values" not in curl("bot", "GET", f"/repos/{REPO}/issues/1").json()
    assert curl("bot", "GET", "/orgs/acme/issue-fields").status_code == 404


def test_triage_is_enough_on_the_site_and_not_for_the_api(box, curl):
    field = box.github.add_issue_field("acme", "Target date", "date")
    box.github.as_user("sam").set_field(REPO, 1, "Target date", MAY)

    assert curl("sam", "POST", VALUES, json=sent(field.id, "2027-06-01")).status_code == 403
    assert curl("sam", "DELETE", f"{VALUES}/{field.id}").status_code == 403
    assert values(curl) == {"Target date": "2027-05-01"}


def test_one_value_is_set_beside_others_and_an_empty_list_clears_them_all(box, curl):
    start, target = (box.github.add_issue_field("acme", name, "date") for name in ("Start", "Target"))
    curl("bot", "POST", VALUES, json=sent(start.id, "2027-02-01"))
    curl("bot", "POST", VALUES, json=sent(target.id, "2027-05-01"))
    assert values(curl) == {"Start": "2027-02-01", "Target": "2027-05-01"}

    curl("bot", "PUT", VALUES, json=sent(target.id, "2027-06-01"))
    assert values(curl) == {"Target": "2027-06-01"}

    curl("bot", "POST", VALUES, json={"issue_field_values": []})
    assert values(curl) == {}


def test_a_renamed_field_is_the_same_and_one_made_anew_is_another(box, curl):
    first = box.github.add_issue_field("acme", "Target date", "date")
    box.github.as_user("pia").set_field(REPO, 1, "Target date", MAY)
    box.github.rename_issue_field("acme", "Target date", "Ship date")
    rows = curl("bot", "GET", VALUES).json()
    assert [(row["issue_field_id"], row["issue_field_name"]) for row in rows] == [(first.id, "Ship date")]

    box.github.delete_issue_field("acme", "Ship date")
    again = box.github.add_issue_field("acme", "Ship date", "date")
    assert again.id != first.id
    assert values(curl) == {}


def test_an_organisation_has_at_most_25_fields_each_of_a_name_of_its_own(box):
    for number in range(25):
        box.github.add_issue_field("acme", f"Field {number}", "text")
    with pytest.raises(Refusal):
        box.github.add_issue_field("acme", "One more", "date")
    with pytest.raises(Refusal):
        box.github.add_issue_field("acme", "field 1", "date")


def test_a_webhook_tells_the_old_value_of_a_change_and_none_of_a_first_one(box, arrivals):
    box.github.add_issue_field("acme", "Target date", "date")
    pia = box.github.as_user("pia")
    for value in (MAY, date(2027, 6, 1), None):
        pia.set_field(REPO, 1, "Target date", value)
    assert box.hooks.drain()

    told = {request.get_json()["action"]: [] for request in arrivals.seen}
    for body in (request.get_json() for request in arrivals.seen):
        before = body.get("changes", {}).get("issue_field_value", {}).get("from", {}).get("value")
        told[body["action"]].append((before, body["issue_field_value"]["value"]))
    assert sorted(told["field_added"], key=str) == [("2027-05-01", "2027-06-01"), (None, "2027-05-01")]
    assert told["field_removed"] == [(None, "2027-06-01")]


QUESTION = """{ repository(owner: "acme", name: "shop") { issue(number: 1) {
  issueFieldValues(first: 9) {
    nodes { ... on IssueFieldDateValue { value field { ... on IssueFieldDate { id } } } }
  }
  timelineItems(
    last: 9, itemTypes: [ISSUE_FIELD_ADDED_EVENT, ISSUE_FIELD_CHANGED_EVENT, ISSUE_FIELD_REMOVED_EVENT]
  ) {
    nodes {
      ... on IssueFieldAddedEvent { value actor { login } }
      ... on IssueFieldChangedEvent { previousValue newValue actor { login } }
      ... on IssueFieldRemovedEvent { actor { login } }
    }
  }
} } }"""


def asked(curl) -> dict[str, object]:
    return curl("bot", "POST", "/graphql", json={"query": QUESTION}).json()


def test_graphql_tells_what_fields_hold_and_who_changed_them(box, curl):
    field = box.github.add_issue_field("acme", "Target date", "date")
    pia, sam = (box.github.as_user(name) for name in ("pia", "sam"))
    pia.set_field(REPO, 1, "Target date", MAY)
    sam.set_field(REPO, 1, "Target date", date(2027, 6, 1))

    issue = asked(curl)["data"]["repository"]["issue"]
    assert issue["issueFieldValues"]["nodes"] == [{"value": "2027-06-01", "field": {"id": f"IF_{field.id}"}}]
    pia.set_field(REPO, 1, "Target date", None)
    assert asked(curl)["data"]["repository"]["issue"]["timelineItems"]["nodes"] == [
        {"value": "2027-05-01", "actor": {"login": "pia"}},
        {"previousValue": "2027-05-01", "newValue": "2027-06-01", "actor": {"login": "sam"}},
        {"actor": {"login": "pia"}},
    ]


def test_a_schema_without_them_refuses_the_whole_question(box, curl):
    box.github.knows_issue_fields = False

    answer = asked(curl)
    assert "data" not in answer
    assert answer["errors"][0]["extensions"] == {"code": "undefinedField"}
    assert "type" not in answer["errors"][0]


def test_an_issue_is_given_values_as_it_is_made_or_edited_by_those_with_push_access(box, curl):
    field = box.github.add_issue_field("acme", "Target date", "date")
    new = {"title": "New"} | sent(field.id, "2027-05-01")
    made = curl("bot", "POST", f"/repos/{REPO}/issues", json=new)
    assert [row["value"] for row in made.json()["issue_field_values"]] == ["2027-05-01"]

    dropped = curl("sam", "PATCH", f"/repos/{REPO}/issues/1", json=sent(field.id, "2027-05-01"))
    assert (dropped.status_code, dropped.json()["issue_field_values"]) == (200, [])
    curl("bot", "PATCH", f"/repos/{REPO}/issues/1", json=sent(field.id, "2027-05-01"))
    assert values(curl) == {"Target date": "2027-05-01"}


def test_values_lag_behind_as_other_fields_do_and_their_history_by_itself(box, curl, clock):
    box.github.add_issue_field("acme", "Target date", "date")
    clock.tick(60)
    box.lag(30, "fields")
    box.github.as_user("pia").set_field(REPO, 1, "Target date", MAY)

    assert (
        values(curl) == {} and asked(curl)["data"]["repository"]["issue"]["issueFieldValues"]["nodes"] == []
    )
    assert len(asked(curl)["data"]["repository"]["issue"]["timelineItems"]["nodes"]) == 1
