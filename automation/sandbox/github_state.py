"""What the GitHub stand-in knows: people, teams, repositories and what lies in them. Seeding is silent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from automation.sandbox.github_nouns import (
    ROLES,
    Comment,
    Issue,
    IssueEvent,
    IssueField,
    Label,
    Milestone,
    Repo,
    Team,
    User,
    due_on,
)
from automation.sandbox.github_project_nouns import Project
from automation.sandbox.hooks import Hooks
from automation.sandbox.limits import Quota
from automation.sandbox.world import Refusal, World, locked

K = TypeVar("K")
V = TypeVar("V")


class GitHubState:
    """The state, how tests seed it and how they look at it. Names are found without regard to case.

    ``moves_apart`` lies between the two entries that a move from one milestone to another leaves in the
    history, which may fall into neighbouring seconds; with ``moves_backwards`` the new one is noted first.
    """

    def __init__(self, world: World, hooks: Hooks, url: str) -> None:
        self.world = world
        self.hooks = hooks
        self.url = url
        self.users: dict[str, User] = {}
        self.teams: dict[tuple[str, str], Team] = {}
        self.repos: dict[str, Repo] = {}
        self.led_away: dict[str, Repo] = {}
        """Repositories by the names that they had before."""
        self.transferred: dict[tuple[int, int], tuple[Repo, int]] = {}
        """Where an issue is now that was in the repository of this id, by its number there."""
        self.issue_fields: dict[User, dict[int, IssueField]] = {}
        """The fields that organisations made for their issues, by id. One that is not in here does not have
        the feature."""
        self.projects: dict[tuple[User, int], Project] = {}
        self.unscoped: set[User] = set()
        """Those whose token may not ask for projects at all."""
        self.knows_issue_fields = True
        """Whether the GraphQL schema has them; that of an older GitHub Enterprise Server has not."""
        self.knows_statuses = True
        """Whether the history of an issue tells of its status on projects, which not every server's does."""
        self.drops_values = False
        """Whether values of fields that the API is sent are dropped, and the answer is one of success."""
        self.read_only: set[User] = set()
        self.quota = Quota(world.seconds)
        self.moves_apart = timedelta(milliseconds=400)
        self.moves_backwards = False

    def send_hooks_to(self, url: str, secret: str) -> None:
        """Send webhooks to ``url`` from now on, signed with ``secret``."""
        self.hooks.point("github", url, secret)

    def set_quota(self, login: str, remaining: int) -> None:
        """Let so many requests be left to somebody until their hour is over."""
        self.quota.set(self.user(login).login, remaining)

    def now(self) -> datetime:
        """Return the time as GitHub keeps it, in whole seconds."""
        return self.world.now().replace(microsecond=0)

    @locked
    def add_user(self, login: str, name: str = "", type: str = "User") -> User:
        user = User(self.world.next_id(), login, name, type, self.now())
        self.users[login.lower()] = user
        return user

    @locked
    def rename_user(self, login: str, new: str) -> None:
        """Give somebody another login. The old one is free at once, for anybody (``add_user``)."""
        if new.lower() in self.users:
            raise Refusal(422, "Validation Failed", "login")
        user = self.users.pop(login.lower())
        user.login = new
        self.users[new.lower()] = user

    @locked
    def add_team(self, org: str, slug: str, members: Iterable[str] = (), pending: Iterable[str] = ()) -> Team:
        team = Team(self.world.next_id(), self._owner(org), slug)
        team.members.update({self.user(login): "active" for login in members})
        team.members.update({self.user(login): "pending" for login in pending})
        self.teams[org.lower(), slug.lower()] = team
        return team

    @locked
    def rename_team(self, org: str, slug: str, new: str) -> None:
        """Give a team another name. Its old one leads nowhere from then on."""
        team = self.teams.pop((org.lower(), slug.lower()))
        team.slug = new
        self.teams[org.lower(), new.lower()] = team

    @locked
    def delete_team(self, org: str, slug: str) -> None:
        """Delete a team; another one of that name has another id."""
        del self.teams[org.lower(), slug.lower()]

    @locked
    def set_membership(self, org: str, slug: str, login: str, state: str | None) -> None:
        """Make somebody ``active`` or ``pending`` in a team, or take them out of it."""
        team = self.team(org, slug)
        team.members.pop(self.user(login), None)
        if state:
            team.members[self.user(login)] = state

    @locked
    def add_repo(self, repo: str, private: bool = False, roles: Mapping[str, str] | None = None) -> Repo:
        owner, name = repo.split("/")
        made = Repo(self.world.next_id(), self._owner(owner), name, private, self.now())
        self.repos[repo.lower()] = made
        self.led_away.pop(repo.lower(), None)  # who takes a name takes what led there, too
        for login, role in (roles or {}).items():
            self.set_role(repo, login, role)
        return made

    @locked
    def set_role(self, repo: str, login: str, role: str | None) -> None:
        """Give somebody a role of ``ROLES`` in a repository, or none."""
        self.repo(repo).roles.pop(self.user(login), None)
        if role:
            self.repo(repo).roles[self.user(login)] = ROLES[ROLES.index(role)]

    @locked
    def set_private(self, repo: str, private: bool) -> None:
        self.repo(repo).private = private

    @locked
    def set_archived(self, repo: str, archived: bool) -> None:
        """Archive a repository: all can be read, and nothing written, no comment either."""
        self.repo(repo).archived = archived

    @locked
    def set_read_only(self, login: str, read_only: bool) -> None:
        """Let somebody's token read and not write, whatever their role."""
        (self.read_only.add if read_only else self.read_only.discard)(self.user(login))

    @locked
    def add_milestone(self, repo: str, title: str, due: date | None = None) -> int:
        place = self.repo(repo)
        return self._new_milestone(place, place.owner, title, due_on(due) if due else None).number

    @locked
    def add_issue(
        self,
        repo: str,
        title: str,
        body: str = "",
        *,
        author: str,
        milestone: str | None = None,
        labels: Iterable[str] = (),
    ) -> int:
        place = self.repo(repo)
        held = self.milestone(repo, milestone) if milestone else None
        names = tuple(self._label(place, label).name for label in labels)
        return self._new_issue(place, self.user(author), title, body, held, names).number

    @locked
    def import_issue(
        self,
        repo: str,
        title: str,
        body: str = "",
        *,
        author: str,
        written: datetime,
        comments: Iterable[tuple[str, str, datetime]] = (),
        milestone: str | None = None,
        labels: Iterable[str] = (),
    ) -> int:
        """Take in an issue from elsewhere, as a migration leaves it: it and its comments (author, text and
        time) are of whom and when they were there; there is no history and no webhook.
        https://docs.github.com/en/migrations/using-github-enterprise-importer/migrating-between-github-products/about-migrations-between-github-products
        """
        number = self.add_issue(repo, title, body, author=author, milestone=milestone, labels=labels)
        place = self.repo(repo)
        place.put_issue(replace(place.issues[number], created_at=written, updated_at=written))
        for who, text, at in comments:
            place.put_comment(Comment(self.world.next_id(), number, self.user(who), text, at, at))
        return number

    def user(self, login: str) -> User:
        return _found(self.users, login.lower())

    def user_of(self, id: int) -> User:
        return _found({user.id: user for user in self.users.values()}, id)

    def team(self, org: str, slug: str) -> Team:
        return _found(self.teams, (org.lower(), slug.lower()))

    def team_of(self, org: int, id: int) -> Team:
        """Return a team by the ids of its organisation and itself."""
        return _found({(team.org.id, team.id): team for team in self.teams.values()}, (org, id))

    def repo(self, repo: str) -> Repo:
        return _found(self.repos, repo.lower())

    def issue(self, repo: str, n: int) -> Issue:
        return _found(self.repo(repo).issues, n)

    def issue_seen(self, repo: Repo, n: int) -> Issue:
        """Return an issue that can be read by now; a deleted one is gone, and GitHub says so."""
        if n not in repo.issues and n in repo.versions:
            raise Refusal(410, "This issue was deleted")
        issue = _found(repo.issues, n)
        if not self.world.shown(issue.created_at, "issue"):
            raise Refusal(404, "Not Found")
        return issue

    def seen(self, repo: Repo, n: int, kind: str) -> Issue:
        """Return an issue as it can be read by now."""
        return self.world.as_shown(repo.versions[n], lambda issue: issue.updated_at, kind)

    @locked
    def comments(self, repo: str, n: int) -> list[Comment]:
        """Return an issue's comments, oldest first."""
        return list(self.repo(repo).comments_of[n].values())

    @locked
    def events(self, repo: str, n: int) -> list[IssueEvent]:
        """Return an issue's history, oldest first."""
        return list(self.repo(repo).events_of[n])

    @locked
    def milestone(self, repo: str, title: str) -> Milestone:
        return _found(self.repo(repo).titles, title)

    def _owner(self, login: str) -> User:
        """Return the owner of that name; one nobody added is an organisation."""
        return self.users.get(login.lower()) or self.add_user(login, type="Organization")

    def _new_milestone(self, repo: Repo, creator: User, title: str, due: datetime | None) -> Milestone:
        # A number that was given once is never given again.
        number, now = repo.last_milestone + 1, self.now()
        repo.last_milestone = number
        made = Milestone(self.world.next_id(), number, title, creator, now, now, due_on=due)
        repo.milestones[number] = repo.titles[title] = made
        return made

    def _new_issue(
        self, repo: Repo, author: User, title: str, body: str, held: Milestone | None, labels: tuple[str, ...]
    ) -> Issue:
        number, now = max(repo.last_issue, len(repo.versions)) + 1, self.now()
        repo.last_issue = number
        made = Issue(
            self.world.next_id(), number, title, body, author, now, now, milestone=held, labels=labels
        )
        repo.put_issue(made)
        for label in (self._label(repo, name) for name in labels):
            id = self.world.next_id()
            repo.note(IssueEvent(id, number, author, "labeled", now, label.name, label=label.id))
        return made

    def _label(self, repo: Repo, name: str) -> Label:
        """Return the repository's label of that name, made where there is none."""
        now = self.now()
        return repo.labels.setdefault(name.lower(), Label(self.world.next_id(), name, now, now))


def _found(things: Mapping[K, V], key: K) -> V:
    try:
        return things[key]
    except KeyError:
        raise Refusal(404, "Not Found") from None
