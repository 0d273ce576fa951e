"""The values of fields, as the Jira stand-in reads them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from automation.sandbox import adf
from automation.sandbox.jira_field_shapes import option_json
from automation.sandbox.jira_locks import CANNOT_SET
from automation.sandbox.jira_nouns import CustomField, Project
from automation.sandbox.jira_versions import JiraVersions
from automation.sandbox.world import Json, Refusal

LONGEST_LINE = 255
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}")


def read_fields(site: JiraVersions, fields: dict[str, Any], project: Project | None = None) -> dict[str, Any]:
    """Read the values of an edit, each refused as Jira refuses it. ``project``: whose issue it is."""
    read: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "duedate":
            read[name] = _date(value, name)
        elif name == "summary":
            if not isinstance(value, str) or not value.strip() or "\n" in value:
                raise Refusal(400, "You must specify a summary of the issue.", name)
            read[name] = value
        elif name == "description":
            read[name] = _document(value, name)
        elif name == "labels":
            read[name] = labels(value)
        elif name == "fixVersions" and project is not None:
            read["fix_versions"] = tuple(dict.fromkeys(site.assignable(project, one) for one in value or ()))
        elif name in site.fields and project is not None and site.fields[name].on(project):
            read[name] = _custom(site, site.fields[name], value)
        elif name == "assignee":
            read[name] = site.by_account(str(value.get("accountId"))) if value else None
        else:
            raise Refusal(400, CANNOT_SET.format(name), name)
    return read


def _custom(site: JiraVersions, field: CustomField, value: Any) -> Any:
    if value in (None, "") and field.required:
        raise Refusal(400, f"{field.name} is required.", field.id)
    if field.kind == "option":
        return _option(site, field, value)
    return _READ[field.kind](value, field.id)


def _option(site: JiraVersions, field: CustomField, value: Any) -> Json | None:
    """Read what is chosen of a list, by its value or its id.
    https://developer.atlassian.com/server/jira/platform/jira-rest-api-examples/#setting-custom-field-data-for-other-field-types"""
    if value is None:
        return None
    if not isinstance(value, dict) or not {"id", "value"} & value.keys():
        raise Refusal(400, f"Specify a valid 'id' or 'name' for {field.name}", field.id)
    for name, id in field.options.items():
        if value.get("id", id) == id and value.get("value", name) == name:
            return option_json(site, field, name)
    what, named = next((what, value[what]) for what in ("id", "value") if what in value)
    raise Refusal(400, f"Option {what} '{named}' is not valid", field.id)


def _date(value: Any, name: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        raise Refusal(400, f"Error parsing date string: {value}", name) from None


def _instant(value: Any, name: str) -> datetime | None:
    """Read a date with its time as Jira wants it, and no other way: ``2027-03-01T14:30:00.000+0100``.
    https://developer.atlassian.com/cloud/jira/platform/jira-expressions-type-reference/#date"""
    if not value:
        return None
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return datetime.fromisoformat(value).astimezone(UTC)
    raise Refusal(400, f"Error parsing time string: {value}", name)


def _document(value: Any, name: str) -> Any:
    if value is not None and not adf.is_document(value):
        message = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
        raise Refusal(400, message, name)
    return value


def _line(value: Any, name: str) -> str | None:
    """https://support.atlassian.com/jira-cloud-administration/docs/custom-fields-types-in-company-managed-projects/"""
    if value is not None and not isinstance(value, str):
        raise Refusal(400, "Operation value must be a string", name)
    if value and len(value) > LONGEST_LINE:
        message = f"The entered text is too long. It exceeds the allowed limit of {LONGEST_LINE} characters."
        raise Refusal(400, message, name)
    return value


_READ = {"date": _date, "datetime": _instant, "string": _line, "textarea": _document}


def labels(value: Any) -> tuple[str, ...]:
    for label in value or ():
        if not label or " " in label:
            raise Refusal(400, f"The label '{label}' contains spaces which is invalid.", "labels")
    return tuple(value or ())
