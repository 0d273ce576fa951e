"""How a date stands, in words for operations."""

from __future__ import annotations

from datetime import date

from automation.model import Commitment, FieldState, Status

_HOW = {
    Status.INHERITED: "stood before it was followed, and is promised to nobody",
    Status.PLANNED: "planned by product, and promised to nobody",
    Status.UNSIGNED: "let through, and not agreed",
}


def how_it_stands(known: FieldState, today: date) -> str:
    """Say what stands behind the value of a field, empty where nothing does."""
    if known.override:
        return f"stands without product's yes, by {known.override.by.name}"
    if known.status is Status.OVERRIDDEN:
        return "stands without product's yes, as what carries it was overridden"
    commitment = known.commitment
    if commitment is None:
        return _HOW.get(known.status, "") if known.standing else ""
    agreed = f"agreed by {' and '.join(person.name for person in commitment.signed_by)}"
    doubts = ["another date waits for product"] if commitment.at_risk else []
    if commitment.questioned:
        doubts.append(why_asked_again(commitment, today))
    if not doubts:
        return agreed
    return f"{agreed}, {'in doubt' if commitment.in_doubt else 'to be confirmed'}: {', and '.join(doubts)}"


def why_asked_again(commitment: Commitment, today: date) -> str:
    """Say why product is asked whether an agreed date holds."""
    if commitment.rescoped:
        return "what is to be built has changed"
    passed = commitment.value.day is not None and commitment.value.day < today
    return "its day has passed" if passed else "its day is near"
