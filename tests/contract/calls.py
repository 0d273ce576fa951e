"""What is asked of the stand-ins: by the real clients in a story, and by hand for all that they offer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import requests

from automation.sandbox import Sandbox
from automation.sandbox.places import GitHubIssue, JiraIssue
from tests.end_to_end.conftest import BODY, SECRET, SPRING, SUMMER, WINTER, Town

Call = tuple[str, str, Any, int]
Curl = Callable[..., requests.Response]

REPO = "/repos/acme/shop"
ISSUE = f"{REPO}/issues/1"
DUE = {"due_on": "2027-05-01T12:00:00Z"}

API = "/rest/api/3"
DEAL = f"{API}/issue/SALES-1"
CREATING, WORD = f"{API}/issue/createmeta/PROD", "customfield_10042"
LINK = {"globalId": "issue=1", "object": {"url": "https://example.com/1", "title": "One"}}
DOC = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "hello"}]}],
}


def main_job(town: Town) -> None:
    """Let everything happen that the service is for, with a GitHub issue and then with a Jira issue."""
    town.box.github.set_role(town.place.key.partition("#")[0], "stranger", "read")
    _story(town)
    key = town.box.jira.add_issue("PROD", "Audit log", BODY, reporter="lee")
    town.box.jira.send_hooks_to(f"http://127.0.0.1:{town.receiver.port}/webhooks/jira", SECRET)
    town.place = JiraIssue(town.box, key)
    _story(town)


def _story(town: Town) -> None:
    town.comment("stranger", f"/link {town.deal}")
    town.comment("sam", "/link SALES-999")
    town.comment("sam", f"/link {town.deal}")
    town.ask("lee", SPRING)
    town.comment("lee", "/signoff 2027-03-01")
    town.comment("mona", "/signoff 2027-03-01 because it fits")
    town.ask("lee", SUMMER)
    town.comment("mona", "/decline because the export comes first")
    town.ask("lee", None)
    town.comment("mona", "/signoff 2027-01-31")
    town.edit("lee", title="One login", body=f"{BODY}\n- log in with Google")
    town.ask("mona", WINTER)
    if isinstance(town.place, GitHubIssue):
        for day, answer in ((SUMMER, "/signoff"), (None, "/decline"), (None, "/signoff none")):
            town.box.github.as_user("lee").edit_milestone(town.place.repo, "Winter release", due=day)
            town.settle()
            town.comment("mona", answer)
        assert town.place.day() is None
        town.box.github.as_user("mona").edit_milestone(town.place.repo, "Winter release", due=WINTER)
        town.settle()
    for delivery in list(town.box.hooks.deliveries):
        town.box.hooks.redeliver(delivery.id)
    town.settle()
    for done in (True, False):
        town.place.close("lee", done)
        town.settle()
        town.place.reopen("lee")
        town.settle()
    town.comment("sam", f"/unlink {town.deal}")
    assert town.place.day() == WINTER


def by_hand(box: Sandbox, curl: Curl) -> None:
    """Ask for everything that the stand-ins offer, and check that the answer is the expected one."""
    sam = box.github.as_user("sam")
    sam.set_milestone("acme/shop", 1, "March")
    comment = sam.comment("acme/shop", 1, "hello")
    shown = box.github.add_issue_field("acme", "Target date", "date")
    field, board = shown.id, box.github.add_project("acme", "Launch")
    box.github.add_project_field("acme", board, "Ship date")
    box.github.add_project_field("acme", board, "Target date", shows=shown)
    box.jira.add_field("Word", "option", id=WORD, options=("Yes", "No"))
    box.github.add_project_field("acme", board, "Status", "single_select", options=("Todo", "Agreed"))
    team = box.github.team("acme", "product")
    same = f"/organizations/{team.org.id}/team/{team.id}"
    event, pia = box.github.events("acme/shop", 1)[0].id, box.github.user("pia").id
    for who, calls in (
        ("bot", (*_of_github(comment, event, pia, same), *_of_fields(field))),
        ("dana", _of_jira(box.jira.user("dana").account_id, box.jira.group("product-managers").id)),
        ("dana", _of_versions(version := box.jira.add_version("SALES", "v2", date(2027, 3, 1)))),
        ("eve", [("PUT", f"{API}/version/{version}", {"releaseDate": "2027-07-01"}, 400)]),
    ):
        for method, path, body, status in calls:
            answer = curl(who, method, path, json=body)
            assert answer.status_code == status, (method, path, answer.text)


def _of_github(comment: int, event: int, pia: int, same_team: str) -> Iterator[Call]:
    yield "GET", "/user", None, 200
    yield "GET", "/users/pia", None, 200
    yield "GET", "/users/nobody", None, 404
    yield "GET", f"/user/{pia}", None, 200
    yield "GET", "/user/1", None, 404
    yield "GET", REPO, None, 200
    yield "GET", "/repos/acme/none", None, 404
    yield "GET", ISSUE, None, 200
    yield "GET", f"{REPO}/issues?state=all", None, 200
    yield "POST", f"{REPO}/issues", {"title": "Export", "labels": ["csv"], "milestone": 1}, 201
    yield "PATCH", ISSUE, {"title": "SSO", "labels": ["login"], "milestone": 2}, 200
    yield "PATCH", ISSUE, {"milestone": None}, 200
    yield "PATCH", ISSUE, {"milestone": 99}, 422
    yield "PATCH", ISSUE, {"state": "closed", "state_reason": "not_planned"}, 200
    yield "PATCH", ISSUE, {"state": "open"}, 200
    yield "GET", f"{ISSUE}/events", None, 200
    yield "GET", f"{REPO}/issues/events/{event}", None, 200
    yield "POST", f"{ISSUE}/comments", {"body": "hello"}, 201
    yield "POST", f"{ISSUE}/comments", {"body": ""}, 422
    yield "GET", f"{ISSUE}/comments", None, 200
    yield "GET", f"{REPO}/issues/comments/{comment}", None, 200
    yield "PATCH", f"{REPO}/issues/comments/{comment}", {"body": "hi"}, 200
    yield "DELETE", f"{REPO}/issues/comments/{comment}", None, 204
    yield "POST", f"{ISSUE}/labels", {"labels": ["new"]}, 200
    yield "GET", f"{ISSUE}/labels", None, 200
    yield "GET", f"{REPO}/labels/new", None, 200
    yield "DELETE", f"{ISSUE}/labels/new", None, 200
    yield "POST", f"{REPO}/milestones", {"title": "May", **DUE}, 201
    yield "GET", f"{REPO}/milestones", None, 200
    yield "PATCH", f"{REPO}/milestones/1", DUE, 200
    yield "GET", f"{REPO}/milestones/1", None, 200
    yield "GET", "/orgs/acme/teams/product", None, 200
    yield "GET", "/orgs/acme/teams/nothing", None, 404
    yield "GET", same_team, None, 200
    yield "GET", f"{same_team}/memberships/pia", None, 200
    yield "GET", f"{same_team}/memberships/bot", None, 404
    yield "GET", f"{same_team}/members", None, 200
    yield "DELETE", f"{REPO}/milestones/1", None, 204
    yield "GET", "/orgs/acme/teams/product/memberships/pia", None, 200
    yield "GET", "/orgs/acme/teams/product/members", None, 200
    yield "GET", f"{REPO}/collaborators/sam/permission", None, 200
    yield "GET", f"{REPO}/collaborators/nobody/permission", None, 404


def _of_fields(field: int) -> Iterator[Call]:
    values = f"{ISSUE}/issue-field-values"
    may = {"issue_field_values": [{"field_id": field, "value": "2027-05-01"}]}
    yield "GET", "/orgs/acme/issue-fields", None, 200
    yield "GET", "/orgs/nobody/issue-fields", None, 404
    yield "POST", values, may, 200
    yield "POST", values, {"issue_field_values": [{"field_id": field, "value": "soon"}]}, 422
    yield "PUT", values, may, 200
    yield "GET", values, None, 200
    yield "GET", ISSUE, None, 200
    yield "PATCH", ISSUE, may, 200
    yield "GET", "/orgs/acme/projectsV2/1", None, 200
    yield "GET", "/orgs/acme/projectsV2/1/fields", None, 200
    yield "DELETE", f"{values}/{field}", None, 204
    yield "DELETE", f"{values}/{field}", None, 404


def _of_versions(version: str) -> Iterator[Call]:
    given, taken = ({"fixVersions": [{step: {"id": version}}]} for step in ("add", "remove"))
    yield "GET", f"{API}/project/SALES/versions", None, 200
    yield "GET", f"{API}/version/{version}", None, 200
    yield "GET", f"{API}/version/1", None, 404
    yield "PUT", DEAL, {"update": given}, 204
    yield "GET", DEAL, None, 200
    yield "GET", f"{DEAL}/changelog", None, 200
    yield "PUT", DEAL, {"update": taken}, 204
    yield "PUT", DEAL, {"update": {"fixVersions": [{"add": {"id": "1"}}]}}, 400
    yield "PUT", f"{API}/version/{version}", {"releaseDate": "2027-06-01"}, 200
    yield "PUT", f"{API}/version/{version}", {"releaseDate": "soon"}, 400
    yield "PUT", f"{API}/version/{version}", {"releaseDate": None}, 200
    yield "PUT", f"{API}/version/1", {"releaseDate": "2027-06-01"}, 404


def _of_jira(account: str, group: str) -> Iterator[Call]:
    yield "GET", f"{API}/serverInfo", None, 200
    yield "GET", f"{API}/myself", None, 200
    yield "GET", DEAL, None, 200
    yield "PUT", DEAL, {"fields": {"duedate": None, "summary": "Deal", "labels": ["a"]}}, 204
    for chosen, status in (({"value": "Yes"}, 204), (None, 204), ({"value": "Maybe"}, 400), ("Yes", 400)):
        yield "PUT", DEAL, {"fields": {WORD: chosen}}, status
    yield "GET", f"{CREATING}/issuetypes", None, 200
    yield "GET", f"{CREATING}/issuetypes/10001", None, 200
    new = {"project": {"key": "PROD"}, "summary": "Export", "issuetype": {"name": "Task"}}
    yield "POST", f"{API}/issue", {"fields": new}, 201
    yield "POST", f"{API}/issue/bulkfetch", {"issueIdsOrKeys": ["SALES-1", "NO-1"]}, 200
    yield "POST", f"{DEAL}/comment", {"body": DOC, "properties": [{"key": "a", "value": 1}]}, 201
    yield "GET", f"{DEAL}/comment?expand=properties", None, 200
    yield "GET", f"{DEAL}/changelog", None, 200
    yield "POST", f"{DEAL}/remotelink", LINK, 201
    yield "POST", f"{DEAL}/remotelink", LINK, 200
    yield "GET", f"{DEAL}/remotelink", None, 200
    yield "GET", f"{DEAL}/remotelink?globalId=issue=1", None, 200
    yield "DELETE", f"{DEAL}/remotelink?globalId=issue=1", None, 204
    yield "GET", f"{API}/user?accountId={account}", None, 200
    yield "GET", f"{API}/user/groups?accountId={account}", None, 200
    yield "GET", f"{API}/group/bulk?groupName=product-managers&groupName=nothing", None, 200
    yield "GET", f"{API}/group/bulk?groupId={group}", None, 200
    yield "GET", f"{API}/group/member?groupname=product-managers", None, 200
    yield "GET", f"{API}/group/member?groupId={group}", None, 200
    yield "GET", f"{API}/field", None, 200
    yield "GET", f"{API}/search/jql?jql=project=SALES", None, 200
    yield "POST", f"{API}/search/jql", {"jql": "key in (SALES-1)", "fields": ["summary"]}, 200
    yield "GET", f"{API}/user/viewissue/search?accountId={account}&issueKey=SALES-1", None, 200
    yield "GET", f"{API}/user/viewissue/search?accountId={account}&issueKey=NO-1", None, 404
    yield "GET", f"{API}/mypermissions?permissions=USER_PICKER", None, 200
    yield "GET", f"{API}/project/SALES", None, 200
    yield "GET", f"{API}/project/NO", None, 404
    yield "GET", f"{API}/project/SALES/role", None, 200
    yield "GET", f"{API}/project/SALES/role/10002", None, 200
