"""A cap over all issues: whoever, or whatever rule, would have too many dates set back in an hour is paused.

What is paused is asked for as ever, and waits for product; it is set back, and told, when the pause is over.
Until then nothing is written about it, so that no bulk edit makes a storm of ours. People are asked once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from automation.model import IssueState, Pause, Person

NOBODY = "nobody"
"""Counts for all changes of which it cannot be told who made them."""


def account(actor: Person | None, rule: str) -> tuple[str, str]:
    """Return on whose account a date is set back: whoever changed it, and the rule that holds it."""
    return (f"{actor.system}:{actor.id}" if actor else NOBODY, f"rule: {rule}")


class Pauses:
    """What is paused during one look at an issue."""

    def __init__(self, known: Iterable[Pause]) -> None:
        self._known = {pause.name: pause for pause in known}
        self._held_up = set[str]()

    def of(self, account: Iterable[str]) -> Pause | None:
        """Return why nothing is set back on that account; None where it is."""
        return next((self._known[name] for name in account if name in self._known), None)

    def hold_up(self, state: IssueState, field: str, pause: Pause) -> IssueState:
        """Note that a field goes on holding an unsigned value, and that people know who is paused."""
        self._held_up.add(field)
        self._known[pause.name] = replace(pause, told=True)
        return _with(state, field, True)

    def ended(self, state: IssueState) -> IssueState:
        """Take the note off the fields that are held up no longer."""
        for field, field_state in state.fields.items():
            if field_state.paused and field not in self._held_up:
                state = _with(state, field, False)
        return state


def any_paused(state: IssueState) -> bool:
    """Tell whether a field of the issue holds an unsigned value until a pause is over."""
    return any(field_state.paused for field_state in state.fields.values())


def _with(state: IssueState, field: str, paused: bool) -> IssueState:
    fields = {**state.fields, field: replace(state.fields[field], paused=paused)}
    return replace(state, fields=fields)
