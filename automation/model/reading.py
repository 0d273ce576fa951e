"""What an adapter made of a delivery: triggers, or one of four different reasons for none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from automation.model import Carrier, Located, Trigger


class Answer(StrEnum):
    """``IGNORED``: understood, and nothing to do. ``UNSUPPORTED``: might matter, but is not handled.
    ``MALFORMED``: not of the shape its source documents. ``REFUSED``: about a place that is not
    configured here."""

    TRIGGERS = "triggers"
    IGNORED = "ignored"
    UNSUPPORTED = "unsupported"
    MALFORMED = "malformed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reading:
    """A delivery, read. ``reason`` says, for people, why there are no triggers. One that is ``REFUSED`` may
    have some all the same: they count only for what is known already, and was elsewhere so far. ``place`` is
    where it happened, where that is said.
    ``events`` are those of a delivery that tells of several: the id of each (empty where it has none) with
    the triggers of its own."""

    answer: Answer
    triggers: tuple[Trigger, ...] = ()
    reason: str = ""
    events: tuple[tuple[str, tuple[Trigger, ...]], ...] = ()
    place: Located | None = field(default=None, compare=False)

    @classmethod
    def of(cls, *triggers: Trigger) -> Reading:
        return cls(Answer.TRIGGERS, triggers)

    @classmethod
    def ignored(cls, reason: str) -> Reading:
        return cls(Answer.IGNORED, reason=reason)

    @classmethod
    def unsupported(cls, reason: str) -> Reading:
        return cls(Answer.UNSUPPORTED, reason=reason)

    @classmethod
    def malformed(cls, reason: str) -> Reading:
        return cls(Answer.MALFORMED, reason=reason)

    @classmethod
    def refused(cls, reason: str, *known: Trigger) -> Reading:
        return cls(Answer.REFUSED, known, reason)

    @classmethod
    def batch(cls, readings: Iterable[tuple[str, Reading]]) -> Reading:
        """Return what a list of events comes to: each with its id, so that one that came before, in another
        delivery, is left out. One that cannot be read does not stop the others."""
        every = tuple(readings)
        events = tuple((id, one.triggers) for id, one in every if one.triggers)
        reasons = "; ".join(dict.fromkeys(one.reason for _, one in every if one.reason))
        if events:
            return cls(Answer.TRIGGERS, reason=reasons, events=events)
        # The worst of them is what people should hear of.
        answers = {one.answer for _, one in every}
        return cls(next((one for one in WORST if one in answers), Answer.IGNORED), reason=reasons)


WORST = (Answer.MALFORMED, Answer.REFUSED, Answer.UNSUPPORTED)

Reader = Callable[[str, Any], Reading]
"""Reads a source's payload: (event name, body) to triggers, or why there are none. Pure."""

CarrierReader = tuple[str, Callable[[Mapping[str, object]], Carrier | None]]
"""The name of the deliveries that tell of a system's carriers, and what reads them. Pure."""
