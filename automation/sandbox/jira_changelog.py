"""Changes as the Jira stand-in writes them into an issue's changelog."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from automation.sandbox import adf
from automation.sandbox.jira_nouns import RESOLUTIONS, STATUSES, CustomField, FixVersion, JiraIssue
from automation.sandbox.world import Json


def changed_items(name: str, old: Any, new: Any, releases: Mapping[str, FixVersion]) -> list[Json]:
    """Write a change as the changelog does: each version that came or went is a line of its own."""
    if name != "fix_versions":
        return [_item(name, old, new)]
    came = [_item("fixVersions", None, releases[id]) for id in new if id not in old]
    # What has been deleted meanwhile goes with its id alone.
    return came + [_item("fixVersions", releases.get(id, id), None) for id in old if id not in new]


def _item(name: str, old: Any, new: Any) -> Json:
    """Write a change as the changelog does: a date without and with a time, labels as one text."""
    called = "Fix Version" if name == "fixVersions" else name
    item: Json = {"field": called, "fieldtype": "jira", "fieldId": name}
    for side, value in (("from", old), ("to", new)):
        raw: str | None = None
        if name == "duedate":
            raw, shown = (value.isoformat(), f"{value} 00:00:00.0") if value else (None, None)
        elif name == "labels":
            raw, shown = "", " ".join(value)
        elif name == "status":
            raw, shown = STATUSES[value][0], value
        elif name == "resolution":
            raw, shown = RESOLUTIONS.get(value, "11000") if value else None, value
        elif name == "fixVersions":
            raw, shown = (value.id, value.name) if isinstance(value, FixVersion) else (value, None)
        elif name == "assignee":
            raw, shown = (value.account_id, value.display) if value else (None, None)
        else:
            shown = adf.to_wiki(value) if isinstance(value, dict) else value
        item[side], item[f"{side}String"] = raw, shown
    return item


def held(issue: JiraIssue, name: str) -> Any:
    return issue.custom.get(name) if name.startswith("customfield_") else getattr(issue, name)


def custom_item(field: CustomField, old: Any, new: Any) -> Json:
    """Write a change of a custom field as the changelog does."""
    if field.kind in ("date", "datetime"):
        return _dated_item(field, old, new)
    item: Json = {"field": field.name, "fieldtype": "custom", "fieldId": field.id}
    for side, said in (("from", old), ("to", new)):
        if field.kind == "option":  # what it was called then, and its id; empty texts where it was emptied
            nothing = "" if side == "to" else None
            item[side], item[f"{side}String"] = (said["id"], said["value"]) if said else (nothing, nothing)
            continue
        item[side] = None
        item[f"{side}String"] = adf.to_wiki(said) if isinstance(said, dict) else said or ""
    return item


def _dated_item(field: CustomField, old: date | datetime | None, new: date | datetime | None) -> Json:
    """Write a change of a custom date as the changelog does: by the field's name, shown as its site shows
    dates, and empty texts for nothing on the side where it was cleared. An instant loses its fractions of a
    second, and need not be in the zone in which the API tells it."""
    item: Json = {"field": field.name, "fieldtype": "custom", "fieldId": field.id}
    for side, day in (("from", old), ("to", new)):
        day = day.astimezone(UTC).replace(microsecond=0) if isinstance(day, datetime) else day
        raw = f"{day:%Y-%m-%dT%H:%M:%S%z}" if isinstance(day, datetime) else day and day.isoformat()
        item[side] = raw or ("" if side == "to" else None)
        time = f" {day:%I:%M %p}".replace(" 0", " ") if isinstance(day, datetime) else ""
        item[f"{side}String"] = f"{day.day}/{day:%b/%y}{time}" if day else ""
    return item
