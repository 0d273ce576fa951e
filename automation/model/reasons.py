"""Why something was decided as it was: a tree of what was looked at, and what was seen there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """What a part of a decision came to: ``TRUE``, ``FALSE`` or ``ERROR`` for a part of a condition; for a
    sentence ``YES``, or ``NO`` where it says what stood in the way. ``NOTED`` only says what was done."""

    TRUE = "true"
    FALSE = "false"
    ERROR = "error"
    YES = "yes"
    NO = "no"
    NOTED = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that a decision looked at. ``text`` is said in logs, too, so it names no customer and quotes
    nobody; ``values`` are the (name, value) pairs that were seen, and stay in the database. ``children``
    are what it is made of, or follows from."""

    text: str
    answer: Answer = Answer.NOTED
    values: tuple[tuple[str, str], ...] = ()
    children: tuple[Reason, ...] = ()
