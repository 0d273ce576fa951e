"""Why Jira did not set a date, or empty a field, said to people: which right is missing, and who gives it."""

from __future__ import annotations

from automation.adapters.errors import Rejected
from automation.adapters.jira.answers import project_of
from automation.adapters.jira.choices import ChoiceField
from automation.adapters.jira.dates import RIGHTS
from automation.model import DeadlineField, Subject


def why_not(subject: Subject, field: DeadlineField, error: Rejected) -> str:
    """Explain an edit's refusal.

    Jira says of a field that is on no screen what it says where somebody may not schedule issues; of an
    issue that can be seen and not edited it says now 403, now 404, and Data Center 400 with words.
    https://support.atlassian.com/jira-cloud-administration/docs/permissions-for-company-managed-projects/
    """
    said = error.said.lower()
    if "archived" in said:
        return _archived(subject)
    if field.several and "not valid" in said:
        return (
            f"Its {field.carrier} is archived, or none of project {project_of(subject.key)}'s any more: a "
            "project administrator in Jira can mend that."
        )
    if field.id.lower() in said:
        return no_field(subject, field)
    return _may_not(subject, field, error)


def why_not_empty(subject: Subject, field: ChoiceField, error: Rejected) -> str:
    """Explain why a field by which people answer was not emptied."""
    said = error.said.lower()
    if "archived" in said:
        return _archived(subject)
    if "required" in said:
        project = project_of(subject.key)
        return (
            f"“{field.label}” has to hold something in project {project}. A Jira administrator can mend that."
        )
    if field.id.lower() in said:
        return no_field(subject, field)
    return _may_not(subject, field, error)


def _archived(subject: Subject) -> str:
    return f"This issue or its project {project_of(subject.key)} is archived, so nobody can change it."


def _may_not(subject: Subject, field: DeadlineField | ChoiceField, error: Rejected) -> str:
    if error.status in (401, 403, 404) or "permission" in error.said.lower():
        right = RIGHTS.get(field.id)
        rights = f"permissions “Edit Issues” and “{right}”" if right else "permission “Edit Issues”"
        return (
            f"Handshake's account may not change “{field.label}” here. Give it the {rights} in project "
            f"{project_of(subject.key)}."
        )
    return "Jira did not accept the change."


def no_field(subject: Subject, field: DeadlineField | ChoiceField) -> str:
    missing = f"“{field.label}” is not on the edit screen of project {project_of(subject.key)}"
    right = RIGHTS.get(field.id)
    lacks = f", or Handshake's account lacks the permission “{right}” there" if right else ""
    return f"{missing}{lacks}. A Jira administrator can mend that."
