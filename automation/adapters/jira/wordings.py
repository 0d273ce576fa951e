"""How an issue's summary, description and text fields came to be, read from Jira's history. Pure.

The history has rich text as wiki markup, on Cloud as well.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-changelog-get
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from automation.adapters.jira import wiki_text
from automation.adapters.jira.answers import changed, person_or_none
from automation.adapters.jira.markup import DIALECTS
from automation.adapters.jira.text_fields import TextField
from automation.adapters.shapes import at, instant, text_or_empty
from automation.model import Wording

PARTS = {"title": "summary", "body": "description"}
Read = Callable[[str], str]
"""Makes of what the history has what the words of now are like."""


def read(
    issue: object,
    history: Sequence[object],
    whole: bool,
    version: str,
    answers: Mapping[str, TextField] = MappingProxyType({}),
) -> Mapping[str, Sequence[Wording]]:
    """Read the histories of both, and of ``answers``, the newest words first. ``history`` comes newest first;
    ``whole`` says whether it goes back to the beginning. Raise Malformed for what is no issue or no
    history."""
    history = list(history)

    def worded(present: str, changes: Iterable[tuple[object, object]], before: Read) -> list[Wording]:
        return list(_wordings(present, changes, before, issue, whole, version))

    title, body = (changed(history, PARTS[part]) for part in PARTS)
    description = DIALECTS[version].to_markdown(at(issue, "fields.description"))
    return {
        "title": worded(text_or_empty(issue, "fields.summary"), title, str),
        "body": worded(description, body, wiki_text.to_markdown),
        **{
            word: worded(field.now(issue, version), changed(history, field.id, field.label), field.before)
            for word, field in answers.items()
        },
    }


def _wordings(
    present: str,
    changes: Iterable[tuple[object, object]],
    before: Read,
    issue: object,
    whole: bool,
    version: str,
) -> Iterator[Wording]:
    words: str | None = present
    for entry, item in changes:
        yield Wording(words, person_or_none(entry, "author", version), instant(entry, "created"))
        words = _before(item, before)
    created = person_or_none(issue, "fields.creator", version), instant(issue, "fields.created")
    yield Wording(words if whole else None, *created)


def _before(item: object, read: Read) -> str | None:
    """Return the words before a change; None where they are not said."""
    if not isinstance(item, dict) or "fromString" not in item:
        return None
    said = item["fromString"] or ""
    return read(said) if isinstance(said, str) else None
