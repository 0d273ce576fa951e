"""What an effect does, in a few words for operations."""

from __future__ import annotations

from automation.domain.fields import spoken_of
from automation.model import Effect, EmptyField, Redact, Say, SetDeadline, SetLabel, ShowDeal


def does(effect: Effect) -> str:
    """Say what would be written, and where."""
    match effect.intent:
        case SetDeadline(field=field, value=value, why=why):
            what = f"{why} {field}: {value.name or 'no date'}"
        case SetLabel(label=label, present=present):
            what = f"{'add' if present else 'remove'} the label {label}"
        case EmptyField(field=field, value=held):
            what = f"empty {field}, if it holds {held}"
        case ShowDeal(deal=deal, shown=shown):
            what = f"{'show' if shown else 'take away'} the link to {deal.key}"
        case Say(message=message):
            what = f"say {message}"
        case Redact(comment=comment):
            what = f"leave in comment {comment} what strangers may read"
    return f"{what}, on {spoken_of(effect.target)}"
