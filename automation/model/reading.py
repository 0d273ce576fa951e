"""What an adapter made of a delivery: triggers, or one of four different reasons for none."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from automation.model import Located, Trigger


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
    where it happened, where that is said."""

    answer: Answer
    triggers: tuple[Trigger, ...] = ()
    reason: str = ""
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
