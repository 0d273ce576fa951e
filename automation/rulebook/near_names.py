"""What a misspelt name may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str:
    """Return what ``word`` may have meant, or nothing."""
    lower = {name.lower(): name for name in known}
    near = get_close_matches(word.lower()[:100], lower, n=1, cutoff=0.66)
    return lower[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` where something known is near, else nothing."""
    near = nearest(word, known)
    return f"; did you mean '{near}'?" if near else ""
