"""What the engine asks of a kind of subject, and what it gets for one look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from automation.model import Mode, Plan, Subject, Trigger, Would
from automation.ports import Later, SubjectState


@dataclass(frozen=True, slots=True)
class Pass:
    """One look at a subject, to be committed: what was known ``before``, and the plan that was made, by
    ``rules`` (a digest) in a mode. ``later`` are the looks to be taken again, ``kept_back`` what the mode did
    not allow, and ``settled`` what is looked at anew now that what happened before a restore is known.
    ``gone``: the subject was said to be deleted, so that nobody need look at it any more.
    ``silent``: it is neither counted nor logged."""

    before: SubjectState
    plan: Plan[Any]
    mode: Mode
    rules: str
    later: tuple[Later, ...] = ()
    kept_back: tuple[Would, ...] = ()
    settled: tuple[Trigger, ...] = ()
    gone: bool = False
    silent: bool = False


class Kind(Protocol):
    """Facts, changes, built-ins and state of one kind of subject."""

    def reconcile(self, subject: Subject, triggers: tuple[Trigger, ...], now: datetime) -> Pass:
        """Re-read the truth, compare, decide and plan. Nothing is written, inside or outside. Raise
        Unavailable or Refused."""
        ...
