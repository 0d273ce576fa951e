"""A decision made again, from what was seen and by the rules of that time: no tracker and no CRM is asked."""

from __future__ import annotations

from automation.engine.plan import replay
from automation.model import Decision, Sighting
from automation.rulebook.diagnostics import RulesError
from automation.rulebook.rulebook import load_text


def comes_out_the_same(decision: Decision, seen: Sighting | None) -> bool | None:
    """Tell whether a stored decision is made again by its pass, with the same reasons and effects. None where
    that cannot be told: what was seen was not kept, or this version does not take rules like those."""
    if seen is None:
        return None
    try:
        rulebook = load_text(seen.rules)
    except (RulesError, ValueError):
        return None
    return decision in replay(seen, rulebook).decisions
