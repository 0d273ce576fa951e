"""Who put something, such as a deal, into the words of an issue, and who took it out, by their history. Pure.

Somebody who mends a slip in a text has not written all that stands in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from itertools import groupby
from typing import TypeVar

from automation.model import Evidence, Person, Wording

T = TypeVar("T", bound=Hashable)
Read = Callable[[str, str], Collection[T]]
"""Tells what is found, such as deals that are named: by ``title``, ``body`` or another part, and
its words."""


@dataclass(frozen=True, slots=True)
class Step:
    """How all parts stood once somebody had changed one or several of them: places in their histories."""

    by: Person | None
    at: datetime
    places: tuple[tuple[str, int], ...]


def credits(
    wordings: Mapping[str, Sequence[Wording]],
    put_in: Iterable[T],
    taken_out: Iterable[T],
    read: Read[T],
) -> dict[T, Evidence]:
    """Return who last put in, or took out, each of these. Left out are those of whom it cannot be
    told: the words of that time cannot be read any more, or the account is gone."""

    @cache
    def named(place: tuple[str, int]) -> frozenset[T] | None:
        part, index = place
        words = wordings[part][index].words
        return None if words is None else frozenset(read(part, words))

    def has(deal: T, step: Step) -> bool | None:
        found = [named(place) for place in step.places]
        return True if any(one and deal in one for one in found) else None if None in found else False

    def lacks(deal: T, step: Step) -> bool | None:
        so = has(deal, step)
        return None if so is None else not so

    made = steps(wordings)
    found = {deal: _since(made, partial(has, deal)) for deal in put_in}
    for deal in taken_out:
        gone = _since(made, partial(lacks, deal))
        # What never stood there for anybody to read is not meant by whoever wrote the present words.
        found[deal] = made[0] if gone is not None and gone is made[-1] else gone
    return {deal: Evidence(step.by, step.at) for deal, step in found.items() if step and step.by}


def present(wordings: Mapping[str, Sequence[Wording]], read: Read[T]) -> frozenset[T] | None:
    """Return what is found in the newest words by this history, None where that cannot be told."""
    found: set[T] = set()
    for part, history in wordings.items():
        if not history or history[0].words is None:
            return None
        found |= set(read(part, history[0].words))
    return frozenset(found)


def _since(steps: Sequence[Step], holds: Callable[[Step], bool | None]) -> Step | None:
    """Return the earliest of the newest steps that all hold, None for none or where it cannot be told."""
    last = None
    for step in steps:
        so = holds(step)
        if so is None:
            return None
        if not so:
            break
        last = step
    return last


def steps(wordings: Mapping[str, Sequence[Wording]]) -> list[Step]:
    """Return the changes of all parts in one row, newest first. What one person changed at one time, such
    as a key that went from the title into the body, is one step."""
    changes = [
        (wording, (part, index))
        for part, history in wordings.items()
        for index, wording in reversed(list(enumerate(history)))
    ]
    changes.sort(key=lambda change: change[0].at)
    found: list[Step] = []
    places: dict[str, int] = {}
    for (at, by), together in groupby(changes, key=lambda change: (change[0].at, change[0].by)):
        places |= {part: index for _, (part, index) in together}
        found.append(Step(by, at, tuple(places.items())))
    return found[::-1]
