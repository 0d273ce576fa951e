"""What a sign-off was given for, against what is asked for by now: whether product has to be asked again.

A sign-off binds to the scope as it stood when it was given, and not to the one seen last: else what was
agreed to could be changed one small edit at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from automation.domain.scope import ScopeWords, compare, fingerprint, items
from automation.model import Agreed, Edit, Person, ScopeChange, Words

Differs = Callable[[Words, Words], ScopeChange | None]
"""Tells how two states of an issue's words differ in what they ask for, None where they ask for the same."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a sign-off stands to the scope. ``agreed`` is what it binds to from now on; ``differs`` says what
    product is to be asked about, and is None where there is nothing to ask."""

    agreed: Agreed
    differs: ScopeChange | None = None


def differing(scope_words: ScopeWords, less: Callable[[ScopeChange], ScopeChange | None]) -> Differs:
    """Compare by these ``scope_words``; ``less`` takes from a change what is nobody's business."""

    def differs(agreed: Words, now: Words) -> ScopeChange | None:
        if agreed == now:
            return None
        before, after = (items(words.title, words.body, scope_words) for words in (agreed, now))
        if fingerprint(before) == fingerprint(after):
            return None
        change = compare(before, after)
        return less(change) if change else None

    return differs


def weigh(
    agreed: Agreed,
    edits: Sequence[Edit],
    now: Words,
    of_product: Callable[[Person | None], bool],
    differs: Differs,
) -> Standing:
    """Return how a sign-off stands by the ``edits`` of an issue, oldest first, which made its words what they
    are ``now``. ``of_product`` tells whether somebody may answer for the date; whoever is unknown may not.

    Product's own edit confirms itself, but not what others had changed before it. An edit that is undone
    leaves the sign-off as it was.
    """
    stands, before = agreed, agreed.words
    for edit in _since(agreed, edits, differs):
        if edit.words is None:
            return Standing(stands, differs(stands.words, now))  # what came after it builds on the unknown
        if of_product(edit.by) and differs(stands.words, before) is None:
            stands = Agreed(edit.words, edit.at)
        before = edit.words
    return Standing(stands, differs(stands.words, now))


def words_at(at: datetime, edits: Sequence[Edit], seen: Words | None, now: Words) -> Words:
    """Return the words as they stood at a time, by the edits since they were ``seen``. Trackers give times by
    the second; what was edited in that one counts as later."""
    start = at.replace(microsecond=0)
    before = [edit for edit in edits if edit.at < start]
    if len(before) == len(edits):
        return now
    return (before[-1].words if before else None) or seen or now


def _since(agreed: Agreed, edits: Sequence[Edit], differs: Differs) -> Sequence[Edit]:
    """Return the edits that came after what was agreed."""
    start = agreed.at.replace(microsecond=0)
    for index in range(len(edits) - 1, -1, -1):
        edit = edits[index]
        if edit.at < start or (edit.words is not None and differs(agreed.words, edit.words) is None):
            return edits[index + 1 :]
    return edits
