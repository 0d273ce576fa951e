"""Which of Jira's fields carry dates here: the due date, and the date fields that people made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo

from automation.adapters.field_names import LONGEST_LABEL, Misnamed
from automation.adapters.jira.site_fields import SiteFields, Wanted
from automation.adapters.shapes import at, text, text_or_empty
from automation.domain.fields import DUEDATE, FIX_VERSIONS, date_field, folded
from automation.model import DeadlineField
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
        self, fields: SiteFields, named: Callable[[], Sequence[str]], zone: Callable[[], tzinfo]
    ) -> None:
        self._fields = fields
        self._named = named
        self._zone = zone

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

    @property
    def zone(self) -> tzinfo:
        return self._zone()

    def by_id(self) -> Mapping[str, DeadlineField]:
        return {field.id: field for field in self.all()}

    def _declared(self, name: str) -> DeadlineField:
        key = folded(name)
        if key in ALWAYS:
            return ALWAYS[key]
        one = self._fields.meant(name, DATES)
        id, moment = text(one, "id"), text_or_empty(one, "schema.type") == MOMENT
        label = clean(text_or_empty(one, "name"), LONGEST_LABEL)
        return date_field(id, DUEDATE.system, label or id, moment)


def _dated(one: object) -> bool:
    """Tell whether a field holds a date that can be set: what Jira itself notes with a time (``created``)
    cannot."""
    kind = text_or_empty(one, "schema.type")
    return kind == DAY or (kind == MOMENT and at(one, "custom") is True)


def _no_date(one: object) -> str:
    kind = text_or_empty(one, "schema.type") or "something else"
    return f"date field of Jira's: it holds a {kind}."


DATES = Wanted("date", "deadline_fields", _dated, _no_date)
