"""The milestone of an issue as its deadline: a date that many issues stand on.

https://docs.github.com/en/rest/issues/milestones
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from automation.adapters.errors import Missing, Rejected, unreadable
from automation.adapters.github import answers
from automation.adapters.github.api import Api
from automation.adapters.github.place import Place, segment
from automation.adapters.shapes import Malformed, instant_or_none
from automation.domain.fields import MILESTONE
from automation.model import NOTHING, DeadlineField, Move, Value
from automation.ports import Refused, Unavailable, Unwritten


@dataclass(frozen=True, slots=True)
class OfMilestone:
    """The deadline that an issue has by its milestone."""

    api: Api
    declared: ClassVar[DeadlineField] = MILESTONE
    called: ClassVar[str] = "the milestone"

    def read(self, issue: object) -> Value:
        return answers.milestone(issue)

    def moves(self, place: Place, events: Iterable[object], known: Sequence[Value]) -> Iterator[Move]:
        """Yield the changes by ``events``, newest first. Their titles are all that history keeps of
        milestones: one that is not ``known`` is looked up, and where none has that title now it cannot be
        told."""
        named = {"": NOTHING} | {value.name: value for value in reversed(known) if value}
        complete = False

        def value(title: str) -> Value | None:
            nonlocal complete
            if title not in named and not complete:
                complete = True
                for milestone in self.all(place, "all"):
                    named.setdefault(milestone.name, milestone)
            return named.get(title)

        holds = known[0].name if known else ""
        for move in answers.moves(events, holds):
            yield Move(move.id, move.at, move.by, value(move.old), value(move.new), move.also)

    def carried(self, place: Place, values: Collection[Value]) -> Mapping[Value, Value]:
        there = self.all(place, "all")
        return {value: answers.alike(value, there) for value in values}

    def gone(self, place: Place, value: Value) -> bool:
        """https://docs.github.com/en/rest/issues/milestones#get-a-milestone"""
        try:
            self.api.get(f"{place.repo}/milestones/{segment(value.ref)}")
        except Missing:
            return True
        return False

    def carriers(self, place: Place, day: date) -> Sequence[Value]:
        """Return the open milestones, the first by number first, so that it wins where two share a day."""
        return in_order(self.all(place, "open"))

    def all(self, place: Place, state: Literal["open", "all"]) -> list[Value]:
        path = f"{place.repo}/milestones"
        try:
            return [answers.value(one) for one in self.api.all(path, {"state": state, "sort": "due_on"})]
        except Malformed as error:
            raise unreadable(f"GitHub: GET {path}") from error

    def write(self, place: Place, value: Value) -> datetime | None:
        """Without the right to push, GitHub drops this silently, so its answer is read:
        https://docs.github.com/en/rest/issues/issues#update-an-issue"""
        if value and not (value.ref.isascii() and value.ref.isdigit()):
            raise Refused(f"GitHub has no {self.declared.id} {value.ref} to set")
        body = {self.declared.id: int(value.ref) if value else None}
        answer = self.api.send("PATCH", place.issue, body, urgent=True)
        try:
            holds = self.read(answer)
        except Malformed as error:
            raise unreadable(f"GitHub: PATCH {place.issue}") from error
        if value.moved_to(holds):
            day = holds.day.isoformat() if holds.day else "no day"
            raise Unwritten(
                f"the milestone {value.name} of {place.key} is due on {day} by now",
                f"The milestone “{value.name or value.ref}” has another date by now.",
            )
        if holds.ref != value.ref:
            raise answers.dropped(place, self.called)
        return instant_or_none(answer, "updated_at")

    def why_not(self, place: Place, value: Value, error: Rejected) -> str:
        """Say to people why it could not be set, empty where nothing special is known."""
        if error.status == 422 and value and not self._there(f"{place.repo}/milestones/{value.ref}"):
            return f"The milestone “{value.name or value.ref}” is not there any more."
        return ""

    def _there(self, path: str) -> bool:
        try:
            self.api.get(path)
        except Missing:
            return False
        except Unavailable:
            return True  # nobody can tell just now
        return True


def in_order(milestones: Iterable[Value]) -> list[Value]:
    return sorted(milestones, key=lambda one: int(one.ref))
