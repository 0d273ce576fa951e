"""The Jira stand-in's API for versions. Of what is sent, each value is looked at.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/
"""

from __future__ import annotations

from datetime import date
from typing import Any

from werkzeug.wrappers import Request, Response

from automation.sandbox.jira_access import known
from automation.sandbox.jira_nouns import FixVersion, JiraUser, Project
from automation.sandbox.jira_person import Jira
from automation.sandbox.jira_shapes import version_json
from automation.sandbox.wire import Route, answer, rule, sent
from automation.sandbox.world import Refusal

VERSION = "/rest/api/3/version/<id>"
NO_RIGHT = "You must have the permission to administer this project to change its versions."
DATES = {"releaseDate": "release_date", "startDate": "start_date"}
LONGEST = 255
"""Characters of a version's name."""
READ_ONLY = frozenset(
    {"self", "id", "expand", "description", "project", "projectId", "overdue", "moveUnfixedIssuesTo"}
    | {"userReleaseDate", "userStartDate", "operations", "issuesStatusForFixVersion", "driver", "approvers"}
)
"""What may be sent and is nothing that this stand-in keeps."""


class VersionRoutes:
    """Versions of one stand-in. To somebody who may not see its project, none is there. Whoever may see one
    and not administer its project is refused with 400 by Cloud, as its description says, with 403 by Data
    Center, and by either as if there were none, where a project is set to do so.
    https://developer.atlassian.com/server/jira/platform/rest/v10000/api-group-version/"""

    def __init__(self, site: Jira) -> None:
        self.site = site

    def rules(self) -> list[Route]:
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
        self._found(actor, id)
        return answer(version_json(self.site, self.site.shown_version(id)))

    def edit(self, actor: JiraUser | None, request: Request, id: str) -> Response:
        """Change what is given; a release date that is null is taken away."""
        version, data = self._found(actor, id), sent(request)
        if known(actor) not in self.site.administrators(version.project):
            if self.site.project(version.project).no_such_version:
                raise Refusal(404, f"Could not find version for id '{id}'")
            raise Refusal(403 if request.path.startswith("/rest/api/2/") else 400, NO_RIGHT)
        changes = dict(_change(name, value) for name, value in data.items() if name not in READ_ONLY)
        return answer(version_json(self.site, self.site.edit_version(id, changes)))

    def _found(self, actor: JiraUser | None, id: str) -> FixVersion:
        version = self.site.version(id)
        self._seen(known(actor), self.site.project(version.project))
        return version

    def _seen(self, actor: JiraUser, project: Project) -> Project:
        if actor in project.hidden_from:
            raise Refusal(404, f"No project could be found with key '{project.key}'.")
        return project


def _change(name: str, value: Any) -> tuple[str, Any]:
    """Read one thing that is to be changed. Raise Refusal where it is not what it should be."""
    if name == "name" and isinstance(value, str) and 0 < len(value.strip()) <= LONGEST:
        return name, value
    if name in ("released", "archived") and isinstance(value, bool):
        return name, value
    if name in DATES:
        try:
            return DATES[name], date.fromisoformat(value) if value else None
        except (TypeError, ValueError):
            raise Refusal(400, "The date is not in the right format.", name) from None
    raise Refusal(400, "It is not known, or has not the right form.", name)
