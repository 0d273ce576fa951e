"""What stands outside the village: a tracker with a history, and a CRM that keeps time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from automation.model import CARRIER, Comment, Evidence, Mark, Move, Person, Subject, Value, Wording
from automation.ports import Posted
from tests.factories import LEE, MONA, NOW, OMAR, SAM, SPRING, SUMMER, WINTER
from tests.fakes import Clock, FakeCrm, FakeTracker

BOT = Person("github", "900", "handshake-bot")
AUTUMN = Value("4", SUMMER.day.replace(month=9) if SUMMER.day else None, "Autumn release")
FIELD = "milestone"


class HistoricTracker(FakeTracker):
    """A tracker with a history. Words of people carry the time of the clock, as do changes."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(
            linkers=frozenset({LEE, SAM, MONA, OMAR}),
            members={"product": frozenset({MONA, OMAR})},
            offers=(WINTER, SPRING, SUMMER, AUTUMN),
        )
        self.clock = clock

    def move(self, who: Person, value: Value) -> bool:
        """Give the field a value, as ``who``. Return whether that was a change."""
        assert self.truth is not None
        # A milestone has the date that it has, whatever somebody takes it for.
        value = next((one for one in self.offers if one.ref == value.ref), value)
        old = self.truth.deadlines[FIELD]
        if old == value:
            return False
        self.hold(FIELD, value)
        moves = self.history.setdefault(FIELD, [])
        moves.append(Move(str(100 + len(moves)), self.clock.now.replace(microsecond=0), who, old, value))
        return True

    def mark(self, who: Person, label: str, on: bool = True) -> bool:
        """Put a label on, or take it off. Return whether that was a change."""
        assert self.truth is not None
        if (label in self.truth.labels) is on:
            return False
        others = tuple(one for one in self.truth.labels if one != label)
        self.change(labels=(*others, label) if on else others)
        at = self.clock.now.replace(microsecond=0)
        self.marked.append(Mark(str(700 + len(self.marked)), label, at, who, on))
        return True

    def set_label(self, subject: Subject, label: str, present: bool) -> None:
        super().set_label(subject, label, present)
        self.mark(BOT, label, present)

    def redate(self, ref: str, day: date | None) -> Value:
        """Give a milestone another date of its own: the history of the issue shows nothing of it."""
        held = next(replace(value, day=day) for value in self.offers if value.ref == ref)
        self.offers = tuple(held if value.ref == ref else value for value in self.offers)
        if self.truth is not None and self.truth.deadlines[FIELD].ref == ref:
            self.hold(FIELD, held)
        return held

    def write(self, who: Person, line: str, own: bool = False) -> str:
        id = str(len(self.written) + 1)
        at = self.clock.now.replace(microsecond=0)
        self.written[id] = Comment(id, who, at, edited=False, lines=(line,), own=own)
        return id

    def edit(self, who: Person, body: str) -> None:
        if self.truth is None or self.truth.body == body:
            return
        at = self.clock.now.replace(microsecond=0)
        self._begin()
        self.wrote["body"].insert(0, Wording(body, who, at))
        self.change(body=body)
        self.authors["body"] = Evidence(who, at)

    def wordings(self, subject: Subject) -> Mapping[str, Sequence[Wording]]:
        self._begin()
        return super().wordings(subject)

    def _begin(self) -> None:
        """Let the history begin with the words that the issue was made with."""
        if not self.wrote and self.truth is not None:
            first = {"title": self.truth.title, "body": self.truth.body}
            self.wrote = {part: [Wording(words, LEE, NOW)] for part, words in first.items()}

    def post(self, subject: Subject, markdown: str, marker: str) -> Posted:
        super().post(subject, markdown, marker)
        return Posted(self.write(BOT, markdown, own=True), self.clock.now)

    def set_deadline(self, subject: Subject, field: str, value: Value) -> None:
        self._note("set_deadline", subject, field, value.name)
        if subject.kind == CARRIER:
            self.redate(subject.key.rpartition("#")[2], value.day)
        else:
            self.move(BOT, value)
        self._break("set_deadline", True)


class PunctualCrm(FakeCrm):
    """A CRM that says when words were written."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.times: dict[str, datetime] = {}

    def post(self, subject: Subject, markdown: str, marker: str) -> Posted:
        self.times[marker] = self.clock.now
        return replace(super().post(subject, markdown, marker), at=self.clock.now)

    def find(self, subject: Subject, marker: str) -> Posted | None:
        found = super().find(subject, marker)
        return found and replace(found, at=self.times[marker])
