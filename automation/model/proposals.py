"""Dates that somebody asked for, and what people said to them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from automation.model.outside import Value
from automation.model.people import Person


class ProposalState(StrEnum):
    OPEN = "open"
    SIGNED = "signed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Yes:
    """One person's yes to exactly one value. ``edited`` says that they gave the field that value
    themselves, as against agreeing in words. ``via`` is what they set instead of writing (``label x``)."""

    by: Person
    value: Value
    at: datetime
    edited: bool = False
    via: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A deadline that someone asked for. ``old`` is the value that stood when it was asked, ``shown_at``
    when our comment about it could be read, ``because`` the asker's reason, for product and operations.
    ``yeses`` are each person's latest word, also for other values than the one asked; ``signers`` is how
    they were stored before values stood with them. ``reminded_at``: when the backup was reminded."""

    id: str
    field: str
    policy: str
    old: Value
    value: Value
    asked_by: Person | None
    asked_at: datetime
    answer_by: date
    state: ProposalState = ProposalState.OPEN
    signers: tuple[Person, ...] = ()
    shown_at: datetime | None = dataclasses.field(default=None, compare=False)
    yeses: tuple[Yes, ...] = ()
    because: str = ""
    reminded_at: datetime | None = None

    def agreed(self, value: Value) -> tuple[Person, ...]:
        """Return who has said yes to exactly this value, and to no other since, in that order."""
        spoken = {yes.by for yes in self.yeses}
        early = tuple(one for one in self.signers if one not in spoken) if value == self.value else ()
        return (*early, *(yes.by for yes in self.yeses if yes.value == value))

    def with_yes(self, yes: Yes) -> Proposal:
        """Add somebody's yes. It is their latest word, so it takes the place of one they gave before."""
        others = self.without_yes(yes.by)
        return dataclasses.replace(others, yeses=(*others.yeses, yes))

    def without_yes(self, person: Person) -> Proposal:
        """Take somebody's word back."""
        return dataclasses.replace(
            self,
            signers=tuple(one for one in self.signers if one != person),
            yeses=tuple(yes for yes in self.yeses if yes.by != person),
        )

    def values(self) -> tuple[Value, ...]:
        """Return what is on the table: the value asked for, and those that somebody agreed to instead."""
        return tuple(dict.fromkeys((self.value, *(yes.value for yes in self.yeses))))

    def people(self) -> tuple[Person, ...]:
        """Return all who have said yes to one of the values."""
        return (*self.signers, *(yes.by for yes in self.yeses))
