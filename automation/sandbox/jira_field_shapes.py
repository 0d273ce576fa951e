"""What fields look like in Jira's answers.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/
"""

from __future__ import annotations

from automation.sandbox.jira_nouns import CustomField
from automation.sandbox.jira_state import JiraState
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


TYPES = {
    "date": "datepicker",
    "datetime": "datetime",
    "string": "textfield",
    "textarea": "textarea",
    "option": "select",
}
"""What Jira calls the kinds of custom fields."""


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
        "schema": _schema(field),
    }


def creating_json(site: JiraState, field: CustomField) -> Json:
    """Write a custom field as what an issue can be made with; of a list, with all that can be chosen.
    https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-createmeta-projectidorkey-issuetypes-issuetypeid-get"""
    shape: Json = {
        "required": field.required,
        "schema": _schema(field),
        "name": field.name,
        "key": field.id,
        "fieldId": field.id,
        "hasDefaultValue": False,
        "operations": ["set"],
    }
    if field.options:
        shape["allowedValues"] = [option_json(site, field, name) for name in field.options]
    return shape


def option_json(site: JiraState, field: CustomField, name: str) -> Json:
    """Write one of a list. https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-custom-field-options/"""
    id = field.options[name]
    return {"self": f"{site.url}/rest/api/3/customFieldOption/{id}", "value": name, "id": id}


def _schema(field: CustomField) -> Json:
    return {
        "type": "string" if field.kind == "textarea" else field.kind,
        "custom": f"com.atlassian.jira.plugin.system.customfieldtypes:{TYPES[field.kind]}",
        "customId": int(field.id.rpartition("_")[2]),
    }
