"""What fields look like in Jira's answers.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/
"""

from __future__ import annotations

from automation.sandbox.jira_nouns import CustomField
from automation.sandbox.world import Json

FIELDS = {
    "summary": ("Summary", "string"),
    "description": ("Description", "string"),
    "status": ("Status", "status"),
    "resolution": ("Resolution", "resolution"),
    "fixVersions": ("Fix versions", "array"),
    "duedate": ("Due date", "date"),
    "assignee": ("Assignee", "user"),
    "reporter": ("Reporter", "user"),
    "labels": ("Labels", "array"),
    "project": ("Project", "project"),
    "issuetype": ("Issue Type", "issuetype"),
    "created": ("Created", "datetime"),
    "updated": ("Updated", "datetime"),
    "comment": ("Comment", "comments-page"),
}
"""The fields an issue has here: id to name and type."""


def field_json(id: str) -> Json:
    name, kind = FIELDS[id]
    return {
        "id": id,
        "key": id,
        "name": name,
        "custom": False,
        "orderable": True,
        "navigable": id != "comment",
        "searchable": True,
        "clauseNames": [id],
        "schema": {"type": kind, "system": id, **({"items": "string"} if kind == "array" else {})},
    }


def custom_field_json(field: CustomField) -> Json:
    """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/"""
    kinds = {"date": "datepicker", "datetime": "datetime", "string": "textfield", "textarea": "textarea"}
    return {
        "id": field.id,
        "key": field.id,
        "name": field.name,
        "untranslatedName": field.name,
        "custom": True,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": [f"cf[{field.id.rpartition('_')[2]}]", field.name],
        "schema": {
            "type": "string" if field.kind == "textarea" else field.kind,
            "custom": f"com.atlassian.jira.plugin.system.customfieldtypes:{kinds[field.kind]}",
            "customId": int(field.id.rpartition("_")[2]),
        },
    }
