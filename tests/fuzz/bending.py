"""Anything at all as JSON, and good bodies bent at any depth."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

ODD = st.sampled_from(
    [
        *(
            "",
            " ",
            "\n",
            "\r\n",
            "\u2028",
            "\u200b",
            "\u202e",
            "\ufeff",
            "\x01",
            "\x1b[31m",
            "\u0130",
            "\u017f",
        ),
        *("/", "/signoff", "/link \n", "handshake", "a" * 5000, "[" * 500, "{color:red}" * 50, "\\\\" * 300),
        *("../..", "%2e%2e/", "acme/shop", "ACME/SHOP", "acme/shop#1", "PROD-3", "prod-0", "PROD-١", "-1"),
        *("2027-03-01", "2027-02-30", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59Z", "NaN", "1e999"),
    ]
)
TEXT = ODD | st.text(max_size=30)
NUMBERS = (
    st.integers()
    | st.sampled_from([0, -1, 2**31, 2**53, 2**63, 2**64, 10**300, 10**4000, -(10**4000), 1e308, -0.0])
    | st.floats(allow_nan=False, allow_infinity=False)
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXT, ANYTHING, max_size=6)


def deep(value: Any, levels: int, key: str | None) -> Any:
    """Bury a value in lists, or in objects under ``key``."""
    for _ in range(levels):
        value = [value] if key is None else {key: value}
    return value


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) of a body."""
    found: list[tuple[Any, Any]] = []
    left = [value]
    while left:
        one = left.pop()
        inner = one.items() if isinstance(one, dict) else enumerate(one)
        for key, below in list(inner):
            found.append((one, key))
            if isinstance(below, dict | list):
                left.append(below)
    return found


@st.composite
def bent(draw: st.DrawFn, wholes: list[Any]) -> Any:
    """Take one of these bodies and spoil up to four of its places: another value, none, too deep."""
    body = copy.deepcopy(draw(st.sampled_from(wholes)))
    for _ in range(draw(st.integers(0, 4))):
        places = _places(body)
        if not places:
            break
        container, key = draw(st.sampled_from(places))
        how = draw(st.sampled_from(["another", "another", "gone", "moved", "listed", "deep", "more"]))
        if how == "gone":
            del container[key]
        elif how == "another":
            container[key] = draw(ANYTHING)
        elif how == "moved":
            other, place = draw(st.sampled_from(places))
            container[key] = copy.deepcopy(other[place]) if _holds(other, place) else None
        elif how == "listed":
            container[key] = [container[key]] * draw(st.integers(0, 3))
        elif how == "deep":
            container[key] = deep(container[key], draw(st.integers(1, 150)), draw(st.none() | TEXT))
        elif isinstance(container, dict):
            container[draw(TEXT)] = draw(ANYTHING)
    return body


def _holds(container: Any, key: Any) -> bool:
    return key in container if isinstance(container, dict) else key < len(container)
