"""When labels were put on an issue and taken off it, when it was given which status, and its fields which
values, and who did, read from Jira's history. Pure.

An entry gives all labels before and after a change, each time as one text; a label has no spaces in it. A
native approval leads to a transition, whose entry names who approved.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-changelog-get
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from automation.adapters.jira import answers
from automation.adapters.jira.answers import changed, person_or_none
from automation.adapters.jira.changed_fields import LABELS, labels_of
from automation.adapters.jira.choices import ChoiceField
from automation.adapters.shapes import instant, text, text_or_empty
from automation.model import FIELD, LABEL, STATUS, Called, Mark, Way, called

CREATED = "created"
"""Stands for the entry that a history does not have: of what an issue was made with."""


Step = tuple[object, str, str, bool, str]
"""An entry, with the kind and name of what it set, or with False took away, and the field where it is one."""


def marks(
    issue: object,
    history: Sequence[object],
    whole: bool,
    ways: Collection[Way],
    version: str,
    fields: Collection[ChoiceField] = (),
) -> list[Mark]:
    """Read the history of the labels, statuses and ``fields`` that ``ways`` name, newest first, as
    ``history`` comes; ``whole`` says whether that goes back to the beginning. Raise Malformed for what is no
    issue or no history."""
    named = {way.called for way in ways}
    found = [
        Mark(
            text(entry, "id"),
            name,
            instant(entry, "created"),
            person_or_none(entry, "author", version),
            on,
            kind,
            field,
        )
        for entry, kind, name, on, field in (
            *_labels(history),
            *_statuses(history),
            *_chosen(history, fields),
        )
        if called(kind, name, field) in named
    ]
    first = [one for one in _made_with(issue, history, fields, version) if called(*one) in named]
    if whole and first:
        created = instant(issue, "fields.created"), person_or_none(issue, "fields.creator", version)
        found += [
            Mark(CREATED, name, *created, kind=kind, field=field, made=True) for kind, name, field in first
        ]
    return sorted(found, key=_at, reverse=True)


def _at(mark: Mark) -> datetime:
    return mark.at


def _labels(history: Sequence[object]) -> Iterator[Step]:
    """Yield each label that came or went, newest first, with its entry."""
    for entry, item in changed(history, LABELS):
        after = labels_of(item, "to")
        for name in sorted(labels_of(item, "from") ^ after):
            yield entry, LABEL, name, name in after, ""


def _statuses(history: Sequence[object]) -> Iterator[Step]:
    """Yield each status that was given, newest first, with its entry."""
    for entry, item in changed(history, STATUS):
        yield entry, STATUS, text_or_empty(item, "toString"), True, ""


def _chosen(history: Sequence[object], fields: Collection[ChoiceField]) -> Iterator[Step]:
    """Yield what each field came to hold, and held no longer, newest first, with its entry. What it was given
    while it had another name was not given by this one."""
    for field in fields:
        for entry, before, after, called_so in field.changes(history):
            if before.casefold() == after.casefold():
                continue
            if called_so:
                yield entry, FIELD, after, True, field.asked
            yield entry, FIELD, before, False, field.asked


def _made_with(
    issue: object, history: Sequence[object], fields: Collection[ChoiceField], version: str
) -> list[Called]:
    """Return what an issue was made with, if this is all of its history."""
    labels, status = set(answers.labels(issue)), text_or_empty(issue, "fields.status.name")
    for _, item in changed(history, LABELS):
        labels = labels_of(item, "from")
    for _, item in changed(history, STATUS):
        status = text_or_empty(item, "fromString")
    held = {field.asked: now.value for field in fields if (now := field.now(issue, version))}
    for field in fields:
        for _, before, _, _ in field.changes(history):
            held[field.asked] = before
    chosen = ((FIELD, value, field) for field, value in held.items())
    return [*((LABEL, name, "") for name in sorted(labels)), (STATUS, status, ""), *chosen]
