"""Scope: what was agreed to be built, as items of the issue's title and body, and how two states differ.

Only what somebody builds or leaves out counts: order, layout, ticked boxes, HTML comments and plain
misspellings do not. A comparison holds against the state that was agreed, not against the last one
seen: else a requirement could be changed one letter at a time.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import unicodedata
from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from automation.domain.scope_items import SHIPPED, Item, ScopeWords, items
from automation.model import ScopeChange

__all__ = ["SHIPPED", "Item", "ScopeWords", "compare", "fingerprint", "items"]

MOST_PAIRS = 40_000
"""Pairs of items that are tried for likeness; where more has changed, it is all removed and added."""

ALIKE = 80
"""From 0 to 100: how much two items must have in common to be one that was changed. Words that were
only added, or only taken away, take nothing from it. Of the 42 pairs of ``tests/unit/core/test_scope.py``
39 come out right with it; a mistaken one reads as changed instead of added and removed.
https://rapidfuzz.github.io/RapidFuzz/Usage/fuzz.html#token-set-ratio"""

LONGEST_SHOWN = 200
"""Characters of an item in a ScopeChange."""

_CONTEXT = 6
_LETTERS_FOR_A_TYPO = 5
_EDGES = "\"'()[]{}"
_STOPS = ".,;:!"
_PLAIN = str.maketrans("“”„‟«»‘’‚‛‐‑‒–—―−", '""""""\'\'\'\'-------')

_Key = tuple[str, str]


def compare(old: Sequence[Item], new: Sequence[Item]) -> ScopeChange | None:
    """Return what was added, removed and changed between two states, or None for nothing of substance."""
    before, after = _by_key(old), _by_key(new)
    gone = {key: item for key, item in before.items() if key not in after}
    come = {key: item for key, item in after.items() if key not in before}
    title = _retitled(gone, come)
    pairs = _pairs(gone, come)
    met = set(pairs.values())
    change = ScopeChange(
        added=tuple(_cut(_said(item)) for key, item in come.items() if key not in met),
        removed=tuple(_cut(_said(item)) for key, item in gone.items() if key not in pairs),
        changed=tuple(
            _excerpts(_said(item), _said(come[pairs[key]]))
            for key, item in gone.items()
            if key in pairs and not _misspelt(key, pairs[key])
        ),
        title=title,
    )
    return change if change != ScopeChange() else None


def fingerprint(scope: Sequence[Item]) -> str:
    """Return a digest of what is asked for, 64 hex digits: the same for items in another order, said twice,
    ticked or in other case. It cannot forgive a misspelling, so where it differs ``compare`` decides."""
    keys = json.dumps(sorted(_by_key(scope)), ensure_ascii=True)
    return hashlib.sha256(keys.encode()).hexdigest()


def _retitled(gone: dict[_Key, Item], come: dict[_Key, Item]) -> tuple[str, str] | None:
    """Take the titles out of what has gone and come, and return them where they say something else."""
    was = next((key for key in gone if key[0] == "title"), ("title", ""))
    now = next((key for key in come if key[0] == "title"), ("title", ""))
    old, new = gone.pop(was, None), come.pop(now, None)
    if was == now or _misspelt(was, now):
        return None
    return _cut(old.text if old else ""), _cut(new.text if new else "")


def _by_key(scope: Sequence[Item]) -> dict[_Key, Item]:
    """Return items by key, in their order; one that is said twice counts once."""
    found: dict[_Key, Item] = {}
    for item in scope:
        found.setdefault(_key(item), item)
    return found


def _key(item: Item) -> _Key:
    """Return what two items have in common that ask for the same: how they count, and their words.

    Left out are case, the kind of quotes and dashes, and punctuation at the end of a word, but never
    a sign that changes an amount (``<5``, ``-3``, ``1.5``). Code counts as it stands.
    """
    side = "not " if item.left_out else ""
    if item.kind == "code":
        return f"{side}code", item.text
    text = unicodedata.normalize("NFKC", item.text).translate(_PLAIN).casefold()
    if not text.isprintable():
        text = "".join(letter for letter in text if letter.isprintable())
    words = (word.strip(_EDGES).rstrip(_STOPS).strip(_EDGES) for word in text.split())
    return "title" if item.kind == "title" else side, " ".join(word for word in words if word)


def _said(item: Item) -> str:
    return f"{item.section}: {item.text}" if item.left_out else item.text


def _pairs(gone: dict[_Key, Item], come: dict[_Key, Item]) -> dict[_Key, _Key]:
    """Return which old item became which new one: the likest first, each at most once.

    The order of the items plays no part, and neither does which side is the old one.
    """
    if len(gone) * len(come) > MOST_PAIRS:
        return {}
    alike: list[tuple[float, list[_Key], _Key, _Key]] = []
    for was, now in itertools.product(gone, come):
        likeness = fuzz.token_set_ratio(was[1], now[1], score_cutoff=ALIKE)
        if likeness and was[0].endswith("code") == now[0].endswith("code"):
            alike.append((-likeness, sorted((was, now)), was, now))
    pairs: dict[_Key, _Key] = {}
    taken: set[_Key] = set()
    for _, _, was, now in sorted(alike):
        if was not in pairs and now not in taken:
            pairs[was] = now
            taken.add(now)
    return pairs


def _misspelt(was: _Key, now: _Key) -> bool:
    """Tell whether only spelling differs: words of five letters or more, each off by one stroke.

    Shorter words, other first letters and everything with digits count as a change of meaning
    (``can't``, ``kein``, ``HTTP``, ``disable``); so does every change in code.
    """
    old, new = was[1].split(" "), now[1].split(" ")
    return (
        was[0] == now[0]
        and not was[0].endswith("code")
        and len(old) == len(new)
        and all(a == b or _one_stroke_apart(a, b) for a, b in zip(old, new, strict=True))
    )


def _one_stroke_apart(a: str, b: str) -> bool:
    """Tell whether one letter was added, lost, mistaken or swapped with its neighbour, not the first.

    https://rapidfuzz.github.io/RapidFuzz/Usage/distance/OSA.html
    """
    return (
        min(len(a), len(b)) >= _LETTERS_FOR_A_TYPO
        and a[0] == b[0]
        and all(letter.islower() for letter in a + b)
        and OSA.distance(a, b, score_cutoff=1) <= 1
    )


def _excerpts(old: str, new: str) -> tuple[str, str]:
    """Return both texts, shortened to the words around where they differ if they are long."""
    a, b = old.split(" "), new.split(" ")
    shortest = min(len(a), len(b))
    head = next((i for i in range(shortest) if a[i] != b[i]), shortest)
    tail = next((i for i in range(shortest - head) if a[-1 - i] != b[-1 - i]), shortest - head)
    return _around(a, head, tail), _around(b, head, tail)


def _around(words: list[str], head: int, tail: int) -> str:
    text = " ".join(words)
    if len(text) <= LONGEST_SHOWN:
        return text
    first, last = max(head - _CONTEXT, 0), len(words) - max(tail - _CONTEXT, 0)
    shown = " ".join(words[first:last])
    return _cut(("… " if first else "") + shown + (" …" if last < len(words) else ""))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1].rstrip() + "…"
