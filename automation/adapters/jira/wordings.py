"""How an issue's summary and description came to be, read from Jira's history. Pure.

The history has rich text as wiki markup, on Cloud as well.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-changelog-get
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from automation.adapters.jira import wiki_text
from automation.adapters.jira.answers import changed, person
from automation.adapters.jira.markup import DIALECTS
from automation.adapters.shapes import Malformed, at, instant, text_or_empty
from automation.model import Person, Wording

PARTS = {"title": "summary", "body": "description"}


def read(
    issue: object, history: Sequence[object], whole: bool, version: str
) -> Mapping[str, Sequence[Wording]]:
    """Read both histories, the newest words first. ``history`` comes newest first; ``whole`` says whether
    it goes back to the beginning. Raise Malformed for what is no issue or no history."""
    present = {
        "title": text_or_empty(issue, "fields.summary"),
        "body": DIALECTS[version].to_markdown(at(issue, "fields.description")),
    }
    return {part: list(_part(part, words, issue, history, whole, version)) for part, words in present.items()}


def _part(
    part: str, present: str, issue: object, history: Sequence[object], whole: bool, version: str
) -> Iterator[Wording]:
    words: str | None = present
    for entry, item in changed(history, PARTS[part]):
        yield Wording(words, _by(entry, "author", version), instant(entry, "created"))
        words = _before(part, item)
    created = _by(issue, "fields.creator", version), instant(issue, "fields.created")
    yield Wording(words if whole else None, *created)


def _before(part: str, item: object) -> str | None:
    """Return the words before a change; None where they are not said."""
    if not isinstance(item, dict) or "fromString" not in item:
        return None
    said = item["fromString"] or ""
    if not isinstance(said, str):
        return None
    return said if part == "title" else wiki_text.to_markdown(said)


def _by(body: object, path: str, version: str) -> Person | None:
    """Read a person; nobody where an account is gone or anonymous."""
    try:
        return person(body, path, version)
    except Malformed:
        return None
