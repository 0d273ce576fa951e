"""A deal: it hands on to the issues that are linked to it that something happened to it."""

from __future__ import annotations

from datetime import datetime

from automation.engine.kinds.kind import Pass
from automation.model import DEAL, DealState, Plan, Subject, Trigger
from automation.ports import State
from automation.rulebook.live import LiveRules


class Deals:
    """Looks at deals."""

    def __init__(self, states: State, rules: LiveRules) -> None:
        self._states = states
        self._rules = rules

    def reconcile(self, subject: Subject, triggers: tuple[Trigger, ...], now: datetime) -> Pass:
        rules, deal = self._rules.in_force(), DealState(self._states.subjects.current(subject))
        linked = self._states.linked_to(deal.subject)
        news = (Trigger(issue, DEAL, trigger.actor) for issue in linked for trigger in triggers)
        plan = Plan(deal, messages=tuple(dict.fromkeys(news)))
        return Pass(deal, plan, rules.mode, rules.rulebook.digest)
