"""Whose word a date takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from automation.model.answers import Way

JOINED = " and "
"""Stands between the names of several policies that all have to agree."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A sign-off policy: how many people must say yes, within how many working days, and of whom they are
    (``the team acme/product``), in words. ``askers_may_sign`` says whether whoever asked for a date can be
    one of those. ``calendar`` (``DE-BE``) says which days are public holidays, empty where none is.
    ``reconfirm_days`` and ``warn_days`` are how many days before an agreed date they are asked whether it
    holds, 0 where they are not. ``backup``: somebody is named to be reminded where the answer is late.
    ``expires_after``: after how many days a wish that nobody answered has ended, 0 for never. ``parts``
    are the policies that all have to agree, where it is made of several. ``discovery``: a yes to a date
    counts only once a user was heard. ``ways``: how they may answer beside words."""

    name: str
    people_needed: int = 1
    working_days: int = 2
    whose: tuple[str, ...] = dataclasses.field(default=(), compare=False)
    askers_may_sign: bool = True
    calendar: str = ""
    reconfirm_days: int = 0
    warn_days: int = 0
    backup: bool = False
    expires_after: int = 0
    parts: tuple[Policy, ...] = ()
    discovery: bool = False
    ways: tuple[Way, ...] = ()

    @property
    def each(self) -> tuple[Policy, ...]:
        """Return the policies of each of which it takes enough yeses."""
        return self.parts or (self,)

    @classmethod
    def together(cls, parts: Sequence[Policy]) -> Policy:
        """Make of several policies the one that has agreed once they all have; of one it is that one."""
        if len(parts) == 1:
            return parts[0]
        ends = [part.expires_after for part in parts if part.expires_after]
        return cls(
            JOINED.join(part.name for part in parts),
            people_needed=sum(part.people_needed for part in parts),
            whose=tuple(one for part in parts for one in part.whose),
            reconfirm_days=max(part.reconfirm_days for part in parts),
            warn_days=max(part.warn_days for part in parts),
            backup=any(part.backup for part in parts),
            expires_after=min(ends, default=0),
            parts=tuple(parts),
            discovery=any(part.discovery for part in parts),
            ways=tuple(dict.fromkeys(way for part in parts for way in part.ways)),
        )
