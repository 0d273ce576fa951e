"""Versions on the Jira stand-in: a project's own, with ids over the whole site. What is done to one is told
by a webhook that says neither who did it nor what it was before; its issues are not told of.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from automation.sandbox.jira_nouns import FixVersion, JiraIssue, Project
from automation.sandbox.jira_readers import JiraReaders
from automation.sandbox.jira_shapes import millis, version_json
from automation.sandbox.world import Json, Refusal, locked


class JiraVersions(JiraReaders):
    """The state with what is done to versions. Making them is silent, like all seeding."""

    @locked
    def add_version(
        self,
        project: str,
        name: str,
        release_date: date | None = None,
        released: bool = False,
        start_date: date | None = None,
    ) -> str:
        """Add a version to a project and return its id."""
        owner = self.project(project)
        self._unused(owner, name)
        id, now = str(self.world.next_id()), self.world.now()
        made = FixVersion(id, name, owner.id, release_date, released, False, start_date, now)
        self._put(made)
        return made.id

    def _put(self, version: FixVersion) -> None:
        self.releases[version.id] = version
        self.past_releases[version.id].append(version)

    def _unused(self, project: Project, name: str) -> None:
        if any(each.name.lower() == name.lower() for each in self.versions_in(project)):
            raise Refusal(400, "A version with this name already exists in this project.", "name")

    def versions_in(self, project: Project) -> list[FixVersion]:
        """Return a project's versions, in their order."""
        return [each for each in self.releases.values() if each.project == project.id]

    def version(self, id: str) -> FixVersion:
        if id not in self.releases:
            raise Refusal(404, f"Could not find version for id '{id}'")
        return self.releases[id]

    def shown_version(self, id: str) -> FixVersion:
        """Return a version as it can be read by now: its own address can lag behind, with no issue's."""
        self.version(id)
        return self.world.as_shown(self.past_releases[id], lambda version: version.at, "milestones")

    def assignable(self, project: Project, named: Any, held: Iterable[str] = ()) -> str:
        """Return the id of a version that an issue of a project may get: one of its own that is not archived,
        unless it has it already. The same words refuse all others."""
        given = named if isinstance(named, dict) else {}
        for each in self.versions_in(project):
            fits = str(given["id"]) == each.id if "id" in given else given.get("name") == each.name
            if fits and (not each.archived or each.id in held):
                return each.id
        raise Refusal(400, f"Version id '{given.get('id', given.get('name'))}' is not valid", "fixVersions")

    @locked
    def edit_version(self, id: str, changes: Mapping[str, Any]) -> FixVersion:
        """Give a version another name, release date or start date, release or archive it."""
        old = self.version(id)
        made = dataclasses.replace(old, **changes, at=self.world.now())
        if made == old:
            return old
        if made.name.lower() != old.name.lower():
            self._unused(self.project(old.project), made.name)
        if made.release_date and made.start_date and made.start_date > made.release_date:
            raise Refusal(400, "The start date must be before the release date.", "releaseDate")
        self._put(made)
        turned = made.released != old.released
        event = ("released" if made.released else "unreleased") if turned else "updated"
        self._tell(event, made)
        return made

    @locked
    def order_version(self, id: str) -> None:
        """Put a version before all others of the site, which is what Jira calls moving it."""
        first = self.version(id)
        self.releases = {id: first, **self.releases}
        self._tell("moved", first)

    @locked
    def remove_version(self, id: str, into: str = "") -> None:
        """Delete a version; its issues get the one it is merged ``into``, or lose it. No issue, and no
        history, tells of that."""
        gone = self.version(id)
        other = self.version(into) if into else None
        if other is not None and (other.project != gone.project or other.id == gone.id):
            raise Refusal(400, "The version to move issues to is not valid.", "moveFixIssuesTo")
        for issue in [each for each in self.issues.values() if id in each.fix_versions]:
            ids = (other.id if other and each == id else each for each in issue.fix_versions)
            left = tuple(dict.fromkeys(each for each in ids if each != id))
            self.put_issue(dataclasses.replace(issue, fix_versions=left))
        del self.releases[id]
        self._tell("deleted", gone, **({"mergedTo": version_json(self, other)} if other else {}))

    def versions_of(self, issue: JiraIssue) -> list[FixVersion]:
        """Return those of an issue's versions that there are, also where an older copy of it is asked for."""
        return [self.releases[id] for id in issue.fix_versions if id in self.releases]

    def _tell(self, what: str, version: FixVersion, **more: Json) -> None:
        event = f"jira:version_{what}"
        payload = {"timestamp": millis(self), "webhookEvent": event, "version": version_json(self, version)}
        self.hooks.send("jira", event, payload | more, {})
