"""What is known and promised: the state of an issue."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from automation.model.outside import NOTHING, Person, Value
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


JOINED = " and "
"""Stands between the names of several policies that all have to agree."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A sign-off policy: how many people must say yes, within how many working days, and of whom they are
    (``the team acme/product``), in words. ``askers_may_sign`` says whether whoever asked for a date can be
    one of those. ``calendar`` (``DE-BE``) says which days are public holidays, empty where none is.
    ``reconfirm_days`` and ``warn_days`` are how many days before an agreed date they are asked whether it
    holds, 0 where they are not. ``backup``: somebody is named to be reminded where the answer is late.
    ``expires_after``: after how many days a wish that nobody answered has ended, 0 for never. ``parts``
    are the policies that all have to agree, where it is made of several. ``discovery``: a yes to a date
    counts only once a user was heard."""

    name: str
    people_needed: int = 1
    working_days: int = 2
    whose: tuple[str, ...] = dataclasses.field(default=(), compare=False)
    askers_may_sign: bool = True
    calendar: str = ""
    reconfirm_days: int = 0
    warn_days: int = 0
    backup: bool = False
    expires_after: int = 0
    parts: tuple[Policy, ...] = ()
    discovery: bool = False

    @property
    def each(self) -> tuple[Policy, ...]:
        """Return the policies of each of which it takes enough yeses."""
        return self.parts or (self,)

    @classmethod
    def together(cls, parts: Sequence[Policy]) -> Policy:
        """Make of several policies the one that has agreed once they all have; of one it is that one."""
        if len(parts) == 1:
            return parts[0]
        ends = [part.expires_after for part in parts if part.expires_after]
        return cls(
            JOINED.join(part.name for part in parts),
            people_needed=sum(part.people_needed for part in parts),
            whose=tuple(one for part in parts for one in part.whose),
            reconfirm_days=max(part.reconfirm_days for part in parts),
            warn_days=max(part.warn_days for part in parts),
            backup=any(part.backup for part in parts),
            expires_after=min(ends, default=0),
            parts=tuple(parts),
            discovery=any(part.discovery for part in parts),
        )


class ProposalState(StrEnum):
    OPEN = "open"
    SIGNED = "signed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Yes:
    """One person's yes to exactly one value. ``edited`` says that they gave the field that value
    themselves, as against agreeing in words."""

    by: Person
    value: Value
    at: datetime
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A deadline that someone asked for. ``old`` is the value that stood when it was asked, ``shown_at``
    when our comment about it could be read, ``because`` the asker's reason, for product and operations.
    ``yeses`` are each person's latest word, also for other values than the one asked; ``signers`` is how
    they were stored before values stood with them. ``reminded_at``: when the backup was reminded."""

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
    yeses: tuple[Yes, ...] = ()
    because: str = ""
    reminded_at: datetime | None = None

    def agreed(self, value: Value) -> tuple[Person, ...]:
        """Return who has said yes to exactly this value, and to no other since, in that order."""
        spoken = {yes.by for yes in self.yeses}
        early = tuple(one for one in self.signers if one not in spoken) if value == self.value else ()
        return (*early, *(yes.by for yes in self.yeses if yes.value == value))

    def with_yes(self, yes: Yes) -> Proposal:
        """Add somebody's yes. It is their latest word, so it takes the place of one they gave before."""
        others = self.without_yes(yes.by)
        return dataclasses.replace(others, yeses=(*others.yeses, yes))

    def without_yes(self, person: Person) -> Proposal:
        """Take somebody's word back."""
        return dataclasses.replace(
            self,
            signers=tuple(one for one in self.signers if one != person),
            yeses=tuple(yes for yes in self.yeses if yes.by != person),
        )

    def values(self) -> tuple[Value, ...]:
        """Return what is on the table: the value asked for, and those that somebody agreed to instead."""
        return tuple(dict.fromkeys((self.value, *(yes.value for yes in self.yeses))))

    def people(self) -> tuple[Person, ...]:
        """Return all who have said yes to one of the values."""
        return (*self.signers, *(yes.by for yes in self.yeses))


@dataclass(frozen=True, slots=True)
class Commitment:
    """The value in force under a sign-off. ``replaces`` is what people were told before it;
    ``verified`` says that the tracker was seen to hold it and that rules have heard of it, which
    is not before ``tell_at`` (product may think better of its own edit). ``dated``: it was not signed as
    ``2027-03-01``, so that people are told the year that was read. ``scope`` is the digest of what was to be
    built when it was signed, ``rescoped`` says that others have changed that since, so that product is asked
    again, and ``again`` who has agreed anew so far. ``asked_at`` is when product was asked last whether it
    holds, for that or as its day came near or had passed; ``overdue`` says that no answer came in time.
    ``lent``: it was agreed elsewhere, and is told there: on what carries the date of the issue, or the other
    way round."""

    value: Value
    policy: str
    signed_by: tuple[Person, ...]
    signed_at: datetime
    replaces: Value = NOTHING
    because: str = ""
    counter: bool = False
    verified: bool = False
    at_risk: bool = False
    tell_at: datetime | None = None
    dated: bool = False
    lent: bool = False
    scope: str = ""
    rescoped: bool = False
    again: tuple[Person, ...] = ()
    asked_at: datetime | None = None
    overdue: bool = False

    @property
    def in_doubt(self) -> bool:
        """Tell whether people are asked not to repeat it for now."""
        return self.at_risk or self.rescoped or self.overdue

    @property
    def questioned(self) -> bool:
        """Tell whether product was asked, since it agreed, whether it holds."""
        asked = self.asked_at is not None and self.asked_at > self.signed_at
        return asked or self.rescoped or self.overdue

    @property
    def announced(self) -> Value:
        """Return the value that rules have let people hear of last."""
        return self.value if self.verified else self.replaces


@dataclass(frozen=True, slots=True)
class Override:
    """A value that stands without the yes of ``policy``, as ``by`` said so. ``replaces`` is what stood before
    it; ``verified`` says that the tracker was seen to hold it and that rules have heard of it. ``dated``: as
    of a commitment."""

    value: Value
    policy: str
    by: Person
    at: datetime
    because: str = ""
    replaces: Value = NOTHING
    verified: bool = False
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a deal was told last about a deadline field: the date it may use, if any, and whether it was asked
    not to repeat it for now."""

    value: Value = NOTHING
    rechecking: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What a deal was told of a field by words that were sent to it. ``issue`` is whose field it is, where
    the words were about what carries the dates of several."""

    deal: Subject
    field: str
    told: Told
    issue: Subject | None = None


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
    it); ``why`` what was to be done: ``restore``, ``apply`` or ``override``; ``hint`` a sentence for people
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
    """Somebody at a customer whom product may talk to: in whose words, said by whom and when."""

    words: str
    by: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """What a user wants solved: in their words, said by whom and when."""

    words: str
    by: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """What was added to, removed from and changed in what is to be built, item by item.
    ``changed`` has pairs of old and new; so has ``title`` where that changed."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    title: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class IssueState:
    """All that is known of an issue, or of a carrier as something that has a date of its own, with proposals
    and a commitment. ``version`` counts commits; ``handled`` are the ids of
    comments whose commands were carried out or answered; ``words`` is the snapshot of title and
    body, kept while there are links; ``mentioned`` are the deals that stood in them; ``labels`` says of
    each label that we have had to do with whether it should be there. ``name`` is what customers call it,
    empty where nobody said; ``users`` are whom at customers product may talk to, and ``asked_user`` the deals
    that were asked for one; ``problems`` are what users want solved, and ``invited`` says when people were
    asked here for both. ``told`` is what each deal was told of each field, by (deal, field): it follows the
    receipts, and no plan changes it. ``standing`` is the snapshot of ``Issue.standing``, kept while deals
    depend on the issue. ``heard`` says of the handled comments who wrote them and when, and ``heard_before``
    of those that were handled where the issue was before: there they have other ids. ``lives`` is the key by
    which people know where to find it, and ``away`` says that this is out of reach."""

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
