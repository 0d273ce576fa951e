"""Why nothing was decided: what it takes could not be asked."""

from __future__ import annotations

from datetime import datetime

from automation.model import Answer, Decision, Event, Outcome, Reason, Trigger


def unread(triggers: tuple[Trigger, ...], answer: str, now: datetime) -> Decision:
    """Say that nothing was decided, as what it takes could not be asked, and what was waiting for it."""
    waiting = tuple(
        Reason(f"it was to look at comment {trigger.comment}", values=(("comment", trigger.comment),))
        for trigger in triggers
        if trigger.comment
    )
    why = Reason(
        "nothing was decided, as what it takes could not be asked",
        Answer.ERROR,
        (("error", answer),),
        waiting,
    )
    return Decision("what has to be seen", "", Event("reconcile", now), Outcome.ERROR, (why,))
