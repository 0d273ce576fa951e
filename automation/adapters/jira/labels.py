"""When labels were put on an issue and taken off it, and who did, read from Jira's history. Pure.

An entry gives all labels before and after a change, each time as one text; a label has no spaces in it.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-changelog-get
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from automation.adapters.jira import answers
from automation.adapters.jira.answers import changed, person
from automation.adapters.shapes import Malformed, instant, text, text_or_empty
from automation.model import Mark, Person

LABELS = "labels"
CREATED = "created"
"""Stands for the entry that a history does not have: of the labels that an issue was made with."""


def marks(
    issue: object, history: Sequence[object], whole: bool, labels: Collection[str], version: str
) -> Iterator[Mark]:
    """Read the history of ``labels`` (in small letters), newest first, as ``history`` comes; ``whole`` says
    whether that goes back to the beginning. Raise Malformed for what is no issue or no history."""
    before = set(answers.labels(issue))
    for entry, item in changed(history, LABELS):
        before, after = _side(item, "from"), _side(item, "to")
        at, by, id = instant(entry, "created"), _by(entry, "author", version), text(entry, "id")
        for name in sorted(before ^ after):
            if name.casefold() in labels:
                yield Mark(id, name, at, by, name in after)
    if whole:
        for name in sorted(before):
            if name.casefold() in labels:
                yield Mark(
                    CREATED, name, instant(issue, "fields.created"), _by(issue, "fields.creator", version)
                )


def puts_on(item: object, labels: Collection[str]) -> bool:
    """Tell whether a change, as a delivery or the history has it, puts one of ``labels`` on."""
    field = text_or_empty(item, "fieldId") or text_or_empty(item, "field")
    if not labels or field.lower() != LABELS:
        return False
    return any(name.casefold() in labels for name in _side(item, "to") - _side(item, "from"))


def _side(item: object, side: str) -> set[str]:
    """Return the labels ``from`` or ``to`` which a change led."""
    return set(text_or_empty(item, f"{side}String").split())


def _by(body: object, path: str, version: str) -> Person | None:
    """Read a person; nobody where an account is gone or anonymous."""
    try:
        return person(body, path, version)
    except Malformed:
        return None
