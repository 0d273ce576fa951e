"""What the core asks of the house it lives in: where work waits, what is known, what is to be written.

The store implements these; the simulation puts fakes below the same engine. An open transaction is the
store's own affair and is handed on unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from automation.model import (
    CarrierState,
    DealState,
    Delivery,
    Effect,
    Heard,
    IssueState,
    Place,
    Trigger,
)
from automation.model.reading import Reading
from automation.ports.outside import RateLimiter

Clock = Callable[[], datetime]
"""Gives the time, in UTC."""
Transaction = Any
"""What the store has begun and will commit."""
Noted = tuple[str, datetime]
"""A word, and when it was noted."""

KEEP_EVERY = 5.0
"""Seconds between renewals of leases."""
READ_LAG = 10.0
"""Seconds after which a tracker surely shows what was written to it."""
MOST_TRIES = 8
OUTAGE_FIRST_WAIT, OUTAGE_LONGEST_WAIT = 5.0, 300.0
"""Seconds between two tries to reach a system that is out."""

DONE, MOVED_ON, GIVEN_UP = "done", "moved on", "given up"
"""How an effect ends: it took; the truth had changed meanwhile; it cannot be done."""
IN_PUBLIC = " (public)"
"""Ends the text of a receipt, the comment's id, of words that strangers could read from the first."""
SHOWN = "shown"
"""The text of a receipt for a deal that is shown among the issue's links."""
AGAIN = "restored"
"""What the trigger says that makes us look at an issue after a restore."""


SubjectState = IssueState | CarrierState | Place | DealState
"""What is known of a subject, by its kind."""

MOST_DEPTH = 8
"""How many messages of subjects may lead to each other."""


class LeaseLost(Exception):
    """The job was taken over by somebody else while we worked; nothing of ours may be committed."""


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed piece of work. ``tries`` counts this one; ``cause`` is the delivery it came from,
    as ``source:id``, empty where there is none. ``folded`` are jobs that wait, whose work is part of its
    payload: they end with it, and come by themselves where it fails. ``put_at``: when it was put, in
    seconds, by which it is told from another one of the same cause, since numbers may be used again."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    tries: int
    cause: str = ""
    folded: tuple[int, ...] = ()
    put_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Ending:
    """The receipt to be written: ``how`` is one of DONE, MOVED_ON, GIVEN_UP, ``text`` is for operations;
    ``hint`` says to people why it was refused. ``public``: strangers were found to read what was written
    for fewer, so that the issue has to be looked at. ``at`` is when it took, where the other side said so:
    what was written can be read before we hear that it was. ``updated`` is when the issue was changed by it,
    by the tracker's clock. ``heard`` is what a deal was told by it. ``said`` are the words that it
    read. ``again``: what it was to say is not so any more, or nothing came of it that people should hear, and
    the issue has to be looked at for what is."""

    how: str
    text: str = ""
    hint: str = ""
    public: bool = False
    at: datetime | None = None
    updated: datetime | None = None
    heard: tuple[Heard, ...] = ()
    again: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """A look that is to be taken again at ``due_at``, or ``parked``, for these triggers. ``why`` says what
    could not be seen."""

    triggers: tuple[Trigger, ...]
    why: str
    due_at: float = 0.0
    parked: bool = False


class Queue(Protocol):
    """Where work waits, for one process. At most one job of a subject runs at a time."""

    @property
    def now(self) -> Callable[[], float]:
        """The clock, in seconds since 1970."""
        ...

    def claim(self, kinds: Collection[str], system: str = "") -> Job | None:
        """Take the next job that is due, or return None. ``system`` is the one that the jobs write to,
        empty for those that write to none."""
        ...

    def claim_several(self, kinds: Collection[str], most: int) -> list[Job]:
        """Take up to ``most`` jobs that are due and write to no system, in one transaction."""
        ...

    def put_back(self, *jobs: Job) -> None:
        """Give back claimed jobs that nobody has begun."""
        ...

    def anything_due(self) -> bool:
        """Tell whether anything has come due."""
        ...

    def waits(self, kinds: Collection[str], system: str) -> bool:
        """Tell whether there may be something to claim now: cheaper than claiming it."""
        ...

    def done(self, connection: Transaction, *ended: Job) -> None:
        """End the jobs, as part of the transaction that commits its work. Raise LeaseLost."""
        ...

    def park(self, connection: Transaction, job: Job, error: str) -> None:
        """Set the job aside with its error, as part of the caller's transaction. Raise LeaseLost."""
        ...

    def retry(self, job: Job, error: str, after: float, counts: bool = True, forgives: bool = False) -> None:
        """Put the job back, to be tried again ``after`` seconds from now."""
        ...

    def give_back(self) -> None:
        """Free all jobs of this process, when it stops."""
        ...

    def keep(self) -> None:
        """Say that this process is alive, renew its leases, and free what belonged to those that died."""
        ...


class Inbox(Protocol):
    """Raw deliveries, committed before their sender hears yes."""

    def get(self, *keys: tuple[str, str]) -> Sequence[Delivery]:
        """Return stored deliveries, each by source and id, in this order. Raise LookupError where one is not
        there."""
        ...

    def latest(self, source: str, event: str) -> Sequence[bytes]:
        """Return the bodies of the deliveries of this name that came last, the newest first."""
        ...

    def read(self, jobs: Queue, *read: tuple[Job, Delivery, Reading]) -> None:
        """Commit how deliveries were read: one job per subject that each of them touched, and their own jobs
        done. Raise LeaseLost, having committed nothing."""
        ...


class Outbox(Protocol):
    """Effects that are intended, with the receipts of those that ended."""

    def get(self, key: str) -> Effect:
        """Return an effect that was stored. Raise LookupError."""
        ...

    def waited(self, job: Job) -> float | None:
        """Return the seconds since the delivery came that the job goes back to, None without one."""
        ...

    def end(self, jobs: Queue, job: Job, ending: Ending) -> None:
        """Write the receipt of the job's effect, free or cancel what waited for it, and end the job.
        Raise LeaseLost."""
        ...


class Counters(Protocol):
    """Counts of what happened."""

    def add(self, name: str, *labels: str, by: float = 1) -> None:
        """Count something that happened."""
        ...

    def took(self, name: str, seconds: float) -> None:
        """Count something that took ``seconds``."""
        ...


class Wakes(Protocol):
    """The database, as far as threads wait for it and set work aside in it."""

    @property
    def writes(self) -> int:
        """How often something was written that others may wait for."""
        ...

    def watch(self, due: Callable[[], bool]) -> None:
        """Begin to hear of what other processes write, and of what comes ``due``."""
        ...

    def wait(self, seen: int, seconds: float) -> None:
        """Wait until more than ``seen`` was written, or so long."""
        ...

    def wake_up(self) -> None:
        """Wake all that wait."""
        ...

    def clock_problem(self, now: Callable[[], float]) -> str | None:
        """Say how our clock differs from the database's, or None."""
        ...

    def write(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction that is committed at the end of the block."""
        ...


class Lane(RateLimiter, Protocol):
    """The limits of one system, as those ask who claim work for it or prove our credentials."""

    @property
    def system(self) -> str: ...

    def wait_for_turn(self, urgent: bool = False) -> bool:
        """Wait a little for the turn of a write. Return whether it has come."""
        ...

    def opens_in(self, urgent: bool = False) -> float:
        """Return the seconds until calls are let through."""
        ...

    def unauthorized(self) -> bool:
        """Tell whether our credentials were refused last."""
        ...

    def ask_at_once(self) -> None:
        """Let the next call through though our credentials were refused."""
        ...


class Lanes(Protocol):
    """The limits of all systems."""

    @property
    def now(self) -> Callable[[], float]: ...

    def to(self, system: str) -> Lane: ...
