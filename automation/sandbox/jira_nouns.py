"""The things the Jira stand-in knows, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from automation.sandbox import adf
from automation.sandbox.world import Json

Text = str | Json
"""Plain text or an ADF document."""

STATUSES = {
    "To Do": ("10000", "new", 2),
    "In Progress": ("3", "indeterminate", 4),
    "Date agreed": ("10010", "indeterminate", 4),
    "Date declined": ("10011", "indeterminate", 4),
    "Done": ("10001", "done", 3),
}
"""Status name to its id, and its category's key and id."""

RESOLUTIONS = {"Done": "10000", "Won't Do": "10001", "Duplicate": "10002", "Cannot Reproduce": "10003"}
"""The resolutions that Jira comes with: name to id."""

ROLE_IDS = {"Administrators": 10002, "Developers": 10000, "Users": 10001}


@dataclass(frozen=True, slots=True)
class JiraUser:
    """``name`` is the short name tests use, and the username on Data Center, which also has a stable
    ``key``; Cloud knows the account id only."""

    name: str
    account_id: str
    display: str
    email: str

    @property
    def key(self) -> str:
        return f"JIRAUSER{self.account_id[-6:]}"


@dataclass(eq=False, slots=True)
class Group:
    id: str
    name: str
    members: dict[str, JiraUser] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Project:
    """``roles`` holds the people and groups of each role, ``type`` is what the project is for,
    ``browsers`` are the short names of those who may browse it (None: all who sign in), and with
    ``anonymous`` so may everybody else. ``locked`` says how programs are kept from setting due dates, one of
    ``LOCKS``."""

    id: str
    key: str
    name: str
    roles: dict[str, list[JiraUser | Group]] = field(default_factory=dict)
    type: str = "software"
    browsers: frozenset[str] | None = None
    anonymous: bool = False
    locked: str = ""
    hidden_from: set[JiraUser] = field(default_factory=set)
    former_keys: set[str] = field(default_factory=set)
    no_such_version: bool = False


@dataclass(frozen=True, slots=True)
class FixVersion:
    """A version; ``project`` is the id of the one it belongs to. It was as it is here from ``at`` on."""

    id: str
    name: str
    project: str
    release_date: date | None = None
    released: bool = False
    archived: bool = False
    start_date: date | None = None
    at: datetime = field(default=datetime.min.replace(tzinfo=UTC), compare=False)


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field that somebody made: its ``name`` need not be its alone. ``kind`` is what it holds (``date``,
    ``datetime``, ``string`` for a line of text, ``textarea`` for a document, ``option`` for one of a list),
    ``projects`` are the keys of those whose issues have it (None: all). ``options`` are what can be chosen:
    names to ids; one that is ``required`` cannot be emptied."""

    id: str
    name: str
    kind: str = "date"
    projects: frozenset[str] | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    required: bool = False

    def on(self, project: Project) -> bool:
        return self.projects is None or not self.projects.isdisjoint({project.key, *project.former_keys})


@dataclass(frozen=True, slots=True)
class JiraIssue:
    """An issue as it stands now; the next change makes a new one. ``description`` is ADF, ``security``
    are the short names of those whom its security level lets see it (None: it has no level).
    ``resolution`` is the name of one, which a done status need not have, ``fix_versions`` are ids, ``custom``
    is what its custom fields hold, by id."""

    id: str
    key: str
    project: Project
    summary: str
    reporter: JiraUser
    created: datetime
    updated: datetime
    description: Json | None = None
    status: str = "To Do"
    duedate: date | None = None
    assignee: JiraUser | None = None
    labels: tuple[str, ...] = ()
    security: frozenset[str] | None = None
    resolution: str | None = None
    fix_versions: tuple[str, ...] = ()
    custom: Mapping[str, date | datetime | str | Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JiraComment:
    """``body`` is ADF; ``text`` what it says, ``properties`` what programs keep with it, ``visibility``
    the role or group it is for, where it is not for all."""

    id: str
    issue: str
    author: JiraUser
    update_author: JiraUser
    body: Json
    created: datetime
    updated: datetime
    properties: Mapping[str, Any]
    visibility: Json | None = None

    @property
    def text(self) -> str:
        return adf.to_text(self.body)


@dataclass(frozen=True, slots=True)
class Change:
    """A line of an issue's changelog: ``items`` as Jira writes them."""

    id: str
    issue: str
    author: JiraUser
    created: datetime
    items: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class RemoteLink:
    id: int
    issue: str
    global_id: str
    application: Json
    relationship: str | None
    object: Json


def document(text: Text) -> Json:
    return adf.from_text(text) if isinstance(text, str) else text
