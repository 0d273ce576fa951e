"""What is made of one look at an issue: decisions, what they intend, and all that is committed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from automation.model.commitments import Heard
from automation.model.events import Event
from automation.model.outside import Trigger, Value
from automation.model.people import Person
from automation.model.reasons import Answer, Reason
from automation.model.subjects import DEAL, Subject


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
class EmptyField:
    """Let a field by which people answer hold nothing, as long as it holds ``value``. ``field`` is what the
    rules call it."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Redact:
    """Give our own ``comment``, in which ``say`` was said by the effect ``of`` while fewer could read it,
    the words that strangers may read."""

    of: str
    comment: str
    say: Say


Intent = SetDeadline | Say | SetLabel | ShowDeal | Redact | EmptyField


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
