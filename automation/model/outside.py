"""The world as trackers, CRMs and sources tell it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from automation.model.answers import LABEL, STATUS, Choice
from automation.model.fields import DeadlineField
from automation.model.people import Person
from automation.model.subjects import Located, Subject

_WRITTEN_DAY = re.compile(r"[+-]?[0-9]+-")
"""How a date begins that stands by itself (``2027-03-01``, also with a time): carriers go by their ids."""


class Mode(StrEnum):
    """How far Handshake may go: write nothing, comment only, or also set dates."""

    OBSERVE = "observe"
    TELL = "tell"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True)
class Value:
    """What a deadline field holds.

    ``ref`` is what the tracker needs to write it back (a milestone number, an ISO date or instant),
    ``day`` the date it promises (a milestone may have none), ``name`` what people call it, ``carrier`` the
    stable id of what holds it, where that is something of its own. Where several hold it ``ref`` names all
    of them, and ``carrier`` that with the earliest day, which is the one that is promised.
    """

    ref: str = ""
    day: date | None = None
    name: str = dataclasses.field(default="", compare=False)
    carrier: str = dataclasses.field(default="", compare=False)

    def __bool__(self) -> bool:
        return bool(self.ref)

    @property
    def carried(self) -> bool:
        """Tell whether something of its own holds the date, which can move with all that stands on it."""
        return bool(self.ref) and _WRITTEN_DAY.match(self.ref) is None

    def carriers(self) -> tuple[str, ...]:
        """Return the ids of all that hold the date, as far as they are known."""
        ids = tuple(self.ref.split(","))
        return ids if self.carrier in ids else (self.carrier,) if self.carrier else ()

    def promises(self, other: Value) -> bool:
        """Tell whether ``other`` holds the same promise: the same day by the same carrier, whatever else may
        come after it."""
        same_carrier = self.carrier != "" and self.carrier == other.carrier
        return self == other or (same_carrier and self.day == other.day)

    def moved_to(self, new: Value) -> bool:
        """Tell whether ``new`` is the same carrier with another day."""
        if not self.carried or self.day == new.day:
            return False
        if self.carrier and self.carrier == new.carrier:
            return True
        several = "," in self.ref and self.day is not None and new.day is not None
        return self.ref == new.ref and not several  # else another one of them is the earliest by now

    def moved_along(self, new: Value) -> bool:
        """Tell whether nothing but the carrier's own date need have changed to make ``new`` of this. Where
        there are several, that can leave another one the earliest."""
        later = self.day is not None and (new.day is None or new.day > self.day)
        return self.moved_to(new) or (later and self.carrier != "" and self.carrier in new.carriers())


NOTHING = Value()


@dataclass(frozen=True, slots=True)
class Carrier:
    """A date that many issues can stand on, as a delivery or the tracker tells of it: where
    (``acme/shop``), when it was made or changed, by the tracker's clock, None where that is not said, and the
    address of its page. ``public`` is as an issue's."""

    place: str
    value: Value
    at: datetime | None
    url: str = ""
    public: bool = True


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a delivery says happened to a subject. A hint: it makes us look, it proves nothing.

    ``what`` is ``issue`` or ``comment``, ``gone`` for one that was deleted, ``label`` for something that
    answers, a label or a field, or why we look by ourselves.
    ``updated`` is when the issue was changed last, as the delivery has it, and ``changed`` what it says was
    changed then: deadline fields, ``title``, ``body``. ``named_at`` is when it was first looked for, and
    ``waited`` the seconds that looks at it were put off since then (None: as long as that is ago). ``was`` is
    what the subject was known as in another place, where that is told. ``held``
    is what a carrier came to hold, as the delivery has it. ``shows``
    is the ``ref`` of the value that the one deadline field which was changed has in the delivery, None where
    more was changed or it is not said. ``on`` is the issue on which the ``comment`` stands that answers what
    waits for a carrier.
    """

    subject: Subject
    what: str
    actor: Person | None = None
    at: datetime | None = None
    comment: str = ""
    updated: datetime | None = dataclasses.field(default=None, compare=False)
    changed: tuple[str, ...] = dataclasses.field(default=(), compare=False)
    named_at: datetime | None = dataclasses.field(default=None, compare=False)
    waited: float | None = dataclasses.field(default=None, compare=False)
    was: Subject | None = dataclasses.field(default=None, compare=False)
    held: Value | None = dataclasses.field(default=None, compare=False)
    shows: str | None = dataclasses.field(default=None, compare=False)
    on: Subject | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that ``trigger`` names, or that has to be there, and that cannot be seen yet. ``what`` says
    it in words; ``at`` is when it was done, None where that is unknown. What is ``passing`` is not looked
    for any longer than others wait for it."""

    what: str
    trigger: Trigger
    at: datetime | None = None
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment re-read from the tracker. ``lines`` are those that may carry commands:
    plain text, without code, quotes and HTML. ``own`` says that Handshake wrote it, ``restricted`` that
    fewer may read it than the issue. ``digest`` (SHA-256, in hex) stands for its body as the tracker gave
    it."""

    id: str
    author: Person
    written_at: datetime
    edited: bool
    lines: tuple[str, ...]
    own: bool = False
    restricted: bool = False
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """The truth of an issue, as its tracker tells it now. ``deadlines`` has every deadline field,
    also the empty ones. ``public`` is True unless the tracker clearly said otherwise. ``updated_at`` is
    when it was changed last, by the tracker's clock, None where that is not said. ``people`` are the names of
    who wrote it and who works on it. ``outcome`` says how one that is closed ended: ``done`` or ``dropped``,
    empty where that is not said; ``release`` what it came with. ``born`` says who wrote it and when, as far
    as that tells it from others: it stays the same where the tracker gives it another id. ``place``
    is where it lies, where its id was said. ``fields`` declares its deadline
    fields, as far as more is known of them than is registered. ``answers`` is what fields of its own say for
    the checklist of discovery, as people read it, by the part that they fill in (``problem``, ``user``).
    ``status`` is what its tracker calls where it stands, empty where it has no such. ``choices`` has those of
    the fields by which people may answer that it has."""

    subject: Subject
    url: str
    title: str
    body: str
    open: bool
    public: bool
    labels: tuple[str, ...]
    deadlines: Mapping[str, Value]
    updated_at: datetime | None = dataclasses.field(default=None, compare=False)
    people: tuple[str, ...] = dataclasses.field(default=(), compare=False)
    outcome: str = ""
    release: str = ""
    born: str = dataclasses.field(default="", compare=False)
    place: Located | None = dataclasses.field(default=None, compare=False)
    fields: tuple[DeadlineField, ...] = dataclasses.field(default=(), compare=False)
    answers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    status: str = ""
    choices: tuple[Choice, ...] = ()

    def shown(self) -> tuple[Choice, ...]:
        """Return all that it has now and that may answer, whoever set it."""
        labels = (Choice("", label, kind=LABEL) for label in self.labels)
        return (*labels, Choice("", self.status, kind=STATUS), *self.choices)

    def has(self, choice: Choice) -> bool:
        """Tell whether a label is on it, or a field of it holds that."""
        return any(one.called == choice.called for one in self.shown())

    def choice(self, field: str) -> Choice | None:
        """Return what it holds in a field by which people may answer, by what the rules call that."""
        return next((one for one in self.choices if one.field.casefold() == field.casefold()), None)

    @property
    def standing(self) -> str:
        """Return ``open``, ``done``, ``dropped``, or ``closed`` where it is not said how it ended."""
        return "open" if self.open else self.outcome or "closed"


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as its CRM tells it now. ``closes`` is the expected close date, ``secured`` says that fewer
    people may see it than its place: elsewhere it is shown by its key only. ``owner`` is the name of who
    looks after it, ``owned_by`` their account, None where the CRM does not say."""

    subject: Subject
    name: str
    url: str
    open: bool = True
    closes: date | None = None
    owner: str = ""
    secured: bool = False
    owned_by: Person | None = dataclasses.field(default=None, compare=False)

    @property
    def key(self) -> str:
        """Return what its CRM calls it, for people."""
        return self.subject.key


@dataclass(frozen=True, slots=True)
class Evidence:
    """Who gave a deadline field the value it has, by the tracker's own history."""

    actor: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class Wording:
    """Title, body or an answer as they stood from ``at`` on, and who gave them these words. ``words`` is None
    where they cannot be read any more, ``by`` where the account is gone."""

    words: str | None
    by: Person | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """One change of a deadline field, by the tracker's own history. ``id`` grows with time; it is that of
    the entry which tells of ``new``, and ``also`` that of a second one, where the history needs two for one
    change. ``by`` is None where the account is gone; ``old`` and ``new`` are None where they cannot be told
    any more."""

    id: str
    at: datetime
    by: Person | None
    old: Value | None
    new: Value | None
    also: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """What happened to a deadline field since it was looked at last, oldest first; and the id and time of
    the newest entry that there is, ``0`` where nothing ever happened. ``shows`` is the value after that
    entry, None where it cannot be told."""

    moves: tuple[Move, ...] = ()
    newest: str = "0"
    newest_at: datetime | None = None
    shows: Value | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST from a source, as it came: ``headers`` are the few that matter, lower-case."""

    source: str
    id: str
    event: str
    body: bytes
    received_at: datetime
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
