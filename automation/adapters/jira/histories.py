"""What happened to an issue in Jira, and who did it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

from automation.adapters.errors import unreadable
from automation.adapters.jira import answers, deadlines, wordings
from automation.adapters.jira.changed_fields import LABELS
from automation.adapters.jira.choices import ChoiceFields
from automation.adapters.jira.comments import issue_path
from automation.adapters.jira.dates import DateFields
from automation.adapters.jira.fix_versions import FixVersions
from automation.adapters.jira.marks import marks
from automation.adapters.jira.text_fields import TextFields
from automation.adapters.jira.versions import CLOUD
from automation.adapters.shapes import Malformed, at, many
from automation.model import NOTHING, STATUS, Evidence, Mark, Move, Subject, Value, Way, Wording

PARTS = wordings.PARTS
PAGE = 100
MOST_PAGES = 20


class Histories(FixVersions):
    """The part of the ``Tracker`` port that tells what was before, and by whom."""

    _dates: DateFields
    _answers: TextFields
    _choices: ChoiceFields

    def moves(self, subject: Subject, field: str, known: Sequence[Value]) -> Iterator[Move]:
        declared = self._dates.by_id().get(field)
        if declared is None:
            return
        try:
            history = self._history(subject)
            present = known[0] if known else NOTHING
            named = self.named(subject)
            yield from deadlines.moves(
                history, declared, self._jira.version, self._dates.zone, present, named
            )
        except Malformed as error:
            raise unreadable(f"Jira: the history of {subject.key}") from error

    def written_by(self, subject: Subject, part: Literal["title", "body"]) -> Evidence | None:
        """Return who changed it last, else the creator; not the reporter, who can be anybody's choice."""
        latest = self._latest(subject, PARTS[part])
        if latest is not None:
            return answers.evidence(latest, self._jira.version)
        return self.created_by(self._issue(subject, ("creator", "created")))

    def created_by(self, body: object) -> Evidence | None:
        """Return who created an issue."""
        created = {"author": at(body, "fields.creator"), "created": at(body, "fields.created")}
        return answers.evidence(created, self._jira.version)

    def wordings(self, subject: Subject) -> Mapping[str, Sequence[Wording]]:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-changelog-get"""
        answers = (field.id for field in self._answers.all().values())
        body = self._issue(subject, (*PARTS.values(), *answers, "creator", "created"))
        try:
            return self.worded(body, list(self._history(subject)))
        except Malformed as error:
            raise unreadable(f"Jira: the history of {subject.key}") from error

    def marks(self, subject: Subject, ways: Collection[Way], since: datetime) -> Sequence[Mark]:
        fields = (field.id for field in self._choices.all())
        body = self._issue(subject, (LABELS, STATUS, *fields, "creator", "created"))
        try:
            return self.marked(body, list(self._history(subject)), ways)
        except Malformed as error:
            raise unreadable(f"Jira: the history of {subject.key}") from error

    def marked(self, body: object, history: Sequence[object], ways: Collection[Way]) -> Sequence[Mark]:
        """Read who labelled an issue, and gave it its statuses and fields, from its history, newest first."""
        fields = self._choices.all()
        return marks(body, history, self._whole(history), ways, self._jira.version, fields)

    def _whole(self, history: Sequence[object]) -> bool:
        """Tell whether a history goes back to the beginning."""
        return self._jira.version != CLOUD or len(history) < PAGE * MOST_PAGES

    def worded(self, body: object, history: Sequence[object]) -> Mapping[str, Sequence[Wording]]:
        """Read how the words of an issue came to be from its history, newest first."""
        whole = self._whole(history)
        return wordings.read(body, history, whole, self._jira.version, self._answers.all())

    def _latest(self, subject: Subject, field: str) -> object | None:
        """Return the latest entry of the issue's history that changed ``field``."""
        try:
            return next((entry for entry, _ in answers.changed(self._history(subject), field)), None)
        except Malformed as error:
            raise unreadable(f"Jira: the history of {subject.key}") from error

    def _history(self, subject: Subject) -> Iterator[object]:
        """Yield the history newest first: up to 2,000 entries on Cloud, all of them on Data Center."""
        if self._jira.version != CLOUD:
            body = self._issue(subject, ("created",), expand="changelog")
            yield from answers.newest_first(body) if body is not None else ()
            return
        total, first = self._entries(subject, 0)
        # The oldest come first, so the walk is from the end; what is older than 2,000 proves nothing.
        starts = list(range(total - PAGE, 0, -PAGE))
        for start in starts[:MOST_PAGES]:
            yield from reversed(self._entries(subject, start)[1])
        if len(starts) < MOST_PAGES:
            yield from reversed(first[: starts[-1] if starts else total])  # the rest was in the page before

    def _entries(self, subject: Subject, start: int) -> tuple[int, Sequence[object]]:
        """Read one page of the history and how long the whole is."""
        query = {"startAt": str(start), "maxResults": str(PAGE)}
        with self._inside(subject):
            answer = self._jira.call("GET", f"{issue_path(subject)}/changelog", query)
        total = at(answer, "total")
        if not isinstance(total, int):
            raise Malformed("total")
        return total, many(answer, "values")
