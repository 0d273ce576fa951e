"""A place, a repository or project: it hands on to all its issues, and to what they stand on, what it
hears."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from automation.engine.kinds.kind import Pass
from automation.model import Place, Plan, Subject, Trigger
from automation.ports import State
from automation.rulebook.live import LiveRules


class Places:
    """Looks at places."""

    def __init__(self, states: State, rules: LiveRules) -> None:
        self._states = states
        self._rules = rules

    def reconcile(self, subject: Subject, triggers: tuple[Trigger, ...], now: datetime) -> Pass:
        rules, place = self._rules.in_force(), Place(self._states.subjects.current(subject))
        theirs = (*self._states.issues_of(subject), *self._states.carriers_of(subject))
        messages = tuple(replace(trigger, subject=one) for one in theirs for trigger in triggers)
        return Pass(place, Plan(place, messages=messages), rules.mode, rules.rulebook.digest)
