"""What lies in the projects of the GitHub stand-in: columns, iterations, and what issues hold there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from automation.sandbox.github_nouns import IssueField, Repo, User


@dataclass(eq=False, slots=True)
class Iteration:
    """A stretch of days in an iteration field: ``duration`` days from ``start`` on. It keeps its id, whatever
    days it gets, and when it is over."""

    id: str
    title: str
    start: date
    duration: int

    @property
    def end(self) -> date:
        """The last day of it."""
        return self.start + timedelta(self.duration - 1)


NODES = {"iteration": "PVTIF", "single_select": "PVTSSF"}
"""How the node ids of columns begin, by what they hold; any other with PVTF."""


@dataclass(eq=False, slots=True)
class ProjectField:
    """A column of a project; ``shows`` is the field of issues whose values it shows, if any. What an issue
    holds in one of ``iterations``, or of ``options`` (ids to names), is the id of one."""

    id: int
    name: str
    data_type: str
    shows: IssueField | None = None
    iterations: list[Iteration] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)

    @property
    def node(self) -> str:
        return f"{NODES.get(self.data_type, 'PVTF')}_{self.id}"

    @property
    def is_status(self) -> bool:
        """Tell whether it is the one whose changes are in an issue's history."""
        return self.data_type == "single_select" and self.name == "Status"

    def iteration(self, id: str) -> Iteration | None:
        return next((one for one in self.iterations if one.id == id), None)


@dataclass(eq=False, slots=True)
class ProjectItem:
    """An issue on a project. ``versions`` are what it held, each with when it got it, oldest first."""

    id: int
    repo: Repo
    number: int
    created_at: datetime
    versions: list[tuple[datetime, dict[ProjectField, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.versions.append((self.created_at, {}))

    @property
    def node(self) -> str:
        return f"PVTI_{self.id}"

    @property
    def values(self) -> dict[ProjectField, str]:
        return self.versions[-1][1]

    @property
    def updated_at(self) -> datetime:
        return self.versions[-1][0]

    def put(self, field: ProjectField, value: str | None, at: datetime) -> None:
        others = {one: held for one, held in self.values.items() if one is not field}
        self.versions.append((at, {**others, field: value} if value is not None else others))


@dataclass(eq=False, slots=True)
class Project:
    """A project; ``roles`` are those of who may do less than write."""

    id: int
    number: int
    owner: User
    title: str
    created_at: datetime
    fields: list[ProjectField] = field(default_factory=list)
    items: dict[int, ProjectItem] = field(default_factory=dict)
    roles: dict[User, str | None] = field(default_factory=dict)

    @property
    def node(self) -> str:
        return f"PVT_{self.id}"

    def may(self, user: User, role: str) -> bool:
        """Tell whether ``user`` may ``read`` or ``write``."""
        has = self.roles.get(user, "write")
        return has is not None and role in ("read", has)

    def item_of(self, repo: Repo, n: int) -> ProjectItem | None:
        return next((one for one in self.items.values() if one.repo is repo and one.number == n), None)
