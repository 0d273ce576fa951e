"""What is known and promised: the state of an issue."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from automation.model.commitments import Commitment, Override, Told
from automation.model.outside import NOTHING, Value
from automation.model.people import Person
from automation.model.proposals import Proposal, ProposalState
from automation.model.subjects import Subject


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


class Status(StrEnum):
    """What stands behind a field's value. ``INHERITED`` stood before Handshake saw it,
    ``PLANNED`` is product's own and promised to nobody, ``UNSIGNED`` was let through in tell mode,
    ``OVERRIDDEN`` stands by somebody's word who may do without product's."""

    EMPTY = "empty"
    INHERITED = "inherited"
    PLANNED = "planned"
    COMMITTED = "committed"
    UNSIGNED = "unsigned"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True)
class Pending:
    """A write to a deadline field that is under way: until its receipt, seeing ``expect`` is no news."""

    effect: str
    expect: Value


@dataclass(frozen=True, slots=True)
class Receipt:
    """How an effect ended. ``done`` is False where it was given up; ``text`` says what happened, for
    operations; ``hint`` says it to people, where the other side said no. ``why`` is that of a write of a
    deadline: ``restore``, ``apply`` or ``override``."""

    done: bool
    text: str = ""
    hint: str = ""
    why: str = "restore"


@dataclass(frozen=True, slots=True)
class Setback:
    """Why a date that product has to agree to, or agreed to, is not in its field.

    ``kind`` is ``refused`` (the tracker said no), ``failed`` (tried often enough), ``limit`` (set back
    too often within the hour) or ``paused`` (``paused`` had the dates of too many issues set back within
    it); ``why`` what was to be done: ``restore``, ``apply`` or ``override``, or ``label`` for one to be
    taken off; ``hint`` a sentence for people
    that says which right is missing, where that is known, or who is paused until when."""

    kind: str
    why: str = "restore"
    hint: str = ""
    paused: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Somebody (``github:7``) or a rule (``rule: its name``) that would have more dates set back than one
    hour allows. Until then none is; ``told`` says that people were asked already."""

    name: str
    until: datetime
    told: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """Title and body of an issue, as text or Markdown."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was to be built when product agreed to a date, in its own words, and since when it has been that,
    by the tracker's clock."""

    words: Words
    at: datetime


@dataclass(frozen=True, slots=True)
class FieldState:
    """One deadline field: ``standing`` is its snapshot, the value that should stand.
    ``restores`` are the times of the last restores, ``contested`` the unsigned value that the
    tracker still holds because restoring was given up. ``last`` and ``last_at`` are the id and time of the
    newest entry of the tracker's history that was taken into account (an empty id where it was never
    read), ``wrote`` what we meant to write ourselves since. ``telling`` are the deals for which word of the
    commitment was planned, by the text of each, with the value that it starts from. ``label`` is what people
    call the field. ``override`` says by whose word it stands where that is not product's; what was agreed
    before is at risk meanwhile. ``agreed`` is the
    scope that the commitment is for: beside it, as events carry that. ``paused``: the unsigned value is still
    there, as it would have been one set back too many within the hour.
    ``behind``: the commitment is at risk since what carries its date is asked to move."""

    standing: Value = NOTHING
    status: Status = Status.EMPTY
    commitment: Commitment | None = None
    pending: Pending | None = None
    restores: tuple[datetime, ...] = ()
    contested: Value | None = None
    last: str = ""
    last_at: datetime | None = None
    wrote: tuple[Value, ...] = ()
    telling: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    label: str = dataclasses.field(default="", compare=False)
    behind: bool = False
    override: Override | None = None
    agreed: Agreed | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An issue–deal link: who made it, when and how (``command``, or ``text`` of title or body).
    One that has ended is kept: a promise made for its deal outlives it."""

    deal: Subject
    by: Person
    at: datetime
    via: str = "command"
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody at a customer whom product may talk to: in whose words, said by whom, when and how, as of a
    Problem."""

    words: str
    by: Person
    at: datetime
    via: str = "command"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a user wants solved: in their words, said by whom, when and how (``command``, ``text`` of the body
    or ``field``)."""

    words: str
    by: Person
    at: datetime
    via: str = "command"


@dataclass(frozen=True, slots=True)
class Filled:
    """What an issue itself says for the checklist of discovery. ``word``: for which part of it (``problem``,
    ``user``); ``via``: how, as of a Problem. ``digest`` stands for ``words``, however they are laid out, and
    is empty where they were taken out. ``by`` and ``at`` say who gave them and when, where that was asked;
    ``by`` is None, too, where it cannot be told."""

    word: str
    via: str
    digest: str
    words: str = dataclasses.field(default="", compare=False)
    by: Person | None = dataclasses.field(default=None, compare=False)
    at: datetime | None = dataclasses.field(default=None, compare=False)

    @property
    def place(self) -> tuple[str, str]:
        """Return what it fills in, and how."""
        return self.word, self.via


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """What was added to, removed from and changed in what is to be built, item by item.
    ``changed`` has pairs of old and new; so has ``title`` where that changed."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    title: tuple[str, str] | None = None


BEFORE = "before:"
"""Stands before the id of a comment that an issue had when it was first seen."""


@dataclass(frozen=True, slots=True)
class TakenOff:
    """What people answered by and we took back, a label or what a field held: at which times of the last
    hour, and by which effect, as long as that has not ended."""

    times: tuple[datetime, ...] = ()
    pending: str = ""


@dataclass(frozen=True, slots=True)
class IssueState:
    """All that is known of an issue, or of a carrier as something that has a date of its own, with proposals
    and a commitment. ``version`` counts commits; ``handled`` are the ids of comments whose commands were
    carried out or answered, and behind ``before:`` those of answers that stood there when it was first seen,
    and of which no delivery has told so far; ``words`` is the snapshot of title and body, kept while there
    are links; ``mentioned`` are the deals that stood in them; ``labels`` says of each label that we have had
    to do with whether it should be there. ``name`` is what customers call it, empty where nobody said;
    ``users`` are whom at customers product may talk to, and ``asked_user`` the deals that were asked for one;
    ``problems`` are what users want solved, and ``invited`` says when people were asked here for both.
    ``told`` is what each deal was told of each field, by (deal, field): it follows the receipts, and no plan
    changes it. ``standing`` is the snapshot of ``Issue.standing``, kept while deals depend on the issue.
    ``heard`` says of the handled comments who wrote them and when, and ``heard_before`` of those that were
    handled where the issue was before: there they have other ids. ``lives`` is the key by which people know
    where to find it, and ``away`` says that this is out of reach; where it cannot be seen any more it has no
    such key. ``filled`` is what the issue itself said for the checklist of discovery when that was looked at
    last, whoever wrote it. ``taken_off``: what people answered by and we took back, labels by their
    names and fields behind ``field ``."""

    subject: Subject
    version: int = 0
    fields: Mapping[str, FieldState] = dataclasses.field(default_factory=dict)
    links: tuple[Link, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    handled: tuple[str, ...] = ()
    words: Words | None = None
    mentioned: tuple[Subject, ...] = ()
    labels: Mapping[str, bool] = dataclasses.field(default_factory=dict)
    name: str = ""
    users: tuple[Contact, ...] = ()
    asked_user: tuple[Subject, ...] = ()
    told: Mapping[tuple[Subject, str], Told] = dataclasses.field(default_factory=dict, compare=False)
    standing: str = ""
    heard: tuple[str, ...] = ()
    heard_before: tuple[str, ...] = ()
    lives: str = ""
    away: bool = False
    problems: tuple[Problem, ...] = ()
    invited: datetime | None = None
    filled: tuple[Filled, ...] = ()
    taken_off: Mapping[str, TakenOff] = dataclasses.field(default_factory=dict)

    @property
    def lost(self) -> bool:
        """Tell whether it could not be seen any more when it was looked at last."""
        return self.away and not self.lives

    def linked(self) -> tuple[Subject, ...]:
        """Return the deals that are linked now."""
        return tuple(link.deal for link in self.links if link.ended_at is None)

    def concerned(self) -> tuple[Subject, ...]:
        """Return the deals to be told and asked about: those linked now, and as long as a promise
        or an open proposal stands, also those whose link has ended."""
        promised = self.open_proposals() or self.commitments() or self.overridden()
        return tuple(link.deal for link in self.links if link.ended_at is None or promised)

    def answerable(self) -> bool:
        """Tell whether a change of a date is anybody's business: it is linked, promised or asked for."""
        return bool(self.linked() or self.open_proposals() or self.commitments() or self.overridden())

    def overridden(self) -> dict[str, Override]:
        """Return the values that stand without product's word, as somebody said who may, by field."""
        return {name: known.override for name, known in self.fields.items() if known.override is not None}

    def commitments(self) -> dict[str, Commitment]:
        """Return the commitments in force, each by its field."""
        found = ((name, field_state.commitment) for name, field_state in self.fields.items())
        return {name: commitment for name, commitment in found if commitment is not None}

    def open_proposals(self) -> tuple[Proposal, ...]:
        return tuple(p for p in self.proposals if p.state is ProposalState.OPEN)
