"""What an adapter made of a delivery: triggers, or one of four different reasons for none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from automation.model import Trigger


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
    """A delivery, read. ``reason`` says, for people, why there are no triggers."""

    answer: Answer
    triggers: tuple[Trigger, ...] = ()
    reason: str = ""

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
    def refused(cls, reason: str) -> Reading:
        return cls(Answer.REFUSED, reason=reason)
