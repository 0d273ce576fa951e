"""What was written while fewer could read it, and is taken back once strangers can."""

from __future__ import annotations

from collections.abc import Sequence

from automation.domain.words_builder import digest
from automation.model import Effect, Intent, Issue, Redact, Say, SetLabel, ShowDeal

TAKEN_BACK = "public-"
"""Begins the keys of the effects that take something back; the rest follows from what it was."""


def key_for(effect: str) -> str:
    """Return the key of the effect that takes back what ``effect`` did: once, however often it is planned."""
    return f"{TAKEN_BACK}{digest(effect)}"


def take_back(shown: Sequence[tuple[Effect, str]], issue: Issue) -> tuple[Effect, ...]:
    """Return what takes away, from an issue that is public now, what it shows of ours beyond that.
    ``shown`` are the effects that were done there while it was not, and what their receipts say. Pure."""
    found = []
    for effect, receipt in shown:
        intent: Intent
        match effect.intent:
            case Say() if not effect.to_deal and receipt:
                intent = Redact(effect.key, receipt, effect.intent)
            case SetLabel(label=label, present=True) if label in issue.labels:
                intent = SetLabel(label, False)
            case ShowDeal(deal=deal, shown=True) if receipt:
                intent = ShowDeal(deal, False)
            case _:
                continue
        found.append(Effect(key_for(effect.key), effect.issue, effect.target, intent))
    return tuple(found)
