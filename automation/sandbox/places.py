"""One issue of either stand-in, seen and changed as people do: the same verbs for both trackers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from automation.sandbox.server import Sandbox

_HIDDEN = re.compile(r"\s*<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as people read it."""

    id: str
    author: str
    text: str


class Place(Protocol):
    """An issue. People go by their short names; ``day`` is what its deadline field promises."""

    @property
    def key(self) -> str: ...
    @property
    def page(self) -> str: ...
    def comment(self, who: str, text: str) -> str: ...
    def edit_comment(self, who: str, id: str, text: str) -> None: ...
    def ask(self, who: str, day: date | None) -> None: ...
    def edit(self, who: str, title: str | None = None, body: str | None = None) -> None: ...
    def close(self, who: str, done: bool = True) -> None: ...
    def reopen(self, who: str) -> None: ...
    def day(self) -> date | None: ...
    def label(self, who: str, name: str) -> None: ...
    def unlabel(self, who: str, name: str) -> None: ...
    def labels(self) -> set[str]: ...
    def said(self) -> list[Said]: ...


@dataclass(frozen=True, slots=True)
class GitHubIssue:
    """A GitHub issue. Its date is its milestone's; people who ask for one go by what ``milestones`` were
    due on when they were made, by title."""

    box: Sandbox
    repo: str
    number: int
    milestones: Mapping[str, date]

    @property
    def key(self) -> str:
        return f"{self.repo}#{self.number}"

    @property
    def page(self) -> str:
        return f"{self.box.github_url}/{self.repo}/issues/{self.number}"

    def comment(self, who: str, text: str) -> str:
        return str(self.box.github.as_user(who).comment(self.repo, self.number, text))

    def edit_comment(self, who: str, id: str, text: str) -> None:
        self.box.github.as_user(who).edit_comment(self.repo, int(id), text)

    def ask(self, who: str, day: date | None) -> None:
        title = next((title for title, due in self.milestones.items() if due == day), None)
        self.box.github.as_user(who).set_milestone(self.repo, self.number, title)

    def edit(self, who: str, title: str | None = None, body: str | None = None) -> None:
        self.box.github.as_user(who).edit_issue(self.repo, self.number, title=title, body=body)

    def close(self, who: str, done: bool = True) -> None:
        reason = "completed" if done else "not_planned"
        self.box.github.as_user(who).edit_issue(self.repo, self.number, state="closed", reason=reason)

    def reopen(self, who: str) -> None:
        self.box.github.as_user(who).edit_issue(self.repo, self.number, state="open")

    def day(self) -> date | None:
        found = self.box.github.issue(self.repo, self.number).milestone
        return found.due_on.date() if found and found.due_on else None

    def label(self, who: str, name: str) -> None:
        self.box.github.as_user(who).label(self.repo, self.number, name)

    def unlabel(self, who: str, name: str) -> None:
        self.box.github.as_user(who).unlabel(self.repo, self.number, name)

    def labels(self) -> set[str]:
        return set(self.box.github.issue(self.repo, self.number).labels)

    def said(self) -> list[Said]:
        found = self.box.github.comments(self.repo, self.number)
        return [Said(str(c.id), c.author.login, _HIDDEN.sub("", c.body)) for c in found]


@dataclass(frozen=True, slots=True)
class JiraIssue:
    """A Jira issue with a due date; a deal is one, too."""

    box: Sandbox
    key: str

    @property
    def page(self) -> str:
        return f"{self.box.jira_url}/browse/{self.key}"

    def comment(self, who: str, text: str) -> str:
        return self.box.jira.as_user(who).comment(self.key, text)

    def edit_comment(self, who: str, id: str, text: str) -> None:
        self.box.jira.as_user(who).edit_comment(self.key, id, text)

    def ask(self, who: str, day: date | None) -> None:
        self.box.jira.as_user(who).set_duedate(self.key, day)

    def edit(self, who: str, title: str | None = None, body: str | None = None) -> None:
        self.box.jira.as_user(who).edit(self.key, summary=title, description=body)

    def close(self, who: str, done: bool = True) -> None:
        self.box.jira.as_user(who).transition(self.key, "Done", "Done" if done else "Won't Do")

    def reopen(self, who: str) -> None:
        self.box.jira.as_user(who).transition(self.key, "In Progress")

    def day(self) -> date | None:
        return self.box.jira.issue(self.key).duedate

    def label(self, who: str, name: str) -> None:
        self.box.jira.as_user(who).edit(self.key, add_labels=(name,))

    def unlabel(self, who: str, name: str) -> None:
        self.box.jira.as_user(who).edit(self.key, remove_labels=(name,))

    def labels(self) -> set[str]:
        return set(self.box.jira.issue(self.key).labels)

    def said(self) -> list[Said]:
        return [Said(c.id, c.author.name, c.text) for c in self.box.jira.comments(self.key)]
