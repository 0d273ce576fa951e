"""How title and body of an issue came to be what they are, edit by edit, by the tracker's history. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from automation.domain.credits import Step, steps
from automation.model import Edit, Issue, Wording, Words

LATEST = datetime.max.replace(tzinfo=UTC)


def present(issue: Issue) -> Words:
    return Words(issue.title, issue.body)


def edits(wordings: Mapping[str, Sequence[Wording]]) -> tuple[Edit, ...]:
    """Return what each edit left behind, the oldest first."""
    return tuple(Edit(step.by, step.at, _words(wordings, step)) for step in reversed(steps(wordings)))


def up_to_date(found: Sequence[Edit], issue: Issue) -> bool:
    """Tell whether the newest edit is the one that the issue's words come from."""
    newest = found[-1].words if found else None
    return newest is not None and _lines(newest) == _lines(present(issue))


def with_an_unknown_one(found: Sequence[Edit], issue: Issue) -> tuple[Edit, ...]:
    """Add the edit that the present words come from, where the history does not tell of it:
    later than all else, for all we know."""
    return (*found, Edit(None, issue.updated_at or LATEST, present(issue)))


def _words(wordings: Mapping[str, Sequence[Wording]], step: Step) -> Words | None:
    stood = {part: wordings[part][index].words for part, index in step.places}
    title, body = stood.get("title"), stood.get("body")
    return None if title is None or body is None else Words(title, body)


def _lines(words: Words) -> list[str]:
    """Return what two readings of the same words have in common."""
    return [line.rstrip() for line in (words.title, *words.body.rstrip().splitlines())]
