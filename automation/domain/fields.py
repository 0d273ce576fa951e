"""Deadline fields: what people call them, how two values differ, and what a first sight means."""

from __future__ import annotations

from automation.model import Change, FieldState, Kind, Status, Value

LABELS = {"milestone": "Milestone", "duedate": "Due date"}
"""What people call the deadline fields."""

SOLE_FIELDS = frozenset(LABELS)
"""Fields that are the only one of their issue, so that a command need not name them."""


def diff(field: str, old: Value, new: Value) -> Change | None:
    """Return how ``new`` differs from ``old``, or None where no date is touched."""
    if old == new or (old.day is None and new.day is None):
        return None
    if old.day is None:
        return Change(field, Kind.SET, old, new)
    if new.day is None:
        return Change(field, Kind.CLEARED, old, new)
    days = (new.day - old.day).days
    kind = Kind.OTHER if days == 0 else Kind.LATER if days > 0 else Kind.EARLIER
    return Change(field, kind, old, new, days)


def inherited(value: Value) -> FieldState:
    """A value that stood before Handshake saw it: kept, and promised to nobody."""
    return FieldState(standing=value, status=Status.INHERITED if value else Status.EMPTY)
