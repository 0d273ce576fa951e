"""What was read for one look at an issue, and what is made of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from automation.model.outside import (
    Deal,
    Evidence,
    Gap,
    History,
    Issue,
    Move,
    Person,
    Rights,
    Trigger,
    Value,
)
from automation.model.promises import (
    Change,
    Commitment,
    Heard,
    Proposal,
    ScopeChange,
    Setback,
    Words,
)
from automation.model.reasons import Answer, Reason
from automation.model.subjects import DEAL, Subject


@dataclass(frozen=True, slots=True)
class Command:
    """A command as written: ``/link SALES-7`` has the word ``link``. ``problem`` says, in a
    person's words, what could not be read; ``readings`` are the days that could be meant.

    ``yearless``: the date was written without its year, and ``day`` is the next such day. ``spelled``: it was
    not written as ``2027-03-01``. ``prose``: the reason was written without ``because``. ``near``: the line
    that was nearly this command, which is answered and not carried out. ``text``: the words after it, where
    they are what it is about (``/name Single sign-on``).
    """

    word: str
    deal: str = ""
    field: str = ""
    day: date | None = None
    nothing: bool = False
    because: str = ""
    problem: str = ""
    readings: tuple[date, ...] = ()
    yearless: bool = False
    spelled: bool = False
    prose: bool = False
    near: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A command together with the comment it stood in. ``restricted``: fewer may read that comment than
    the issue, so nothing of what it says is repeated, and no more than the command itself is kept.
    ``deal`` is the one that the command names, None where its words name none. ``issue`` is where it stands,
    where that is not what it is about but an issue whose date that carries. ``digest`` is that of the
    comment's body."""

    command: Command
    comment: str
    author: Person
    at: datetime
    edited: bool = False
    restricted: bool = False
    deal: Subject | None = None
    issue: Subject | None = None
    digest: str = ""

    @property
    def heard(self) -> str:
        """Who wrote the comment and when: its words can be changed, and its id, where the issue moves."""
        return f"{self.author.id} {self.at.replace(microsecond=0).isoformat()}"


@dataclass(frozen=True, slots=True)
class Behind:
    """A carrier that an issue stands on, as far as an answer on the issue can be about it: the ``field`` that
    is its own date, what waits there, and the date that it shows against product's word, None where it does
    not."""

    carrier: Subject
    field: str
    proposals: tuple[Proposal, ...] = ()
    contested: Value | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What differs from what was seen last. ``changes`` are the fields that hold another date than the one
    that stands, ``moves`` what others did to each field by its history, ``scope`` how what is to be built
    has changed, ``reworded`` that anything of it has, lines that only name deals too."""

    changes: tuple[Change, ...] = ()
    moves: Mapping[str, tuple[Move, ...]] = dataclasses.field(default_factory=dict)
    scope: ScopeChange | None = None
    reworded: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """Title and body as somebody left them. ``by`` is None where that cannot be told, ``words`` where they
    cannot be read any more."""

    by: Person | None
    at: datetime
    words: Words | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read from the outside for one look at an issue.

    ``evidence`` is by field, and for words by ``title`` and ``body``; ``deals`` has those linked and
    those named; ``carriers`` the values that a field could take for the date a command names,
    the fitting one among them if there is one; ``mentioned`` the deals that stand in the words;
    ``credits`` who put those in that are new there, and who took those out that are gone; ``history`` what
    happened to each deadline field that is news; ``gone`` the fields whose standing value nothing carries
    any more; ``unseen`` the (person's id, deal) of deals named by somebody who may not see them, and
    ``unchecked`` the ids of people of whom that could not be asked; ``deleted`` the comments that deliveries
    say were deleted, ``repeated`` those that were handled where the issue was before; ``gaps`` what could not
    be seen yet. ``away``: it lies in a place that the rules do not name, so that nothing is done there.
    ``news``: what of all this is news.
    ``carried``, by ref: what the carriers of values that wait for an answer are known to hold by now.
    ``behind``: the carriers it stands on, where an answer may be about them. ``places``: where it is spoken
    of a carrier, which has no comments of its own: issues that stand on it.
    ``edits``: how the words came to be what they are, the present ones last; asked for only where other words
    can mean something for a sign-off.
    """

    issue: Issue
    written: tuple[Written, ...] = ()
    rights: Mapping[str, Rights] = dataclasses.field(default_factory=dict)
    evidence: Mapping[str, Evidence] = dataclasses.field(default_factory=dict)
    deals: Mapping[Subject, Deal] = dataclasses.field(default_factory=dict)
    carriers: Mapping[str, tuple[Value, ...]] = dataclasses.field(default_factory=dict)
    mentioned: tuple[Subject, ...] = ()
    credits: Mapping[Subject, Evidence] = dataclasses.field(default_factory=dict)
    history: Mapping[str, History] = dataclasses.field(default_factory=dict)
    unseen: frozenset[tuple[str, Subject]] = frozenset()
    unchecked: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    deleted: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    away: bool = False
    repeated: tuple[str, ...] = ()
    news: News = News()
    carried: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    behind: tuple[Behind, ...] = ()
    places: tuple[Subject, ...] = ()
    edits: tuple[Edit, ...] = ()

    def rights_of(self, person: Person | None) -> Rights:
        return self.rights.get(person.id, Rights()) if person else Rights()

    def people(self) -> tuple[Person, ...]:
        """Return those who said or did something that counts."""
        found = {written.author for written in self.written if self.rights_of(written.author) != Rights()}
        found |= {one.actor for one in (*self.evidence.values(), *self.credits.values())}
        found |= {move.by for history in self.history.values() for move in history.moves if move.by}
        found |= {edit.by for edit in self.edits if edit.by}
        return tuple(found)


COMMITTED = "deadline.committed"
"""The name of the event that lets people hear of an agreed date."""
DUE = "deadline.due"
"""The name of the event that the day of an agreed date is near, or has passed, so that product is asked."""
UNCONFIRMED = "deadline.unconfirmed"
"""The name of the event that product did not say so in time, so that deals are asked not to repeat it."""
OVERRIDDEN = "deadline.overridden"
"""The name of the event that a date stands without product's word, by somebody's who may do that."""
OVERDUE = "proposal.overdue"
"""The name of the event that product has not answered in time."""


@dataclass(frozen=True, slots=True)
class Event:
    """A change, or a decision's consequence, that rules can react to.

    ``name`` is what a rule's ``when`` says (``deadline.changed``); names that start with ``command.``
    or ``tracker.`` are built in and not for rules. ``done_at`` is when somebody did it, by the tracker's
    clock; ``at`` is when we saw it. ``dated``: its dates are said with their year. ``deals`` are the only
    ones to hear of it, None where it concerns all; ``aside``: it is for them alone, and no news to the issue.
    ``further``: other deals were linked before. ``left``: the field shows what product said no to, and only
    people can set it back. ``standing`` and ``release`` are the issue's, where that is what changed;
    ``lived`` is the key it had, where it has another now, and ``away`` says that it is out of reach there.
    ``commitments`` are those in force, by field, where it is about the whole issue and not one field;
    ``plans`` says, as changes from nothing, which dates stand without a commitment for a deal that is new, or
    which product is asked to agree to again.
    ``gone``: what carried the date was deleted. ``policy``: whose word a date takes, where nothing of it was
    asked or agreed yet. ``move`` is the id of the entry of the tracker's history that tells of it.
    """

    name: str
    at: datetime
    change: Change | None = None
    actor: Person | None = None
    deal: Subject | None = None
    proposal: Proposal | None = None
    commitment: Commitment | None = None
    because: str = ""
    written: Written | None = None
    choices: tuple[str, ...] = ()
    scope: ScopeChange | None = None
    done_at: datetime | None = None
    setback: Setback | None = None
    dated: bool = False
    deals: tuple[Subject, ...] | None = None
    aside: bool = False
    further: bool = False
    left: bool = False
    standing: str = ""
    release: str = ""
    lived: str = ""
    away: bool = False
    commitments: Mapping[str, Commitment] = dataclasses.field(default_factory=dict)
    plans: tuple[Change, ...] = ()
    gone: bool = False
    policy: str = ""
    move: str = ""


class Outcome(StrEnum):
    """How a decision ended. A rule has ``FIRED``, was ``QUIET``, or its condition had no answer (``ERROR``).
    What is built in was ``DONE``, did not count (``REFUSED``), or there was nothing to do (``QUIET``)."""

    FIRED = "fired"
    QUIET = "quiet"
    ERROR = "error"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Decision:
    """Rule × event → outcome, with its reasons. ``where`` is the rule's ``file:line``, empty for what is
    built in; that is named in the place of a rule (``/signoff``). ``effects`` are the keys of what it
    intends."""

    rule: str
    where: str
    event: Event
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    effects: tuple[str, ...] = ()

    @property
    def because(self) -> str:
        """Return in a line what stood in the way, and what was done: what may stand in a log."""
        return "; ".join(reason.text for reason in self.reasons if reason.answer is not Answer.YES)

    @property
    def matters(self) -> bool:
        """Tell whether it is of consequence: something was held, told, done, refused, or in error."""
        return self.outcome is not Outcome.QUIET


@dataclass(frozen=True, slots=True)
class SetDeadline:
    """Give a deadline field ``value`` if it still holds ``expect``. ``why`` is ``restore``, ``apply`` or
    ``override``. ``account`` says on whose it is set back, a person's and a rule's: see Pause."""

    field: str
    expect: Value
    value: Value
    why: str
    account: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """Post a message. The text is made when it is sent, from ``event`` and the truth of that moment.
    ``held`` says whether the date was set back (as against left standing), ``ask_user`` that this is where
    a deal may be asked whom at the customer product may talk to."""

    message: str
    event: Event
    rule: str = ""
    where: str = ""
    held: bool = False
    ask_user: bool = False


@dataclass(frozen=True, slots=True)
class ShowDeal:
    """Show a linked deal where the tracker has a place for it, or take it away again."""

    deal: Subject
    shown: bool


@dataclass(frozen=True, slots=True)
class SetLabel:
    """Bring a label in line with what is decided by then: ``present`` is what was decided when this was
    planned, and counts where nothing was decided since. Never added on a public issue."""

    label: str
    present: bool


@dataclass(frozen=True, slots=True)
class Redact:
    """Give our own ``comment``, in which ``say`` was said by the effect ``of`` while fewer could read it,
    the words that strangers may read."""

    of: str
    comment: str
    say: Say


Intent = SetDeadline | Say | SetLabel | ShowDeal | Redact


@dataclass(frozen=True, slots=True)
class Effect:
    """One intended write to the outside. ``key`` makes it idempotent, ``after`` is the key of the
    effect whose receipt it waits for, ``issue`` the issue it is about, or the carrier."""

    key: str
    issue: Subject
    target: Subject
    intent: Intent
    after: str = ""

    @property
    def to_deal(self) -> bool:
        """Tell whether it is for a deal, as against an issue or what issues stand on."""
        return self.target.kind == DEAL


@dataclass(frozen=True, slots=True)
class Would:
    """An effect that the mode kept back, for operations to look at. ``text`` are its words, or why they
    could not be made; empty where it has none."""

    effect: Effect
    at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger, the append-only history of promises. ``about`` is the subject, as text, that it
    was written about; empty in those from before that was kept.

    What it rests on, where somebody's words or edit led to it: ``comment`` is the id of that comment,
    ``digest`` of its body then, ``move`` the id of the entry of the tracker's history, and ``delivery`` that
    which set off the look (``github:<id>``)."""

    at: datetime
    what: str
    text: str
    by: Person | None = None
    about: str = ""
    on: str = ""
    told: tuple[Heard, ...] = ()
    comment: str = ""
    digest: str = ""
    move: str = ""
    delivery: str = ""


S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Plan(Generic[S]):
    """Decisions made into effects: all that one look at a subject commits; ``state`` is what is known of it
    then. ``would`` are the sentences for what the mode did not allow; ``reconcile_at`` is when to look again;
    ``messages`` are for other subjects, each the reason to look at one."""

    state: S
    effects: tuple[Effect, ...] = ()
    decisions: tuple[Decision, ...] = ()
    ledger: tuple[Entry, ...] = ()
    would: tuple[str, ...] = ()
    reconcile_at: datetime | None = None
    messages: tuple[Trigger, ...] = ()
