"""The fields that people made in Jira and by which they answer: lists of which one is chosen, and texts.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/#api-rest-api-3-field-get
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from automation.adapters.errors import unreadable
from automation.adapters.field_names import LONGEST_LABEL, Misnamed, there_are
from automation.adapters.jira.answers import changed
from automation.adapters.jira.connection import Connection
from automation.adapters.jira.site_fields import SiteFields, Wanted
from automation.adapters.jira.text_fields import TextField, rich
from automation.adapters.shapes import Malformed, at, many, text, text_or_empty
from automation.domain.fields import folded
from automation.model import Choice, Way
from automation.ports import Refused
from automation.text.markdown import clean

MOST = 200
"""As many types of issues, or fields of one, Jira gives at once.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-createmeta-projectidorkey-issuetypes-issuetypeid-get"""

LIST, TEXT = "option", "string"
"""The types of fields of which one of a list is chosen, and that hold a text."""


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """Such a field: ``asked`` is what the rules call it, ``names`` what it is called there by now, for
    comparing. ``words`` reads it where it is a text, and is None where one of a list is chosen."""

    asked: str
    id: str
    label: str
    names: frozenset[str]
    words: TextField | None

    def now(self, issue: object, version: str) -> Choice | None:
        """Return what an issue holds in it; None where its project does not have it."""
        fields = at(issue, "fields")
        if not isinstance(fields, dict) or self.id not in fields:
            return None
        value = self.words.now(issue, version) if self.words else text_or_empty(fields[self.id], "value")
        return Choice(self.asked, value.strip(), self.label)

    def changes(self, history: Sequence[object]) -> Iterator[tuple[object, str, str, bool]]:
        """Yield each entry of a history, newest first, that gave it another value, with what it held before
        and after, and whether it was called then what the rules call it, or they go by its id."""
        for entry, item in changed(history, self.id, self.label):
            called_so = folded(self.asked) == self.id or folded(text_or_empty(item, "field")) in self.names
            yield entry, self._said(item, "from"), self._said(item, "to"), called_so

    def _said(self, item: object, side: str) -> str:
        said = text_or_empty(item, f"{side}String")
        return (self.words.before(said) if self.words else said).strip()


class ChoiceFields:
    """Those of a site by which people may answer: ``ways`` gives what they are to hold, and ``projects`` the
    keys of those whose issues are looked at."""

    def __init__(
        self,
        jira: Connection,
        fields: SiteFields,
        ways: Callable[[], Collection[Way]],
        projects: Callable[[], Collection[str]],
    ) -> None:
        self._jira = jira
        self._fields = fields
        self._ways = ways
        self._projects = projects

    def all(self) -> Sequence[ChoiceField]:
        """Return those that are there. What is misnamed holds up no date: it is no answer."""
        found = []
        for name in {way.field.casefold(): way.field for way in self._ways()}.values():
            try:
                found.append(self.declared(name))
            except (Misnamed, Refused):
                continue
        return found

    def declared(self, name: str) -> ChoiceField:
        """Return the field that the rules call so. Raise Misnamed where none is, or several are."""
        one = self._fields.meant(name, CHOICES)
        id = text(one, "id")
        label = clean(text_or_empty(one, "name"), LONGEST_LABEL) or id
        names = frozenset(folded(text_or_empty(one, key)) for key in ("name", "untranslatedName"))
        words = TextField(id, label, rich(one)) if text_or_empty(one, "schema.type") == TEXT else None
        return ChoiceField(name, id, label, names, words)

    def wrong(self) -> Mapping[str, str]:
        """Return what is wrong with what the rules name, by its title. Whether one of a list is there is
        asked only here: Jira tells it to those who can make issues that have the field."""
        found: dict[str, str] = {}
        lists: dict[str, ChoiceField] = {}
        for way in self._ways():
            try:
                field = self.declared(way.field)
            except Misnamed as error:
                found[way.title] = str(error)
                continue
            if field.words is None:
                lists[way.title] = field
        known = self._options({field.id for field in lists.values()})
        for way in self._ways():
            there = known.get(lists[way.title].id) if way.title in lists else None
            if there and way.name.casefold() not in {one.casefold() for one in there}:
                found[way.title] = f"“{way.name}” is nothing that “{way.field}” can be. {there_are(there)}"
        return found

    def _options(self, ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Return what can be chosen in these fields, by their ids, as far as Jira tells."""
        found: dict[str, dict[str, None]] = {}
        for project in self._projects() if ids else ():
            for kind in self._page(project, "", "issueTypes"):
                for field in self._page(project, f"/{text(kind, 'id')}", "fields"):
                    id, options = text_or_empty(field, "fieldId"), at(field, "allowedValues")
                    if id in ids and isinstance(options, list):
                        names = (text_or_empty(option, "value") for option in options)
                        found.setdefault(id, {}).update(dict.fromkeys(filter(None, names)))
        return {id: tuple(options) for id, options in found.items()}

    def _page(self, project: str, below: str, things: str) -> Sequence[object]:
        """Return what an issue can be made as in a project, or with; nothing where that is not told. Data
        Center calls whatever is on a page its values."""
        path = f"issue/createmeta/{project}/issuetypes{below}"
        try:
            page = self._jira.call("GET", path, {"maxResults": str(MOST)})
        except Refused:
            return ()
        try:
            return many(page, things if at(page, things) is not None else "values")
        except Malformed as error:
            raise unreadable(f"Jira: GET {path}") from error


def _fits(one: object) -> bool:
    return text_or_empty(one, "schema.type") in (LIST, TEXT) and at(one, "custom") is True


def _unfit(one: object) -> str:
    kind = text_or_empty(one, "schema.type") or "something else"
    hint = f"it is a {kind}" if at(one, "custom") is True else "Jira has it by itself"
    return f"list of which one is chosen, nor a text, that people made in Jira: {hint}."


CHOICES = Wanted("list and text", "answers", _fits, _unfit)
