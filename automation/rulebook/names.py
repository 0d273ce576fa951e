"""The names in the rules that mean something outside, and where they stand: of people, who get rights by
them, and of fields."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from automation.model import Named
from automation.rulebook.diagnostics import Diagnostic
from automation.rulebook.schema import (
    Answers,
    DeadlineFields,
    JiraAnswers,
    JiraField,
    ProjectDate,
    ProjectStatus,
)
from automation.rulebook.yaml.source import Keys, Source

PEOPLE: tuple[tuple[Keys, str, str, str], ...] = (
    (("github_teams",), "github", "team", "GitHub team"),
    (("jira_groups",), "jira", "group", "Jira group"),
    (("jira_roles",), "jira", "role", "Jira role"),
    (("users", "github"), "github", "user", "GitHub account"),
    (("users", "jira"), "jira", "user", "Jira account"),
    (("backup", "github"), "github", "user", "GitHub account"),
    (("backup", "jira"), "jira", "user", "Jira account"),
    (("may_override", "github_teams"), "github", "team", "GitHub team"),
    (("may_override", "jira_groups"), "jira", "group", "Jira group"),
    (("may_override", "jira_roles"), "jira", "role", "Jira role"),
    (("may_override", "users", "github"), "github", "user", "GitHub account"),
    (("may_override", "users", "jira"), "jira", "user", "Jira account"),
)
"""Where a sign-off policy names people: the path below it, the system, the kind, and what that is called."""

LINKERS: tuple[tuple[Keys, str, str, str], ...] = (
    (("jira_groups",), "jira", "group", "Jira group"),
    (("jira_roles",), "jira", "role", "Jira role"),
)
"""The same for ``may_link``."""

FIELD = "field"

WAYS: tuple[tuple[Keys, str, str, str], ...] = tuple(
    (("answers", answer, way), system, FIELD, what)
    for answer in Answers.model_fields
    for way, system, what in (
        ("jira_status", "jira", "status"),
        ("jira_field", "jira", "field"),
        ("github_project", "github", "project status"),
    )
)
"""The same for the statuses and fields by which a policy is answered."""

FIELDS: tuple[tuple[Keys, str, str, str], ...] = tuple(
    ((system,), system, FIELD, "deadline field") for system in DeadlineFields.model_fields
)
"""The same for ``deadline_fields``."""

ANSWERS: tuple[tuple[Keys, str, str, str], ...] = tuple(
    (("jira", word), "jira", FIELD, "text field") for word in JiraAnswers.model_fields
)
"""The same for ``discovery``, where each is one name."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in the rules: ``what`` says of what kind, to people. ``file``, ``line`` and ``column`` say where
    it stands."""

    system: str
    kind: str
    what: str
    name: str
    file: str
    line: int
    column: int

    def named(self, places: Collection[str]) -> tuple[Named, ...]:
        """Return whom it may mean: nobody where it is that of a field, else one, but for a role, which each
        of the places may have."""
        if self.kind == FIELD:
            return ()
        if self.kind != "role":
            return (Named(self.system, self.kind, self.name),)
        return tuple(Named(self.system, self.kind, f"{place}/{self.name}") for place in places)

    def diagnostic(self, message: str) -> Diagnostic:
        return Diagnostic(self.file, self.line, self.column, message)


def mentions(source: Source) -> Iterator[Mention]:
    """Yield the names of one file, in the order of the settings. Values of the wrong kind are left out."""
    policies = source.data.get("sign_off")
    for policy in policies if isinstance(policies, dict) else ():
        yield from _below(source, ("sign_off", policy), (*PEOPLE, *WAYS))
    yield from _below(source, ("may_link",), LINKERS)
    yield from _below(source, ("deadline_fields",), FIELDS)
    yield from _below(source, ("discovery",), ANSWERS)


def _below(source: Source, above: Keys, places: tuple[tuple[Keys, str, str, str], ...]) -> Iterator[Mention]:
    for below, system, kind, what in places:
        path = (*above, *below)
        found = source.given(path)
        several = isinstance(found, list)
        for index, name in enumerate(found if several else (found,)):
            if called := _called(name):
                place = source.value((*path, index) if several else path)
                yield Mention(system, kind, what, called, source.name, place.line, place.column)


def _called(name: object) -> str:
    """Return a name as messages say it; nothing for what can be none."""
    match name:
        case str():
            return name
        case {"project": int(project), "field": str(field)}:
            return str(ProjectDate.model_construct(project=project, field=field))
        case {"project": int(project), "iteration": str(field)}:
            return str(ProjectDate.model_construct(project=project, iteration=field))
        case {"project": int(project), "status": str(status)}:
            return str(ProjectStatus.model_construct(project=project, status=status))
        case {"field": str(field), "value": str(value)}:
            return str(JiraField.model_construct(field=field, value=value))
    return ""
