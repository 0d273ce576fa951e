"""Dates of their own that many issues stand on, under test: a milestone's on GitHub, a version's on Jira."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from automation.model import CARRIER, FieldState, Subject
from automation.sandbox.github_shapes import node
from automation.sandbox.places import GitHubIssue, JiraIssue, Place
from tests.end_to_end.conftest import BOT, MILESTONES, REPO, SPRING, Town

TITLES = {day: title for title, day in MILESTONES.items()}
PROJECT = "PROD"


@dataclass(frozen=True, slots=True)
class PlannedIssue(JiraIssue):
    """A Jira issue whose date is that of its version."""

    def ask(self, who: str, day: date | None) -> None:
        self.box.jira.as_user(who).set_fix_versions(self.key, *([TITLES[day]] if day else ()))

    def day(self) -> date | None:
        versions = self.box.jira.versions_of(self.box.jira.issue(self.key))
        return min((one.release_date for one in versions if one.release_date), default=None)


class Carried(Protocol):
    """A kind of carrier. ``field`` is what an issue stands on it by, ``own`` its own date, ``noun`` and
    ``label`` what people call the two, ``telling`` whether deliveries say who moved it. Each is called by
    the day that it had at first."""

    field: str
    own: str
    noun: str
    label: str
    telling: bool

    def prepare(self, town: Town) -> None: ...
    def subject(self, town: Town, of: date = SPRING) -> Subject: ...
    def path(self, town: Town, of: date = SPRING) -> str: ...
    def due(self, town: Town, of: date = SPRING) -> date | None: ...
    def set(self, town: Town, who: str, to: date | None, of: date = SPRING) -> None: ...
    def end(self, town: Town, who: str, of: date = SPRING) -> None: ...
    def rename(self, town: Town, who: str, name: str, of: date = SPRING) -> None: ...
    def delete(self, town: Town, who: str, of: date = SPRING) -> None: ...
    def refuse(self, town: Town, how: int) -> str: ...
    def open_to_all(self, town: Town) -> None: ...
    def another(self, town: Town, title: str, of: date = SPRING) -> Place: ...
    def stir(self, town: Town, place: Place) -> None: ...
    def writes(self, town: Town) -> list[str]: ...


class Milestones:
    field, own, noun, label, telling = "milestone", "due_on", "milestone", "Milestone date", True

    def prepare(self, town: Town) -> None:
        """They are there."""

    def subject(self, town: Town, of: date = SPRING) -> Subject:
        return Subject("github", CARRIER, node("MI", town.box.github.milestone(REPO, TITLES[of]).id))

    def path(self, town: Town, of: date = SPRING) -> str:
        return f"/repos/{REPO}/milestones/{town.box.github.milestone(REPO, TITLES[of]).number}"

    def due(self, town: Town, of: date = SPRING) -> date | None:
        """Return the day that it is due on, by the midnight, Pacific time, that GitHub keeps."""
        found = town.box.github.milestone(REPO, TITLES[of]).due_on
        return found.date() if found else None

    def set(self, town: Town, who: str, to: date | None, of: date = SPRING) -> None:
        town.box.github.as_user(who).edit_milestone(REPO, TITLES[of], due=to)

    def end(self, town: Town, who: str, of: date = SPRING) -> None:
        town.box.github.as_user(who).edit_milestone(REPO, TITLES[of], state="closed")

    def rename(self, town: Town, who: str, name: str, of: date = SPRING) -> None:
        town.box.github.as_user(who).edit_milestone(REPO, TITLES[of], new_title=name)

    def delete(self, town: Town, who: str, of: date = SPRING) -> None:
        town.box.github.as_user(who).delete_milestone(REPO, TITLES[of])

    def refuse(self, town: Town, how: int) -> str:
        """Take the right to write away, in one of two ways. Return what people are told to give."""
        town.box.github.set_role(REPO, BOT, ("triage", "read")[how])
        return "Give it write access to acme/shop"

    def open_to_all(self, town: Town) -> None:
        town.box.github.set_private(REPO, False)

    def another(self, town: Town, title: str, of: date = SPRING) -> Place:
        """Add an issue that stands on it."""
        hub = town.box.github
        made = hub.add_issue(REPO, title, "All that happened.", author="lee", milestone=TITLES[of])
        return GitHubIssue(town.box, REPO, made, MILESTONES)

    def stir(self, town: Town, place: Place) -> None:
        """Let an issue be looked at."""
        town.box.github.as_user("lee").label(REPO, int(place.key.partition("#")[2]), "later")

    def writes(self, town: Town) -> list[str]:
        """Return the milestones that were written to, or the issues that were given one."""
        return [path for verb, path in town.writes() if verb == "PATCH" and "/comments/" not in path]


class Versions:
    field, own, noun, label, telling = "fixVersions", "releaseDate", "version", "Release date", False

    def prepare(self, town: Town) -> None:
        for title, day in MILESTONES.items():
            town.box.jira.add_version(PROJECT, title, day)
        town.place = PlannedIssue(town.box, town.place.key)

    def subject(self, town: Town, of: date = SPRING) -> Subject:
        return Subject("jira", CARRIER, self.id(town, of))

    def path(self, town: Town, of: date = SPRING) -> str:
        return f"/rest/api/3/version/{self.id(town, of)}"

    def id(self, town: Town, of: date = SPRING) -> str:
        """They are listed in the order in which they were made."""
        there = town.box.jira.versions_in(town.box.jira.project(PROJECT))
        left = [one.id for one in there if one.name == TITLES[of]]
        return left[0] if left else there[list(TITLES).index(of)].id

    def due(self, town: Town, of: date = SPRING) -> date | None:
        return town.box.jira.version(self.id(town, of)).release_date

    def set(self, town: Town, who: str, to: date | None, of: date = SPRING) -> None:
        town.box.jira.as_user(who).set_release_date(self.id(town, of), to)

    def end(self, town: Town, who: str, of: date = SPRING) -> None:
        town.box.jira.as_user(who).release(self.id(town, of))
        town.box.jira.as_user(who).archive(self.id(town, of))

    def rename(self, town: Town, who: str, name: str, of: date = SPRING) -> None:
        town.box.jira.as_user(who).rename_version(self.id(town, of), name)

    def delete(self, town: Town, who: str, of: date = SPRING) -> None:
        town.box.jira.as_user(who).delete_version(self.id(town, of))

    def refuse(self, town: Town, how: int) -> str:
        """Cloud says that the request is wrong, or that there is no such version."""
        town.box.jira.set_administrators(PROJECT, no_such_version=how == 1)
        return "Give it the permission “Administer Projects” there"

    def open_to_all(self, town: Town) -> None:
        town.box.jira.set_anonymous(PROJECT, True)

    def another(self, town: Town, title: str, of: date = SPRING) -> Place:
        made = town.box.jira.add_issue(PROJECT, title, "All that happened.", reporter="lee")
        town.box.jira.as_user("lee").set_fix_versions(made, TITLES[of])
        town.clock.forward(minutes=1)  # it stands on it before anybody asks for anything
        return PlannedIssue(town.box, made)

    def stir(self, town: Town, place: Place) -> None:
        town.box.jira.as_user("lee").transition(place.key, "In Progress")

    def writes(self, town: Town) -> list[str]:
        asked = [one for one in town.box.requests if one.method == "PUT" and one.actor == BOT]
        return [one.path for one in asked if b"releaseDate" in one.sent or b"fixVersions" in one.sent]


KINDS: dict[str, Carried] = {"github": Milestones(), "jira": Versions()}


def said_on(place: Place) -> list[str]:
    return [said.text for said in place.said() if said.author == BOT]


def subject_of(town: Town, place: Place) -> Subject:
    if isinstance(place, GitHubIssue):
        id = str(town.box.github.issue(place.repo, place.number).id)
        return Subject("github", "issue", id, place.key)
    return Subject("jira", "issue", town.box.jira.issue(place.key).id, place.key)


def held(town: Town, kind: Carried) -> FieldState:
    """Return what is known of the carrier's own date."""
    promise = town.worker_app.states.carrier(kind.subject(town)).promise
    assert promise is not None
    return promise.fields[kind.own]
