"""What the stories of answers share: what was agreed, what waits, and what was said."""

from __future__ import annotations

from datetime import date

from tests.end_to_end.conftest import Town


def committed(town: Town) -> date | None:
    """Return the day that is agreed."""
    state, _ = town.worker_app.states.load(town.subject)
    return next((one.value.day for one in state.commitments().values()), None)


def waiting(town: Town) -> list[date | None]:
    """Return the days that wait for product."""
    return [one.value.day for one in town.waiting()]


def said(town: Town, begin: int = 0) -> str:
    """Return what Handshake has written on the issue, from that comment on."""
    return "\n".join(town.on_issue()[begin:])


def look(town: Town, words: str) -> None:
    """Let the issue be looked at, for another reason."""
    town.clock.forward(minutes=5)
    town.edit("lee", title=words)
