"""The text fields that people made in Jira and that the rules name for what users said.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/#api-rest-api-3-field-get
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from automation.adapters.field_names import AGAIN, LONGEST_LABEL, Misnamed, folded
from automation.adapters.jira import wiki_text
from automation.adapters.jira.connection import Connection
from automation.adapters.jira.dates import RENAME, ids, names
from automation.adapters.jira.markup import DIALECTS
from automation.adapters.jira.versions import CLOUD
from automation.adapters.shapes import at, text, text_or_empty
from automation.ports import Refused
from automation.text.markdown import clean
from automation.text.visible import visible

RICH = ":textarea"
"""How the type of a field ends whose text has a layout. Cloud gives it as a document, Data Center as wiki
markup, and the history of both as wiki markup."""


@dataclass(frozen=True, slots=True)
class TextField:
    """A text field: by its id, what people call it, and whether its text has a layout."""

    id: str
    label: str
    rich: bool

    def now(self, issue: object, version: str) -> str:
        """Return what it says, as people read it; a project need not have it."""
        held = at(issue, f"fields.{self.id}")
        if self.rich or isinstance(held, dict):
            return visible(DIALECTS[version].to_markdown(held))
        return held if isinstance(held, str) else ""

    def before(self, said: str) -> str:
        """Return the same of what its history has."""
        return visible(wiki_text.to_markdown(said)) if self.rich else said


def none() -> Mapping[str, str]:
    return {}


class TextFields:
    """The text fields of a site that are ``named``, by what they say; ``every`` gives all that there are."""

    def __init__(
        self,
        jira: Connection,
        named: Callable[[], Mapping[str, str]],
        every: Callable[[], Sequence[object]],
    ) -> None:
        self._jira = jira
        self._named = named
        self._every = every

    def all(self) -> Mapping[str, TextField]:
        """Return those that are there. What is misnamed holds up no date: it says nothing."""
        found: dict[str, TextField] = {}
        for word, name in self._named().items():
            try:
                found[word] = self._declared(name)
            except (Misnamed, Refused):
                continue
        return found

    def wrong(self) -> Mapping[str, str]:
        """Return what is wrong with the names in the rules, by name."""
        found: dict[str, str] = {}
        for name in self._named().values():
            try:
                self._declared(name)
            except Misnamed as error:
                found[name] = str(error)
        return found

    def _declared(self, name: str) -> TextField:
        key, every = folded(name), self._every()
        same_id = [one for one in every if text_or_empty(one, "id").lower() == key]
        alike = same_id or [one for one in every if key in names(one)]
        texts = [one for one in alike if _is_text(one)]
        if len(texts) > 1:
            several = f"Jira has {len(texts)} text fields called “{name}”: {ids(texts)}."
            raise Misnamed(f"{several} Write the id of the one you mean under discovery in the rules.", AGAIN)
        if not texts:
            raise Misnamed(_unknown(name, alike, every), AGAIN)
        [one] = texts
        label = text_or_empty(one, "name")
        twins = [other for other in every if folded(text_or_empty(other, "name")) == folded(label)]
        if self._jira.version != CLOUD and len(twins) > 1:
            raise Misnamed(f"Jira has {len(twins)} fields called “{label}”: {ids(twins)}. {RENAME}", AGAIN)
        return TextField(text(one, "id"), label, text_or_empty(one, "schema.custom").endswith(RICH))


def _unknown(name: str, alike: Sequence[object], every: Iterable[object]) -> str:
    if alike:
        kind = text_or_empty(alike[0], "schema.type") or "something else"
        hint = f"it is a {kind}" if at(alike[0], "custom") is True else "Jira has it by itself"
        return f"“{name}” under discovery in the rules is no text field that people made in Jira: {hint}."
    there = [
        f"{clean(text_or_empty(one, 'name'), LONGEST_LABEL)} ({text(one, 'id')})"
        for one in every
        if _is_text(one)
    ]
    known = f" Text fields there are: {', '.join(there[:10])}." if there else ""
    return (
        f"“{name}” under discovery in the rules is no field of Jira's that Handshake's account can "
        f"see.{known}"
    )


def _is_text(one: object) -> bool:
    return text_or_empty(one, "schema.type") == "string" and at(one, "custom") is True
