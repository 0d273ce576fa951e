"""What was read for one look at an issue."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from automation.model.answers import Mark
from automation.model.outside import Deal, Evidence, Gap, History, Issue, Move, Value
from automation.model.people import Person, Rights
from automation.model.promises import Change, Filled, ScopeChange, Words
from automation.model.proposals import Proposal
from automation.model.subjects import Subject


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
    comment's body. ``mark`` is what was set on the issue, where that says it and no comment does."""

    command: Command
    comment: str
    author: Person
    at: datetime
    edited: bool = False
    restricted: bool = False
    deal: Subject | None = None
    issue: Subject | None = None
    digest: str = ""
    mark: Mark | None = None

    @property
    def id(self) -> str:
        """Return what tells it from all else that is said on its issue."""
        return self.mark.key if self.mark else self.comment

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
    say were deleted, ``repeated`` those that were handled where the issue was before, ``unheard`` answers
    that stood there when the issue was first seen, and of which no delivery told; ``gaps`` what could not
    be seen yet. ``away``: it lies in a place that the rules do not name, so that nothing is done there.
    ``lost``: it cannot be seen any more, so that the ``issue`` is as we remember it.
    ``news``: what of all this is news.
    ``carried``, by ref: what the carriers of values that wait for an answer are known to hold by now.
    ``behind``: the carriers it stands on, where an answer may be about them. ``places``: where it is spoken
    of a carrier, which has no comments of its own: issues that stand on it.
    ``edits``: how the words came to be what they are, the present ones last; asked for only where other words
    can mean something for a sign-off. ``filled``: what it says itself for the checklist of discovery, with
    who gave what is new there, or took out what is gone. ``unclaimed``: what is an answer by the rules, and
    of which nobody can tell who set it.
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
    lost: bool = False
    repeated: tuple[str, ...] = ()
    news: News = News()
    carried: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    behind: tuple[Behind, ...] = ()
    places: tuple[Subject, ...] = ()
    edits: tuple[Edit, ...] = ()
    filled: tuple[Filled, ...] = ()
    unclaimed: tuple[Mark, ...] = ()
    unheard: tuple[Written, ...] = ()

    def rights_of(self, person: Person | None) -> Rights:
        return self.rights.get(person.id, Rights()) if person else Rights()

    def people(self) -> tuple[Person, ...]:
        """Return those who said or did something that counts."""
        found = {written.author for written in self.written if self.rights_of(written.author) != Rights()}
        found |= {one.actor for one in (*self.evidence.values(), *self.credits.values())}
        found |= {move.by for history in self.history.values() for move in history.moves if move.by}
        found |= {edit.by for edit in self.edits if edit.by}
        found |= {one.by for one in self.filled if one.by}
        return tuple(found)
