"""A carrier, a milestone: its date is re-read, and those that stand on it are told when it has moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from automation.domain import carriers
from automation.engine import sight
from automation.engine.kinds.kind import Pass
from automation.model import Carrier, Plan, Subject, Trigger
from automation.ports import Later, State, Tracker
from automation.rulebook.live import LiveRules


class Carriers:
    """Looks at carriers."""

    def __init__(self, states: State, trackers: Mapping[str, Tracker], rules: LiveRules) -> None:
        self._states = states
        self._trackers = trackers
        self._rules = rules

    def reconcile(self, subject: Subject, triggers: tuple[Trigger, ...], now: datetime) -> Pass:
        subject = self._states.subjects.current(subject)
        rules, before = self._rules.in_force(), self._states.carrier(subject)
        truth = self._trackers[subject.system].carrier(subject)
        unseen = _unseen(truth, triggers, now)
        if unseen:
            plan = Plan(before)
        else:
            plan = carriers.reconcile(before, truth, triggers, self._states.standing_on(subject), now)
        return Pass(before, plan, rules.mode, rules.rulebook.digest, _later(unseen, triggers, now))


def _unseen(truth: Carrier | None, triggers: Sequence[Trigger], now: datetime) -> list[Trigger]:
    """Return the deliveries that tell of more than can be read yet; for a minute, then what can be counts."""
    young = [trigger for trigger in triggers if sight.age(trigger, now) < sight.PATIENCE]
    return [
        trigger
        for trigger in young
        if truth is not None
        and (trigger.what == "gone" or (trigger.updated is not None and truth.at < trigger.updated))
    ]


def _later(unseen: Sequence[Trigger], triggers: Sequence[Trigger], now: datetime) -> tuple[Later, ...]:
    if not unseen:
        return ()
    wait = sight.pause(max(sight.age(trigger, now) for trigger in unseen))
    again = tuple(replace(trigger, waited=(trigger.waited or 0.0) + wait) for trigger in triggers)
    return (Later(again, "not readable yet: the date of what it stands on", now.timestamp() + wait),)
