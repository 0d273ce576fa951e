"""What a sign-off was given for, against what is asked for by now: whether product has to be asked again.

A sign-off binds to the scope as it stood when it was given, and not to the one seen last: else what was
agreed to could be changed one small edit at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from automation.domain.scope import Item, compare, fingerprint
from automation.model import ScopeChange


@dataclass(frozen=True, slots=True)
class Standing:
    """How a sign-off stands to the scope. ``agreed`` is what it binds to from now on; ``differs`` says what
    product is to be asked about, and is None where there is nothing to ask."""

    agreed: tuple[Item, ...]
    differs: ScopeChange | None = None


def weigh(agreed: Sequence[Item], seen: Sequence[Item], now: Sequence[Item], by_product: bool) -> Standing:
    """Return how a sign-off given for ``agreed`` stands, now that ``seen``, the scope at the last look, has
    become ``now``. ``by_product``: every edit since that look is known to be product's own; one whose editor
    is unknown is not.

    Product's own edit confirms itself, but not what others had changed before it. An edit that is undone
    leaves the sign-off as it was.
    """
    if by_product and not _differs(agreed, seen):
        return Standing(tuple(now))
    return Standing(tuple(agreed), _differs(agreed, now))


def _differs(agreed: Sequence[Item], now: Sequence[Item]) -> ScopeChange | None:
    return None if fingerprint(agreed) == fingerprint(now) else compare(agreed, now)
