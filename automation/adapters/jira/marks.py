"""When labels were put on an issue and taken off it, and when it was given which status, and who did, read
from Jira's history. Pure.

An entry gives all labels before and after a change, each time as one text; a label has no spaces in it. A
native approval leads to a transition, whose entry names who approved.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-changelog-get
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from automation.adapters.jira import answers
from automation.adapters.jira.answers import changed, person_or_none
from automation.adapters.jira.changed_fields import names_of
from automation.adapters.shapes import instant, text, text_or_empty
from automation.model import LABEL, STATUS, Mark, Way, called

LABELS = "labels"
CREATED = "created"
"""Stands for the entry that a history does not have: of what an issue was made with."""


def marks(
    issue: object, history: Sequence[object], whole: bool, ways: Collection[Way], version: str
) -> list[Mark]:
    """Read the history of the labels and statuses that ``ways`` name, newest first, as ``history`` comes;
    ``whole`` says whether that goes back to the beginning. Raise Malformed for what is no issue or no
    history."""
    named = {way.called for way in ways}
    found = [
        Mark(
            text(entry, "id"),
            name,
            instant(entry, "created"),
            person_or_none(entry, "author", version),
            on,
            kind,
        )
        for entry, kind, name, on in (*_labels(history), *_statuses(history))
        if called(kind, name) in named
    ]
    first = [one for one in _made_with(issue, history) if called(*one) in named]
    if whole and first:
        created = instant(issue, "fields.created"), person_or_none(issue, "fields.creator", version)
        found += [Mark(CREATED, name, *created, kind=kind) for kind, name in first]
    return sorted(found, key=_at, reverse=True)


def _at(mark: Mark) -> datetime:
    return mark.at


def _labels(history: Sequence[object]) -> Iterator[tuple[object, str, str, bool]]:
    """Yield each label that came or went, newest first, with its entry."""
    for entry, item in changed(history, LABELS):
        after = _side(item, "to")
        for name in sorted(_side(item, "from") ^ after):
            yield entry, LABEL, name, name in after


def _statuses(history: Sequence[object]) -> Iterator[tuple[object, str, str, bool]]:
    """Yield each status that was given, newest first, with its entry."""
    for entry, item in changed(history, STATUS):
        yield entry, STATUS, text_or_empty(item, "toString"), True


def _made_with(issue: object, history: Sequence[object]) -> list[tuple[str, str]]:
    """Return what an issue was made with, if this is all of its history."""
    labels, status = set(answers.labels(issue)), text_or_empty(issue, "fields.status.name")
    for _, item in changed(history, LABELS):
        labels = _side(item, "from")
    for _, item in changed(history, STATUS):
        status = text_or_empty(item, "fromString")
    return [*((LABEL, name) for name in sorted(labels)), (STATUS, status)]


def puts_on(item: object, labels: Collection[str]) -> bool:
    """Tell whether a change, as a delivery or the history has it, puts one of ``labels`` on."""
    if not labels or names_of(item)[:1] != [LABELS]:
        return False
    return any(name.casefold() in labels for name in _side(item, "to") - _side(item, "from"))


def _side(item: object, side: str) -> set[str]:
    """Return the labels ``from`` or ``to`` which a change led."""
    return set(text_or_empty(item, f"{side}String").split())
