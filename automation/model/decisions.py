"""What was read for one look at an issue, and what is made of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from automation.model.outside import (
    Deal,
    Evidence,
    Gap,
    History,
    Issue,
    Person,
    Rights,
    Subject,
    Value,
)
from automation.model.promises import (
    Change,
    Commitment,
    IssueState,
    Proposal,
    ScopeChange,
)


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

    ``evidence`` is by field, and for words by ``title`` and ``body``; ``deals`` has those linked and
    those named, by key; ``carriers`` the values that a field could take for the date a command names,
    the fitting one among them if there is one; ``mentioned`` the deals that stand in the words, with
    the part (``title`` or ``body``) they stand in; ``history`` what happened to each deadline field that
    is news; ``gone`` the comments that deliveries say were deleted; ``gaps`` what could not be seen yet.
    """

    issue: Issue
    written: tuple[Written, ...] = ()
    rights: Mapping[str, Rights] = dataclasses.field(default_factory=dict)
    evidence: Mapping[str, Evidence] = dataclasses.field(default_factory=dict)
    deals: Mapping[str, Deal] = dataclasses.field(default_factory=dict)
    carriers: Mapping[str, tuple[Value, ...]] = dataclasses.field(default_factory=dict)
    mentioned: Mapping[str, str] = dataclasses.field(default_factory=dict)
    history: Mapping[str, History] = dataclasses.field(default_factory=dict)
    gone: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def rights_of(self, person: Person | None) -> Rights:
        return self.rights.get(person.id, Rights()) if person else Rights()


@dataclass(frozen=True, slots=True)
class Event:
    """A change, or a decision's consequence, that rules can react to.

    ``name`` is what a rule's ``when`` says (``deadline.changed``); names that start with ``command.``
    or ``tracker.`` are built in and not for rules. ``done_at`` is when somebody did it, by the tracker's
    clock; ``at`` is when we saw it.
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
    scope: ScopeChange | None = None
    done_at: datetime | None = None


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
class ShowDeal:
    """Show a linked deal where the tracker has a place for it, or take it away again."""

    deal: str
    shown: bool


@dataclass(frozen=True, slots=True)
class SetLabel:
    """Add or remove a label; never done on a public issue."""

    label: str
    present: bool


Intent = SetDeadline | Say | SetLabel | ShowDeal


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
    ``would`` are the sentences for what the mode did not allow; ``look_at`` is when to look again."""

    state: IssueState
    effects: tuple[Effect, ...] = ()
    decisions: tuple[Decision, ...] = ()
    ledger: tuple[Entry, ...] = ()
    would: tuple[str, ...] = ()
    look_at: datetime | None = None
