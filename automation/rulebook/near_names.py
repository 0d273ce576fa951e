"""What a misspelt name may have meant."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

LIKE = 66
"""From 0 to 100: how much a word must have in common with a name to have meant it."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return what ``word`` may have meant, or nothing."""
    lower = {name.lower(): name for name in known}
    near = process.extractOne(word.lower()[:100], lower.keys(), scorer=fuzz.ratio, score_cutoff=LIKE)
    return lower[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` where something known is near, else nothing."""
    near = nearest(word, known)
    return f"; did you mean '{near}'?" if near else ""
