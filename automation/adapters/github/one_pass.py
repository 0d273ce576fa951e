"""What GitHub tells within one pass: an issue with all that hangs on it by one GraphQL question.

Where GraphQL does not know the issue, it is asked for by the REST interface, as all is that did not come
with it: that tells one that was moved, deleted or is too new from one that may not be seen. The ids of
events are the same by both ways.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Literal

from automation.adapters.errors import unreadable
from automation.adapters.github import answers, graph
from automation.adapters.github.issues import Issues
from automation.adapters.github.milestones import in_order
from automation.adapters.github.place import Place
from automation.adapters.github.wordings import wordings
from automation.adapters.shapes import Malformed, at
from automation.domain.fields import MILESTONE
from automation.model import (
    ISSUE,
    Comment,
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
from automation.ports import Refused


class GitHubPass:
    """The ``Pass`` port on GitHub. For one pass, of one thread."""

    def __init__(self, github: Issues, whole: bool, edits: bool) -> None:
        self._github = github
        self._whole = whole
        self._edits = edits
        self._asked: dict[Subject, graph.Seen | None] = {}
        self._logins: dict[str, str] = {}
        """By id, the logins that were told in this pass."""

    def issue(self, subject: Subject) -> Issue | None:
        seen = self._seen(subject)
        return seen.issue if seen else self._github.issue(subject)

    def public(self, subject: Subject) -> bool:
        seen = self._seen(subject)
        return seen.issue.public if seen else self._github.public(subject)

    def comment(self, subject: Subject, comment: str) -> Comment | None:
        return self._github.comment(subject, comment)

    def comments(self, subject: Subject, since: datetime, handled: Collection[str]) -> Sequence[Comment]:
        seen = self._seen(subject)
        if seen is None or not seen.whole:
            return self._github.comments(subject, since, handled)
        try:
            if seen.reaches_back_to(since):
                return self._github.commanding(subject, seen.comments(), since, handled)
        except Malformed as error:
            raise unreadable("GitHub: GraphQL") from error
        return self._github.comments(subject, since, handled)

    def moves(self, subject: Subject, field: str, known: Sequence[Value]) -> Iterator[Move]:
        seen, place = self._seen(subject), Place.of(subject)
        declared = self._github.fields(place).get(field)
        if seen is None or not seen.whole or declared is None:
            return self._github.moves(subject, field, known)
        return declared.moves(place, self._history(subject, seen), known)

    def marks(self, subject: Subject, ways: Collection[Way], since: datetime) -> Sequence[Mark]:
        seen = self._seen(subject)
        told = seen.answer if seen and at(seen.answer, "labelled") is not None else None
        return self._github.marks(subject, ways, since, told)

    def written_by(self, subject: Subject, part: Literal["title", "body"]) -> Evidence | None:
        seen = self._seen(subject)
        if seen is None:
            return self._github.written_by(subject, part)
        if part == "body":
            return seen.authorship()
        try:
            found = answers.renamed(self._history(subject, seen)) if seen.whole else None
        except Malformed:
            return None  # nobody that could be named, such as a deleted account
        return found or self._github.written_by(subject, part)

    def wordings(self, subject: Subject) -> Mapping[str, Sequence[Wording]]:
        seen = self._seen(subject) if self._edits else None
        if seen is None:
            return self._github.wordings(subject)
        try:
            return wordings(seen.answer)
        except Malformed as error:
            raise unreadable("GitHub: GraphQL") from error

    def carriers(self, subject: Subject, field: str, day: date) -> Sequence[Value]:
        seen = self._asked.get(subject)
        if field != MILESTONE.id or seen is None or seen.milestones is None:
            return self._github.carriers(subject, field, day)
        return in_order(seen.milestones)

    def in_product(self, subject: Subject, person: Person, policy: str) -> bool:
        fresh = person.system == "github" and self._logins.get(person.id) == person.name
        return self._github.in_product(subject, person, policy, fresh)

    def _seen(self, subject: Subject) -> graph.Seen | None:
        """Ask for an issue once. None where GraphQL does not know it, or not by this name."""
        if subject.kind != ISSUE:
            return None
        if subject not in self._asked:
            self._asked[subject] = self._ask(subject)
        return self._asked[subject]

    def _ask(self, subject: Subject) -> graph.Seen | None:
        place = Place.of(subject)
        self._github.enter(place)
        try:
            answer = self._github.ask(place, self._whole, self._edits)
        except Refused:
            return None
        fields = self._github.fields(place).values()
        try:
            seen = graph.seen(subject, place, answer, self._whole, fields, self._github.columns())
        except Malformed as error:
            raise unreadable(f"GitHub: {subject.key} by GraphQL") from error
        if seen is not None:
            self._github.told(place, seen)
            self._logins |= {person.id: person.name for person, _ in seen.people()}
        return seen

    def _history(self, subject: Subject, seen: graph.Seen) -> Iterator[object]:
        return self._github.history(Place.of(subject), at(seen.answer, "timelineItems"))
