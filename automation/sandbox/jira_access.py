"""The Jira stand-in's API for who may what, and what the client asks about the server.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-groups/
"""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from automation.sandbox.jira_field_shapes import FIELDS, creating_json, custom_field_json, field_json
from automation.sandbox.jira_nouns import ROLE_IDS, Group, JiraUser, Project
from automation.sandbox.jira_person import Jira
from automation.sandbox.jira_shapes import (
    api,
    group_json,
    project_json,
    role_json,
    server_json,
    type_json,
    user_json,
)
from automation.sandbox.wire import Route, answer, number, rule
from automation.sandbox.world import Refusal

CREATING = "/rest/api/3/issue/createmeta/<key>/issuetypes"


class AccessRoutes:
    """People, groups, roles, fields and the server of one stand-in."""

    def __init__(self, site: Jira) -> None:
        self.site = site

    def rules(self) -> list[Route]:
        project = "/rest/api/3/project/<key>"
        return [
            rule("/rest/api/3/serverInfo", "GET", self.server),
            rule("/rest/api/2/serverInfo", "GET", self.server),
            rule("/rest/api/3/myself", "GET", self.me),
            rule("/rest/api/3/user", "GET", self.user),
            rule("/rest/api/3/user/groups", "GET", self.groups),
            rule("/rest/api/3/group/bulk", "GET", self.bulk),
            rule("/rest/api/3/user/viewissue/search", "GET", self.viewers),
            rule("/rest/api/3/mypermissions", "GET", self.my_permissions),
            rule("/rest/api/3/group/member", "GET", self.members),
            rule("/rest/api/3/field", "GET", self.fields),
            rule(CREATING, "GET", self.creating),
            rule(f"{CREATING}/<id>", "GET", self.creating_with),
            rule(project, "GET", self.project),
            rule(f"{project}/role", "GET", self.roles),
            rule(f"{project}/role/<int:id>", "GET", self.role),
        ]

    def server(self, actor: JiraUser | None, request: Request) -> Response:
        return answer(server_json(self.site))

    def me(self, actor: JiraUser | None, request: Request) -> Response:
        return answer(user_json(self.site, known(actor)))

    def user(self, actor: JiraUser | None, request: Request) -> Response:
        known(actor)
        return answer(user_json(self.site, self._named(request)))

    def groups(self, actor: JiraUser | None, request: Request) -> Response:
        known(actor)
        user = self._named(request)
        found = [group for group in self.site.groups.values() if user.name in group.members]
        return answer([group_json(self.site, group) for group in found])

    def bulk(self, actor: JiraUser | None, request: Request) -> Response:
        """Answer the groups of these ids or names; those that do not exist are left out."""
        known(actor)
        ids, names = request.args.getlist("groupId"), request.args.getlist("groupName")
        start, size = number(request, "startAt", 0), number(request, "maxResults", 50)
        found = [
            {"groupId": group.id, "name": group.name}
            for group in self.site.groups.values()
            if group.id in ids or group.name in names or not (ids or names)
        ]
        return answer(
            {
                "startAt": start,
                "maxResults": size,
                "total": len(found),
                "isLast": start + size >= len(found),
                "values": found[start : start + size],
            }
        )

    def viewers(self, actor: JiraUser | None, request: Request) -> Response:
        """Answer who may see an issue. The page is cut first and searched then, so that a short one finds
        few; without the right to browse people nobody is found.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-user-search/"""
        user = self._named(request)
        issue = self.site.issue(request.args.get("issueKey", ""))
        if known(actor).name in self.site.without_people:
            return answer([])
        start, size = number(request, "startAt", 0), min(number(request, "maxResults", 50), 1000)
        page = list(self.site.users.values())[start : start + size]
        found = [one for one in page if one is user and self.site.may_browse(one, issue)]
        return answer([user_json(self.site, one) for one in found])

    def my_permissions(self, actor: JiraUser | None, request: Request) -> Response:
        """Answer the one permission that is asked about here."""
        name = known(actor).name
        shape = {
            "id": "27",
            "key": "USER_PICKER",
            "name": "Browse users and groups",
            "type": "GLOBAL",
            "description": "View and select users or groups from the user picker.",
            "havePermission": name not in self.site.without_people,
        }
        return answer({"permissions": {"USER_PICKER": shape}})

    def project(self, actor: JiraUser | None, request: Request, key: str) -> Response:
        """Answer to whoever may browse it, also without credentials where anonymous people may.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-projects/#api-rest-api-3-project-projectidorkey-get"""
        found = self.site.project(key)
        allowed = found.browsers is None or (actor is not None and actor.name in found.browsers)
        if actor in found.hidden_from or not (found.anonymous or (actor is not None and allowed)):
            raise Refusal(404, f"No project could be found with key '{key}'.")
        return answer(project_json(self.site, found))

    def members(self, actor: JiraUser | None, request: Request) -> Response:
        known(actor)
        group = self._group(request)
        start, size = number(request, "startAt", 0), min(number(request, "maxResults", 50), 50)
        members = [user_json(self.site, user) for user in group.members.values()]
        return answer(
            {
                "self": request.url,
                "startAt": start,
                "maxResults": size,
                "total": len(members),
                "isLast": start + size >= len(members),
                "values": members[start : start + size],
            }
        )

    def fields(self, actor: JiraUser | None, request: Request) -> Response:
        known(actor)
        made = [custom_field_json(field) for field in self.site.fields.values()]
        return answer([*(field_json(id) for id in FIELDS), *made])

    def creating(self, actor: JiraUser | None, request: Request, key: str) -> Response:
        """Answer the types of issues that somebody can make in a project: there is one."""
        self._project(actor, key)
        return answer({"startAt": 0, "maxResults": 50, "total": 1, "issueTypes": [type_json(self.site)]})

    def creating_with(self, actor: JiraUser | None, request: Request, key: str, id: str) -> Response:
        """Answer the fields that an issue can be made with; here those that people made."""
        project = self._project(actor, key)
        found = [creating_json(self.site, one) for one in self.site.fields.values() if one.on(project)]
        start, size = number(request, "startAt", 0), min(number(request, "maxResults", 50), 200)
        page = {"startAt": start, "maxResults": size, "total": len(found)}
        return answer(page | {"fields": found[start : start + size]})

    def roles(self, actor: JiraUser | None, request: Request, key: str) -> Response:
        url = f"{api(self.site)}/project/{self._project(actor, key).id}/role"
        return answer({name: f"{url}/{id}" for name, id in ROLE_IDS.items()})

    def role(self, actor: JiraUser | None, request: Request, key: str, id: int) -> Response:
        project = self._project(actor, key)
        for name, known_id in ROLE_IDS.items():
            if known_id == id:
                return answer(role_json(self.site, project, name))
        raise Refusal(404, f"Can not retrieve a role actor for a null project role: {id}")

    def _project(self, actor: JiraUser | None, key: str) -> Project:
        """Return a project; to those who may not see it, it does not exist."""
        project = self.site.project(key)
        if known(actor) in project.hidden_from:
            raise Refusal(404, f"No project could be found with key '{key}'.")
        return project

    def _named(self, request: Request) -> JiraUser:
        if "accountId" not in request.args:
            raise Refusal(400, "The accountId query parameter needs to be provided")
        return self.site.by_account(request.args["accountId"])

    def _group(self, request: Request) -> Group:
        id = request.args.get("groupId")
        if id is None:
            return self.site.group(request.args.get("groupname", ""))
        for group in self.site.groups.values():
            if group.id == id:
                return group
        raise Refusal(404, f"The group with id '{id}' does not exist.")


def known(actor: JiraUser | None) -> JiraUser:
    """Return the actor; nothing but the server's own description is for strangers."""
    if actor is None:
        raise Refusal(401, "Client must be authenticated to access this resource.")
    return actor
