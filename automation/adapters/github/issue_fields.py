"""A date field that an organisation made for its issues, as a deadline: a day that nothing else carries.

https://docs.github.com/en/rest/issues/issue-field-values
https://docs.github.com/en/graphql/reference/objects#issuefielddatevalue
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from automation.adapters.errors import Missing, Rejected, unreadable
from automation.adapters.github import answers
from automation.adapters.github.api import Api
from automation.adapters.github.place import Place
from automation.adapters.shapes import Malformed, at, instant, many, text, text_or_empty
from automation.model import NOTHING, DeadlineField, Move, Value

VALUES = "issue_field_values"
"""Where the values of an issue's fields stand in what GitHub tells of it."""

CLEARED = "issue_field_removed"
STEPS = frozenset({"issue_field_added", "issue_field_changed", CLEARED})
"""What history calls a first value, another one, and none."""


def path_of(place: Place) -> str:
    return f"{place.issue}/issue-field-values"


@dataclass(frozen=True, slots=True)
class OfIssue:
    """``number`` is its id for the REST interface, ``node`` that for GraphQL, which knows no other."""

    api: Api
    declared: DeadlineField
    number: int
    node: str

    @property
    def called(self) -> str:
        return f"“{self.declared.label}”"

    def read(self, issue: object) -> Value:
        """Read it from an issue. An answer that does not speak of fields is not one that says none."""
        return self._among(many(issue, VALUES))

    def _among(self, rows: Iterable[object]) -> Value:
        row = next((row for row in rows if at(row, "issue_field_id") == self.number), None)
        if row is None or at(row, "value") is None:
            return NOTHING
        written = text(row, "value")
        # A value that is no day is one all the same: somebody sees it, and it can be written back.
        return answers.day_or_none(written) or Value(written, None, written)

    def moves(self, place: Place, events: Iterable[object], known: Sequence[Value]) -> Iterator[Move]:
        """Yield the changes by ``events``, newest first. What cannot be read ends the history, as it lends
        nobody its place; where it does not say what was there before, the step before that does."""
        steps = (e for e in events if at(e, "event") in STEPS and at(e, "field") == self.node)
        last = next(steps, None)
        while last is not None:
            before = next(steps, None)
            try:
                when, id = instant(last, "created_at"), text(last, "node_id")
            except Malformed:
                return
            old = NOTHING if at(last, "event") == "issue_field_added" else _said(last, "before")
            if old is None and before is not None:
                old = _after(before)
            yield Move(id, when, answers.person_or_none(last, "actor"), old, _after(last))
            last = before

    def carried(self, place: Place, values: Collection[Value]) -> Mapping[Value, Value]:
        return {}  # a day is the same everywhere

    def gone(self, place: Place, value: Value) -> bool:
        return False  # a date is no more than a day

    def carriers(self, place: Place, day: date) -> Sequence[Value]:
        return (answers.dated(day),)

    def write(self, place: Place, value: Value) -> datetime | None:
        """Set or clear this one value: an empty list, or a PUT, would take the issue's other ones away.
        GitHub drops values silently where there are no fields any more, so its answer is read:
        https://docs.github.com/en/rest/issues/issue-field-values#add-issue-field-values-to-an-issue"""
        path = path_of(place)
        if value:
            sent = {VALUES: [{"field_id": self.number, "value": value.ref}]}
            answer = self.api.send("POST", path, sent, urgent=True)
        else:
            try:
                self.api.send("DELETE", f"{path}/{self.number}", urgent=True)
                return None
            except Missing:  # it has no value, or we may not see that it can be written to
                answer = self.api.get(path)
        try:
            holds = self._among(answer if isinstance(answer, list) else many(answer, VALUES))
        except Malformed as error:
            raise unreadable(f"GitHub: {path}") from error
        if holds.ref != value.ref:
            raise answers.dropped(place, self.called)
        return None

    def why_not(self, place: Place, value: Value, error: Rejected) -> str:
        """Say to people why it could not be set, empty where nothing special is known."""
        if error.status == 422 and value:
            return f"{self.called} is not there any more, or does not take {value.name}."
        return ""


def _said(event: object, side: str) -> Value | None:
    """Read one side of a step; None where it is not said, or as no day."""
    return answers.day_or_none(text_or_empty(event, side))


def _after(event: object) -> Value | None:
    return NOTHING if at(event, "event") == CLEARED else _said(event, "after")
