"""What the Jira stand-in knows: people, groups, projects and their issues. Seeding is silent."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from typing import Any

from automation.sandbox.hooks import Hooks
from automation.sandbox.jira_locks import LOCKS, NO_ISSUE
from automation.sandbox.jira_nouns import (
    ROLE_IDS,
    STATUSES,
    Change,
    CustomField,
    FixVersion,
    Group,
    JiraComment,
    JiraIssue,
    JiraUser,
    Project,
    RemoteLink,
    Text,
    document,
)
from automation.sandbox.world import Json, Refusal, World, locked


class JiraState:
    """The state, how tests seed it and how they look at it."""

    def __init__(self, world: World, hooks: Hooks, url: str) -> None:
        self.world = world
        self.hooks = hooks
        self.url = url
        self.users: dict[str, JiraUser] = {}
        self.groups: dict[str, Group] = {}
        self.without_people: set[str] = set()
        """The short names of accounts that lack the global permission “Browse users and groups”."""
        self.zone: tzinfo = UTC
        """In which Jira writes instants for programs: that of their account's profile."""
        self.projects: dict[str, Project] = {}
        self.fields: dict[str, CustomField] = {}
        self.releases: dict[str, FixVersion] = {}
        self.past_releases: defaultdict[str, list[FixVersion]] = defaultdict(list)
        self.issues: dict[str, JiraIssue] = {}
        self.versions: defaultdict[str, deque[JiraIssue]] = defaultdict(partial(deque, maxlen=100))
        self.keys: dict[str, str] = {}
        self.counts: Counter[str] = Counter()
        self.comments_of: defaultdict[str, dict[str, JiraComment]] = defaultdict(dict)
        self.changes_of: defaultdict[str, list[Change]] = defaultdict(list)
        self.links_of: defaultdict[str, dict[int, RemoteLink]] = defaultdict(dict)

    def send_hooks_to(self, url: str, secret: str) -> None:
        """Send webhooks to ``url`` from now on, signed with ``secret``."""
        self.hooks.point("jira", url, secret)

    @locked
    def add_user(self, name: str, display: str = "", account_id: str = "", email: str = "") -> JiraUser:
        account = account_id or f"5b10a2844c20165700{self.world.next_id():06x}"
        user = JiraUser(name, account, display or name, email or f"{name}@example.com")
        self.users[name] = user
        return user

    @locked
    def add_group(self, name: str, members: Iterable[str] = ()) -> Group:
        group = Group(self.world.next_guid(), name, {member: self.user(member) for member in members})
        self.groups[name] = group
        return group

    @locked
    def delete_group(self, name: str) -> None:
        """Delete a group, also from roles; another one of that name has another id."""
        gone = self.groups.pop(name)
        for project in self.projects.values():
            project.roles.update({r: [a for a in held if a is not gone] for r, held in project.roles.items()})

    @locked
    def rename_group(self, name: str, new: str) -> None:
        group = self.groups.pop(name)
        group.name = new
        self.groups[new] = group

    @locked
    def rename_user(self, name: str, new: str) -> None:
        """Give somebody another short name (their username on Data Center); account and key stay."""
        user = replace(self.users.pop(name), name=new)
        self.users[new] = user
        for group in self.groups.values():
            if group.members.pop(name, None):
                group.members[new] = user

    @locked
    def set_member(self, group: str, name: str, member: bool) -> None:
        """Put somebody into a group, or take them out of it."""
        self.group(group).members.pop(name, None)
        if member:
            self.group(group).members[name] = self.user(name)

    @locked
    def add_project(
        self,
        key: str,
        name: str = "",
        roles: Mapping[str, Iterable[str]] | None = None,
        type: str = "software",
    ) -> Project:
        """Add a project; ``roles`` gives the people and groups, by name, of roles in ``ROLE_IDS``.
        ``type`` is software, business or service_desk."""
        filled: dict[str, list[JiraUser | Group]] = {role: [] for role in ROLE_IDS}
        for role, actors in (roles or {}).items():
            filled[role] += [self.users.get(actor) or self.group(actor) for actor in actors]
        project = Project(str(self.world.next_id()), key, name or key, filled, type)
        self.projects[key] = project
        return project

    @locked
    def add_field(
        self,
        name: str,
        kind: str = "date",
        projects: Iterable[str] | None = None,
        id: str = "",
        options: Iterable[str] = (),
    ) -> str:
        """Make a custom field, on the issues of ``projects`` or of all; return its id. ``options`` are what
        one of a list can be, by name."""
        made = id or f"customfield_{10_070 + len(self.fields)}"
        on = None if projects is None else frozenset(projects)
        listed = {option: str(self.world.next_id()) for option in options}
        self.fields[made] = CustomField(made, name, kind, on, listed)
        return made

    @locked
    def change_field(self, /, id: str, **changes: Any) -> None:
        """Change a custom field; where it is called something else, its history keeps the name of then."""
        self.fields[id] = replace(self.fields[id], **changes)

    @locked
    def delete_field(self, id: str) -> None:
        """Delete a custom field with all that it held. Nobody is told of it by a webhook of an issue."""
        del self.fields[id]

    @locked
    def hide(self, project: str, *names: str) -> None:
        """Let a project not exist for these people, and exist for all others."""
        self.project(project).hidden_from = {self.user(name) for name in names}

    @locked
    def add_issue(
        self,
        project: str,
        summary: str,
        description: Text | None = None,
        *,
        reporter: str,
        due: date | None = None,
        assignee: str | None = None,
        labels: Iterable[str] = (),
        status: str = "To Do",
    ) -> str:
        if status not in STATUSES:
            raise Refusal(400, f"No status is called {status!r}", "status")
        holder = self.user(assignee) if assignee else None
        words = document(description) if description else None
        made = self._new_issue(
            self.project(project), self.user(reporter), summary, words, due, holder, tuple(labels), status
        )
        return made.key

    @locked
    def import_issue(
        self,
        project: str,
        summary: str,
        description: Text | None = None,
        *,
        reporter: str,
        written: datetime,
        comments: Iterable[tuple[str, str, datetime]] = (),
        due: date | None = None,
        labels: Iterable[str] = (),
    ) -> str:
        """Take in an issue from elsewhere, as the import of a CSV file leaves it: it and its comments (author
        text, time) are of whom and when they were there; there is no changelog and no webhook.
        https://support.atlassian.com/jira-cloud-administration/docs/import-data-from-a-csv-file/
        """
        key = self.add_issue(project, summary, description, reporter=reporter, due=due, labels=labels)
        made = replace(self.issue(key), created=written, updated=written)
        self.put_issue(made)
        for who, text, at in comments:
            id, user = str(self.world.next_id()), self.user(who)
            self.comments_of[made.id][id] = JiraComment(id, made.id, user, user, document(text), at, at, {})
        return key

    def user(self, name: str) -> JiraUser:
        if name not in self.users:
            raise Refusal(404, f"Specified user does not exist: {name}")
        return self.users[name]

    def by_account(self, account_id: str) -> JiraUser:
        for user in self.users.values():
            if user.account_id == account_id:
                return user
        raise Refusal(404, "Specified user does not exist or you do not have required permissions")

    def group(self, name: str) -> Group:
        if name not in self.groups:
            raise Refusal(404, f"Group '{name}' does not exist.")
        return self.groups[name]

    @locked
    def lock_dates(self, project: str, how: str = "") -> None:
        """Keep programs from setting due dates, by one of ``LOCKS``, or no longer."""
        if how not in ("", *LOCKS):
            raise ValueError(f"how is one of {', '.join(LOCKS)}, not {how!r}")
        self.project(project).locked = how

    def project(self, key: str) -> Project:
        for project in self.projects.values():
            if key in {project.key, project.id, *project.former_keys}:
                return project
        raise Refusal(404, f"No project could be found with key '{key}'.")

    @locked
    def issue(self, key: str) -> JiraIssue:
        """Return an issue by its key or id."""
        key = self.keys.get(key.upper(), key.upper())
        if key not in self.issues:
            raise Refusal(404, NO_ISSUE)
        return self.issues[key]

    @locked
    def comments(self, key: str) -> list[JiraComment]:
        """Return an issue's comments, oldest first."""
        return list(self.comments_of[self.issue(key).id].values())

    def shown_comments(self, key: str) -> list[JiraComment]:
        """Return those of an issue's comments that the read lag lets be read, oldest first."""
        return [comment for comment in self.comments(key) if self.world.shown(comment.created, "list")]

    def shown_changes(self, key: str) -> list[Change]:
        """Return those of an issue's changes that the read lag lets be read, oldest first."""
        return [change for change in self.changelog(key) if self.world.shown(change.created, "history")]

    def seen(self, actor: JiraUser | None, key: str) -> JiraIssue:
        """Return an issue as it can be read by now, by somebody who may."""
        issue = self.issue(key)
        if actor in issue.project.hidden_from or not self.world.shown(issue.created, "issue"):
            raise Refusal(404, NO_ISSUE)
        return self.world.as_shown(self.versions[issue.id], lambda version: version.updated, "fields")

    @locked
    def changelog(self, key: str) -> list[Change]:
        """Return an issue's changes, oldest first."""
        return list(self.changes_of[self.issue(key).id])

    @locked
    def remote_links(self, key: str) -> list[RemoteLink]:
        return list(self.links_of[self.issue(key).id].values())

    def _new_issue(
        self,
        project: Project,
        reporter: JiraUser,
        summary: str,
        description: Json | None,
        due: date | None,
        assignee: JiraUser | None,
        labels: tuple[str, ...],
        status: str = "To Do",
    ) -> JiraIssue:
        self.counts[project.key] += 1
        now = self.world.now()
        made = JiraIssue(
            id=str(self.world.next_id()),
            key=f"{project.key}-{self.counts[project.key]}",
            project=project,
            summary=summary,
            reporter=reporter,
            created=now,
            updated=now,
            description=description,
            status=status,
            duedate=due,
            assignee=assignee,
            labels=labels,
        )
        self.put_issue(made)
        self.keys[made.id] = made.key
        return made

    def put_issue(self, issue: JiraIssue) -> None:
        """Keep an issue, instead of the one of that key if there is one."""
        self.issues[issue.key] = issue
        self.versions[issue.id].append(issue)
