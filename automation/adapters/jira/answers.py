"""Jira's JSON made into nouns. Pure; raises Malformed where a needed value is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

from automation.adapters.jira.versions import CLOUD
from automation.adapters.shapes import (
    EARLIEST,
    Malformed,
    at,
    instant,
    instant_or_none,
    many,
    text,
    text_or_empty,
)
from automation.model import NOTHING, Evidence, Move, Person, Subject, Value

PRIVATE = frozenset({"software", "business", "product_discovery"})
"""Types of projects that are for those who sign in. Customers read along in a service desk, and what
a type means that is not known here cannot be told.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-types/"""

_KEY = re.compile(r"[A-Z][A-Z0-9_]*-[1-9][0-9]{0,17}", re.ASCII)


_DAY = re.compile(r"[+-]?[0-9]{1,9}-[0-9]{1,2}-[0-9]{1,2}", re.ASCII)


_SHOWN = re.compile(r"([0-9]{1,2})/([A-Za-z]{3})/(?:20)?([0-9]{2})", re.ASCII)
"""A day as Jira shows it unless a site says otherwise: ``16/Apr/24``. Of other ways nothing can be told."""


def identified(subject: Subject, body: object) -> Subject:
    """Return the subject with the key that its issue has now, and its id where only a key was known that
    leads to another one."""
    key = text_or_empty(body, "key") or subject.key
    if subject.id == subject.key != key:
        return replace(subject, id=text_or_empty(body, "id") or subject.id, key=key)
    return replace(subject, key=key)


def project_of(key: str) -> str:
    """Return the project's key of an issue's, or nothing for what is no key (``PROD-3``)."""
    return key.rpartition("-")[0] if _KEY.fullmatch(key) else ""


def id_of_people(version: str) -> str:
    """Return the name of the stable id: the account id on Cloud, and the user key on Data Center, where the
    username can change."""
    return "accountId" if version == CLOUD else "key"


def person(body: object, path: str, version: str) -> Person:
    """Read a person."""
    id = text(body, f"{path}.{id_of_people(version)}")
    return Person("jira", id, text_or_empty(body, f"{path}.displayName") or id)


def value(day: date | None) -> Value:
    return Value(day.isoformat(), day, day.isoformat()) if day else NOTHING


def deadlines(issue: object, dates: Iterable[str]) -> dict[str, Value]:
    """Read those of the date fields, by id, that the issue has. A project can hide a field or lack it, and an
    answer that does not speak of it is not one that says none."""
    fields = at(issue, "fields")
    return {id: _held(issue, id) for id in dates if isinstance(fields, dict) and id in fields}


def _held(issue: object, id: str) -> Value:
    promised, written = day(issue, f"fields.{id}"), text_or_empty(issue, f"fields.{id}")
    return value(promised) if promised else Value(written, None, written)


def day(body: object, path: str) -> date | None:
    """Read ``2027-03-01``; a field that is empty or not on the project's screens has none, and nor has one
    with a day that there is not (``12027-03-01``). Raise Malformed for what looks like no day at all."""
    if at(body, path) is None:
        return None
    said = text(body, path)
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        if _DAY.fullmatch(said):
            return None
        raise Malformed(path) from error


def labels(issue: object) -> tuple[str, ...]:
    """Read the labels; a project can hide them."""
    found = at(issue, "fields.labels")
    return tuple(label for label in found if isinstance(label, str)) if isinstance(found, list) else ()


def people(issue: object) -> tuple[str, ...]:
    """Read the names of who wrote the issue and who works on it; a project can hide them."""
    found = (text_or_empty(issue, f"fields.{field}.displayName") for field in ("reporter", "assignee"))
    return tuple(filter(None, found))


def for_customers(issue: object) -> bool:
    """Tell whether customers could read along: a service desk, or what is not known to be none."""
    return text_or_empty(issue, "fields.project.projectTypeKey") not in PRIVATE


def secured(issue: object) -> bool:
    """Tell whether a security level lets fewer people see the issue than may browse its project.

    https://support.atlassian.com/jira-cloud-administration/docs/configure-issue-security-schemes/
    """
    return at(issue, "fields.security") is not None


def restricted(comment: object) -> bool:
    """Tell whether a comment is for a role or a group only. An internal one of a service desk is for as
    many as our own notices there, which are internal, too."""
    return at(comment, "visibility") is not None


# ---------------------------------------------------------------- history


def changed(entries: Iterable[object], field: str, label: str = "") -> Iterator[tuple[object, object]]:
    """Yield the entries of a history that changed ``field``, each with what it says of it.

    ``fieldId`` is missing on Data Center and in some answers of Cloud: a custom field goes by its name there,
    its ``label``.
    https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-changelog-get
    """
    for entry in entries:
        for item in many(entry, "items"):
            id, name = text_or_empty(item, "fieldId").lower(), text_or_empty(item, "field").lower()
            if id == field or (not id and (name == field or (name and name == label.lower()))):
                yield entry, item


def moves(entries: Iterable[object], field: str, version: str, label: str = "") -> Iterator[Move]:
    """Read the changes of a date field; ``entries`` and they come newest first. An entry without a time
    ends the history, as what cannot be read lends nobody its place."""
    for entry, item in changed(entries, field, label):
        try:
            when, id = instant(entry, "created"), text(entry, "id")
        except Malformed:
            return
        by = evidence(entry, version)
        yield Move(id, when, by.actor if by else None, _said(item, "from"), _said(item, "to"))


def evidence(entry: object, version: str) -> Evidence | None:
    """Read who wrote an entry of a history and when; nobody where an account is gone or anonymous."""
    try:
        return Evidence(person(entry, "author", version), instant(entry, "created"))
    except Malformed:
        return None


def _said(item: object, side: str) -> Value | None:
    """Read one side of a change (``2024-04-25``, empty for none), or None where it is not said.

    ``to`` is the date; ``toString`` adds a time to it (``2024-04-25 00:00:00.0``), or is as the site shows
    dates (``16/Apr/24``), which is all that some entries have. So with ``from``.
    """
    if not isinstance(item, dict) or not {side, f"{side}String"} & item.keys():
        return None
    given = (item.get(side), item.get(f"{side}String"))
    if any(one is not None and not isinstance(one, str) for one in given):
        return None
    written = [one for one in given if one]
    days = (_day_of(one) for one in written)
    return next((value(found) for found in days if found), None) if written else NOTHING


def _day_of(written: str) -> date | None:
    shown = _SHOWN.fullmatch(written)
    try:
        if shown:
            return datetime.strptime("/".join(shown.groups()), "%d/%b/%y").date()
        return date.fromisoformat(written.partition(" ")[0])
    except ValueError:
        return None


def newest_first(issue: object) -> list[object]:
    """Return the history that comes with an issue on Data Center, whatever its order was.

    https://developer.atlassian.com/server/jira/platform/rest/v10000/api-group-issue/
    """

    def moment(entry: object) -> tuple[datetime, int, str]:
        id = text(entry, "id")
        # The ids are numbers that grow. What has no time that can be read ends the history: see moves.
        return instant_or_none(entry, "created") or EARLIEST, len(id), id

    return sorted(many(issue, "changelog.histories"), key=moment, reverse=True)
