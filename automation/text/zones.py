"""Time zones by their IANA names: https://www.iana.org/time-zones"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones


@cache
def names() -> frozenset[str]:
    """Return the names that there are (``Europe/Berlin``)."""
    return frozenset(available_timezones())


def spellings() -> Mapping[str, str]:
    """Return them by all that people may write for them: also by the name of their city alone."""
    cities = {name.rpartition("/")[2].replace("_", " "): name for name in sorted(names()) if "/" in name}
    return cities | {name: name for name in names()}
