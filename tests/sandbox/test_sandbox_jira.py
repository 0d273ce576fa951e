"""The Jira stand-in, asked by the real jira client and by hand."""

from __future__ import annotations

from datetime import date

import pytest
import requests
from jira import JIRAError

from automation.sandbox import Refusal

DEAL = "/rest/api/3/issue/SALES-1"


def doc(text: str) -> dict[str, object]:
    words = {"type": "text", "text": text}
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [words]}]}


def test_the_client_takes_it_for_cloud_and_the_token_for_the_name(jira):
    client = jira("dana")
    assert client._is_cloud
    assert client.myself()["displayName"] == "Dana"


def test_an_unknown_token_is_turned_away(curl, box):
    assert curl("nobody", "GET", "/rest/api/3/myself").status_code == 401
    assert curl(None, "GET", DEAL).status_code == 401
    garbled = {"Authorization": "Basic ?"}
    assert requests.get(box.jira_url + DEAL, headers=garbled, timeout=5).status_code == 401


def test_a_due_date_is_set_and_cleared(jira, box):
    issue = jira("dana").issue("PROD-1")
    issue.update(fields={"duedate": "2027-03-01"})
    assert issue.fields.duedate == "2027-03-01"
    assert box.jira.issue("PROD-1").duedate == date(2027, 3, 1)
    issue.update(fields={"duedate": None})
    assert box.jira.issue("PROD-1").duedate is None


@pytest.mark.parametrize(
    "fields",
    [
        {"duedate": "soon"},
        {"description": "plain text"},
        {"summary": ""},
        {"labels": ["two words"]},
        {"nonsense": 1},
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_field(curl, box, fields):
    before = box.jira.issue("PROD-1")
    answer = curl("dana", "PUT", "/rest/api/3/issue/PROD-1", json={"fields": fields})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(fields)
    assert box.jira.issue("PROD-1") == before


def test_one_of_a_list_is_chosen_by_its_value_or_its_id_and_emptied(curl, box):
    field = box.jira.add_field("Word", "option", ["PROD"], options=("Yes", "No"))
    ids, issue = box.jira.fields[field].options, "/rest/api/3/issue/PROD-1"

    def put(chosen):
        return curl("dana", "PUT", issue, json={"fields": {field: chosen}})

    for chosen, shown in (({"value": "Yes"}, "Yes"), ({"id": ids["No"]}, "No"), (None, None)):
        assert put(chosen).status_code == 204
        held = curl("dana", "GET", issue).json()["fields"][field]
        assert (held and (held["value"], held["id"])) == (shown and (shown, ids[shown]))
    for chosen in ("Yes", {"value": "Maybe"}, {"id": "1"}, {}, ["Yes"]):
        answer = put(chosen)
        assert answer.status_code == 400 and list(answer.json()["errors"]) == [field]

    items = [item for change in box.jira.changelog("PROD-1") for item in change.items]
    assert {(item["field"], item["fieldId"]) for item in items} == {("Word", field)}
    assert [(item["fromString"], item["toString"]) for item in items] == [
        (None, "Yes"),
        ("Yes", "No"),
        ("No", ""),
    ]
    assert (items[0]["to"], items[2]["from"]) == (ids["Yes"], ids["No"])

    box.jira.change_field(field, required=True)
    assert put({"value": "Yes"}).status_code == 204
    assert put(None).json()["errors"] == {field: "Word is required."}
    assert curl("dana", "PUT", DEAL, json={"fields": {field: {"value": "Yes"}}}).status_code == 400


@pytest.mark.parametrize(
    ("version", "types", "fields"), [("3", "issueTypes", "fields"), ("2", *["values"] * 2)]
)
def test_what_an_issue_can_be_made_with_tells_the_list(curl, box, version, types, fields):
    field = box.jira.add_field("Word", "option", ["PROD"], options=("Yes", "No"))
    path = f"/rest/api/{version}/issue/createmeta/PROD/issuetypes"
    [kind] = curl("dana", "GET", path).json()[types]
    [word] = curl("dana", "GET", f"{path}/{kind['id']}").json()[fields]
    assert word["fieldId"] == field and [one["value"] for one in word["allowedValues"]] == ["Yes", "No"]
    box.jira.hide("PROD", "dana")
    assert curl("dana", "GET", path).status_code == 404


def test_labels_are_added_and_removed(jira):
    issue = jira("dana").issue("PROD-1")
    issue.update(update={"labels": [{"add": "customer-request"}, {"remove": "login"}]})
    assert issue.fields.labels == ["customer-request"]


def test_only_the_fields_asked_for_are_answered(jira):
    assert set(jira("dana").issue("SALES-1", fields="summary,duedate").raw["fields"]) == {
        "summary",
        "duedate",
    }


def test_a_comment_wants_a_document_and_refuses_plain_text(jira, box):
    client = jira("dana")
    client.add_comment("SALES-1", doc("hello"))
    with pytest.raises(JIRAError) as refused:
        client.add_comment("SALES-1", "hello")
    assert refused.value.status_code == 400
    assert [comment.text for comment in box.jira.comments("SALES-1")] == ["hello"]


@pytest.mark.parametrize(
    "body",
    [
        doc(""),
        {"type": "doc", "version": 1},
        {"type": "doc", "version": 1, "content": ["text"]},
        {"type": "doc", "version": 1, "content": [{"text": "no type"}]},
    ],
)
def test_a_broken_document_is_refused(curl, body):
    assert curl("dana", "POST", f"{DEAL}/comment", json={"body": body}).status_code == 400


def test_properties_come_with_a_comment_only_when_asked_for(curl):
    mark = [{"key": "handshake", "value": {"marker": "m1"}}]
    curl("dana", "POST", f"{DEAL}/comment", json={"body": doc("hello"), "properties": mark})
    plain = curl("dana", "GET", f"{DEAL}/comment").json()
    assert "properties" not in plain["comments"][0]
    full = curl("dana", "GET", f"{DEAL}/comment?expand=properties").json()
    assert full["comments"][0]["properties"] == mark


def test_comments_come_in_order_and_in_pages(curl, box, clock):
    for text in ("one", "two", "three"):
        clock.tick()
        box.jira.as_user("eve").comment("SALES-1", text)
    newest = curl("dana", "GET", f"{DEAL}/comment?orderBy=-created&maxResults=1").json()
    assert newest["comments"][0]["body"] == doc("three")
    assert newest["total"] == 3
    last = curl("dana", "GET", f"{DEAL}/comment?startAt=2").json()
    assert [comment["body"] for comment in last["comments"]] == [doc("three")]


def test_an_author_and_an_administrator_edit_a_comment_and_others_do_not(box, clock):
    id = box.jira.as_user("eve").comment("SALES-1", "mine")
    clock.tick()
    box.jira.as_user("dana").edit_comment("SALES-1", id, "tidied")
    comment = box.jira.find_comment("SALES-1", id)
    assert (comment.text, comment.author.name, comment.update_author.name) == ("tidied", "eve", "dana")
    assert comment.updated == clock.time
    other = box.jira.as_user("dana").comment("SALES-1", "hers")
    with pytest.raises(Refusal):
        box.jira.as_user("eve").edit_comment("SALES-1", other, "no")


def test_an_edit_through_the_api_keeps_the_properties(curl, box):
    id = box.jira.as_user("eve").comment("SALES-1", "one", {"marker": "m1"})
    edited = curl("eve", "PUT", f"{DEAL}/comment/{id}?expand=properties", json={"body": doc("two")})
    assert edited.json()["body"] == doc("two")
    assert edited.json()["properties"] == [{"key": "marker", "value": "m1"}]
    assert curl("eve", "GET", f"{DEAL}/comment/{id}").json()["body"] == doc("two")


def test_an_issue_is_assigned_by_account_id(curl, box):
    dana = box.jira.user("dana")
    curl("eve", "PUT", DEAL, json={"fields": {"assignee": {"accountId": dana.account_id}}})
    assert box.jira.issue("SALES-1").assignee is dana
    (change,) = box.jira.changelog("SALES-1")
    assert change.items[0]["to"] == dana.account_id
    curl("eve", "PUT", DEAL, json={"fields": {"assignee": None}})
    assert box.jira.issue("SALES-1").assignee is None


def test_a_comment_of_another_issue_is_not_found(curl, box):
    id = box.jira.as_user("eve").comment("PROD-1", "here")
    assert curl("dana", "GET", f"{DEAL}/comment/{id}").status_code == 404


def test_the_changelog_tells_who_changed_what(curl, box, clock):
    clock.tick()
    box.jira.as_user("eve").set_duedate("SALES-1", date(2027, 3, 1))
    box.jira.as_user("dana").set_duedate("SALES-1", None)
    page = curl("ops", "GET", f"{DEAL}/changelog").json()
    first, second = page["values"]
    assert first["author"]["displayName"] == "Eve"
    assert first["created"] == "2027-01-04T09:01:00.000+0000"
    assert first["items"] == [
        {
            "field": "duedate",
            "fieldtype": "jira",
            "fieldId": "duedate",
            "from": "2027-01-31",
            "fromString": "2027-01-31 00:00:00.0",
            "to": "2027-03-01",
            "toString": "2027-03-01 00:00:00.0",
        }
    ]
    assert second["items"][0]["to"] is None
    assert page["isLast"]
    assert curl("ops", "GET", f"{DEAL}/changelog?startAt=1&maxResults=1").json()["values"] == [second]


def test_an_edit_that_changes_nothing_leaves_no_trace(box):
    box.jira.as_user("eve").set_duedate("SALES-1", date(2027, 1, 31))
    assert box.jira.changelog("SALES-1") == []


def test_bulkfetch_leaves_out_what_it_does_not_find(curl):
    asked = {"issueIdsOrKeys": ["PROD-1", "NO-7", "SALES-1"], "fields": ["summary", "duedate"]}
    answer = curl("ops", "POST", "/rest/api/3/issue/bulkfetch", json=asked).json()
    assert [issue["key"] for issue in answer["issues"]] == ["SALES-1", "PROD-1"]
    assert answer["issueErrors"] == []
    assert set(answer["issues"][0]["fields"]) == {"summary", "duedate"}


def test_search_answers_ids_unless_fields_are_asked_for(curl, box):
    path = "/rest/api/3/search/jql"
    ids = curl("ops", "GET", path, params={"jql": "project = PROD"}).json()
    assert ids["issues"] == [{"id": box.jira.issue("PROD-1").id}]
    asked = {"jql": "key in (PROD-1, SALES-1) ORDER BY created", "fields": ["summary"], "maxResults": 1}
    page = curl("ops", "POST", path, json=asked).json()
    assert page["issues"][0]["fields"] == {"summary": "Single sign-on"}
    assert not page["isLast"]
    rest = curl("ops", "POST", path, json=asked | {"nextPageToken": page["nextPageToken"]}).json()
    assert rest["issues"][0]["key"] == "SALES-1"
    assert rest["isLast"]


def test_the_client_searches_too(jira):
    assert [issue.key for issue in jira("ops").search_issues("project = SALES")] == ["SALES-1"]


def test_unbounded_search_is_refused(curl):
    assert curl("ops", "GET", "/rest/api/3/search/jql", params={"jql": "order by key"}).status_code == 400


def test_a_remote_link_with_the_same_id_is_replaced(curl, box):
    path = f"{DEAL}/remotelink"
    link = {"globalId": "issue=1", "object": {"url": "https://example.com/1", "title": "One"}}
    made = curl("ops", "POST", path, json=link | {"relationship": "asks for"})
    assert made.status_code == 201
    again = curl("ops", "POST", path, json=link)
    assert again.status_code == 200
    assert again.json()["id"] == made.json()["id"]
    assert box.jira.remote_links("SALES-1")[0].relationship is None
    assert curl("ops", "GET", path, params={"globalId": "issue=1"}).json()["object"]["title"] == "One"
    assert curl("ops", "DELETE", path, params={"globalId": "issue=1"}).status_code == 204
    assert curl("ops", "GET", path).json() == []
    assert curl("ops", "DELETE", path, params={"globalId": "issue=1"}).status_code == 404


def test_groups_are_told_by_person_and_by_group(curl, box):
    dana = box.jira.user("dana").account_id
    groups = curl("ops", "GET", "/rest/api/3/user/groups", params={"accountId": dana}).json()
    assert [group["name"] for group in groups] == ["product-managers"]
    asked = {"groupId": groups[0]["groupId"]}
    assert (
        curl("ops", "GET", "/rest/api/3/group/member", params=asked).json()["values"][0]["accountId"] == dana
    )
    box.jira.set_member("product-managers", "dana", False)
    members = curl("ops", "GET", "/rest/api/3/group/member", params={"groupname": "product-managers"}).json()
    assert members["values"] == []
    assert curl("ops", "GET", "/rest/api/3/group/member", params={"groupname": "none"}).status_code == 404


def test_a_role_names_its_people_and_groups(curl, box):
    roles = curl("ops", "GET", "/rest/api/3/project/SALES/role").json()
    path = roles["Administrators"].removeprefix(box.jira_url)
    person, group = curl("ops", "GET", path).json()["actors"]
    assert person["actorUser"] == {"accountId": box.jira.user("ops").account_id}
    assert group["actorGroup"]["name"] == "product-managers"


def test_the_client_makes_an_issue_and_a_person_moves_it_on(jira, box):
    made = jira("eve").create_issue(project={"key": "PROD"}, summary="Export", issuetype={"name": "Task"})
    assert made.key == "PROD-2"
    box.jira.as_user("dana").transition("PROD-2", "Done")
    made.update()
    assert made.fields.status.statusCategory.key == "done"


@pytest.mark.parametrize(
    ("how", "cloud", "server", "labels"),
    [
        ("screen", 204, 400, 204),
        ("schedule", 400, 400, 204),
        ("edit", 403, 403, 403),
        ("edit 400", 400, 400, 400),
        ("edit 404", 404, 404, 404),
        ("archived", 400, 400, 400),
    ],
)
def test_a_project_can_keep_programs_from_setting_due_dates(curl, box, how, cloud, server, labels):
    box.jira.lock_dates("PROD", how)
    due, tag = {"fields": {"duedate": "2027-03-01"}}, {"update": {"labels": [{"add": "x"}]}}
    assert curl("dana", "PUT", "/rest/api/3/issue/PROD-1", json=due).status_code == cloud
    assert curl("dana", "PUT", "/rest/api/2/issue/PROD-1", json=due).status_code == server
    assert curl("dana", "PUT", "/rest/api/3/issue/PROD-1", json=tag).status_code == labels
    box.jira.lock_dates("PROD")
    assert curl("dana", "PUT", "/rest/api/3/issue/PROD-1", json=due).status_code == 204


def test_a_lock_that_nobody_knows_is_refused(box):
    with pytest.raises(ValueError, match="how is one of screen, schedule"):
        box.jira.lock_dates("PROD", "glue")
