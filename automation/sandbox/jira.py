"""The Jira stand-in's REST API: issues, comments, changelog and search.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from typing import Any

from werkzeug.wrappers import Request, Response

from automation.sandbox.jira_access import AccessRoutes, known
from automation.sandbox.jira_fields import labels, read_fields
from automation.sandbox.jira_locks import NO_ISSUE, unlocked
from automation.sandbox.jira_nouns import STATUSES, JiraIssue, JiraUser
from automation.sandbox.jira_person import Jira
from automation.sandbox.jira_server import server_rules
from automation.sandbox.jira_shapes import (
    api,
    change_json,
    comment_json,
    history_json,
    issue_json,
    link_json,
    status_json,
)
from automation.sandbox.jira_version_routes import VersionRoutes
from automation.sandbox.jira_world import relabelled
from automation.sandbox.pages import site_rules
from automation.sandbox.wire import Route, answer, number, rule, sent
from automation.sandbox.world import Json, Refusal

ISSUE = "/rest/api/3/issue/<key>"


class JiraApi:
    """All of the stand-in's HTTP face."""

    system = "jira"
    bad_credentials = "Client must be authenticated to access this resource."

    def __init__(self, site: Jira) -> None:
        self.site = site
        self.rules: list[Route] = [
            rule("/rest/api/3/issue", "POST", self.create),
            rule("/rest/api/3/issue/bulkfetch", "POST", self.bulkfetch),
            rule(ISSUE, "GET", self.issue),
            rule(ISSUE, "PUT", self.edit),
            rule(f"{ISSUE}/comment", "GET", self.comments),
            rule(f"{ISSUE}/comment", "POST", self.add_comment),
            rule(f"{ISSUE}/comment/<id>", "GET", self.comment),
            rule(f"{ISSUE}/comment/<id>", "PUT", self.edit_comment),
            rule(f"{ISSUE}/changelog", "GET", self.changelog),
            rule(f"{ISSUE}/remotelink", "GET", self.remote_links),
            rule(f"{ISSUE}/remotelink", "POST", self.link),
            rule(f"{ISSUE}/remotelink", "DELETE", self.unlink),
            rule("/rest/api/3/search/jql", "GET", self.search),
            rule("/rest/api/3/search/jql", "POST", self.search),
            rule("/rest/api/3/status", "GET", self.statuses),
            *AccessRoutes(site).rules(),
            *VersionRoutes(site).rules(),
            *site_rules(site),
        ]
        self.rules += server_rules(site, self.rules, self._matching)

    def who(self, request: Request) -> tuple[str, JiraUser | None]:
        """Take the token for a short name, whatever the e-mail: anybody can act as anybody."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return "", None
        name = _password(secret) if scheme.lower() == "basic" else secret
        if scheme.lower() not in ("basic", "bearer") or name not in self.site.users:
            raise Refusal(401, self.bad_credentials)
        return name, self.site.users[name]

    def path(self, request: Request, person: JiraUser | None) -> str:
        return request.path

    def refuse(self, refusal: Refusal) -> Response:
        fields = {refusal.field: refusal.message} if refusal.field else {}
        body = {"errorMessages": [] if fields else [refusal.message], "errors": fields}
        response = answer(body, refusal.status)
        if refusal.status == 429:
            response.headers["RateLimit-Reason"] = "jira-burst-based"
        return response

    def to_stranger(self, request: Request) -> Response:
        """Answer as to a token that has run out: lists are empty, and what is asked for is not there.
        https://jira.atlassian.com/browse/JRA-41559"""
        if request.path.endswith(("/bulkfetch", "/search/jql", "/search")):
            response = answer({"issues": []})
        else:
            response = self.refuse(Refusal(404, NO_ISSUE))
        response.headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
        return response

    def create(self, actor: JiraUser | None, request: Request) -> Response:
        fields = sent(request).get("fields") or {}
        named = fields.get("project") or {}
        project = self.site.project(str(named.get("key") or named.get("id")))
        asked = {name: value for name, value in fields.items() if name not in {"project", "issuetype"}}
        values = read_fields(self.site, asked, project)
        made = self.site.create(
            known(actor),
            project.key,
            values.get("summary", ""),
            values.get("description"),
            values.get("duedate"),
            values.get("labels", ()),
            values.get("assignee"),
            {
                name: value
                for name, value in values.items()
                if name in self.site.fields or name == "fix_versions"
            },
        )
        return answer({"id": made.id, "key": made.key, "self": f"{api(self.site)}/issue/{made.id}"}, 201)

    def bulkfetch(self, actor: JiraUser | None, request: Request) -> Response:
        """Issues not found are left out, also of the errors; the order is that of the ids."""
        known(actor)
        data = sent(request)
        keys = data.get("issueIdsOrKeys") or []
        if not 0 < len(keys) <= 100:
            raise Refusal(400, "Between 1 and 100 issues can be fetched at once.")
        seen = (self._find(str(key), actor) for key in keys)
        found = {issue.id: issue for issue in seen if issue}
        fields = data.get("fields") or ["*navigable"]
        shapes = [issue_json(self.site, found[id], fields) for id in sorted(found, key=int)]
        return answer({"issues": shapes, "issueErrors": []})

    def issue(self, actor: JiraUser | None, request: Request, key: str) -> Response:
        seen = self.site.seen(actor, key)
        if not self.site.may_browse(actor, seen):
            known(actor)
            raise Refusal(404, NO_ISSUE)
        comments = self.site.comments_for(actor, seen.key) if actor else []
        shape = issue_json(self.site, seen, _asked(request, "*all"), comments)
        if "changelog" in request.args.get("expand", "").split(","):
            shape["changelog"] = history_json(self.site, self.site.shown_changes(seen.key))
        return answer(shape)

    def edit(self, actor: JiraUser | None, request: Request, key: str) -> Response:
        """Answer with nothing, unless the issue is asked for; it is as this edit left it.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-put"""
        person, data, issue = known(actor), sent(request), self._issue(actor, key)
        unlocked(issue.project.locked, data, cloud=request.path.startswith("/rest/api/3/"))
        changes = read_fields(self.site, data.get("fields") or {}, issue.project)
        for field, steps in (data.get("update") or {}).items():
            if field not in ("labels", "fixVersions") or field in (data.get("fields") or {}):
                raise Refusal(400, f"Field '{field}' cannot be set here.", field)
            add = tuple(step["add"] for step in steps if "add" in step)
            remove = tuple(step["remove"] for step in steps if "remove" in step)
            if field == "labels":
                changes["labels"] = relabelled(issue.labels, labels(add), remove)
            else:
                changes["fix_versions"] = self._planned(issue, add, remove)
        edited = self.site.edit(person, issue.key, changes)
        if request.args.get("returnIssue") == "true" and request.path.startswith("/rest/api/3/"):
            return answer(issue_json(self.site, edited))
        return answer(None, 204)

    def _planned(self, issue: JiraIssue, add: Iterable[Any], remove: Iterable[Any]) -> tuple[str, ...]:
        """Return an issue's versions after these steps; one that it does not have cannot be taken away."""
        gone = {self.site.assignable(issue.project, one, issue.fix_versions) for one in remove}
        come = (self.site.assignable(issue.project, one, issue.fix_versions) for one in add)
        return tuple(dict.fromkeys(id for id in (*issue.fix_versions, *come) if id not in gone))

    def statuses(self, actor: JiraUser | None, request: Request) -> Response:
        return answer([status_json(self.site, name) for name in STATUSES])

    def comments(self, actor: JiraUser | None, request: Request, key: str) -> Response:
        self._issue(actor, key)
        found = self.site.comments_for(known(actor), key)
        if request.args.get("orderBy", "created") == "-created":
            found.reverse()
        shapes = [comment_json(self.site, comment, _properties(request)) for comment in found]
        return _page(request, shapes, "comments")

    def add_comment(self, actor: JiraUser | None, request: Request, key: str) -> Response:
        data = sent(request)
        self._issue(actor, key)
        words, visibility = data.get("body") or {}, data.get("visibility")
        made = self.site.comment(known(actor), key, words, _given(data), visibility)
        return answer(comment_json(self.site, made, _properties(request)), 201)

    def comment(self, actor: JiraUser | None, request: Request, key: str, id: str) -> Response:
        self._issue(actor, key)
        reader = known(actor)
        found = self.site.find_comment(key, id)
        if not self.site.world.shown(found.created, "comment") or not self.site.for_reader(reader, found):
            raise Refusal(404, f"Can not find a comment for the id: {id}.")
        return answer(comment_json(self.site, found, _properties(request)))

    def edit_comment(self, actor: JiraUser | None, request: Request, key: str, id: str) -> Response:
        data = sent(request)
        made = self.site.edit_comment(known(actor), key, id, data.get("body") or {}, _given(data))
        return answer(comment_json(self.site, made, _properties(request)))

    def changelog(self, actor: JiraUser | None, request: Request, key: str) -> Response:
        self._issue(actor, key)
        shapes = [change_json(self.site, change) for change in self.site.shown_changes(key)]
        return _page(request, shapes, "values")

    def remote_links(self, actor: JiraUser | None, request: Request, key: str) -> Response:
        self._issue(actor, key)
        wanted = request.args.get("globalId")
        found = [link for link in self.site.remote_links(key) if wanted in {None, link.global_id}]
        shapes = [link_json(self.site, link) for link in found]
        if wanted is None:
            return answer(shapes)
        if not shapes:
            raise Refusal(404, f"No remote link with the global id '{wanted}'.")
        return answer(shapes[0])

    def link(self, actor: JiraUser | None, request: Request, key: str) -> Response:
        self._issue(actor, key)
        data = sent(request)
        made, new = self.site.link(key, str(data.get("globalId") or ""), data)
        shape = link_json(self.site, made)
        return answer({"id": made.id, "self": shape["self"]}, 201 if new else 200)

    def unlink(self, actor: JiraUser | None, request: Request, key: str) -> Response:
        self._issue(actor, key)
        if "globalId" not in request.args:
            raise Refusal(400, "A global id is needed.", "globalId")
        self.site.unlink(key, request.args["globalId"])
        return answer(None, 204)

    def search(self, actor: JiraUser | None, request: Request) -> Response:
        """Answer ids only, unless fields are asked for.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/"""
        data: Json = sent(request) if request.method == "POST" else request.args.to_dict()
        found = self._matching(str(data.get("jql") or ""), known(actor))
        start, size = int(data.get("nextPageToken") or 0), int(data.get("maxResults") or 50)
        fields = data.get("fields") or []
        wanted = fields.split(",") if isinstance(fields, str) else fields
        shapes = [
            issue_json(self.site, issue, wanted) if wanted not in ([], ["id"]) else {"id": issue.id}
            for issue in found[start : start + size]
        ]
        last = start + size >= len(found)
        more = {} if last else {"nextPageToken": str(start + size)}
        return answer({"issues": shapes, "isLast": last, **more})

    def _issue(self, actor: JiraUser | None, key: str) -> JiraIssue:
        """Return an issue to somebody who may see it, as it is."""
        self.site.seen(known(actor), key)
        return self.site.issue(key)

    def _find(self, key: str, reader: JiraUser | None) -> JiraIssue | None:
        try:
            found = self.site.seen(reader, key)
        except Refusal:
            return None
        return found if self.site.may_browse(reader, found) else None

    def _matching(self, jql: str, reader: JiraUser | None) -> list[JiraIssue]:
        asked = re.fullmatch(
            r"\s*(?:(?:key|issuekey)\s+in\s*\((?P<keys>[^)]*)\)|project\s*=\s*[\"']?(?P<project>\w+)[\"']?)"
            r"(?:\s+order\s+by\s+.*)?",
            jql,
            re.IGNORECASE,
        )
        if not asked:
            raise Refusal(400, "The sandbox understands: key in (A-1, A-2); project = A")
        if asked["project"]:
            project = self.site.project(asked["project"])
            held = [issue for issue in self.site.issues.values() if issue.project is project]
            return [issue for issue in held if self.site.may_browse(reader, issue)]
        keys = [key.strip(" \"'") for key in asked["keys"].split(",")]
        return [issue for key in keys if (issue := self._find(key, reader))]


def _password(secret: str) -> str:
    try:
        return base64.b64decode(secret, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _given(data: Json) -> dict[str, Any]:
    return {given["key"]: given["value"] for given in data.get("properties") or ()}


def _properties(request: Request) -> bool:
    return "properties" in request.args.get("expand", "").split(",")


def _asked(request: Request, default: str) -> list[str]:
    return request.args.get("fields", default).split(",")


def _page(request: Request, shapes: Sequence[Json], name: str) -> Response:
    start, size = number(request, "startAt", 0), number(request, "maxResults", 100)
    page: Json = {
        "self": request.base_url,
        "startAt": start,
        "maxResults": size,
        "total": len(shapes),
        name: shapes[start : start + size],
    }
    if name == "values":
        page["isLast"] = start + size >= len(shapes)
    return answer(page)
