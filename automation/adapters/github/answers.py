"""GitHub's JSON made into nouns. Pure; raises Malformed where a needed value is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from automation.adapters.shapes import (
    Malformed,
    at,
    instant,
    many,
    number,
    text,
    text_or_empty,
)
from automation.model import NOTHING, Evidence, Issue, Person, Subject, Value
from automation.ports import Refused

MILESTONE = "milestone"
"""The one deadline field of an issue that is handled on GitHub so far."""

_KEY = re.compile(r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)#(?P<number>[1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an issue is: its repository and number."""

    repository: str
    number: int

    @classmethod
    def of(cls, subject: Subject) -> Place:
        """Read a subject's key. Raise Refused for what is no GitHub issue."""
        match = _KEY.fullmatch(subject.key)
        if match is None or {match["owner"], match["name"]} & {".", ".."}:
            raise Refused(f"{subject.key} is not an issue of GitHub: owner/name#12 is")
        return cls(f"{match['owner']}/{match['name']}", int(match["number"]))

    @property
    def repo(self) -> str:
        return f"/repos/{self.repository}"

    @property
    def issue(self) -> str:
        return f"{self.repo}/issues/{self.number}"

    def holds(self, api_url: str) -> bool:
        """Tell whether an ``issue_url`` or ``url`` that GitHub sent means this very issue."""
        return api_url.lower().endswith(self.issue.lower())


def segment(part: str) -> str:
    """Make a name safe as one part of a path."""
    return quote(part, safe="")


def person(body: object, path: str) -> Person:
    return Person("github", str(number(body, f"{path}.id")), text(body, f"{path}.login"))


def value(milestone: object) -> Value:
    """Read a milestone, or null.

    A due date is an instant that stands for a day. GitHub floors it to midnight Pacific (07:00 or
    08:00 UTC), and newer answers say 00:00 UTC; the day in UTC is the promised day in all of these.
    https://docs.github.com/en/rest/issues/milestones#create-a-milestone
    """
    if milestone is None:
        return NOTHING
    due = instant(milestone, "due_on").date() if at(milestone, "due_on") is not None else None
    return Value(str(number(milestone, "number")), due, text_or_empty(milestone, "title"))


def milestone(body: object) -> Value:
    """Read an issue's milestone. An answer that does not speak of it is not one that says none."""
    if not isinstance(body, dict) or "milestone" not in body:
        raise Malformed("milestone")
    return value(body["milestone"])


def issue(subject: Subject, body: object, public: bool) -> Issue:
    return Issue(
        subject=subject,
        url=text(body, "html_url"),
        title=text_or_empty(body, "title"),
        body=text_or_empty(body, "body"),
        open=text(body, "state") == "open",
        public=public,
        labels=tuple(name for label in many(body, "labels") if (name := _label(label))),
        deadlines={MILESTONE: milestone(body)},
    )


def _label(label: object) -> str:
    return label if isinstance(label, str) else text_or_empty(label, "name")


def evidence(events: Iterable[object], now: Value) -> Evidence | None:
    """Find who gave an issue the milestone it has ``now``. ``events`` come newest first.

    The latest word of the history must be about that very milestone: a history that lags behind must
    never lend a stranger's edit to somebody of product.
    https://docs.github.com/en/rest/using-the-rest-api/issue-event-types#milestoned
    """
    moves = (event for event in events if at(event, "event") in ("milestoned", "demilestoned"))
    last = _move(next(moves, None))
    if last is None:
        return None
    if last.into:
        fits = bool(now) and last.title == now.name
    else:
        # Moving an issue from A to B is two events of one person in one second, out of A and into B,
        # in an order that nobody promises. Into B and then out of A is a move, not a clearing.
        before = _move(next(moves, None))
        moved = before is not None and before.into and before.by == last.by and before.title != last.title
        fits = (bool(now) and before is not None and before.title == now.name) if moved else not now
    return last.by if fits else None


def renamed(events: Iterable[object]) -> Evidence | None:
    """Find who gave an issue its present title, or None where it still has its first one.
    https://docs.github.com/en/rest/using-the-rest-api/issue-event-types#renamed"""
    last = next((event for event in events if at(event, "event") == "renamed"), None)
    return Evidence(person(last, "actor"), instant(last, "created_at")) if last is not None else None


def authorship(answer: object, edited: bool) -> Evidence:
    """Read who wrote an issue, or with ``edited`` who changed its body last.
    Raise Malformed where nobody is named."""
    issue = at(answer, "repository.issue")
    who, when = (
        ("editor", "lastEditedAt") if edited and at(issue, "lastEditedAt") else ("author", "createdAt")
    )
    by = Person("github", str(number(issue, f"{who}.databaseId")), text(issue, f"{who}.login"))
    return Evidence(by, instant(issue, when))


@dataclass(frozen=True, slots=True)
class _Move:
    """Into or out of the milestone called ``title``, and who did it when."""

    into: bool
    title: str
    by: Evidence


def _move(event: object) -> _Move | None:
    try:
        by = Evidence(person(event, "actor"), instant(event, "created_at"))
        return _Move(at(event, "event") == "milestoned", text(event, "milestone.title"), by)
    except Malformed:
        return None


def written_at(body: object) -> datetime:
    return instant(body, "created_at")
