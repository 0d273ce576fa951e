"""What an issue itself says for the checklist of discovery: below the headings that the rules name, such as
the labels of a form, and in fields that they name. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from automation.domain.checklist import PROBLEM, USER
from automation.domain.scope_items import ScopeWords, bare
from automation.model import Filled
from automation.text.markdown import clean
from automation.text.typed_names import LONGEST_CONTACT, LONGEST_PROBLEM, READ
from automation.text.visible import sections

TEXT, FIELD = "text", "field"
"""How it is said: in a section of the body, or in a field of its own."""

_LONGEST = {PROBLEM: LONGEST_PROBLEM, USER: LONGEST_CONTACT}
_BETWEEN = {PROBLEM: " ", USER: ", "}
"""What stands between two lines. Who somebody is, and what they do, is often written on two."""
_NOTHING = frozenset({"na", "none", "nobody", "nothing", "tba", "tbc", "tbd", "todo", "unknown"})
"""What people write where they have nothing to say."""


def filled(body: str, fields: Mapping[str, str], words: ScopeWords) -> tuple[Filled, ...]:
    """Return what an issue says by its ``body``, in Markdown, and by ``fields``, as people read them, each by
    the part of the checklist that it fills in."""
    said = (_said(word, FIELD, text, words) for word, text in fields.items())
    return (*in_body(body, words), *filter(None, said))


def in_body(body: str, words: ScopeWords) -> tuple[Filled, ...]:
    """Return what the sections of a body say, of several for the same the first that says anything."""
    letters, names = bare(body), words.problems | words.users
    if not any(name in letters for name in names):
        return ()
    found: dict[str, Filled] = {}
    for one in _sections(body, words):
        found.setdefault(one.word, one)
    return tuple(found.values())


def in_field(word: str, text: str, words: ScopeWords) -> tuple[Filled, ...]:
    """Return what a field says."""
    said = _said(word, FIELD, text, words)
    return (said,) if said else ()


def _sections(body: str, words: ScopeWords) -> Iterator[Filled]:
    for heading, below in sections(body):
        name = bare(heading)
        word = PROBLEM if name in words.problems else USER if name in words.users else ""
        if word and (said := _said(word, TEXT, below, words)):
            yield said


def _said(word: str, via: str, text: str, words: ScopeWords) -> Filled | None:
    """Return what somebody said, in one line; None for nothing, and for what a form or template wrote."""
    lines = (" ".join(line.split()).strip(",;") for line in text.split("\n"))
    said, wrong = READ[word](clean(_BETWEEN[word].join(filter(None, lines)), _LONGEST[word]))
    letters = bare(said)
    if wrong or letters in words.noise | _NOTHING:
        return None
    return Filled(word, via, hashlib.sha256(letters.encode()).hexdigest()[:32], said)
