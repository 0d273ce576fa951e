"""What the engine asks of a kind of subject, and what it gets for one look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from automation.model import IssueState, Mode, Plan, Sighting, Subject, Trigger, Value, Would
from automation.ports import Later, SubjectState

UNDER_WAY = timedelta(hours=1)
"""How old a command may be that was not carried out yet when a backup was made."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One look at a subject, to be committed: what was known ``before``, and the plan that was made, by
    ``rules`` (a digest) in a mode. ``later`` are the looks to be taken again, ``kept_back`` what the mode did
    not allow, and ``settled`` what is looked at anew now that what happened before a restore is known.
    ``gone``: the subject was said to be deleted, so that nobody need look at it any more.
    ``silent``: it is neither counted nor logged. ``born``: who wrote the issue and when, where that is
    news. ``seen``: what the plan was made of, which is kept with its decisions. ``anew``: the ids of fields
    that were made again, by those that they had."""

    before: SubjectState
    plan: Plan[Any]
    mode: Mode
    rules: str
    later: tuple[Later, ...] = ()
    kept_back: tuple[Would, ...] = ()
    settled: tuple[Trigger, ...] = ()
    gone: bool = False
    silent: bool = False
    born: str | None = None
    seen: Sighting | None = None
    anew: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TakeOver:
    """What was known of an issue is kept as what it is known as now, in place of all else: see
    ``State.take_over``. ``there`` are the values of now by those of before."""

    old: IssueState
    new: IssueState
    there: Mapping[Value, Value]


@dataclass(frozen=True, slots=True)
class PassOn:
    """The reasons to look are another subject's: what is to be seen is there."""

    to: Subject


Looked = Pass | TakeOver | PassOn


class Kind(Protocol):
    """Facts, changes, built-ins and state of one kind of subject."""

    def reconcile(self, subject: Subject, triggers: tuple[Trigger, ...], now: datetime) -> Looked:
        """Re-read the truth, compare, decide and plan. Nothing is written, inside or outside. Raise
        Unavailable or Refused."""
        ...
