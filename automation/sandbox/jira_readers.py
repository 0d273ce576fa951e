"""Who may read what on the Jira stand-in: projects, security levels, comments for a few; and moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from automation.sandbox.jira_nouns import JiraComment, JiraIssue, JiraUser
from automation.sandbox.jira_state import JiraState
from automation.sandbox.world import locked


class JiraReaders(JiraState):
    """The state with its readers."""

    @locked
    def set_anonymous(self, project: str, anonymous: bool) -> None:
        """Let everybody browse a project without signing in, or no longer."""
        self.project(project).anonymous = anonymous

    @locked
    def set_browsers(self, project: str, names: Iterable[str] | None) -> None:
        """Let only these people browse a project; None for all who sign in."""
        self.project(project).browsers = None if names is None else frozenset(names)

    @locked
    def set_security(self, key: str, names: Iterable[str] | None) -> None:
        """Put an issue under a security level that lets only these people see it; None for no level."""
        issue = self.issue(key)
        level = None if names is None else frozenset(names)
        self.issues[issue.key] = replace(issue, security=level)
        self.versions[issue.id].append(self.issues[issue.key])

    def may_browse(self, user: JiraUser | None, issue: JiraIssue) -> bool:
        """Tell whether somebody may see an issue; None is a stranger."""
        project = issue.project
        if user is None:
            return project.anonymous and issue.security is None
        allowed = project.anonymous or project.browsers is None or user.name in project.browsers
        return allowed and (issue.security is None or user.name in issue.security)

    @locked
    def move(self, key: str, project: str) -> str:
        """Move an issue to another project, silently. Its old key goes on leading to it.
        https://support.atlassian.com/jira-software-cloud/docs/move-an-issue/"""
        old, target = self.issue(key), self.project(project)
        self.counts[target.key] += 1
        moved = replace(old, key=f"{target.key}-{self.counts[target.key]}", project=target)
        self._rekeyed(old, moved)
        return moved.key

    @locked
    def rename_project(self, key: str, new: str) -> None:
        """Give a project another key. Its issues keep their numbers, and nobody is told of each; the old
        keys, of the project too, go on leading to what they meant.
        https://support.atlassian.com/jira-cloud-administration/docs/edit-a-projects-details/"""
        project = self.projects.pop(key)
        project.former_keys.add(key)
        project.key, self.projects[new] = new, project
        self.counts[new] = self.counts.pop(key)
        for issue in [issue for issue in self.issues.values() if issue.project is project]:
            self._rekeyed(issue, replace(issue, key=f"{new}-{issue.key.rpartition('-')[2]}"))

    def _rekeyed(self, old: JiraIssue, moved: JiraIssue) -> None:
        """Keep an issue under another key; all that it ever had lead to it."""
        del self.issues[old.key]
        self.issues[moved.key] = moved
        self.versions[moved.id].append(moved)
        for known, leads_to in list(self.keys.items()):
            if leads_to == old.key:
                self.keys[known] = moved.key
        self.keys[old.key] = moved.key

    def comments_for(self, reader: JiraUser, key: str) -> list[JiraComment]:
        """Return those of an issue's comments that somebody may and can read now, oldest first."""
        return [comment for comment in self.shown_comments(key) if self.for_reader(reader, comment)]

    def for_reader(self, reader: JiraUser, comment: JiraComment) -> bool:
        """Tell whether somebody is of the role or group that a comment is for."""
        if comment.visibility is None:
            return True
        named = str(comment.visibility.get("value"))
        if comment.visibility.get("type") == "group":
            return reader.name in self.group(named).members
        return self.in_role(reader, self.issue(comment.issue), named)

    @locked
    def set_administrators(self, project: str, *names: str, no_such_version: bool = False) -> None:
        """Let these people administer a project, and nobody else. ``no_such_version``: whoever changes one
        of its versions without that right is told that there is none."""
        found = self.project(project)
        found.roles["Administrators"] = [self.user(name) for name in names]
        found.no_such_version = no_such_version

    def administrators(self, project: str) -> list[JiraUser]:
        """Return those who may change a project's versions."""
        actors = self.project(project).roles["Administrators"]
        groups = [actor.members.values() for actor in actors if not isinstance(actor, JiraUser)]
        people = [actor for actor in actors if isinstance(actor, JiraUser)]
        return [*people, *(member for group in groups for member in group)]

    def in_role(self, user: JiraUser, issue: JiraIssue, role: str) -> bool:
        """Tell whether somebody holds a role of the issue's project, in person or through a group."""
        actors = issue.project.roles[role]
        return any(
            user is actor if isinstance(actor, JiraUser) else user.name in actor.members for actor in actors
        )
