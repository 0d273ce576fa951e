"""What the core asks of whoever keeps what is known of each subject, and makes a plan real."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from automation.model import (
    CarrierState,
    Deal,
    Decision,
    Effect,
    Heard,
    IssueState,
    KnownName,
    KnownPlaces,
    Located,
    Moment,
    Pause,
    Person,
    Plan,
    Receipt,
    Sighting,
    Subject,
    Trigger,
    Value,
    Way,
    Would,
)
from automation.ports.inside import Job, Later, Noted, Queue, SubjectState


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an issue when a pass begins, all of one moment: its state, the receipts of its
    deadline writes under way, what other looks at it are for that are to be taken, now or later, when the
    backup was made if it was not looked at since a restore, and which mode is in force since when."""

    state: IssueState
    receipts: Mapping[str, Receipt]
    heard: tuple[Trigger, ...]
    copied_at: datetime | None
    mode: Noted | None


class Modes(Protocol):
    """What the processes on one database agree about."""

    def ways_since(self, ways: Collection[Way], read: datetime) -> Mapping[Way, datetime]:
        """Return since when people may answer so: since the first process ``read`` rules that say it."""
        ...

    def in_force_since(
        self, mode: str, noticed: datetime, now: datetime | None = None, known: Noted | None = None
    ) -> datetime:
        """Return since when ``mode`` is in force: since the first process noticed it, for all of them."""
        ...


class Words(Protocol):
    """The words of effects, from before they are sent to when they are taken back."""

    def intended(self, subject: Subject) -> Sequence[Effect]:
        """Return the effects of an issue that are still to be carried out."""
        ...

    def unconfirmed(self, subject: Subject, proposal: str) -> Collection[str]:
        """Return the keys of the comments that are to show a proposal and have no receipt yet."""
        ...

    def begin(self, effect: str, heard: tuple[Heard, ...]) -> None:
        """Note what a deal hears by words that are about to be sent."""
        ...

    def begun(self, effect: str) -> tuple[Heard, ...]:
        """Return what a deal has heard, if these words reached it."""
        ...

    def unheard(self, effect: Effect) -> tuple[Effect, ...]:
        """Return the words to the same target that were sent, or not, without our hearing so."""
        ...

    def shown(self, subject: Subject) -> list[tuple[Effect, str]]:
        """Return the effects that were done on ``subject`` while it was not public and are not taken back
        yet, each with the text of its receipt."""
        ...


class Pauses(Protocol):
    """Knows who had how many dates set back within the hour."""

    def exceeding(self, accounts: Sequence[tuple[str, str]], most: int, now: datetime) -> tuple[Pause, ...]:
        """Return those who are paused, or would be if one more date were set back on each of the accounts, a
        person's and a rule's. ``most`` are allowed within an hour."""
        ...


class Echoes(Protocol):
    """Knows what deliveries tell of our own writes."""

    def is_ours(self, trigger: Trigger) -> bool:
        """Tell whether all that a delivery tells is what a receipt says we wrote."""
        ...


class Names(Protocol):
    """What subjects and places are called now, and what they were before."""

    def current(self, subject: Subject) -> Subject:
        """Return the subject as it is known now: by its latest id, with its key and the ids it had."""
        ...

    def note(self, subject: Subject, born: str = "") -> None:
        """Keep what a subject is called, as something that was read tells it."""
        ...

    def born_as(self, system: str, born: str, place: str) -> Sequence[Subject]:
        """Return the subjects elsewhere that were made by the same person in the same second."""
        ...

    def places(self, system: str, fresh: bool = False) -> KnownPlaces:
        """Return what is known of the places of a system; ``fresh``: also what others have noted since."""
        ...

    def note_place(self, system: str, place: Located) -> None:
        """Keep what a place is called now. A name goes on meaning whose it was first, unless that is gone."""
        ...


class State(Protocol):
    """What is known of each subject, and the commit that makes a plan real."""

    @property
    def modes(self) -> Modes: ...

    @property
    def words(self) -> Words: ...

    @property
    def subjects(self) -> Names: ...

    @property
    def echoes(self) -> Echoes: ...

    @property
    def pauses(self) -> Pauses: ...

    def load(self, subject: Subject) -> tuple[IssueState, Mapping[str, Receipt]]:
        """Return what is known of ``subject``, and the receipts of its deadline writes under way."""
        ...

    def triggers_of(self, job: Job) -> tuple[Trigger, ...]:
        """Return what a look is for."""
        ...

    def begin(self, subject: Subject) -> Known:
        """Return what a pass over ``subject`` begins with."""
        ...

    def forget_reconciles(self, subject: Subject) -> None:
        """Take away the looks at an issue that was deleted."""
        ...

    def commit(
        self,
        jobs: Queue,
        job: Job,
        before: SubjectState,
        plan: Plan[Any],
        mode: str,
        rules: str,
        settled: tuple[Trigger, ...] = (),
        later: tuple[Later, ...] = (),
        kept_back: tuple[Would, ...] = (),
        born: str | None = None,
        seen: Sighting | None = None,
        anew: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Make the plan real: state, ledger, decisions, effects, messages and the job's end, or
        nothing of it.
        ``born``: who wrote the issue and when, where its key is news.
        ``seen``: what the plan was made of, which is kept with its decisions.
        ``anew``: the ids of fields that were made again, by those that they had.
        Raise LeaseLost where somebody else has taken over the job, or changed the subject since."""
        ...

    def refused(self, subject: Subject, decision: Decision, moment: Moment) -> None:
        """Note why nothing was decided about ``subject``: what has to be seen for it was refused."""
        ...

    def take_over(
        self,
        jobs: Queue,
        job: Job,
        old: IssueState,
        new: IssueState,
        there: Mapping[Value, Value],
        triggers: tuple[Trigger, ...],
    ) -> None:
        """Keep what is known of ``old`` as what it is now, and end the job. Raise LeaseLost."""
        ...

    def pass_on(self, jobs: Queue, job: Job, subject: Subject, triggers: tuple[Trigger, ...]) -> None:
        """Reconcile ``subject`` in the place of the id that the job names, and end the job."""
        ...

    def drop(self, jobs: Queue, job: Job) -> None:
        """End a job that there is nothing to do for. Raise LeaseLost."""
        ...

    def look_again(self, subject: Subject) -> None:
        """Reconcile an issue that was not where it was thought to be."""
        ...

    def write_again(self, place: Subject) -> int:
        """Try again what was given up of the writes to the issues and carriers of a repository or project.
        Return how many those are."""
        ...

    def knows(self, subject: Subject) -> bool:
        """Tell whether anything is known of it."""
        ...

    def carrier(self, subject: Subject) -> CarrierState:
        """Return what is known of a carrier."""
        ...

    def standing_on(self, carrier: Subject) -> tuple[Subject, ...]:
        """Return the issues that stand on a carrier, are to be put back on it, or are asked onto it."""
        ...

    def standing(self, carrier: Subject) -> tuple[IssueState, ...]:
        """Return what is known of these issues: their dates, deals and names."""
        ...

    def carriers_of(self, place: Subject) -> tuple[Subject, ...]:
        """Return the carriers of a repository or project that are known."""
        ...

    def issues_of(self, place: Subject) -> tuple[Subject, ...]:
        """Return the issues of a repository or project that are known."""
        ...

    def label(self, subject: Subject, label: str) -> bool | None:
        """Return whether ``subject`` should carry ``label``; None where nothing was decided about it."""
        ...

    def deals_of(self, subject: Subject) -> tuple[Subject, ...]:
        """Return the deals linked to ``subject``."""
        ...

    def linked_to(self, deal: Subject) -> tuple[Subject, ...]:
        """Return the issues that a deal is linked to."""
        ...

    def note_names(self, deals: Collection[Deal], people: Collection[Person] = ()) -> None:
        """Keep names that not every customer may read."""
        ...

    def known_names(self) -> Sequence[KnownName]:
        """Return the names that were noted."""
        ...
