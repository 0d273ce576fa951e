"""Which of GitHub's fields carry dates here: the milestone, the date fields of an organisation's issues, and
those of its projects.

https://docs.github.com/en/rest/orgs/issue-fields
https://docs.github.com/en/rest/projects/fields
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from automation.adapters.errors import Missing, unreadable
from automation.adapters.field_names import AGAIN, LONGEST_LABEL, MINUTES, WRITE_ID, Misnamed
from automation.adapters.github.api import Api
from automation.adapters.github.field_ids import column_id, id_of, is_made
from automation.adapters.github.issue_fields import OfIssue
from automation.adapters.github.iterations import OfIteration
from automation.adapters.github.milestones import OfMilestone
from automation.adapters.github.place import segment
from automation.adapters.github.projects import OfProject
from automation.adapters.shapes import Malformed, at, number, text, text_or_empty
from automation.domain.fields import MILESTONE, date_field, folded
from automation.ports import Refused
from automation.ports.recent import Recent
from automation.rulebook.schema import DateName, ProjectDate
from automation.text.markdown import clean

Field = OfMilestone | OfIssue | OfProject
"""One deadline field, with how it is read, written and told of by history."""

DAY, ITERATION = "date", "iteration"
"""The types of fields that hold a day, and one of a project's iterations."""


def just_the_milestone() -> Sequence[DateName]:
    return (MILESTONE.id,)


class DateFields:
    """The deadline fields of each owner's issues. ``named`` gives what the rules call them: ids, or names.
    ``owners`` are all whose repositories the rules name."""

    def __init__(
        self,
        api: Api,
        named: Callable[[], Sequence[DateName]],
        owners: Callable[[], Collection[str]],
        clock: Callable[[], float],
    ) -> None:
        self._api = api
        self._named = named
        self._owners = owners
        self._rows: Recent[str, list[object]] = Recent(MINUTES, clock)
        self.items: Recent[tuple[str, str], str] = Recent(MINUTES, clock)
        """The items of issues on projects, by the issue's key and the project."""
        self._projects: Recent[tuple[str, int], tuple[str, list[object]]] = Recent(MINUTES, clock)

    def of(self, owner: str) -> Mapping[str, Field]:
        """Return an owner's by their ids, in the order of the rules. Raise Misnamed, saying what to do, where
        a name means no date field or several."""
        found = (self._field(name, owner) for name in self._named())
        return _told_apart({field.declared.id: field for field in found if field is not None})

    def wrong(self) -> Mapping[str, str]:
        """Return what is wrong with the names in the rules, by name."""
        found: dict[str, str] = {}
        for owner in self._owners():
            for name in self._named():
                try:
                    self._field(name, owner)
                except Misnamed as error:
                    found.setdefault(str(name), str(error))
        return found

    def _field(self, name: DateName, owner: str) -> Field | None:
        """Return what a name means to an owner: nothing where only another one has such a field."""
        if isinstance(name, ProjectDate):
            return self._column(name, owner)
        if not is_made(name):
            return OfMilestone(self._api)
        days, alike = self._called(name, owner)
        if len(days) > 1:
            several = f"{_whose(owner)} has {len(days)} date fields called “{name}”: {_ids(days)}."
            raise Misnamed(f"{several} {WRITE_ID}", AGAIN)
        if days:
            return _made(self._api, days[0])
        others = {one.lower() for one in self._owners()} - {owner.lower()}
        if not alike and any(self._called(name, other)[0] for other in sorted(others)):
            return None
        raise Misnamed(_unknown(name, owner, alike, self._of(owner)), AGAIN)

    def _column(self, name: ProjectDate, owner: str) -> Field | None:
        """Return what a project's column is: where it shows a field of issues, that field."""
        node, rows = self.project(owner, name.project)
        days, alike = _dated(name.name, rows, name.kind)
        if not rows:
            others = {one.lower() for one in self._owners()} - {owner.lower()}
            if any(self.project(other, name.project)[1] for other in sorted(others)):
                return None
        if len(days) != 1:
            raise Misnamed(_no_column(name, owner, days, alike, rows), AGAIN)
        try:
            shows = number(days[0], "issue_field_id") if at(days[0], "issue_field_id") else None
            column, label = text(days[0], "node_id"), clean(text(days[0], "name"), LONGEST_LABEL)
        except Malformed as error:
            raise unreadable("GitHub: the fields of a project") from error
        if shows is not None:
            return self._field(id_of(shows), owner)
        declared = date_field(column_id(node, column), MILESTONE.system, label)
        declared = replace(declared, untraced=True, carrier=ITERATION if name.kind == ITERATION else "")
        column_of = OfIteration if name.kind == ITERATION else OfProject
        return column_of(self._api, declared, name.project, node, column, self.items)

    def project(self, owner: str, project: int) -> tuple[str, list[object]]:
        """Return a project's node id and its columns; nothing where it is not there, or not for us to see."""
        key = (owner.lower(), project)
        return self._projects.get(key, lambda: self._ask_project(owner, project))

    def _ask_project(self, owner: str, project: int) -> tuple[str, list[object]]:
        """Return a project's node id and its columns; nothing where it is not there, or not for us to see.
        https://docs.github.com/en/rest/projects/fields#list-project-fields-for-organization"""
        path = f"/orgs/{segment(owner)}/projectsV2/{project}"
        try:
            body = self._api.get(path)
            rows = list(self._api.all(f"{path}/fields", {}))
        except Missing:
            return "", []
        except Refused as error:
            may_not = f"GitHub does not let Handshake's account see project {project} of {owner}: {error}."
            raise Misnamed(f"{may_not} {PROJECTS}", AGAIN) from error
        try:
            return text(body, "node_id"), rows
        except Malformed as error:
            raise unreadable(f"GitHub: GET {path}") from error

    def _called(self, name: str, owner: str) -> tuple[list[object], list[object]]:
        """Return an owner's date fields of that id or name, and all that are called so."""
        return _dated(name, self._of(owner))

    def _of(self, owner: str) -> list[object]:
        return self._rows.get(owner.lower(), lambda: self._ask(owner))

    def _ask(self, owner: str) -> list[object]:
        """https://docs.github.com/en/rest/orgs/issue-fields#list-issue-fields-for-an-organization
        A person has none, and nor has a server without the feature: it knows no such address."""
        path = f"/orgs/{segment(owner)}/issue-fields"
        try:
            answer = self._api.get(path)
        except Missing:
            return []
        except Refused as error:
            may_not = f"GitHub does not let Handshake's account see the issue fields of {owner}: {error}."
            raise Misnamed(f"{may_not} {PERMISSION}", AGAIN) from error
        if not isinstance(answer, list):
            raise unreadable(f"GitHub: GET {path}") from Malformed("a list of fields")
        return [row for row in answer if text_or_empty(row, "name")]


PROJECTS = "It takes the organisation's permission “Projects: read and write”."
PERMISSION = "It takes the organisation's permission “Issue fields: read”."


def _made(api: Api, row: object) -> OfIssue:
    try:
        id, node, name = number(row, "id"), text(row, "node_id"), text(row, "name")
    except Malformed as error:
        raise unreadable("GitHub: the issue fields of an organisation") from error
    return OfIssue(api, date_field(id_of(id), MILESTONE.system, clean(name, LONGEST_LABEL)), id, node)


def _unknown(name: str, owner: str, alike: Sequence[object], every: Iterable[object]) -> str:
    about = f"“{name}” under deadline_fields in the rules is no"
    if alike:
        kind = text_or_empty(alike[0], "data_type").replace("_", " ") or "something else"
        return f"{about} date field of {_whose(owner)}: it holds a {kind}."
    days = [row for row in every if text_or_empty(row, "data_type") == DAY]
    there = [f"{clean(text_or_empty(row, 'name'), LONGEST_LABEL)} ({_id(row)})" for row in days]
    seen = f"Date fields there are: {', '.join(there)}." if there else f"It shows none. {PERMISSION}"
    return f"{about} issue field of {_whose(owner)} that Handshake's account can see. {seen}"


def _told_apart(fields: Mapping[str, Field]) -> Mapping[str, Field]:
    """Return fields with the number of the project in the names of columns that are called like another."""
    labels = Counter(folded(field.declared.label) for field in fields.values())
    found = dict(fields)
    for id, field in fields.items():
        if isinstance(field, OfProject) and labels[folded(field.declared.label)] > 1:
            label = f"{field.declared.label} (project {field.number})"
            found[id] = replace(field, declared=replace(field.declared, label=label, aliases=()))
    return found


def _no_column(
    name: ProjectDate, owner: str, days: Sequence[object], alike: Sequence[object], rows: Sequence[object]
) -> str:
    project = f"project {name.project} of {_whose(owner)}"
    if not rows:
        return f"There is no {project} that Handshake's account can see. {PROJECTS}"
    if len(days) > 1:
        ids = ", ".join(text_or_empty(row, "node_id") for row in days)
        there = f"{project.capitalize()} has {len(days)} {name.kind} fields"
        return f"{there} called “{name.name}”: {ids}. {WRITE_ID}"
    about = f"“{name.name}” under deadline_fields in the rules is no"
    if alike:
        kind = text_or_empty(alike[0], "data_type").replace("_", " ") or "something else"
        return f"{about} {name.kind} field of {project}: it holds {_a(kind)}."
    fitting = (row for row in rows if text_or_empty(row, "data_type") == name.kind)
    there = ", ".join(clean(text_or_empty(row, "name"), LONGEST_LABEL) for row in fitting)
    seen = (
        f"{name.kind.capitalize()} fields there are: {there}." if there else f"It has no {name.kind} fields."
    )
    return f"{about} field of {project}. {seen}"


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _dated(name: str, rows: Sequence[object], kind: str = DAY) -> tuple[list[object], list[object]]:
    """Return the fields of that id or name that hold a day, or what ``kind`` says, and all called so."""
    key = folded(name)
    alike = [row for row in rows if key in (_id(row), text_or_empty(row, "node_id").lower())]
    alike = alike or [row for row in rows if _name(row) == key]
    return [row for row in alike if text_or_empty(row, "data_type") == kind], alike


def _whose(owner: str) -> str:
    return f"GitHub's organisation {owner}"


def _id(row: object) -> str:
    try:
        return id_of(number(row, "id"))
    except Malformed:
        return ""


def _name(row: object) -> str:
    return folded(text_or_empty(row, "name"))


def _ids(rows: Iterable[object]) -> str:
    return ", ".join(map(_id, rows))
