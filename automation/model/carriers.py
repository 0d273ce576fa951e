"""What is known of a carrier (a milestone, a date of its own that many issues stand on), of a place, and of a
deal."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from automation.model.outside import Value
from automation.model.people import Person
from automation.model.promises import IssueState
from automation.model.subjects import Subject


@dataclass(frozen=True, slots=True)
class CarrierMove:
    """Once the carrier came to hold ``value``. ``by`` is who gave it that, by a signed delivery, None where
    nobody is known; ``at`` is when, by the tracker's clock where that was said."""

    value: Value
    at: datetime
    by: Person | None = None


@dataclass(frozen=True, slots=True)
class CarrierState:
    """All that is known of a carrier. ``version`` counts commits; ``moves`` are the last changes of its date,
    oldest first; ``gone``: it was deleted, and nothing can stand on it any more. ``promise`` is what is
    asked, agreed and held of its date, as of an issue's, None where it was never looked at for that. Which
    issues stand on it is theirs to say, and found by an index."""

    subject: Subject
    version: int = 0
    value: Value | None = None
    moves: tuple[CarrierMove, ...] = dataclasses.field(default=())
    gone: bool = False
    promise: IssueState | None = None

    def answerable(self) -> bool:
        """Tell whether its date is promised or asked for."""
        return self.promise is not None and self.promise.answerable()


@dataclass(frozen=True, slots=True)
class Place:
    """A repository or project: nothing is known of it but its issues, to which it hands on what it hears."""

    subject: Subject
    version: int = 0


@dataclass(frozen=True, slots=True)
class DealState:
    """A deal as a subject: nothing is known of it but the issues linked to it, to which it hands on what it
    hears. What it is called and says is read anew for each of their looks."""

    subject: Subject
    version: int = 0
