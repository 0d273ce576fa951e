"""How the Jira stand-in keeps programs from setting due dates, in a project's own ways.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-put
"""

from __future__ import annotations

from automation.sandbox.world import Json, Refusal

NO_ISSUE = "Issue does not exist or you do not have permission to see it."
NO_EDIT = "You do not have permission to edit issues in this project."
CANNOT_SET = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."

LOCKS = {
    "screen": (400, CANNOT_SET.format("duedate"), "duedate"),
    "schedule": (400, CANNOT_SET.format("duedate"), "duedate"),
    "edit": (403, NO_EDIT, ""),
    "edit 400": (400, NO_EDIT, ""),
    "edit 404": (404, NO_ISSUE, ""),
    "archived": (400, "You cannot edit an issue in an archived project.", ""),
}
"""What is answered where the field is on no edit screen (which Cloud does not look at), where somebody may
not schedule or not edit issues (403, 400 or 404), and in an archived project: status, words and field."""


def unlocked(how: str, data: Json, cloud: bool) -> None:
    """Let an edit through, or raise Refusal: some locks are for due dates only, some for all."""
    if not how or (how == "screen" and cloud):
        return
    asked = (*(data.get("fields") or {}), *(data.get("update") or {}))
    dates = [name for name in asked if name in ("duedate", "fixVersions") or name.startswith("customfield_")]
    if how in ("screen", "schedule"):
        if not dates or (how == "schedule" and "duedate" not in dates):  # that right is for due dates only
            return
        raise Refusal(400, CANNOT_SET.format(dates[0]), dates[0])
    raise Refusal(*LOCKS[how])
