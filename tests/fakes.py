"""One stand-in per port, in memory, that counts what it is asked; and a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from automation.domain.commands import heard
from automation.model import (
    Carrier,
    Comment,
    Deal,
    Evidence,
    Issue,
    Mark,
    Move,
    Named,
    Person,
    Pin,
    Subject,
    Value,
    Way,
    Wording,
)
from automation.ports import Closed, Posted, Unavailable
from tests.factories import DEAL, MONA, NOW, deal, issue


@dataclass
class Clock:
    """Gives the time as a datetime when it is called, and as seconds."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class FreeGate:
    """Lets every call through without waiting and notes it; with ``closed``, lets none through."""

    closed: Closed | None = None
    entered: list[tuple[bool, bool]] = field(default_factory=list)
    """Of each call let through: is it a write, and urgent?"""
    shut_by: list[Closed] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    """The calls that got no answer."""
    answers: list[tuple[str, int, int | None, float]] = field(default_factory=list)
    """Of each answer: verb, status, calls left, and in how many seconds there are more."""

    def enter(self, write: bool = False, urgent: bool = False) -> None:
        if self.closed is not None:
            raise self.closed
        self.entered.append((write, urgent))

    def shut(self, closed: Closed) -> None:
        self.shut_by.append(closed)

    def unanswered(self, verb: str, call: str, problem: Unavailable) -> None:
        self.silent.append(call)

    def answered(self, verb: str, status: int, quota: int | None = None, resets_in: float = 0.0) -> None:
        self.answers.append((verb, status, quota, resets_in))


@dataclass
class Noted:
    """Keeps whom names mean, as the store does, for one test."""

    pins: dict[tuple[str, str, str], Pin] = field(default_factory=dict)

    def of(self, named: Named) -> Pin | None:
        return self.pins.get((named.system, named.kind, named.key))

    def see(self, named: Named, id: str) -> Pin:
        pin = self.of(named)
        first = pin is None or not (pin.id or named.kind == "user")
        made = self.pins[named.system, named.kind, named.key] = Pin(id if first else pin.id, id)
        return made

    def accept(self, named: Named) -> bool:
        raise NotImplementedError


@dataclass
class _Port:
    """Notes every call as (method, what it was asked), and fails where it was told to."""

    calls: list[tuple[str, ...]] = field(default_factory=list)
    posted: dict[str, tuple[Subject, str]] = field(default_factory=dict)
    """What was posted, by marker."""
    found_at: datetime | None = None
    """When what is found was written."""
    meanwhile: dict[str, Callable[[], None]] = field(default_factory=dict)
    """What happens elsewhere while a method is being called."""
    _failures: dict[str, list[tuple[Exception, bool]]] = field(default_factory=dict)

    @property
    def asked(self) -> list[str]:
        """The methods that were called, in order."""
        return [call[0] for call in self.calls]

    def fail(self, method: str, *errors: Exception, after: bool = False) -> None:
        """Raise ``errors`` from the next calls, one each; with ``after``, once the call took effect."""
        self._failures.setdefault(method, []).extend((error, after) for error in errors)

    def forgive(self) -> None:
        """Fail no more."""
        self._failures.clear()

    def _note(self, method: str, *about: object) -> None:
        self.calls.append((method, *map(str, about)))
        if method in self.meanwhile:
            self.meanwhile[method]()
        self._break(method, False)

    def _break(self, method: str, after: bool) -> None:
        waiting = self._failures.get(method)
        if waiting and waiting[0][1] is after:
            raise waiting.pop(0)[0]

    def check(self) -> None:
        self._note("check")

    def encode(self, text: str) -> str:
        return f"«{text}»"

    def mention(self, person: Person) -> str:
        return f"@{person.name}"

    def post(self, subject: Subject, markdown: str, marker: str) -> Posted:
        self._note("post", subject, markdown)
        assert marker not in self.posted, "the same notice was posted twice"
        self.posted[marker] = subject, markdown
        self._break("post", True)
        return Posted(f"note-{len(self.posted)}")

    def edit(self, subject: Subject, comment: str, markdown: str, marker: str) -> bool:
        self._note("edit", subject, comment, markdown)
        known = marker in self.posted
        self.posted |= {marker: (subject, markdown)} if known else {}
        return known

    def find(self, subject: Subject, marker: str) -> Posted | None:
        self._note("find", subject, marker)
        return Posted(f"found-{marker}", self.found_at) if marker in self.posted else None


@dataclass
class FakeTracker(_Port):
    """A tracker with one issue. ``truth`` is what it holds, None where the issue is gone;
    ``answers_public`` overrides what the issue says of itself when the tracker is asked live."""

    truth: Issue | None = field(default_factory=issue)
    written: dict[str, Comment] = field(default_factory=dict)
    """The comments, by id."""
    history: dict[str, list[Move]] = field(default_factory=dict)
    """What happened to each field, oldest first."""
    authors: dict[str, Evidence] = field(default_factory=dict)
    wrote: dict[str, list[Wording]] = field(default_factory=dict)
    """How title and body came to be, newest first."""
    deleted: frozenset[str] = frozenset()
    """The refs of values that nothing carries any more."""
    linkers: frozenset[Person] = frozenset()
    members: Mapping[str, frozenset[Person]] = field(default_factory=dict)
    overriders: Mapping[str, frozenset[Person]] = field(default_factory=dict)
    offers: tuple[Value, ...] = ()
    people: tuple[Person, ...] = (MONA,)
    backups: tuple[Person, ...] = ()
    marked: list[Mark] = field(default_factory=list)
    """When labels were put on and taken off, oldest first."""
    answers_public: bool | None = None
    labels: dict[str, bool] = field(default_factory=dict)
    shown: dict[str, bool] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """What people call themselves, by id, where it is not what the tracker calls them."""

    def one_pass(self, whole: bool, edits: bool = False) -> FakeTracker:
        return self

    def issue(self, subject: Subject) -> Issue | None:
        self._note("issue", subject)
        return self.truth

    def carried(self, subject: Subject, field: str, values: Collection[Value]) -> Mapping[Value, Value]:
        self._note("carried", subject, field)
        return {}

    def public(self, subject: Subject) -> bool:
        self._note("public", subject)
        if self.answers_public is not None:
            return self.answers_public
        return self.truth is None or self.truth.public

    def comment(self, subject: Subject, comment: str) -> Comment | None:
        self._note("comment", subject, comment)
        return self.written.get(comment)

    def comments(self, subject: Subject, since: datetime, handled: Collection[str]) -> Sequence[Comment]:
        self._note("comments", subject)
        found = sorted(self.written.values(), key=lambda comment: comment.written_at)
        fresh = [comment for comment in found if comment.written_at >= since and comment.id not in handled]
        return [comment for comment in fresh if heard(comment.lines, subject.system)]

    def moves(self, subject: Subject, field: str, known: Sequence[Value]) -> Iterator[Move]:
        self._note("moves", subject, field)
        return iter(self.history.get(field, [])[::-1])

    def marks(self, subject: Subject, ways: Collection[Way], since: datetime) -> Sequence[Mark]:
        self._note("marks", subject)
        named = {way.called for way in ways}
        return [mark for mark in self.marked[::-1] if mark.called in named]

    def issue_of(self, id: str) -> Subject | None:
        return None

    def misnamed_fields(self) -> Mapping[str, str]:
        return {}

    def may_link(self, subject: Subject, person: Person) -> bool:
        self._note("may_link", subject, person.name)
        return person in self.linkers

    def in_product(self, subject: Subject, person: Person, policy: str) -> bool:
        self._note("in_product", person.name, policy)
        return person in self.members.get(policy, frozenset())

    def may_override(self, subject: Subject, person: Person, policy: str) -> bool:
        self._note("may_override", subject, person.name, policy)
        return person in self.overriders.get(policy, frozenset())

    def product(self, policy: str) -> Sequence[Person]:
        self._note("product", policy)
        return self.people

    def backup(self, policy: str) -> Sequence[Person]:
        self._note("backup", policy)
        return self.backups

    def called(self, person: Person) -> str:
        return self.names.get(person.id, person.name)

    def carriers(self, subject: Subject, field: str, day: date) -> Sequence[Value]:
        self._note("carriers", subject, field, day)
        return self.offers

    def carrier(self, subject: Subject) -> Carrier | None:
        self._note("carrier", subject)
        place, _, ref = subject.key.rpartition("#")
        truth = self.truth.deadlines.values() if self.truth else ()
        held = {value.ref: value for value in (*self.offers, *truth)}
        return Carrier(place, held[ref], NOW) if ref in held and ref not in self.deleted else None

    def gone(self, subject: Subject, field: str, value: Value) -> bool:
        self._note("gone", subject, field)
        return value.ref in self.deleted

    def written_by(self, subject: Subject, part: Literal["title", "body"]) -> Evidence | None:
        self._note("written_by", subject, part)
        return self.authors.get(part)

    def wordings(self, subject: Subject) -> Mapping[str, Sequence[Wording]]:
        """Where no ``wrote`` was given, whoever wrote a part last has written all of it."""
        self._note("wordings", subject)
        assert self.truth is not None
        words = {"title": self.truth.title, "body": self.truth.body}
        return self.wrote or {
            part: [Wording(words[part], by.actor, by.at)] for part, by in self.authors.items()
        }

    def show_deal(self, subject: Subject, deal: Deal, shown: bool, asked: bool = False) -> bool:
        self._note("show_deal", subject, deal.key, shown)
        self.shown[deal.key] = shown
        return shown

    def set_deadline(self, subject: Subject, field: str, value: Value) -> None:
        self._note("set_deadline", subject, field, value.name)
        assert self.truth is not None
        self.hold(field, value)
        self._break("set_deadline", True)

    def set_label(self, subject: Subject, label: str, present: bool) -> None:
        self._note("set_label", subject, label, present)
        self.labels[label] = present
        self._break("set_label", True)

    def empty_field(self, subject: Subject, field: str) -> None:
        self._note("empty_field", subject, field)
        assert self.truth is not None
        others = (one for one in self.truth.choices if one != self.truth.choice(field))
        self.change(choices=tuple(others))
        self._break("empty_field", True)

    def hold(self, field: str, value: Value) -> None:
        """Give the issue a value, as somebody does on the tracker's own pages."""
        self.change(deadlines={**(self.truth.deadlines if self.truth else {}), field: value})

    def change(self, **changes: Any) -> None:
        """Change the issue, as somebody does on the tracker's own pages."""
        assert self.truth is not None
        self.truth = replace(self.truth, **changes)


@dataclass
class FakeCrm(_Port):
    """A CRM that knows the deals it was given."""

    known: dict[str, Deal] = field(default_factory=lambda: {DEAL.key: DEAL})

    closed_to: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The keys of deals that a person, by id, may not see."""

    def named(self, text: str) -> Subject | None:
        found = self.named_in(text)
        return found[0] if len(found) == 1 and len(text.split()) == 1 else None

    def named_in(self, text: str) -> Sequence[Subject]:
        words = (word.rpartition("/")[2] for word in text.split())
        return list(dict.fromkeys(deal(word) for word in words if word.startswith("SALES-")))

    def deals(self, deals: Sequence[Subject]) -> Mapping[Subject, Deal]:
        self._note("deals", *(one.key for one in deals))
        return {one: self.known[one.key] for one in deals if one.key in self.known}

    def may_see(self, person: Person, deal: Subject) -> bool | None:
        return deal.key not in self.closed_to.get(person.id, ())
