"""Deadline fields: the register of those we know, how two values differ, and what a first sight means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from automation.model import (
    CARRIER,
    NOTHING,
    Change,
    DeadlineField,
    FieldState,
    Issue,
    IssueState,
    Kind,
    Status,
    Subject,
    Value,
)

REGISTERED: dict[str, DeadlineField] = {}
"""The fields that are the same wherever their system is used, by id. Those that people make for themselves
(Jira's custom fields) are declared by the adapter that finds them: see ``date_field``."""


def folded(name: str) -> str:
    """Return a field's name as it is compared: without regard to case and spaces."""
    return " ".join(name.split()).lower()


def register(field: DeadlineField) -> DeadlineField:
    """Make a field known. All that names it, from commands to the reference, comes from its declaration; how
    it is read and written lies with its adapter."""
    REGISTERED[field.id] = field
    return field


MILESTONE = register(
    DeadlineField("milestone", "github", "Milestone", plain="Planned date", carrier="milestone")
)
DUE_ON = register(DeadlineField("due_on", "github", "Milestone date", plain="Planned date", own=True))
DUEDATE = register(DeadlineField("duedate", "jira", "Due date"))
FIX_VERSIONS = register(
    DeadlineField(
        "fixVersions",
        "jira",
        "Fix version",
        plain="Planned date",
        aliases=("Fix versions",),
        carrier="version",
        several=True,
    )
)
RELEASE_DATE = register(DeadlineField("releaseDate", "jira", "Release date", plain="Planned date", own=True))

SHORTEST_ALIAS = 4
"""Characters of the shortest name that stands for a field without its last word (“Go-live” for “Go-live
date”): a reason may begin with a shorter one."""


def date_field(id: str, system: str, label: str, moment: bool = False) -> DeadlineField:
    """Declare a field that somebody made for themselves: it holds a plain day, or a ``moment``."""
    short, _, last = " ".join(label.split()).rpartition(" ")
    fits = last.lower() in ("date", "day") and len(short) >= SHORTEST_ALIAS
    return DeadlineField(id, system, label, aliases=(short,) if fits else (), moment=moment)


def declared(id: str, system: str, label: str = "") -> DeadlineField:
    """Return the declaration of a field of which no more is known than this."""
    return REGISTERED.get(id) or date_field(id, system, label or id)


def fields_of(issue: Issue) -> tuple[DeadlineField, ...]:
    """Return the declarations of all deadline fields that an issue has."""
    given = {field.id: field for field in issue.fields}
    return tuple(given.get(id) or declared(id, issue.subject.system) for id in issue.deadlines)


def fields_seen(state: IssueState) -> tuple[DeadlineField, ...]:
    """Return the declarations of the deadline fields that an issue was seen to have."""
    system = state.subject.system
    return tuple(declared(id, system, field_state.label) for id, field_state in state.fields.items())


def fields_known(state: IssueState, issue: Issue) -> tuple[DeadlineField, ...]:
    """Return the deadline fields of an issue, and those that it had: an answer may still be about one."""
    return (*fields_of(issue), *(field for field in fields_seen(state) if field.id not in issue.deadlines))


def carried_by(system: str) -> DeadlineField:
    """Return the field that is a carrier's own date, in a system that has carriers."""
    return next(field for field in REGISTERED.values() if field.system == system and field.own)


def spoken_of(subject: Subject) -> str:
    """Return what lists and logs call a subject: a carrier's key could be taken for an issue's."""
    if subject.kind != CARRIER:
        return subject.key
    noun = next((one.carrier for one in of_issues(subject.system) if one.carrier), CARRIER)
    return f"{subject.place} {noun} {subject.key.removeprefix(subject.place).lstrip('#-')}"


def of_issues(system: str) -> tuple[DeadlineField, ...]:
    """Return the registered fields that an issue of a system has."""
    return tuple(field for field in REGISTERED.values() if field.system == system and not field.own)


def by_id(fields: Iterable[DeadlineField]) -> Mapping[str, DeadlineField]:
    return {field.id: field for field in fields}


def diff(field: str, old: Value, new: Value) -> Change | None:
    """Return how ``new`` differs from ``old``, or None where no date is touched."""
    if old.promises(new) or (old.day is None and new.day is None):
        return None
    if old.day is None:
        return Change(field, Kind.SET, old, new)
    if new.day is None:
        return Change(field, Kind.CLEARED, old, new)
    days = (new.day - old.day).days
    kind = Kind.OTHER if days == 0 else Kind.LATER if days > 0 else Kind.EARLIER
    return Change(field, kind, old, new, days)


def earliest(values: Iterable[Value]) -> Value:
    """Join what several carriers hold, each a value of its own: the earliest day is promised."""
    every = sorted(values, key=lambda value: (len(value.ref), value.ref))
    if not every:
        return NOTHING
    first = min(every, key=lambda value: value.day or date.max)
    return replace(first, ref=",".join(value.ref for value in every))


def inherited(value: Value) -> FieldState:
    """A value that stood before Handshake saw it: kept, and promised to nobody."""
    return FieldState(standing=value, status=Status.INHERITED if value else Status.EMPTY)
