"""Which rules an event sets off, and why the others stayed quiet."""

from __future__ import annotations

from automation.model import Answer, Decision, Event, Outcome, Reason
from automation.rulebook.conditions.expressions import Binding, ConditionError, bind
from automation.rulebook.rulebook import Rule, Rulebook
from automation.rulebook.variables import Conditions

_ANSWERS = {Outcome.FIRED: Answer.YES, Outcome.QUIET: Answer.NO, Outcome.ERROR: Answer.ERROR}


def decide(
    event: Event, seen: Conditions, rulebook: Rulebook, explain: bool = False
) -> list[tuple[Rule, Decision]]:
    """Evaluate every rule that waits for this event, in the order of the files.

    A condition that fails marks its own rule in error, and the others go on: what to do about it is not
    decided here (see ``Action.guards``). The reasons are taken apart where one of the rules does something
    or fails, or with ``explain``: that costs more than the decision itself, and most often nothing happens.
    """
    rules = rulebook.for_event(event.name)
    if not rules:
        return []
    binding = bind(seen)
    found = [(rule, *_outcome(rule, binding)) for rule in rules]
    explain = explain or any(outcome is not Outcome.QUIET for _, outcome, _ in found)
    return [
        (
            rule,
            Decision(rule.name, rule.where, event, outcome, _reasons(rule, outcome, text, binding, explain)),
        )
        for rule, outcome, text in found
    ]


def _outcome(rule: Rule, binding: Binding) -> tuple[Outcome, str]:
    """Return what a rule does, and what is said of its condition."""
    if rule.condition is None:
        return Outcome.FIRED, ""
    try:
        if rule.condition.evaluate(binding):
            return Outcome.FIRED, f"its condition is true: {rule.condition.text}"
    except ConditionError as error:
        return Outcome.ERROR, f"its condition failed: {error}"
    return Outcome.QUIET, f"its condition is false: {rule.condition.text}"


def _reasons(rule: Rule, outcome: Outcome, text: str, binding: Binding, explain: bool) -> tuple[Reason, ...]:
    if rule.condition is None:
        return ()
    parts = (rule.condition.explain(binding),) if explain else ()
    return (Reason(text, _ANSWERS[outcome], children=parts),)
