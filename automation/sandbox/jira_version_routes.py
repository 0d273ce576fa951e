"""The Jira stand-in's API for versions.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/
"""

from __future__ import annotations

from datetime import date
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from automation.sandbox.jira_access import known
from automation.sandbox.jira_nouns import FixVersion, JiraUser, Project
from automation.sandbox.jira_person import Jira
from automation.sandbox.jira_shapes import version_json
from automation.sandbox.wire import answer, rule, sent
from automation.sandbox.world import Refusal

VERSION = "/rest/api/3/version/<id>"


class VersionRoutes:
    """Versions of one stand-in. To somebody who may not see its project, none is there; whoever may see one
    and not administer its project is told the same when they change it."""

    def __init__(self, site: Jira) -> None:
        self.site = site

    def rules(self) -> list[Rule]:
        return [
            rule("/rest/api/3/project/<key>/versions", "GET", self.versions),
            rule(VERSION, "GET", self.version),
            rule(VERSION, "PUT", self.edit),
        ]

    def versions(self, actor: JiraUser | None, request: Request, key: str) -> Response:
        """Answer all of them at once, the archived ones too."""
        project = self._seen(known(actor), self.site.project(key))
        return answer([version_json(self.site, each) for each in self.site.versions_in(project)])

    def version(self, actor: JiraUser | None, request: Request, id: str) -> Response:
        return answer(version_json(self.site, self._found(actor, id)))

    def edit(self, actor: JiraUser | None, request: Request, id: str) -> Response:
        """Change what is given; a release date that is null is taken away."""
        version, data = self._found(actor, id), sent(request)
        if known(actor) not in self.site.administrators(version.project):
            raise Refusal(404, f"Could not find version for id '{id}'")
        changes: dict[str, Any] = {
            name: data[name] for name in ("name", "released", "archived") if name in data
        }
        if "releaseDate" in data:
            try:
                day = data["releaseDate"]
                changes["release_date"] = date.fromisoformat(day) if day else None
            except (TypeError, ValueError):
                raise Refusal(400, "The date is not in the right format.", "releaseDate") from None
        return answer(version_json(self.site, self.site.edit_version(id, changes)))

    def _found(self, actor: JiraUser | None, id: str) -> FixVersion:
        version = self.site.version(id)
        self._seen(known(actor), self.site.project(version.project))
        return version

    def _seen(self, actor: JiraUser, project: Project) -> Project:
        if actor in project.hidden_from:
            raise Refusal(404, f"No project could be found with key '{project.key}'.")
        return project
