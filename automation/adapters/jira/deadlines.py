"""Deadline fields of Jira, whichever kind each is: what they hold, and what their history tells. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import tzinfo

from automation.adapters.jira import releases, values
from automation.adapters.shapes import Malformed, at
from automation.domain.fields import earliest
from automation.model import NOTHING, DeadlineField, Move, Value


def read(issue: object, fields: Iterable[DeadlineField], zone: tzinfo) -> dict[str, Value]:
    """Read those of the fields that the issue has, by id. A project can hide a field or lack it, and an
    answer that does not speak of it is not one that says none."""
    told = at(issue, "fields")
    return {one.id: _held(issue, one, zone) for one in fields if isinstance(told, dict) and one.id in told}


def moves(
    entries: Iterable[object],
    field: DeadlineField,
    version: str,
    zone: tzinfo,
    present: Value,
    named: Callable[[Collection[str]], releases.Known],
) -> Iterator[Move]:
    """Read the changes of a field, newest first, of an issue that holds ``present`` by now; ``named`` finds
    versions by their ids."""
    if field.several:
        return releases.moves(entries, version, present.carriers() if present else (), named)
    return values.moves(entries, field, version, zone)


def _held(issue: object, field: DeadlineField, zone: tzinfo) -> Value:
    if not field.several:
        return values.held(issue, field, zone)
    found = releases.held(issue)
    if found is None:
        raise Malformed(f"fields.{field.id}")
    return earliest(one.value for one in found.values()) if found else NOTHING
