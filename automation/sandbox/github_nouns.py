"""What lies in the GitHub stand-in: people, teams, repositories, issues and their history."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from zoneinfo import ZoneInfo

ROLES = ("read", "triage", "write", "maintain", "admin")
"""Repository roles, each with the rights of those before it.
https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization"""

_PACIFIC = ZoneInfo("America/Los_Angeles")


def due_on(day: date) -> datetime:
    """Return what GitHub answers for a milestone due on ``day``: midnight Pacific, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=_PACIFIC).astimezone(UTC)


def floored(moment: datetime) -> datetime:
    """Return ``moment`` as GitHub keeps it: the midnight, Pacific time, before it."""
    return due_on(moment.astimezone(_PACIFIC).date())


@dataclass(eq=False, slots=True)
class User:
    """A person, a bot or an organisation. Only the id is for ever; ``name`` is empty where they gave none."""

    id: int
    login: str
    name: str
    type: str
    created_at: datetime


@dataclass(eq=False, slots=True)
class Team:
    """``members`` are ``active`` or ``pending``."""

    id: int
    org: User
    slug: str
    members: dict[User, str] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Milestone:
    """A milestone keeps its own date, whatever stands on it. ``dues`` are the dates it had, each with when it
    got it, oldest first: of these the history of an issue shows nothing."""

    id: int
    number: int
    title: str
    creator: User
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    due_on: datetime | None = None
    state: str = "open"
    closed_at: datetime | None = None
    dues: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dues.append((self.created_at, self.due_on))


@dataclass(eq=False, slots=True)
class IssueField:
    """A field that an organisation made for its issues; its id is never given again, its name can be."""

    id: int
    name: str
    data_type: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FieldValue:
    """What an issue holds in a field; a date as ``YYYY-MM-DD``."""

    id: int
    field: IssueField
    value: str | float


@dataclass(frozen=True, slots=True)
class Label:
    """``updated_at`` is when it was made, or last given another name."""

    id: int
    name: str
    created_at: datetime
    updated_at: datetime
    color: str = "ededed"


@dataclass(frozen=True, slots=True)
class Edit:
    """A revision of a body: all of its text, None where somebody took it out of the history."""

    id: int
    at: datetime
    editor: User
    text: str | None


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it stands now; the next change makes a new one. ``reason`` is why it was closed, or
    ``reopened``. ``edited_at`` is when ``editor``
    last changed its body, None where that stands as first written; ``edits`` are its revisions, oldest
    first, none before the first change."""

    id: int
    number: int
    title: str
    body: str
    author: User
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    reason: str | None = None
    closed_at: datetime | None = None
    milestone: Milestone | None = None
    labels: tuple[str, ...] = ()
    values: tuple[FieldValue, ...] = ()
    edited_at: datetime | None = None
    editor: User | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Comment:
    """``edited_at`` is when its text was last changed, None where it stands as first written."""

    id: int
    issue: int
    author: User
    body: str
    created_at: datetime
    updated_at: datetime
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssueEvent:
    """A line of an issue's history; ``name`` is the title of the milestone or the label's name, and
    ``label`` its id; ``before`` and ``after`` are what ``field`` held, as text. ``project`` is
    the node id of the one on which it got another status, ``automated`` whether a workflow of that did it."""

    id: int
    issue: int
    actor: User
    what: str
    created_at: datetime
    name: str = ""
    renamed_from: str = ""
    label: int = 0
    field: IssueField | None = None
    before: str | None = None
    after: str | None = None
    project: str = ""
    automated: bool = False


@dataclass(eq=False, slots=True)
class Repo:
    """A repository; ``roles`` are those of its collaborators, ``archived`` lets nobody write.

    Issues, comments and events come in by ``put_…`` and ``note``, which keep what is counted and
    looked up by issue at hand: nothing here may take longer the more there is. ``versions`` are those
    that each issue had lately, oldest first.
    """

    id: int
    owner: User
    name: str
    private: bool
    created_at: datetime
    archived: bool = False
    roles: dict[User, str] = field(default_factory=dict)
    milestones: dict[int, Milestone] = field(default_factory=dict)
    titles: dict[str, Milestone] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    versions: defaultdict[int, deque[Issue]] = field(
        default_factory=lambda: defaultdict(partial(deque, maxlen=100))
    )
    comments: dict[int, Comment] = field(default_factory=dict)
    comments_of: defaultdict[int, dict[int, Comment]] = field(default_factory=lambda: defaultdict(dict))
    events: dict[int, IssueEvent] = field(default_factory=dict)
    events_of: defaultdict[int, list[IssueEvent]] = field(default_factory=lambda: defaultdict(list))
    last_milestone: int = 0
    last_issue: int = 0
    _counts: Counter[tuple[Milestone | None, str]] = field(default_factory=Counter, init=False)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def role(self, user: User | None) -> str | None:
        """Return the role of ``user``; everybody may read what is public."""
        if user is self.owner:
            return "admin"
        return (self.roles.get(user) if user else None) or (None if self.private else "read")

    def may(self, user: User | None, role: str) -> bool:
        """Tell whether ``user`` has the rights of ``role`` here."""
        has = self.role(user)
        return has is not None and ROLES.index(has) >= ROLES.index(role)

    def put_issue(self, issue: Issue) -> None:
        """Keep an issue, instead of the one of that number if there is one."""
        old = self.issues.get(issue.number)
        for each, by in ((old, -1), (issue, 1)):
            if each:
                self._counts[None, each.state] += by
                if each.milestone:
                    self._counts[each.milestone, each.state] += by
        self.issues[issue.number] = issue
        self.versions[issue.number].append(issue)

    def drop_issue(self, issue: Issue) -> None:
        del self.issues[issue.number]
        self._counts[None, issue.state] -= 1
        if issue.milestone:
            self._counts[issue.milestone, issue.state] -= 1

    def count(self, state: str, milestone: Milestone | None = None) -> int:
        """Return how many issues are in ``state``, of all or under a milestone."""
        return self._counts[milestone, state]

    def put_comment(self, comment: Comment) -> None:
        """Keep a comment, instead of the one of that id if there is one."""
        self.comments[comment.id] = self.comments_of[comment.issue][comment.id] = comment

    def drop_comment(self, comment: Comment) -> None:
        del self.comments[comment.id], self.comments_of[comment.issue][comment.id]

    def note(self, event: IssueEvent) -> None:
        """Keep a line of an issue's history."""
        self.events[event.id] = event
        self.events_of[event.issue].append(event)
