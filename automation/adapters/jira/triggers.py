"""Read Jira's webhooks: which issue to look at, and who caused it. Pure.

https://developer.atlassian.com/cloud/jira/platform/webhooks/
https://developer.atlassian.com/server/jira/platform/webhooks/
A payload is a hint. It can make us look, it can never make us do more than the truth allows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from automation.adapters.jira import adf_text
from automation.adapters.jira.answers import DUEDATE, person, project_of
from automation.adapters.jira.connection import CLOUD, DATA_CENTER
from automation.adapters.shapes import (
    Malformed,
    at,
    epoch_millis,
    instant_or_none,
    many,
    text,
    text_or_empty,
)
from automation.markdown import clean
from automation.model import Person, Subject, Trigger
from automation.reading import Reading

FOLLOWED = frozenset({DUEDATE, "summary", "description"})
"""The fields whose change makes us look."""

LOOK = frozenset({"jira:issue_created", "jira:issue_updated", "jira:issue_deleted"})
OLD = frozenset({"comment_updated", "comment_deleted", "issue_comment_edited", "issue_comment_deleted"})
"""What happens to a comment later: only words as first written can be a command."""

GONE = frozenset({"comment_deleted", "issue_comment_deleted"})
PARTS = {"summary": "title", "description": "body"}

NOT_YET = ("jira:version_", "issuelink_")
"""Beginnings of the events that move a date or a link on Jira but are not handled so far."""

_COMMAND = re.compile(
    r"(?:^|\\\\)(?:\{color[^}\n]{0,50}\}|[^\S\n]|[*_+])*(?:\\?/[a-z]|handshake\s)",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that may be a command, whatever the words look like; webhooks carry wiki text, also from Cloud.
It never looks beyond its line: else a comment of empty lines would keep the whole process busy."""


def triggers(body: Mapping[str, object], projects: frozenset[str], deals_project: str) -> Reading:
    """Read one delivery. ``projects`` are the keys of the configured ones, ``deals_project`` is the key
    of the one that holds the deals. Never raises for what a body holds."""
    event = text_or_empty(body, "webhookEvent") or text_or_empty(body, "issue_event_type_name")
    if event.startswith("issue_") and event not in OLD:
        event = "jira:issue_created" if event == "issue_created" else "jira:issue_updated"
    if event in OLD and (event not in GONE or at(body, "issue") is None):
        return Reading.ignored("a comment that was changed or removed gives no command")
    if event.startswith(NOT_YET):
        return Reading.unsupported(f"{clean(event, 100)} is not handled yet")
    try:
        if event in LOOK:
            return _of_issue(event, body, projects, deals_project)
        if event == "comment_created" or event in GONE:
            return _of_comment(body, projects, deals_project, "gone" if event in GONE else "comment")
    except Malformed as error:
        return Reading.malformed(f"{event}: {error}")
    if not event:
        return Reading.malformed("webhookEvent is missing or not what it should be")
    return Reading.unsupported(f"events named {clean(event, 100)} are not handled")


def _of_issue(
    event: str, body: Mapping[str, object], projects: frozenset[str], deals_project: str
) -> Reading:
    subject = _subject(body, projects, deals_project)
    if isinstance(subject, Reading):
        return subject
    found = []
    if event == "jira:issue_deleted":
        return Reading.of(Trigger(subject, "gone", _actor(body, "user"), _when(body)))
    if event != "jira:issue_updated" or _followed(body):
        updated = instant_or_none(body, "issue.fields.updated")
        changed = ("title", "body") if event == "jira:issue_created" else _changed(body)
        actor = _actor(body, "user")
        found.append(Trigger(subject, "issue", actor, _when(body), updated=updated, changed=changed))
    # Data Center reports a new comment like this too, alone or together with an edit.
    if at(body, "comment") is not None and text_or_empty(body, "issue_event_type_name") not in OLD:
        found += _commands(body, subject)
    return Reading.of(*found) if found else Reading.ignored("nothing that is followed has changed")


def _of_comment(
    body: Mapping[str, object], projects: frozenset[str], deals_project: str, what: str
) -> Reading:
    if at(body, "issue") is None:
        # Whether it is there is documented nowhere. An issue that is known by its number only would be
        # another subject than the same issue known by its key, so it is said, and not guessed.
        return Reading.unsupported(
            "this comment event does not say of which issue; in Jira's webhook settings, tick "
            "“Issue: updated” as well, which reports new comments together with their issue"
        )
    subject = _subject(body, projects, deals_project)
    if isinstance(subject, Reading):
        return subject
    found = [replace(trigger, what=what) for trigger in _commands(body, subject)]
    return Reading.of(*found) if found else Reading.ignored("a comment without a command")


def _subject(body: Mapping[str, object], projects: frozenset[str], deals_project: str) -> Subject | Reading:
    """Return the issue, or why it is none of ours."""
    key = text(body, "issue.key").upper()
    project = project_of(key)
    if not project:
        raise Malformed("issue.key")
    if project in projects:
        return Subject("jira", "issue", key)
    if project == deals_project:
        return Reading.ignored("about a deal: deals are read when they are needed")
    return Reading.refused(f"{project[:200]} is not among the Jira projects in the rules")


def _followed(body: Mapping[str, object]) -> bool:
    """Tell whether a followed field changed. Where it is not said what changed, we look."""
    if at(body, "changelog") is None:
        # An event that is about a comment says so, and has no changelog.
        return at(body, "comment") is None
    items = many(body, "changelog.items")
    fields = {(text_or_empty(item, "fieldId") or text_or_empty(item, "field")).lower() for item in items}
    return bool(fields & FOLLOWED) or "" in fields


def _changed(body: Mapping[str, object]) -> tuple[str, ...]:
    """Return what the changelog says was changed, of what is followed."""
    items = at(body, "changelog.items")
    names = {
        (text_or_empty(item, "fieldId") or text_or_empty(item, "field")).lower()
        for item in (items if isinstance(items, list) else ())
    }
    return tuple(PARTS.get(name, name) for name in sorted(names & FOLLOWED))


def _commands(body: Mapping[str, object], subject: Subject) -> list[Trigger]:
    """Return a trigger for the comment if a line of it may be a command."""
    written = at(body, "comment.body")
    lines = written if isinstance(written, str) else "\n".join(adf_text.command_lines(written))
    if not _COMMAND.search(lines):
        return []
    comment = text(body, "comment.id")
    return [Trigger(subject, "comment", _actor(body, "comment.author"), _when(body), comment)]


def _actor(body: Mapping[str, object], path: str) -> Person | None:
    """Return who caused the delivery; a hint too, so its absence is no fault."""
    for version in (CLOUD, DATA_CENTER):
        try:
            return person(body, path, version)
        except Malformed:
            continue
    return None


def _when(body: Mapping[str, object]) -> datetime | None:
    """Read the time of an event: milliseconds since 1970."""
    return epoch_millis(body, "timestamp")
