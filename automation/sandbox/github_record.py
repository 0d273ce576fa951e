"""How the GitHub stand-in checks rights, and notes and tells each change."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from automation.sandbox.github_nouns import (
    Comment,
    Issue,
    IssueEvent,
    Milestone,
    Repo,
    User,
)
from automation.sandbox.github_shapes import (
    comment_json,
    issue_json,
    label_json,
    milestone_json,
    org_json,
    repo_json,
    user_json,
)
from automation.sandbox.github_state import GitHubState
from automation.sandbox.world import Json, Refusal


class GitHubRecord(GitHubState):
    """Who may change what, its history, and the webhooks that tell of it."""

    def readable(self, repo: str, actor: User | None) -> Repo:
        """Return a repository; to those who may not read it, it does not exist."""
        place = self.repo(repo)
        if not place.may(actor, "read"):
            raise Refusal(404, "Not Found")
        return place

    def writable(self, repo: str, actor: User) -> Repo:
        """Return a repository that somebody may write to, as far as rights there do not say otherwise.
        https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api"""
        place = self.readable(repo, actor)
        if place.archived:
            raise Refusal(403, "Repository was archived so is read-only.")
        if actor in self.read_only:
            raise Refusal(403, "Resource not accessible by personal access token")
        return place

    def _issue(self, repo: str, n: int, actor: User) -> tuple[Repo, Issue]:
        return self.writable(repo, actor), self.issue(repo, n)

    def _comment(self, repo: str, id: int, actor: User) -> tuple[Repo, Comment]:
        place = self.writable(repo, actor)
        if id not in place.comments:
            raise Refusal(404, "Not Found")
        return place, place.comments[id]

    def _demand(self, repo: Repo, actor: User, role: str) -> None:
        if not repo.may(actor, role):
            raise Refusal(403, "Must have admin rights to Repository.")

    def _set(self, repo: Repo, issue: Issue, **changes: Any) -> Issue:
        made = dataclasses.replace(issue, updated_at=self.now(), **changes)
        repo.put_issue(made)
        return made

    def _note(
        self,
        repo: Repo,
        issue: Issue,
        actor: User,
        what: str,
        name: str = "",
        renamed_from: str = "",
        later: timedelta = timedelta(0),
        label: int = 0,
    ) -> None:
        at = (self.world.now() + later).replace(microsecond=0)
        id = self.world.next_id()
        repo.note(IssueEvent(id, issue.number, actor, what, at, name, renamed_from=renamed_from, label=label))

    def _milestoned(
        self, repo: Repo, issue: Issue, actor: User, what: str, milestone: Milestone, later: timedelta
    ) -> None:
        self._note(repo, issue, actor, what, milestone.title, later=later)
        shape = milestone_json(self, repo, milestone)
        self._say(repo, actor, "issues", what, issue=issue_json(self, repo, issue), milestone=shape)

    def _labelled(self, repo: Repo, issue: Issue, actor: User, what: str, name: str) -> None:
        label = repo.labels[name.lower()]
        self._note(repo, issue, actor, what, label.name, label=label.id)
        shape = label_json(self, repo, label)
        self._say(repo, actor, "issues", what, issue=issue_json(self, repo, issue), label=shape)

    def _commented(self, repo: Repo, actor: User, action: str, comment: Comment, **more: Json) -> None:
        issue = issue_json(self, repo, repo.issues[comment.issue])
        shape = comment_json(self, repo, comment)
        self._say(repo, actor, "issue_comment", action, issue=issue, comment=shape, **more)

    def _say(self, repo: Repo, actor: User, event: str, action: str, **parts: Json) -> None:
        payload = {
            "action": action,
            **parts,
            "repository": repo_json(self, repo),
            "sender": user_json(self, actor),
        }
        if repo.owner.type == "Organization":
            payload["organization"] = org_json(self, repo.owner)
        self.hooks.send("github", event, payload, {"X-GitHub-Hook-Installation-Target-ID": str(repo.id)})
