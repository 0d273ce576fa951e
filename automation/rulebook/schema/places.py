"""Where issues live, and where deals do, as rules files say it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema

from automation.model import Subject
from automation.rulebook.schema.values import Project, Repository, Strict, Zone

CRMS = {"jira": "Jira"}
"""Where deals can live, each with what people call it."""


class TrackerRules(Strict):
    """A tracker's part. ``MARK`` stands between a place's name and the number of an issue there."""

    MARK: ClassVar[str]

    @property
    def places(self) -> tuple[str, ...]:
        """Return the names of the places looked after."""
        raise NotImplementedError


class GitHubTracker(TrackerRules):
    """GitHub's part. ``repositories``: those looked after, as ``owner/name``."""

    MARK = "#"

    repositories: Annotated[tuple[Repository, ...], Field(strict=False)] = ()

    @property
    def places(self) -> tuple[str, ...]:
        return self.repositories


class JiraTracker(TrackerRules):
    """Jira's part. ``projects``: the keys of those looked after, such as ``PROD``. ``time_zone``: that in
    which a field with date and time promises a day, such as ``Europe/Berlin``; a day that is agreed is set to
    noon there."""

    MARK = "-"

    projects: Annotated[tuple[Project, ...], Field(strict=False)] = ()
    time_zone: Zone = "UTC"

    @property
    def places(self) -> tuple[str, ...]:
        return self.projects


class Trackers(Strict):
    """Where issues live. Deliveries about anything else are left alone."""

    github: GitHubTracker = GitHubTracker()
    jira: JiraTracker = JiraTracker()

    def places(self, system: str) -> tuple[str, ...]:
        """Return the places of a system that are looked after; none where no issues live there."""
        rules = getattr(self, system, None)
        return rules.places if isinstance(rules, TrackerRules) else ()

    def all_places(self) -> tuple[str, ...]:
        """Return the places of all systems."""
        return tuple(place for system in type(self).model_fields for place in self.places(system))

    def look_after(self, issue: Subject) -> bool:
        """Tell whether an issue stands in a place that is named, in whatever case."""
        rules = getattr(self, issue.system, None)
        if not isinstance(rules, TrackerRules):
            return False
        place = issue.key.rpartition(rules.MARK)[0]
        return place.lower() in {name.lower() for name in rules.places}


def _deal_system(system: str, info: ValidationInfo) -> str:
    known = info.context.crms if info.context else CRMS
    if system in known:
        return system
    titles = " or ".join(f"{title} (system: {name})" for name, title in known.items())
    if system in ("hubspot", "salesforce", "pipedrive"):
        raise ValueError(f"'{system}' is not available yet; for now deals live in {titles}")
    raise ValueError(f"'{system}' is not known; deals live in {titles}")


class Deals(Strict):
    """Where deals live: the issues of one Jira project. ``system``: the kind of system.
    ``project``: the key of the project, such as ``SALES``."""

    system: Annotated[str, AfterValidator(_deal_system), WithJsonSchema({"enum": ["jira"]})]
    project: Project
