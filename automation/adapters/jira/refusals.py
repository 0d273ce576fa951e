"""Why Jira did not set a date, said to people: which right is missing, and who can give it."""

from __future__ import annotations

from automation.adapters.errors import Rejected
from automation.adapters.jira.answers import project_of
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
        return f"This issue or its project {project_of(subject.key)} is archived, so nobody can change it."
    if field.several and "not valid" in said:
        return (
            f"Its {field.carrier} is archived, or none of project {project_of(subject.key)}'s any more: a "
            "project administrator in Jira can mend that."
        )
    if field.id.lower() in said:
        return no_field(subject, field)
    if error.status in (401, 403, 404) or "permission" in said:
        right = RIGHTS.get(field.id)
        rights = f"permissions “Edit Issues” and “{right}”" if right else "permission “Edit Issues”"
        return (
            f"Handshake's account may not change “{field.label}” here. Give it the {rights} in project "
            f"{project_of(subject.key)}."
        )
    return "Jira did not accept the change."


def no_field(subject: Subject, field: DeadlineField) -> str:
    missing = f"“{field.label}” is not on the edit screen of project {project_of(subject.key)}"
    right = RIGHTS.get(field.id)
    lacks = f", or Handshake's account lacks the permission “{right}” there" if right else ""
    return f"{missing}{lacks}. A Jira administrator can mend that."
