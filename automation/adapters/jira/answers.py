"""Jira's JSON made into nouns. Pure; raises Malformed where a needed value is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

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
from automation.model import CARRIER, Evidence, Person, Subject

PRIVATE = frozenset({"software", "business", "product_discovery"})
"""Types of projects that are for those who sign in. Customers read along in a service desk, and what
a type means that is not known here cannot be told.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-types/"""

_KEY = re.compile(r"[A-Z][A-Z0-9_]*-[1-9][0-9]{0,17}", re.ASCII)


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


def place_of(subject: Subject) -> str:
    """Return the key of the project that an issue or a version lies in, or nothing where it is no key."""
    return subject.place if subject.kind == CARRIER else project_of(subject.key)


def id_of_people(version: str) -> str:
    """Return the name of the stable id: the account id on Cloud, and the user key on Data Center, where the
    username can change."""
    return "accountId" if version == CLOUD else "key"


def person(body: object, path: str, version: str) -> Person:
    """Read a person."""
    id = text(body, f"{path}.{id_of_people(version)}")
    return Person("jira", id, text_or_empty(body, f"{path}.displayName") or id)


def person_or_none(body: object, path: str, version: str) -> Person | None:
    """Read a person; nobody where an account is gone or anonymous, or is not told of."""
    try:
        return person(body, path, version)
    except Malformed:
        return None


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


def evidence(entry: object, version: str) -> Evidence | None:
    """Read who wrote an entry of a history and when; nobody where an account is gone or anonymous."""
    try:
        return Evidence(person(entry, "author", version), instant(entry, "created"))
    except Malformed:
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
