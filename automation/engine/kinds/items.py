"""What a delivery names by another id than that of its issue (GitHub: an issue on a project, by its node id):
the issue is asked for, and hears what was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from automation.engine import sight
from automation.engine.kinds.kind import Pass
from automation.engine.whereabouts import away
from automation.model import Place, Plan, Subject, Trigger
from automation.ports import Later, State, Tracker, Unseen
from automation.rulebook.live import LiveRules


class Items:
    """Looks at items."""

    def __init__(self, states: State, trackers: Mapping[str, Tracker], rules: LiveRules) -> None:
        self._states = states
        self._trackers = trackers
        self._rules = rules

    def reconcile(self, subject: Subject, triggers: tuple[Trigger, ...], now: datetime) -> Pass:
        rules, item = self._rules.in_force(), Place(subject)
        try:
            issue = self._trackers[subject.system].issue_of(subject.id)
        except Unseen as error:
            later = _later(triggers, now, str(error))
            return Pass(item, Plan(item), rules.mode, rules.rulebook.digest, later, silent=True)
        places = self._states.subjects.places(subject.system)
        ours = issue is not None and (self._states.knows(issue) or not away(issue, rules.rulebook, places))
        messages = tuple(replace(one, subject=issue) for one in triggers) if issue and ours else ()
        return Pass(item, Plan(item, messages=messages), rules.mode, rules.rulebook.digest, silent=True)


def _later(triggers: tuple[Trigger, ...], now: datetime, why: str) -> tuple[Later, ...]:
    """Return the looks to be taken again: what was made just now may not be readable yet. What is not there
    after a minute is none of ours, as others' are told of, too."""
    young = [trigger for trigger in triggers if sight.age(trigger, now) < sight.PATIENCE]
    if not young:
        return ()
    wait = sight.pause(max(sight.age(trigger, now) for trigger in young))
    again = tuple(replace(one, waited=(one.waited or 0.0) + wait) for one in young)
    return (Later(again, f"not readable yet: {why}", now.timestamp() + wait),)
