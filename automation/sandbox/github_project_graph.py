"""What GitHub's GraphQL API says of projects, and how they are written to through it.

https://docs.github.com/en/graphql/reference/objects#projectv2item
https://docs.github.com/en/graphql/reference/mutations#updateprojectv2itemfieldvalue
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from automation.sandbox.github_nouns import Issue, IssueEvent, Repo, User
from automation.sandbox.github_person import GitHub
from automation.sandbox.github_project_nouns import Project, ProjectField, ProjectItem
from automation.sandbox.github_shapes import node, stamp
from automation.sandbox.world import Json, Refusal

Info = GraphQLResolveInfo[Any]

KINDS_OF_FIELDS = {"iteration": "ProjectV2IterationField", "single_select": "ProjectV2SingleSelectField"}
KINDS = {403: "FORBIDDEN", 404: "NOT_FOUND"}
"""What an error is called here that the REST API has a status for; any other is UNPROCESSABLE."""


class Denied(GraphQLError):
    """An error with the ``type`` that GitHub gives it."""

    def __init__(self, refusal: Refusal, type: str = "") -> None:
        super().__init__(refusal.message)
        self.type = type or KINDS.get(refusal.status, "UNPROCESSABLE")


def items_of(
    hub: GitHub, repo: Repo, issue: Issue, viewer: User, field_value: Callable[[Any], Json]
) -> list[Json]:
    """Return an issue's items on the projects that the viewer may read."""
    if viewer in hub.unscoped:
        raise Denied(
            Refusal(403, "Your token has not been granted the required scopes"), "INSUFFICIENT_SCOPES"
        )
    on = hub.projects_with(repo, issue.number)
    readable = [(project, item) for project, item in on if project.may(viewer, "read")]
    return [item_of(hub, project, item, field_value) for project, item in readable]


def item_of(
    hub: GitHub,
    project: Project,
    item: ProjectItem,
    field_value: Callable[[Any], Json],
    written: bool = False,
) -> Json:
    """Return an item; one that was just ``written`` is told as it is now, whatever lags behind."""

    def held() -> dict[ProjectField, str]:
        kinds = ("graphql", "fields")
        seen = min((hub.world.as_shown(item.versions, _at, kind) for kind in kinds), key=_at)
        return (item.versions[-1] if written else seen)[1]

    def by_name(_info: Info, name: str) -> Json | None:
        return next((_value(field, value) for field, value in held().items() if field.name == name), None)

    def values(_info: Info, first: int | None = None, last: int | None = None) -> Json:
        kinds = ("graphql", "fields")
        nodes = [_value(field, value) for field, value in held().items()]
        issue = min(
            (hub.seen(item.repo, item.number, kind) for kind in kinds), key=lambda one: one.updated_at
        )
        shown = {one.field: one for one in issue.values}
        nodes += [
            {"__typename": "ProjectV2ItemIssueFieldValue", "field": _field(field)}
            | {"issueFieldValue": field_value(shown[field.shows])}
            for field in project.fields
            if field.shows in shown and hub.knows_issue_fields
        ]
        return _page(nodes, first, last)

    return {
        "__typename": "ProjectV2Item",
        "id": item.node,
        "fullDatabaseId": str(item.id),
        "project": project_of(project),
        "fieldValueByName": by_name,
        "isArchived": False,
        "updatedAt": stamp(item.updated_at),
        "fieldValues": values,
    }


def project_of(project: Project) -> Json:
    owner = {"__typename": "Organization", "id": node("O", project.owner.id), "login": project.owner.login}
    return {"id": project.node, "number": project.number, "title": project.title, "owner": owner}


def status_of(hub: GitHub, event: IssueEvent, viewer: User) -> Json:
    """Return what a history tells of a status on a project; of one that the viewer may not read, not which.
    https://docs.github.com/en/graphql/reference/objects#projectv2itemstatuschangedevent"""
    on = next((one for one in hub.projects.values() if one.node == event.project), None)
    return {
        "status": event.name,
        "previousStatus": event.renamed_from,
        "wasAutomated": event.automated,
        "project": project_of(on) if on is not None and on.may(viewer, "read") else None,
    }


class ProjectMutations:
    """The mutations, as ``viewer`` sends them."""

    def __init__(self, hub: GitHub, viewer: User, field_value: Callable[[Any], Json]) -> None:
        self._hub = hub
        self._viewer = viewer
        self._value = field_value

    def update(self, _info: Info, input: Json) -> Json:
        return {"projectV2Item": self._set(input, _given(input["value"]))}

    def clear(self, _info: Info, input: Json) -> Json:
        return {"projectV2Item": self._set(input, None)}

    def add(self, _info: Info, input: Json) -> Json:
        project = self._project(input["projectId"])
        for repo in self._hub.repos.values():
            for issue in list(repo.issues.values()):
                if node("I", issue.id) == input["contentId"] and repo.may(self._viewer, "read"):
                    item = self._try(
                        self._hub.add_to_project,
                        self._viewer,
                        project.owner.login,
                        project.number,
                        repo.full_name,
                        issue.number,
                    )
                    return {"item": item_of(self._hub, project, item, self._value, written=True)}
        raise Denied(
            Refusal(404, f"Could not resolve to a node with the global id of '{input['contentId']}'")
        )

    def _set(self, input: Json, value: str | None) -> Json:
        project = self._project(input["projectId"])
        item = next((one for one in project.items.values() if one.node == input["itemId"]), None)
        field = next((one for one in project.fields if one.node == input["fieldId"]), None)
        if item is None or field is None:
            raise Denied(Refusal(404, "Could not resolve to a node with that global id."))
        if value is None and not project.may(self._viewer, "write"):
            raise Denied(Refusal(403, "Resource not accessible by personal access token"))
        self._try(self._hub.set_project_value, self._viewer, project, item, field, value)
        return item_of(self._hub, project, item, self._value, written=True)

    def _project(self, id: str) -> Project:
        for project in self._hub.projects.values():
            if project.node == id and project.may(self._viewer, "read"):
                return project
        raise Denied(Refusal(404, f"Could not resolve to a node with the global id of '{id}'."))

    def _try(self, do: Callable[..., Any], *args: Any) -> Any:
        try:
            return do(*args)
        except Refusal as refusal:
            raise Denied(refusal) from refusal


def _given(value: Json) -> str | None:
    return next((value[kind] for kind in ("date", "text", "iterationId") if value.get(kind)), None)


def _at(version: tuple[datetime, dict[ProjectField, str]]) -> datetime:
    return version[0]


def _field(field: ProjectField) -> Json:
    return {
        "__typename": KINDS_OF_FIELDS.get(field.data_type, "ProjectV2Field"),
        "id": field.node,
        "name": field.name,
        "dataType": field.data_type.upper(),
    }


def _value(field: ProjectField, value: str) -> Json:
    held = field.iteration(value)
    if held is not None:
        return {
            "__typename": "ProjectV2ItemFieldIterationValue",
            "id": f"PVTFIV_{field.id}",
            "field": _field(field),
            "iterationId": held.id,
            "title": held.title,
            "startDate": held.start.isoformat(),
            "duration": held.duration,
        }
    if field.data_type == "single_select":
        return {
            "__typename": "ProjectV2ItemFieldSingleSelectValue",
            "id": f"PVTFSV_{field.id}",
            "field": _field(field),
            "name": field.options[value],
            "optionId": value,
        }
    kind = "Date" if field.data_type == "date" else "Text"
    return {
        "__typename": f"ProjectV2ItemField{kind}Value",
        "id": f"PVTFV_{field.id}",
        "field": _field(field),
        kind.lower(): value,
    }


def _page(nodes: list[Json], first: int | None, last: int | None) -> Json:
    wanted = first if first is not None else last
    if wanted is None or not 0 < wanted <= 100:
        raise GraphQLError("You must provide a `first` or `last` value between 1 and 100.")
    shown = nodes[:wanted] if first is not None else nodes[-wanted:]
    info = {"hasNextPage": len(shown) < len(nodes), "hasPreviousPage": False}
    return {"totalCount": len(nodes), "nodes": shown, "pageInfo": info}
