"""The text fields that people made in Jira and that the rules name for what users said.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/#api-rest-api-3-field-get
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from automation.adapters.field_names import Misnamed
from automation.adapters.jira import wiki_text
from automation.adapters.jira.markup import DIALECTS
from automation.adapters.jira.site_fields import SiteFields, Wanted
from automation.adapters.shapes import at, text, text_or_empty
from automation.ports import Refused
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
    """The text fields of a site that are ``named``, by what they say."""

    def __init__(self, fields: SiteFields, named: Callable[[], Mapping[str, str]]) -> None:
        self._fields = fields
        self._named = named

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
        one = self._fields.meant(name, TEXTS)
        return TextField(text(one, "id"), text_or_empty(one, "name"), rich(one))


def rich(one: object) -> bool:
    """Tell whether the text of a field has a layout."""
    return text_or_empty(one, "schema.custom").endswith(RICH)


def _is_text(one: object) -> bool:
    return text_or_empty(one, "schema.type") == "string" and at(one, "custom") is True


def _no_text(one: object) -> str:
    kind = text_or_empty(one, "schema.type") or "something else"
    hint = f"it is a {kind}" if at(one, "custom") is True else "Jira has it by itself"
    return f"text field that people made in Jira: {hint}."


TEXTS = Wanted("text", "discovery", _is_text, _no_text)
