"""The Jira stand-in as Data Center: version 2 of the API, wiki text, usernames and keys."""

from __future__ import annotations

from datetime import date

import pytest
import requests
from jira import JIRA

DEAL = "/rest/api/2/issue/SALES-1"


@pytest.fixture
def ask(box):
    """Ask as somebody, with a personal access token."""
    with requests.Session() as session:

        def ask(who, method, path, **more):
            headers = {"Authorization": f"Bearer {who}"} if who else {}
            return session.request(method, box.jira_url + path, headers=headers, timeout=5, **more)

        yield ask


def test_a_bearer_token_is_a_name(ask, box):
    me = ask("dana", "GET", "/rest/api/2/myself").json()
    assert (me["name"], me["displayName"]) == ("dana", "Dana")
    assert me["key"] == box.jira.user("dana").key
    assert "accountId" not in me
    assert ask("nobody", "GET", DEAL).status_code == 401
    assert ask(None, "GET", DEAL).status_code == 401


def test_the_client_speaks_to_it(box):
    options = {"rest_api_version": "2"}
    client = JIRA(box.jira_url, options=options, token_auth="dana", max_retries=0, timeout=5)
    issue = client.issue("SALES-1")
    issue.update(fields={"duedate": "2027-03-01", "description": "h1. Hello\n\nthere"})
    assert box.jira.issue("SALES-1").duedate == date(2027, 3, 1)
    assert issue.fields.description == "h1. Hello\n\nthere"
    assert client.add_comment("SALES-1", "{quote}a{quote}").body == "{quote}a{quote}"
    client.close()


def test_words_are_text_in_both_directions(ask, box):
    words = "*bold*\n\n{code}\nx\n{code}\n"
    made = ask("dana", "POST", f"{DEAL}/comment", json={"body": words})
    assert made.status_code == 201
    assert made.json()["body"] == words
    box.jira.as_user("eve").comment("SALES-1", "typed\n\nin the browser")
    found = ask("dana", "GET", f"{DEAL}/comment?orderBy=-created").json()
    assert [comment["body"] for comment in found["comments"]] == ["typed\nin the browser", words]
    assert found["comments"][1]["author"]["name"] == "dana"
    document = {"type": "doc", "version": 1, "content": []}
    assert ask("dana", "POST", f"{DEAL}/comment", json={"body": document}).status_code == 400


def test_properties_are_kept_and_an_edit_moves_the_time(ask, clock):
    mark = [{"key": "handshake", "value": {"marker": "m1"}}]
    made = ask("dana", "POST", f"{DEAL}/comment", json={"body": "one", "properties": mark}).json()
    assert made["created"] == made["updated"]
    clock.tick()
    path = f"{DEAL}/comment/{made['id']}"
    ask("dana", "PUT", path, json={"body": "two"})
    again = ask("dana", "GET", f"{path}?expand=properties").json()
    assert (again["body"], again["properties"]) == ("two", mark)
    assert again["created"] != again["updated"]


def test_an_issue_comes_with_its_history_if_asked(ask, box):
    box.jira.as_user("eve").set_duedate("SALES-1", date(2027, 3, 1))
    (entry,) = ask("ops", "GET", f"{DEAL}?fields=duedate&expand=changelog").json()["changelog"]["histories"]
    assert entry["author"]["key"] == box.jira.user("eve").key
    assert entry["items"] == [
        {
            "field": "duedate",
            "fieldtype": "jira",
            "from": "2027-01-31",
            "fromString": "2027-01-31 00:00:00.0",
            "to": "2027-03-01",
            "toString": "2027-03-01 00:00:00.0",
        }
    ]
    assert "changelog" not in ask("ops", "GET", DEAL).json()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{DEAL}/changelog"),
        ("POST", "/rest/api/2/issue/bulkfetch"),
        ("GET", "/rest/api/2/search/jql"),
        ("GET", "/rest/api/2/user/groups"),
    ],
)
def test_what_only_cloud_has_is_not_there(ask, method, path):
    assert ask("ops", method, path, json={}).status_code in (404, 405)


def test_search_refuses_unknown_keys_unless_told_not_to(ask):
    asked = {"jql": "key in (SALES-1, SALES-99)", "fields": ["summary"]}
    assert ask("ops", "POST", "/rest/api/2/search", json=asked).status_code == 400
    page = ask("ops", "POST", "/rest/api/2/search", json=asked | {"validateQuery": False}).json()
    assert page["total"] == 1
    assert page["issues"][0]["fields"] == {"summary": "Contract for 40 seats"}
    known = {"jql": "key in (SALES-1, PROD-1)", "maxResults": 1}
    page = ask("ops", "POST", "/rest/api/2/search", json=known).json()
    assert (page["total"], len(page["issues"])) == (2, 1)


def test_a_user_is_found_by_key_or_username_with_their_groups(ask, box):
    dana = box.jira.user("dana")
    for query in ({"key": dana.key}, {"username": "dana"}):
        found = ask("ops", "GET", "/rest/api/2/user", params=query | {"expand": "groups"}).json()
        assert found["name"] == "dana"
        assert [group["name"] for group in found["groups"]["items"]] == ["product-managers"]
    assert "groups" not in ask("ops", "GET", "/rest/api/2/user", params={"username": "dana"}).json()
    assert ask("ops", "GET", "/rest/api/2/user", params={"username": "nobody"}).status_code == 404


def test_a_role_names_people_by_username_and_groups_by_name(ask, box):
    roles = ask("ops", "GET", "/rest/api/2/project/SALES/role").json()
    path = roles["Administrators"].removeprefix(box.jira_url)
    assert path.startswith("/rest/api/2/")
    person, group = ask("ops", "GET", path).json()["actors"]
    assert (person["name"], person["type"]) == ("ops", "atlassian-user-role-actor")
    assert (group["name"], group["type"]) == ("product-managers", "atlassian-group-role-actor")
    assert "actorUser" not in person
    assert "actorGroup" not in group


def test_members_of_a_group_have_names(ask):
    asked = {"groupname": "product-managers"}
    members = ask("ops", "GET", "/rest/api/2/group/member", params=asked).json()["values"]
    assert [member["name"] for member in members] == ["dana"]


def test_a_project_says_what_it_is_for(box, ask):
    box.jira.add_project("DESK", type="service_desk")
    key = box.jira.add_issue("DESK", "Help", reporter="eve")
    for version in ("2", "3"):
        issue = ask("ops", "GET", f"/rest/api/{version}/issue/{key}").json()
        assert issue["fields"]["project"]["projectTypeKey"] == "service_desk"
    assert ask("ops", "GET", DEAL).json()["fields"]["project"]["projectTypeKey"] == "software"
