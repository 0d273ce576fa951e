"""The Jira stand-in's other face: Data Center, which knows version 2 of the REST API only.

Words are wiki text, people have names and keys, an issue comes with its history. The state behind it
is the same, and so are most answers: those of version 3 are rewritten.
https://developer.atlassian.com/server/jira/platform/rest/v10000/
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Request, Response

from automation.sandbox import adf
from automation.sandbox.jira_access import known
from automation.sandbox.jira_nouns import JiraIssue, JiraUser
from automation.sandbox.jira_person import Jira
from automation.sandbox.jira_shapes import change_json, group_json, issue_json, user_json
from automation.sandbox.wire import Handler, Route, answer, number, rule, sent
from automation.sandbox.world import Json, Refusal

CLOUD, SERVER = "/rest/api/3/", "/rest/api/2/"
CLOUD_ONLY = (
    "issue/bulkfetch",
    "search/jql",
    "changelog",
    "api/3/user",
    "user/groups",
    "group/bulk",
    "user/viewissue/search",
    "serverInfo",
)
"""Ends of the paths that Data Center does not have, or has in a form of its own."""

PAGED = {"/issuetypes": "issueTypes", "/issuetypes/<id>": "fields"}
"""Ends of the paths whose page holds its things by a name of its own on Cloud."""

Find = Callable[[str, JiraUser | None], list[JiraIssue]]


def server_rules(site: Jira, cloud: Iterable[Route], find: Find) -> list[Route]:
    """Return Data Center's routes: those of ``cloud`` that it shares, and its own.

    ``find`` returns the issues that a query in JQL matches, leaving out unknown keys.
    """
    own = ServerRoutes(site, find)
    shared = [each for each in cloud if not each.path.endswith(CLOUD_ONLY)]
    return [
        rule(f"{SERVER}user", "GET", own.user),
        rule(f"{SERVER}user/viewissue/search", "GET", own.viewers),
        rule(f"{SERVER}search", "POST", own.search),
        *(
            rule(each.path.replace(CLOUD, SERVER), each.method, own.said(each))
            for each in shared
            if each.path.startswith(CLOUD)
        ),
    ]


class ServerRoutes:
    """What only Data Center answers, and how it says what Cloud says too."""

    def __init__(self, site: Jira, find: Find) -> None:
        self.site = site
        self._find = find

    def user(self, actor: JiraUser | None, request: Request) -> Response:
        """Answer who has a key or a username, with the groups if they are asked for."""
        known(actor)
        for user in self.site.users.values():
            if request.args.get("key") == user.key or request.args.get("username") == user.name:
                shape = self._spoken(user_json(self.site, user))
                if request.args.get("expand") == "groups":
                    groups = [group for group in self.site.groups.values() if user.name in group.members]
                    items = [self._spoken(group_json(self.site, group)) for group in groups]
                    shape["groups"] = {"size": len(items), "items": items}
                return answer(shape)
        raise Refusal(404, "The user does not exist.")

    def viewers(self, actor: JiraUser | None, request: Request) -> Response:
        """Answer who may see an issue, of those whose name, address or username begins like that.
        https://developer.atlassian.com/server/jira/platform/rest/v10000/api-group-user/"""
        asked, issue = request.args.get("username", "").lower(), self.site.issue(request.args["issueKey"])
        if known(actor).name in self.site.without_people:
            return answer([])
        found = [
            user
            for user in self.site.users.values()
            if any(word.lower().startswith(asked) for word in (user.name, user.display, user.email))
            and self.site.may_browse(user, issue)
        ]
        size = number(request, "maxResults", 50)
        return answer([self._spoken(user_json(self.site, user)) for user in found[:size]])

    def search(self, actor: JiraUser | None, request: Request) -> Response:
        data = sent(request)
        jql = str(data.get("jql") or "")
        found = self._find(jql, known(actor))
        if data.get("validateQuery", True) and " in " in jql and len(found) <= jql.count(","):
            raise Refusal(400, "An issue with one of the keys does not exist for field 'key'.")
        start, size = int(data.get("startAt") or 0), int(data.get("maxResults") or 50)
        shapes = [issue_json(self.site, issue, data.get("fields") or ["*navigable"]) for issue in found]
        page = {"startAt": start, "maxResults": size, "total": len(found)}
        return answer(page | {"issues": self._spoken(shapes[start : start + size])})

    def rewritten(self, handler: Handler) -> Handler:
        """Wrap a handler of version 3: what comes is made a document, and what it says wiki text."""

        def handle(actor: JiraUser | None, request: Request, **args: Any) -> Response:
            response = handler(actor, _documented(request), **args)
            if response.status_code == 204:
                return response
            shape = self._spoken(json.loads(response.get_data()))
            if isinstance(shape, dict) and request.args.get("expand") == "changelog":
                shape["changelog"] = self._history(args["key"])
            return answer(shape, response.status_code)

        return handle

    def said(self, each: Route) -> Handler:
        """Return the handler of one of version 3's routes, as Data Center answers."""
        name = next((name for end, name in PAGED.items() if each.path.endswith(end)), "")
        return self._paged(each.handler, name) if name else self.rewritten(each.handler)

    def _paged(self, handler: Handler, name: str) -> Handler:
        """Wrap a handler of version 3 whose page holds its things by ``name``: here they are its values.
        https://developer.atlassian.com/server/jira/platform/rest/v10000/api-group-issue/"""
        rewritten = self.rewritten(handler)

        def handle(actor: JiraUser | None, request: Request, **args: Any) -> Response:
            page = json.loads(rewritten(actor, request, **args).get_data())
            page["values"] = page.pop(name)
            return answer(page)

        return handle

    def _history(self, key: str) -> Json:
        entries = [change_json(self.site, change) for change in self.site.shown_changes(key)]
        for entry in entries:
            entry["items"] = [
                {name: value for name, value in item.items() if name != "fieldId"} for item in entry["items"]
            ]
        size = len(entries)
        return {"startAt": 0, "maxResults": size, "total": size, "histories": self._spoken(entries)}

    def _spoken(self, shape: Any) -> Any:
        """Say as Data Center does what Cloud says: people, words and addresses differ."""
        if isinstance(shape, list):
            return [self._spoken(each) for each in shape]
        if isinstance(shape, str):
            return shape.replace(CLOUD, SERVER)
        if not isinstance(shape, dict):
            return shape
        if shape.get("type") == "doc":
            return adf.to_text(shape)
        if "actorUser" in shape:
            user = self.site.by_account(shape["actorUser"]["accountId"])
            return {**{name: shape[name] for name in ("id", "displayName", "type")}, "name": user.name}
        said = {name: self._spoken(value) for name, value in shape.items()}
        said.pop("groupId", None)
        said.pop("actorGroup", None)
        if "accountId" in said:
            user = self.site.by_account(said.pop("accountId"))
            said.pop("accountType", None)
            url = f"{self.site.url}{SERVER}user?username={user.name}"
            said |= {"self": url, "name": user.name, "key": user.key}
        return said


def _documented(request: Request) -> Request:
    """Return the request with its wiki text made a document, and none where one was sent."""
    data = request.get_data()
    if not data:
        return request
    body = sent(request)
    for holder, name in ((body, "body"), (body.get("fields") or {}, "description")):
        if name in holder and holder[name] is not None:
            # Version 2 takes text only; a text is no document, and is refused as one.
            holder[name] = adf.from_lines(holder[name]) if isinstance(holder[name], str) else "no text"
    changed = json.dumps(body).encode()
    environ = {
        name: value for name, value in request.environ.items() if not name.startswith("werkzeug.request")
    }
    return Request(environ | {"wsgi.input": io.BytesIO(changed), "CONTENT_LENGTH": str(len(changed))})
