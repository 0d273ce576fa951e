"""The nouns of Handshake: frozen, comparable, and free of every library but Python's own.

Words follow the product's vocabulary. Nothing here reads or writes anything; what a
tracker or a CRM says is turned into these by an adapter, and all decisions are made on them.
Times are timezone-aware UTC datetimes, dates are calendar dates without a zone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Mode(StrEnum):
    """How far Handshake may go: write nothing, comment only, or also set dates."""

    OBSERVE = "observe"
    TELL = "tell"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is worked on in order: an issue of a tracker, or a deal.

    ``system`` is the configured name (``github``, ``jira``), ``kind`` is ``issue`` or ``deal``,
    ``key`` is what that system calls it (``acme/shop#12``, ``SALES-7``).
    """

    system: str
    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.system}:{self.kind}:{self.key}"

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Read what ``str(subject)`` wrote. Raise ValueError for anything else."""
        system, kind, key = text.split(":", 2)
        return cls(system, kind, key)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as one system knows them. ``id`` is stable; ``name`` can be changed by them."""

    system: str
    id: str
    name: str = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Value:
    """What a deadline field holds.

    ``ref`` is what the tracker needs to write it back (a milestone number, an ISO date),
    ``day`` the date it promises (a milestone may have none), ``name`` what people call it.
    """

    ref: str = ""
    day: date | None = None
    name: str = dataclasses.field(default="", compare=False)

    def __bool__(self) -> bool:
        return bool(self.ref)


NOTHING = Value()


# ---------------------------------------------------------------- what comes in


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a delivery says happened to a subject. A hint: it makes us look, it proves nothing."""

    subject: Subject
    what: str
    actor: Person | None = None
    at: datetime | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment re-read from the tracker. ``lines`` are those that may carry commands:
    plain text, without code, quotes and HTML. ``own`` says that Handshake wrote it."""

    id: str
    author: Person
    written_at: datetime
    edited: bool
    lines: tuple[str, ...]
    own: bool = False


@dataclass(frozen=True, slots=True)
class Issue:
    """The truth of an issue, as its tracker tells it now. ``deadlines`` has every deadline field,
    also the empty ones. ``public`` is True unless the tracker clearly said otherwise."""

    subject: Subject
    url: str
    title: str
    body: str
    open: bool
    public: bool
    labels: tuple[str, ...]
    deadlines: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as its CRM tells it now. ``closes`` is the expected close date."""

    key: str
    name: str
    url: str
    open: bool = True
    closes: date | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Who gave a deadline field the value it has, by the tracker's own history."""

    actor: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do here, checked live. ``product`` names the sign-off policies
    whose answer this person may give. Everything unknown is a no."""

    may_link: bool = False
    product: frozenset[str] = frozenset()


# ---------------------------------------------------------------- what is known


class Kind(StrEnum):
    """How a deadline changed. ``OTHER``: another carrier with the same date."""

    SET = "set"
    EARLIER = "earlier"
    LATER = "later"
    CLEARED = "cleared"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs from the snapshot. ``days`` is new minus old, 0 where one is missing."""

    field: str
    kind: Kind
    old: Value
    new: Value
    days: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """A sign-off policy: how many people must say yes, and within how many working days."""

    name: str
    people_needed: int = 1
    working_days: int = 2


class ProposalState(StrEnum):
    OPEN = "open"
    SIGNED = "signed"
    DECLINED = "declined"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A deadline that someone asked for. ``old`` is the value that stood when it was asked,
    ``shown_at`` when our comment about it was posted, ``signers`` who has said yes so far."""

    id: str
    field: str
    policy: str
    old: Value
    value: Value
    asked_by: Person | None
    asked_at: datetime
    answer_by: date
    state: ProposalState = ProposalState.OPEN
    signers: tuple[Person, ...] = ()
    shown_at: datetime | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Commitment:
    """The value in force under a sign-off. ``replaces`` is the commitment before it;
    ``verified`` says that the tracker was seen to hold it."""

    value: Value
    policy: str
    signed_by: tuple[Person, ...]
    signed_at: datetime
    replaces: Value = NOTHING
    because: str = ""
    counter: bool = False
    verified: bool = False
    at_risk: bool = False


class Status(StrEnum):
    """What stands behind a field's value. ``INHERITED`` stood before Handshake saw it,
    ``PLANNED`` is product's own and promised to nobody, ``UNSIGNED`` was let through in tell mode."""

    EMPTY = "empty"
    INHERITED = "inherited"
    PLANNED = "planned"
    COMMITTED = "committed"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Pending:
    """A write to a deadline field that is under way: until its receipt, seeing ``expect`` is no news."""

    effect: str
    expect: Value


@dataclass(frozen=True, slots=True)
class Receipt:
    """How an effect ended. ``done`` is False where it was given up; ``text`` says what happened."""

    done: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class FieldState:
    """One deadline field: ``standing`` is its snapshot, the value that should stand.
    ``restores`` are the times of the last restores, ``contested`` the unsigned value that the
    tracker still holds because restoring was given up."""

    standing: Value = NOTHING
    status: Status = Status.EMPTY
    commitment: Commitment | None = None
    pending: Pending | None = None
    restores: tuple[datetime, ...] = ()
    contested: Value | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An issue–deal link: who made it, when and how (``command``)."""

    deal: str
    by: Person
    at: datetime
    via: str = "command"


@dataclass(frozen=True, slots=True)
class IssueState:
    """All that is known of an issue. ``version`` counts commits; ``handled`` are the ids of
    comments whose commands were carried out or answered."""

    subject: Subject
    version: int = 0
    fields: Mapping[str, FieldState] = dataclasses.field(default_factory=dict)
    links: tuple[Link, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    handled: tuple[str, ...] = ()

    def open_proposals(self) -> tuple[Proposal, ...]:
        return tuple(p for p in self.proposals if p.state is ProposalState.OPEN)


@dataclass(frozen=True, slots=True)
class Command:
    """A command as written: ``/link SALES-7`` has the word ``link``. ``problem`` says, in a
    person's words, what could not be read."""

    word: str
    deal: str = ""
    field: str = ""
    day: date | None = None
    nothing: bool = False
    because: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A command together with the comment it stood in."""

    command: Command
    comment: str
    author: Person
    at: datetime
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read from the outside for one look at an issue.

    ``deals`` has those linked and those named in commands, by key; ``carriers`` the values that
    a field could take for the date a command names, the fitting one among them if there is one.
    """

    issue: Issue
    written: tuple[Written, ...] = ()
    rights: Mapping[str, Rights] = dataclasses.field(default_factory=dict)
    evidence: Mapping[str, Evidence] = dataclasses.field(default_factory=dict)
    deals: Mapping[str, Deal] = dataclasses.field(default_factory=dict)
    carriers: Mapping[str, tuple[Value, ...]] = dataclasses.field(default_factory=dict)

    def rights_of(self, person: Person | None) -> Rights:
        return self.rights.get(person.id, Rights()) if person else Rights()


# ---------------------------------------------------------------- what is made of it


@dataclass(frozen=True, slots=True)
class Event:
    """A change, or a decision's consequence, that rules can react to.

    ``name`` is what a rule's ``when`` says (``deadline.changed``); names that start with
    ``command.`` are built in and not for rules.
    """

    name: str
    at: datetime
    change: Change | None = None
    actor: Person | None = None
    deal: str = ""
    proposal: Proposal | None = None
    commitment: Commitment | None = None
    because: str = ""
    written: Written | None = None
    choices: tuple[str, ...] = ()


class Outcome(StrEnum):
    FIRED = "fired"
    QUIET = "quiet"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Decision:
    """Rule × event → outcome, with its reasons. ``where`` is the rule's ``file:line``."""

    rule: str
    where: str
    event: Event
    outcome: Outcome
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetDeadline:
    """Give a deadline field ``value`` if it still holds ``expect``. ``why`` is ``restore`` or ``apply``."""

    field: str
    expect: Value
    value: Value
    why: str


@dataclass(frozen=True, slots=True)
class Say:
    """Post a message. The text is made when it is sent, from ``event`` and the truth of that moment.
    ``held`` says whether the date was set back (as against left standing)."""

    message: str
    event: Event
    rule: str = ""
    where: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True)
class SetLabel:
    """Add or remove a label; never done on a public issue."""

    label: str
    present: bool


Intent = SetDeadline | Say | SetLabel


@dataclass(frozen=True, slots=True)
class Effect:
    """One intended write to the outside. ``key`` makes it idempotent, ``after`` is the key of the
    effect whose receipt it waits for, ``issue`` the issue it is about."""

    key: str
    issue: Subject
    target: Subject
    intent: Intent
    after: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger, the append-only history of promises."""

    at: datetime
    what: str
    text: str
    by: Person | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Decisions made into effects: all that one look at an issue commits.
    ``would`` are the sentences for what the mode did not allow."""

    state: IssueState
    effects: tuple[Effect, ...] = ()
    decisions: tuple[Decision, ...] = ()
    ledger: tuple[Entry, ...] = ()
    would: tuple[str, ...] = ()


# ---------------------------------------------------------------- the inbox and the queue


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST from a source, as it came: ``headers`` are the few that matter, lower-case."""

    source: str
    id: str
    event: str
    body: bytes
    received_at: datetime
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
