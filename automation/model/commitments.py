"""Dates that stand, by whose word, and who was told of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from automation.model.outside import NOTHING, Value
from automation.model.people import Person
from automation.model.subjects import Subject


@dataclass(frozen=True, slots=True)
class Commitment:
    """The value in force under a sign-off. ``replaces`` is what people were told before it;
    ``verified`` says that the tracker was seen to hold it and that rules have heard of it, which
    is not before ``tell_at`` (product may think better of its own edit). ``dated``: it was not signed as
    ``2027-03-01``, so that people are told the year that was read. ``scope`` is the digest of what was to be
    built when it was signed, ``rescoped`` says that others have changed that since, so that product is asked
    again, and ``again`` who has agreed anew so far. ``asked_at`` is when product was asked last whether it
    holds, for that or as its day came near or had passed; ``overdue`` says that no answer came in time.
    ``lent``: it was agreed elsewhere, and is told there: on what carries the date of the issue, or the other
    way round."""

    value: Value
    policy: str
    signed_by: tuple[Person, ...]
    signed_at: datetime
    replaces: Value = NOTHING
    because: str = ""
    counter: bool = False
    verified: bool = False
    at_risk: bool = False
    tell_at: datetime | None = None
    dated: bool = False
    lent: bool = False
    scope: str = ""
    rescoped: bool = False
    again: tuple[Person, ...] = ()
    asked_at: datetime | None = None
    overdue: bool = False

    @property
    def in_doubt(self) -> bool:
        """Tell whether people are asked not to repeat it for now."""
        return self.at_risk or self.rescoped or self.overdue

    @property
    def questioned(self) -> bool:
        """Tell whether product was asked, since it agreed, whether it holds."""
        asked = self.asked_at is not None and self.asked_at > self.signed_at
        return asked or self.rescoped or self.overdue

    @property
    def announced(self) -> Value:
        """Return the value that rules have let people hear of last."""
        return self.value if self.verified else self.replaces


@dataclass(frozen=True, slots=True)
class Override:
    """A value that stands without the yes of ``policy``, as ``by`` said so. ``replaces`` is what stood before
    it; ``verified`` says that the tracker was seen to hold it and that rules have heard of it. ``dated``: as
    of a commitment."""

    value: Value
    policy: str
    by: Person
    at: datetime
    because: str = ""
    replaces: Value = NOTHING
    verified: bool = False
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a deal was told last about a deadline field: the date it may use, if any, and whether it was asked
    not to repeat it for now."""

    value: Value = NOTHING
    rechecking: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What a deal was told of a field by words that were sent to it. ``issue`` is whose field it is, where
    the words were about what carries the dates of several."""

    deal: Subject
    field: str
    told: Told
    issue: Subject | None = None
