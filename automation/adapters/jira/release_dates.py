"""A version's own release date: written on the version itself, which takes the right to administer its
project.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/#api-rest-api-3-version-id-put
"""

from __future__ import annotations

from urllib.parse import quote

from automation.adapters.errors import Missing, Rejected, unreadable
from automation.adapters.jira import releases
from automation.adapters.jira.connection import Connection
from automation.adapters.jira.releases import Release
from automation.adapters.shapes import Malformed
from automation.model import Subject, Value
from automation.ports import Refused, Unwritten


def read(jira: Connection, id: str) -> Release:
    """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/#api-rest-api-3-version-id-get"""
    try:
        return releases.release(jira.call("GET", _path(id)))
    except Malformed as error:
        raise unreadable(f"Jira: GET {_path(id)}") from error


def write(jira: Connection, subject: Subject, value: Value) -> None:
    """Give a version another date, or none, and nothing else: what is not sent stays as it is. Jira answers
    with the version as it became, and says nowhere when that was."""
    day = value.day.isoformat() if value.day else None
    try:
        answer = jira.call("PUT", _path(subject.id), body={"releaseDate": day}, urgent=True)
    except Rejected as error:
        raise Refused(str(error), _why_not(jira, subject, error)) from error
    try:
        holds = releases.release(answer)
    except Malformed as error:
        raise unreadable(f"Jira: PUT {_path(subject.id)}") from error
    if holds.day != value.day:
        raise Unwritten(f"Jira kept the release date of version {subject.key} as it was", no_right(subject))


def _why_not(jira: Connection, subject: Subject, error: Rejected) -> str:
    """Say to people why a date could not be set. Cloud tells whoever lacks the right that the request is
    wrong (400) or that there is no such version (404), Data Center that it is forbidden (403). What is gone
    has nobody to be told."""
    if isinstance(error, Missing) and _gone(jira, subject):
        return ""
    if "date" in error.said.lower():
        return "Jira did not accept that day for the version."
    return no_right(subject)


def _gone(jira: Connection, subject: Subject) -> bool:
    try:
        read(jira, subject.id)
    except Missing:
        return True
    return False


def no_right(subject: Subject) -> str:
    return (
        f"Handshake's account may not change versions of project {subject.place}. Give it the permission "
        "“Administer Projects” there."
    )


def _path(id: str) -> str:
    return f"version/{quote(id, safe='')}"
