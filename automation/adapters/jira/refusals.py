"""Why Jira did not set a due date, said to people: which right is missing, and who can give it."""

from __future__ import annotations

from automation.adapters.errors import Rejected
from automation.adapters.jira.answers import DUEDATE, project_of
from automation.model import Subject


def why_not(subject: Subject, error: Rejected) -> str:
    """Explain an edit's refusal.

    Jira says of a field that is on no screen what it says where somebody may not schedule issues; of an
    issue that can be seen and not edited it says now 403, now 404, and Data Center 400 with words.
    https://support.atlassian.com/jira-cloud-administration/docs/permissions-for-company-managed-projects/
    """
    said = error.said.lower()
    if "archived" in said:
        return f"This issue or its project {project_of(subject.key)} is archived, so nobody can change it."
    if DUEDATE in said:
        return no_field(subject)
    if error.status in (401, 403, 404) or "permission" in said:
        return (
            "Handshake's account may not change the due date here. Give it the permissions “Edit Issues” "
            f"and “Schedule Issues” in project {project_of(subject.key)}."
        )
    return "Jira did not accept the change."


def no_field(subject: Subject) -> str:
    return (
        f"“Due date” is not on the edit screen of project {project_of(subject.key)}, or Handshake's account "
        "lacks the permission “Schedule Issues” there. A Jira administrator can mend that."
    )
