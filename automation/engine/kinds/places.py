"""A place, a repository or project: it hands on to all its issues, and to what they stand on, what it
hears; and where it can be written to again, what could not be is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog

from automation.engine.kinds.kind import Pass
from automation.model import Place, Plan, Subject, Trigger
from automation.ports import State
from automation.rulebook.live import LiveRules

log = structlog.get_logger("handshake")

UNARCHIVED = "unarchived"
"""What a trigger says of a place that was archived and is so no longer."""


class Places:
    """Looks at places."""

    def __init__(self, states: State, rules: LiveRules) -> None:
        self._states = states
        self._rules = rules

    def reconcile(self, subject: Subject, triggers: tuple[Trigger, ...], now: datetime) -> Pass:
        rules, place = self._rules.in_force(), Place(self._states.subjects.current(subject))
        heard = [trigger for trigger in triggers if trigger.what != UNARCHIVED]
        if len(heard) < len(triggers):
            log.info("unarchived", place=subject.key, again=self._states.write_again(place.subject))
        theirs = (*self._states.issues_of(subject), *self._states.carriers_of(subject)) if heard else ()
        messages = tuple(replace(trigger, subject=one) for one in theirs for trigger in heard)
        return Pass(place, Plan(place, messages=messages), rules.mode, rules.rulebook.digest)
