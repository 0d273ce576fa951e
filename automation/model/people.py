"""Who somebody is, and what they may do."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as one system knows them. ``id`` is stable; ``name`` can be changed by them."""

    system: str
    id: str
    name: str = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do here, checked live. ``product`` names the sign-off policies
    whose answer this person may give, ``override`` those without whose answer they may let a date stand;
    that is asked of those only who say so. Everything unknown is a no."""

    may_link: bool = False
    product: frozenset[str] = frozenset()
    override: frozenset[str] = frozenset()
