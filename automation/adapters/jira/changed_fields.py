"""What the changelog of a delivery says was changed, field by field. Pure.

Data Center gives no ids of fields.
https://developer.atlassian.com/cloud/jira/platform/webhooks/#changelog
"""

from __future__ import annotations

import re
from collections.abc import Collection

from automation.adapters.jira.releases import NAMES as VERSIONS
from automation.adapters.shapes import text_or_empty
from automation.domain.fields import DUEDATE, FIX_VERSIONS, folded
from automation.model import FIELD, LABEL, Way, called

DUE = frozenset({DUEDATE.id})

LABELS = "labels"

LINKS = frozenset({"link", "issuelinks"})
"""Fields that link a deal but are not handled so far, by all their names."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?!\d)|\d{1,2}/[^\W\d_]{3,4}\.?/(\d\d|\d{4})(?!\d)")


def is_of(item: object, field: str) -> bool:
    """Tell whether a change is one of the field that the rules call so, or may be: Data Center gives no
    id."""
    unsaid = field.startswith("customfield_") and _custom(item) and not text_or_empty(item, "fieldId")
    return unsaid or field in map(folded, names_of(item))


def is_deadline(item: object, dates: frozenset[str]) -> bool:
    """Tell whether a change is one of a deadline field, or may be: Data Center gives no id, and its custom
    fields may be in the rules by theirs."""
    id, name = (text_or_empty(item, key).lower() for key in ("fieldId", "field"))
    if (id or name) in VERSIONS:
        return FIX_VERSIONS.id.lower() in dates
    ids = frozenset(one for one in dates if one in DUE or one.startswith("customfield_"))
    if id:
        return id in ids or name in dates - ids  # whatever people call it
    return name in dates or (bool(ids - DUE) and _custom(item) and _dated(item))


def _custom(item: object) -> bool:
    names = names_of(item)
    return text_or_empty(item, "fieldtype").lower() == "custom" or any("customfield_" in n for n in names)


def answers_by(item: object, ways: Collection[Way]) -> bool:
    """Tell whether a change, as a delivery has it, puts on a label that answers by one of ``ways``, or gives
    a field what does."""
    if names_of(item)[:1] == [LABELS]:
        came = {called(LABEL, name) for name in labels_of(item, "to") - labels_of(item, "from")}
        return any(way.called in came for way in ways)
    held = text_or_empty(item, "toString").strip().casefold()
    fields = (folded(way.field) for way in ways if way.kind == FIELD and way.name.casefold() == held)
    return any(is_of(item, field) for field in fields)


def labels_of(item: object, side: str) -> set[str]:
    """Return the labels ``from`` or ``to`` which a change led: they are given as one text each time."""
    return set(text_or_empty(item, f"{side}String").split())


def not_yet(items: list[object]) -> str:
    """Say what has changed that may promise a date or link a deal, but is not handled so far."""
    for item in items:
        names = set(names_of(item))
        if names & VERSIONS:
            return "fix versions are not among deadline_fields in the rules: not handled yet"
        if names & LINKS:
            return "links between issues are not handled yet"
        if _custom(item) and _dated(item):
            return "a date field that is not among deadline_fields in the rules is not handled yet"
    return ""


def names_of(item: object) -> list[str]:
    """Return what a changed field is called, its id first; Data Center gives no id."""
    return [name for key in ("fieldId", "field") if (name := text_or_empty(item, key).lower())]


def _dated(item: object) -> bool:
    """Tell whether one side of a change is a day: ``2027-03-01``, ``01/Mar/27``, also with a time."""
    return any(_DAY.match(text_or_empty(item, side)) for side in ("from", "to", "fromString", "toString"))
