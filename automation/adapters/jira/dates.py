"""Which of Jira's fields carry dates here: the due date, and the date fields that people made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, tzinfo

from automation.adapters.errors import unreadable
from automation.adapters.field_names import AGAIN, LONGEST_LABEL, MINUTES, WRITE_ID, Misnamed, folded
from automation.adapters.jira.connection import Connection
from automation.adapters.jira.versions import CLOUD
from automation.adapters.shapes import Malformed, at, text, text_or_empty
from automation.domain.fields import DUEDATE, FIX_VERSIONS, date_field
from automation.model import DeadlineField
from automation.ports.recent import Recent
from automation.text.markdown import clean

ALWAYS = {
    name.lower(): field
    for field in (DUEDATE, FIX_VERSIONS)
    for name in (field.id, field.label, *field.aliases)
}
"""The fields that every site has, by what the rules may call them. Nobody need be asked for them."""

RIGHTS = {DUEDATE.id: "Schedule Issues"}
"""The permissions that Jira wants for a field beside that of editing issues.
https://support.atlassian.com/jira-cloud-administration/docs/permissions-for-company-managed-projects/"""

DAY, MOMENT = "date", "datetime"
"""The types of the fields that hold a day, and an instant."""


def just_the_due_date() -> Sequence[str]:
    return (DUEDATE.id,)


def utc() -> tzinfo:
    return UTC


class DateFields:
    """The deadline fields of a site. ``named`` gives what the rules call them: ids, or names; ``zone`` that
    in which an instant is a day."""

    def __init__(
        self, jira: Connection, named: Callable[[], Sequence[str]], zone: Callable[[], tzinfo]
    ) -> None:
        self._jira = jira
        self._named = named
        self._zone = zone
        self._fields: Recent[str, list[object]] = Recent(MINUTES, jira.clock)

    def all(self) -> tuple[DeadlineField, ...]:
        """Return their declarations in the order of the rules, each once. Raise Misnamed, saying what to do,
        where a name means no date field or several."""
        found = {field.id: field for field in map(self._declared, self._named())}
        return tuple(found.values())

    def wrong(self) -> Mapping[str, str]:
        """Return what is wrong with the names in the rules, by name."""
        found: dict[str, str] = {}
        for name in self._named():
            try:
                self._declared(name)
            except Misnamed as error:
                found[name] = str(error)
        return found

    def every(self) -> Sequence[object]:
        """Return all fields of the site, as Jira tells of them."""
        return self._fields.get("", self._ask)

    @property
    def zone(self) -> tzinfo:
        return self._zone()

    def by_id(self) -> Mapping[str, DeadlineField]:
        return {field.id: field for field in self.all()}

    def _declared(self, name: str) -> DeadlineField:
        key = folded(name)
        if key in ALWAYS:
            return ALWAYS[key]
        every = self.every()
        same_id = [one for one in every if text_or_empty(one, "id").lower() == key]
        alike = same_id or [one for one in every if key in names(one)]
        days = [one for one in alike if _dated(one)]
        if len(days) > 1:
            several = f"Jira has {len(days)} date fields called “{name}”: {ids(days)}."
            raise Misnamed(f"{several} {WRITE_ID}", AGAIN)
        if not days:
            raise Misnamed(_unknown(name, alike, every), AGAIN)
        return self._single(days[0], every)

    def _single(self, one: object, every: Iterable[object]) -> DeadlineField:
        label = text_or_empty(one, "name")
        twins = [other for other in every if folded(text_or_empty(other, "name")) == folded(label)]
        if self._jira.version != CLOUD and len(twins) > 1:
            # Its history has no ids: what happened to the one could not be told from what did to the other.
            raise Misnamed(f"Jira has {len(twins)} fields called “{label}”: {ids(twins)}. {RENAME}", AGAIN)
        id, moment = text(one, "id"), text_or_empty(one, "schema.type") == MOMENT
        return date_field(id, DUEDATE.system, clean(label, LONGEST_LABEL) or id, moment)

    def _ask(self) -> list[object]:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/#api-rest-api-3-field-get"""
        answer = self._jira.call("GET", "field")
        if not isinstance(answer, list):
            raise unreadable("Jira: GET field") from Malformed("a list of fields")
        return [one for one in answer if at(one, "id")]


RENAME = "Jira Data Center keeps no ids in its history, so give them different names there."


def _unknown(name: str, alike: Sequence[object], every: Iterable[object]) -> str:
    if alike:
        kind = text_or_empty(alike[0], "schema.type") or "something else"
        return f"“{name}” under deadline_fields in the rules is no date field of Jira's: it holds a {kind}."
    days = [one for one in every if _dated(one)]
    there = (f"{clean(text_or_empty(one, 'name'), LONGEST_LABEL)} ({text(one, 'id')})" for one in days[:10])
    return (
        f"“{name}” under deadline_fields in the rules is no field of Jira's that Handshake's account can "
        f"see. Date fields there are: {', '.join(there)}."
    )


def _dated(one: object) -> bool:
    """Tell whether a field holds a date that can be set: what Jira itself notes with a time (``created``)
    cannot."""
    kind = text_or_empty(one, "schema.type")
    return kind == DAY or (kind == MOMENT and at(one, "custom") is True)


def names(one: object) -> set[str]:
    """Return what a field is called: in the account's language, and as it was made."""
    return {folded(text_or_empty(one, key)) for key in ("name", "untranslatedName")} - {""}


def ids(fields: Iterable[object]) -> str:
    return ", ".join(text(one, "id") for one in fields)
