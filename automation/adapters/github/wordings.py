"""How an issue's title and body came to be, read from GitHub's history of edits. Pure.

https://docs.github.com/en/graphql/reference/objects#issue
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from automation.adapters.github.actors import PERSON, actor
from automation.adapters.shapes import at, instant, many, text, text_or_empty
from automation.model import Wording

EDITS = """
fragment edits on Issue {
  includesCreatedEdit
  userContentEdits(first: 100) { totalCount nodes { editedAt diff editor { ...person } } }
  titles: timelineItems(last: 100, itemTypes: [RENAMED_TITLE_EVENT]) {
    totalCount
    nodes { ... on RenamedTitleEvent { createdAt previousTitle currentTitle actor { ...person } } }
  }
}"""
"""Both histories, beside the words of now; ``person`` is a fragment of whoever asks."""
WORDINGS = f"""
query($owner: String!, $name: String!, $number: Int!) {{
  repository(owner: $owner, name: $name) {{ issue(number: $number) {{
    title body createdAt lastEditedAt
    author {{ ...person }}
    ...edits
  }} }}
}}{EDITS}{PERSON}"""


def wordings(issue: object) -> Mapping[str, Sequence[Wording]]:
    """Read both histories, the newest words first. Raise Malformed where the issue is not there."""
    return {"title": list(_titles(issue)), "body": list(_bodies(issue))}


def _titles(issue: object) -> Iterator[Wording]:
    title, renamed = text(issue, "title"), many(issue, "titles.nodes")
    for event in sorted(renamed, key=lambda event: instant(event, "createdAt"), reverse=True):
        yield Wording(title, actor(event, "actor"), instant(event, "createdAt"))
        title = text_or_empty(event, "previousTitle")
    whole = at(issue, "titles.totalCount") == len(renamed)
    yield _first(issue, title if whole else None)


def _bodies(issue: object) -> Iterator[Wording]:
    """The first edit makes two entries: one for the text as it was written, and one for the edit."""
    edits = many(issue, "userContentEdits.nodes")
    body = text_or_empty(issue, "body")
    edits.sort(key=lambda edit: instant(edit, "editedAt"), reverse=True)
    for index, edit in enumerate(edits):
        said = at(edit, "diff")
        if index == 0 and isinstance(said, str) and _lines(said) != _lines(body):
            break  # of another moment than the body, or no whole text: neither tells who wrote what
        words = body if index == 0 else said if isinstance(said, str) else None
        yield Wording(words, actor(edit, "editor"), instant(edit, "editedAt"))
    else:
        if edits and at(issue, "includesCreatedEdit") is True:
            if at(issue, "userContentEdits.totalCount") == len(edits):
                return
        elif not edits and at(issue, "lastEditedAt") is None:
            yield _first(issue, body)
            return
    yield _first(issue, None)


def _first(issue: object, words: str | None) -> Wording:
    return Wording(words, actor(issue, "author"), instant(issue, "createdAt"))


def _lines(words: str) -> list[str]:
    return words.rstrip().splitlines()
