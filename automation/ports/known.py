"""What the core asks of whoever keeps what is known of each subject, and makes a plan real."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from automation.model import (
    CarrierState,
    Deal,
    Effect,
    Heard,
    IssueState,
    KnownName,
    Person,
    Plan,
    Receipt,
    Subject,
    Trigger,
    Would,
)
from automation.ports.inside import Job, Later, Queue, SubjectState


class Modes(Protocol):
    """What the processes on one database agree about."""

    def in_force_since(self, mode: str, noticed: datetime, now: datetime | None = None) -> datetime:
        """Return since when ``mode`` is in force: since the first process noticed it, for all of them."""
        ...


class Words(Protocol):
    """The words of effects, from before they are sent to when they are taken back."""

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


class State(Protocol):
    """What is known of each subject, and the commit that makes a plan real."""

    @property
    def modes(self) -> Modes: ...

    @property
    def words(self) -> Words: ...

    def load(self, subject: Subject) -> tuple[IssueState, Mapping[str, Receipt]]:
        """Return what is known of ``subject``, and the receipts of its deadline writes under way."""
        ...

    def triggers_of(self, job: Job) -> tuple[Trigger, ...]:
        """Return what a look is for."""
        ...

    def heard(self, subject: Subject) -> tuple[Trigger, ...]:
        """Return what the other looks at ``subject`` are for that are to be taken, now or later."""
        ...

    def forget_reconciles(self, subject: Subject) -> None:
        """Take away the looks at an issue that was deleted."""
        ...

    def unsettled(self, subject: Subject) -> datetime | None:
        """Return when the backup was made, if the database was restored from one and the issue has not
        been looked at since."""
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
    ) -> None:
        """Make the plan real: state, ledger, decisions, effects, messages and the job's end, or nothing of
        it. Raise LeaseLost where somebody else has taken over the job, or changed the subject since."""
        ...

    def carrier(self, subject: Subject) -> CarrierState:
        """Return what is known of a carrier."""
        ...

    def standing_on(self, carrier: Subject) -> tuple[Subject, ...]:
        """Return the issues that stand on a carrier, are to be put back on it, or are asked onto it."""
        ...

    def issues_of(self, place: Subject) -> tuple[Subject, ...]:
        """Return the issues of a repository or project that are known."""
        ...

    def label(self, subject: Subject, label: str) -> bool | None:
        """Return whether ``subject`` should carry ``label``; None where nothing was decided about it."""
        ...

    def deals_of(self, subject: Subject) -> tuple[str, ...]:
        """Return the keys of the deals linked to ``subject``."""
        ...

    def note_names(self, deals: Collection[Deal], people: Collection[Person] = ()) -> None:
        """Keep names that not every customer may read."""
        ...

    def known_names(self) -> Sequence[KnownName]:
        """Return the names that were noted."""
        ...
