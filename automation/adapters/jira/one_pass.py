"""What Jira tells within one pass: an issue with its history and its newest comments, by one GET.

Cloud gives so many of both and no more, and does not say of a comment what it carries. So a history that did
not come whole is asked for page by page, and a comment of our own that looks like a command is read again,
with its mark. Data Center gives all of both.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-get
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from automation.adapters.errors import unreadable
from automation.adapters.jira import answers, deadlines
from automation.adapters.jira.issues import Issues
from automation.adapters.jira.versions import CLOUD
from automation.adapters.jira.wordings import PARTS
from automation.adapters.shapes import Malformed, at, many
from automation.model import (
    CARRIER,
    NOTHING,
    Comment,
    DeadlineField,
    Evidence,
    Issue,
    Mark,
    Move,
    Person,
    Subject,
    Value,
    Way,
    Wording,
)
from automation.ports import Unseen

WITH = ("comment", "creator", "created")
INLINE = 100
"""Entries of a history that come with an issue on Cloud: as many may be all, or not."""


@dataclass(frozen=True, slots=True)
class _Seen:
    body: object
    issue: Issue | None
    history: Sequence[object] | None
    """Newest first; None where it did not come whole."""


class JiraPass:
    """The ``Pass`` port on Jira. For one pass, of one thread."""

    def __init__(self, jira: Issues, whole: bool) -> None:
        self._jira = jira
        self._whole = whole
        self._asked: dict[Subject, _Seen] = {}

    def issue(self, subject: Subject) -> Issue | None:
        return self._seen(subject).issue

    def public(self, subject: Subject) -> bool:
        if subject.kind == CARRIER:
            return self._jira.public(subject)
        try:
            return self._jira.read_public(subject, self._seen(subject).body)
        except Unseen:
            return True

    def comment(self, subject: Subject, comment: str) -> Comment | None:
        return self._jira.comment(subject, comment)

    def comments(self, subject: Subject, since: datetime, handled: Collection[str]) -> Sequence[Comment]:
        if not self._whole:
            return self._jira.comments(subject, since, handled)
        page = at(self._seen(subject).body, "fields.comment")
        try:
            bodies = many(page, "comments")
            missing = at(page, "total") != len(bodies)
            if missing and (not bodies or self._jira.written_since(bodies[0], since)):
                return self._jira.comments(subject, since, handled)
            fresh = [body for body in bodies if self._jira.written_since(body, since)]
            found = self._jira.commanding(subject, fresh, handled)
        except Malformed as error:
            raise unreadable(f"Jira: the comments on {subject.key}") from error
        marked = (
            self._jira.comment(subject, one.id) if self._jira.is_us(one.author) else one for one in found
        )
        return [one for one in marked if one is not None]

    def moves(self, subject: Subject, field: str, known: Sequence[Value]) -> Iterator[Move]:
        seen = self._seen(subject)
        declared = next((one for one in seen.issue.fields if one.id == field), None) if seen.issue else None
        if seen.history is None or declared is None:
            return self._jira.moves(subject, field, known)
        return self._moves(subject, declared, seen.history, seen)

    def _moves(
        self, subject: Subject, field: DeadlineField, history: Sequence[object], seen: _Seen
    ) -> Iterator[Move]:
        try:
            present = seen.issue.deadlines.get(field.id, NOTHING) if seen.issue else NOTHING
            named = self._jira.named(subject)
            yield from deadlines.moves(history, field, self._jira.version, self._jira.zone, present, named)
        except Malformed as error:
            raise unreadable(f"Jira: the history of {subject.key}") from error

    def marks(self, subject: Subject, ways: Collection[Way], since: datetime) -> Sequence[Mark]:
        seen = self._seen(subject)
        if seen.history is None:
            return self._jira.marks(subject, ways, since)
        try:
            return self._jira.marked(seen.body, seen.history, ways)
        except Malformed as error:
            raise unreadable(f"Jira: the history of {subject.key}") from error

    def written_by(self, subject: Subject, part: Literal["title", "body"]) -> Evidence | None:
        seen = self._seen(subject)
        if seen.history is None:
            return self._jira.written_by(subject, part)
        latest = next((entry for entry, _ in answers.changed(seen.history, PARTS[part])), None)
        if latest is not None:
            return answers.evidence(latest, self._jira.version)
        return self._jira.created_by(seen.body)

    def wordings(self, subject: Subject) -> Mapping[str, Sequence[Wording]]:
        seen = self._seen(subject)
        if seen.history is None:
            return self._jira.wordings(subject)
        try:
            return self._jira.worded(seen.body, seen.history)
        except Malformed as error:
            raise unreadable(f"Jira: the history of {subject.key}") from error

    def carriers(self, subject: Subject, field: str, day: date) -> Sequence[Value]:
        return self._jira.offered(subject, field, day, self._seen(subject).body)

    def in_product(self, subject: Subject, person: Person, policy: str) -> bool:
        return self._jira.in_product(subject, person, policy)

    def _seen(self, subject: Subject) -> _Seen:
        """Ask for an issue once."""
        if subject not in self._asked:
            more = {"expand": "changelog"} if self._whole else {}
            body = self._jira.ask_issue(subject, WITH if self._whole else (), **more)
            self._asked[subject] = _Seen(body, self._jira.read_issue(subject, body), self._history(body))
        return self._asked[subject]

    def _history(self, body: object) -> Sequence[object] | None:
        if not self._whole or body is None:
            return None
        try:
            found = answers.newest_first(body)
        except Malformed:
            return None
        whole = self._jira.version != CLOUD or len(found) < INLINE
        return found if whole and at(body, "changelog.total") == len(found) else None
