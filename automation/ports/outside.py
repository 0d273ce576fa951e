"""What the core asks of the outside. Adapters and the store implement these; tests fake them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

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
from automation.ports.errors import Closed, Unavailable


@dataclass(frozen=True, slots=True)
class Posted:
    """A comment of ours that is there. ``at``: when it was written, by the clock of where it stands; None
    where that was not said."""

    id: str
    at: datetime | None = None


class RateLimiter(Protocol):
    """Stands before every call to one system and keeps its limits, for all threads and machines."""

    def enter(self, write: bool = False, urgent: bool = False) -> None:
        """Let one call through. A write waits here for its turn, up to a few seconds; an ``urgent`` one
        (a deadline) may use what is kept back from words. Raise Closed where it has to wait longer."""
        ...

    def shut(self, closed: Closed) -> None:
        """Let nothing through for ``closed.retry_after`` seconds, since the other side said so."""
        ...

    def answered(self, verb: str, status: int, quota: int | None = None, resets_in: float = 0.0) -> None:
        """Note a call that got an answer: its HTTP verb and status, the calls left to us (None where
        unknown), and in how many seconds they are given anew. None left means shut until then."""
        ...

    def unanswered(self, verb: str, call: str, problem: Unavailable) -> None:
        """Note that ``call`` got no answer, or none that says anything, and tell ``problem`` how many that
        are in a row. Where it is the whole system that does not answer, it is shut."""
        ...


class Notices(Protocol):
    """A place where words for people are posted: an issue of a tracker, a deal of a CRM."""

    def check(self) -> None:
        """Ask whether our credentials are accepted. Raise Unauthorized where they are not."""
        ...

    def encode(self, text: str) -> str:
        """Make text that somebody typed inert in this sink: no markup, mention, link or command."""
        ...

    def mention(self, person: Person) -> str:
        """Return Markdown that pings ``person`` in this sink."""
        ...

    def post(self, subject: Subject, markdown: str, marker: str) -> Posted:
        """Post ``markdown`` (in the encoded dialect of ``messages``) and return the new comment.

        ``marker`` is unique to this notice; ``find`` must be able to recognise it.
        Raise Unavailable when it is unclear whether it arrived.
        """
        ...

    def edit(self, subject: Subject, comment: str, markdown: str, marker: str) -> bool:
        """Give our own comment that carries ``marker`` other words; doing it twice changes nothing.
        Return False where it is gone or not ours, and then nothing was written."""
        ...

    def find(self, subject: Subject, marker: str) -> Posted | None:
        """Return our own comment that carries ``marker``, or None."""
        ...


class Pins(Protocol):
    """Keeps whom the names in the rules mean."""

    def of(self, named: Named) -> Pin | None:
        """Return the pin of a name, or None where it was never asked for."""
        ...

    def see(self, named: Named, id: str) -> Pin:
        """Note whose the name is now (empty: nobody's), and pin it where this is the first time."""
        ...

    def accept(self, named: Named) -> bool:
        """Let the name mean whoever has it now. Return False where there is nothing to accept."""
        ...


class Directory(Protocol):
    """Knows whose names are. Raises Unavailable or Refused."""

    def id_of(self, named: Named) -> str:
        """Return the stable id of whom this name means now, empty where it means nobody."""
        ...

    def name_of(self, named: Named, id: str) -> str:
        """Return what ``id``, of the kind of ``named``, is called now, empty where it is gone."""
        ...


class Pass(Protocol):
    """What a tracker can tell within one pass about one issue, in as few questions as possible: what came
    along with an answer is not asked for again. Nothing is written through it, and it is thrown away once
    something was. As the methods of ``Tracker``; all raise Unavailable or Refused."""

    def issue(self, subject: Subject) -> Issue | None: ...
    def public(self, subject: Subject) -> bool: ...
    def comment(self, subject: Subject, comment: str) -> Comment | None: ...
    def comments(self, subject: Subject, since: datetime, handled: Collection[str]) -> Sequence[Comment]: ...
    def moves(self, subject: Subject, field: str, known: Sequence[Value]) -> Iterator[Move]: ...
    def marks(self, subject: Subject, ways: Collection[Way], since: datetime) -> Sequence[Mark]: ...
    def written_by(self, subject: Subject, part: Literal["title", "body"]) -> Evidence | None: ...
    def wordings(self, subject: Subject) -> Mapping[str, Sequence[Wording]]: ...
    def carriers(self, subject: Subject, field: str, day: date) -> Sequence[Value]: ...
    def in_product(self, subject: Subject, person: Person, policy: str) -> bool: ...


class Tracker(Notices, Directory, Protocol):
    """GitHub or Jira. Every method reads or writes live; nothing is remembered between calls
    but what the docstring says. All raise Unavailable or Refused."""

    def one_pass(self, whole: bool, edits: bool = False) -> Pass:
        """Return what reads for one pass; ``whole`` where history and words are going to be asked for, and
        ``edits`` where it will also be asked how title and body came to be."""
        ...

    def issue(self, subject: Subject) -> Issue | None:
        """Return the truth, or None where the issue is gone for good. Its subject has the key of now; it is
        another one than ``subject`` where the tracker gave the issue another id, in another place. Raise
        Unseen where it is not there, and NoAccess where nothing of its place can be seen."""
        ...

    def carried(self, subject: Subject, field: str, values: Collection[Value]) -> Mapping[Value, Value]:
        """Return what promises the same where the issue lies now as each of these values, which something of
        its own carries, did where it was before: on GitHub a milestone of that name and day, else of that
        day, else one that is not there."""
        ...

    def public(self, subject: Subject) -> bool:
        """Tell whether strangers can read the issue, asked now; unknown counts as public."""
        ...

    def comment(self, subject: Subject, comment: str) -> Comment | None:
        """Return a comment of that issue, or None where it belongs elsewhere or to nobody. Raise Unseen
        where it is gone, or cannot be read yet."""
        ...

    def comments(self, subject: Subject, since: datetime, handled: Collection[str]) -> Sequence[Comment]:
        """Return the comments written since then that hold a command, without those ``handled`` and
        those that cannot be read whole yet."""
        ...

    def moves(self, subject: Subject, field: str, known: Sequence[Value]) -> Iterator[Move]:
        """Yield the changes of ``field`` by the tracker's own history, newest first, and ask for older
        ones only when they are wanted. ``known`` are values that need not be looked up, the present one
        first, for histories that tell no more than a name."""
        ...

    def marks(self, subject: Subject, ways: Collection[Way], since: datetime) -> Sequence[Mark]:
        """Return when the labels that these ``ways`` name were put on the issue and taken off it, when it was
        given their statuses, and when their fields came to hold what they name and no longer did, by the
        tracker's own history, newest first, from ``since`` on; of what it has now also the entry before that
        by which it came. A label that got its name later than it was put
        on is none of them. Raise Unseen where the history cannot be read yet."""
        ...

    def may_link(self, subject: Subject, person: Person) -> bool:
        """Tell whether ``person`` may link deals to this issue, by the configured ``may_link``."""
        ...

    def in_product(self, subject: Subject, person: Person, policy: str) -> bool:
        """Tell whether ``person`` is an active member of the sign-off policy's people now; of those who hold
        a role, in the place of the issue."""
        ...

    def may_override(self, subject: Subject, person: Person, policy: str) -> bool:
        """Tell whether ``person`` is one of those now who may let a date of this issue stand without the
        sign-off policy's yes, by its ``may_override``."""
        ...

    def product(self, policy: str) -> Sequence[Person]:
        """Return up to three people who may answer for the policy (may be an hour old: a
        hint for whom to ask, while who may sign is asked live)."""
        ...

    def backup(self, policy: str) -> Sequence[Person]:
        """Return up to three people whom the policy names to be reminded (as old as ``product``)."""
        ...

    def called(self, person: Person) -> str:
        """Return what people call somebody: their name where the tracker knows one, else what it calls them
        itself. May be an hour old; never raises."""
        ...

    def carriers(self, subject: Subject, field: str, day: date) -> Sequence[Value]:
        """Return the values ``field`` could take now, the one that promises ``day`` among them
        if there is one (the open milestones; for a plain date field just that date)."""
        ...

    def carrier(self, subject: Subject) -> Carrier | None:
        """Return the truth of what many issues stand on (a milestone), or None where it was deleted."""
        ...

    def gone(self, subject: Subject, field: str, value: Value) -> bool:
        """Tell whether what carried ``value`` (a milestone) is there no more, so that it cannot be set."""
        ...

    def written_by(self, subject: Subject, part: Literal["title", "body"]) -> Evidence | None:
        """Return who gave the title or the body its present words, by the tracker's own history:
        whoever changed it last, else the author; None where that cannot be told."""
        ...

    def wordings(self, subject: Subject) -> Mapping[str, Sequence[Wording]]:
        """Return how ``title`` and ``body`` came to be, and what ``Issue.answers`` has, by the same names:
        the present words first and those they were written with last. What cannot be read any more is one
        Wording without words."""
        ...

    def issue_of(self, id: str) -> Subject | None:
        """Return the issue that a delivery calls ``id``, where it calls it by another id than it is known by
        here; None for what is no issue. Raise Unseen where it is not there."""
        ...

    def misnamed_fields(self) -> Mapping[str, str]:
        """Ask what is wrong with the names that the rules have for fields, and return it in words for people,
        by name."""
        ...

    def show_deal(self, subject: Subject, deal: Deal, shown: bool, asked: bool = False) -> bool:
        """Show a linked deal where the tracker has a place for it (Jira: a remote link, upserted by
        its globalId), or take it away; elsewhere do nothing. Doing it twice changes nothing. Return
        whether it is shown now. It is shown
        where nobody else could read along, which is asked for first, unless it was ``asked`` in this pass."""
        ...

    def set_deadline(self, subject: Subject, field: str, value: Value) -> datetime | None:
        """Write ``value`` and check, on the answer, that it took. Return when the issue was changed by it,
        by the tracker's clock, where that is said. Raise Unwritten where it did not."""
        ...

    def set_label(self, subject: Subject, label: str, present: bool) -> None:
        """Add or remove a label; doing it twice changes nothing."""
        ...

    def empty_field(self, subject: Subject, field: str) -> None:
        """Empty a field by which people answer, by what the rules call it."""
        ...


class Crm(Notices, Protocol):
    """Where deals live."""

    def named(self, text: str) -> Subject | None:
        """Return the deal that ``text`` (nothing but a key or a URL) names, without asking anybody."""
        ...

    def named_in(self, text: str) -> Sequence[Subject]:
        """Return the deals that stand in running text, as keys or URLs, in order, each once."""
        ...

    def deals(self, deals: Sequence[Subject]) -> Mapping[Subject, Deal]:
        """Return those of the deals that exist in the configured place and can be read, in one call where
        possible."""
        ...

    def may_see(self, person: Person, deal: Subject) -> bool | None:
        """Tell whether ``person`` may see that deal there, asked live: yes where that system does not know
        them (who may link decides alone), None where we may not know, whatever the deal."""
        ...
