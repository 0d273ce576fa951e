"""The GitHub stand-in's REST API for the projects of an organisation, and their fields.

https://docs.github.com/en/rest/projects/projects
"""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from automation.sandbox.github import known, page
from automation.sandbox.github_nouns import User
from automation.sandbox.github_person import GitHub
from automation.sandbox.github_project_nouns import Project
from automation.sandbox.github_project_shapes import project_field_json, project_json
from automation.sandbox.wire import Route, answer, rule
from automation.sandbox.world import Refusal

PROJECT = "/orgs/<org>/projectsV2/<int:number>"


class ProjectRoutes:
    """Which projects and fields there are; what lies on them is told by GraphQL."""

    def __init__(self, hub: GitHub) -> None:
        self.hub = hub

    def rules(self) -> list[Route]:
        return [
            rule(PROJECT, "GET", self.project),
            rule(f"{PROJECT}/fields", "GET", self.fields),
        ]

    def project(self, actor: User | None, request: Request, org: str, number: int) -> Response:
        return answer(project_json(self.hub, self._seen(actor, org, number)))

    def fields(self, actor: User | None, request: Request, org: str, number: int) -> Response:
        project = self._seen(actor, org, number)
        return page(request, project.fields, lambda field: project_field_json(self.hub, project, field))

    def _seen(self, actor: User | None, org: str, number: int) -> Project:
        person = known(actor)
        if org.lower() not in self.hub.users:
            raise Refusal(404, "Not Found")
        project = self.hub.project(org, number)
        if not project.may(person, "read"):
            raise Refusal(404, "Not Found")
        return project
