"""Which rules an event sets off, and why the others stayed quiet."""

from __future__ import annotations

from automation.model import Decision, Event, Outcome
from automation.rulebook.conditions.expressions import ConditionError, bind
from automation.rulebook.rulebook import Rule, Rulebook
from automation.rulebook.variables import Conditions


def decide(event: Event, seen: Conditions, rulebook: Rulebook) -> list[tuple[Rule, Decision]]:
    """Evaluate every rule that waits for this event, in the order of the files.

    A condition that fails marks its own rule in error, and the others go on: what to do about it is not
    decided here (see ``Action.guards``).
    """
    rules = rulebook.for_event(event.name)
    if not rules:
        return []
    binding = bind(seen)
    decided = []
    for rule in rules:
        outcome = Outcome.FIRED
        reasons: tuple[str, ...] = ()
        if rule.condition is not None:
            try:
                if not rule.condition.evaluate(binding):
                    outcome, reasons = Outcome.QUIET, (f"its condition is false: {rule.condition.text}",)
            except ConditionError as error:
                outcome, reasons = Outcome.ERROR, (f"its condition failed: {error}",)
        decided.append((rule, Decision(rule.name, rule.where, event, outcome, reasons)))
    return decided
