"""What people and programs do on the GitHub stand-in. Each change sends the webhooks GitHub would send."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from automation.sandbox.github_nouns import (
    Comment,
    Issue,
    IssueEvent,
    Milestone,
    Repo,
    User,
    floored,
)
from automation.sandbox.github_shapes import (
    comment_json,
    issue_json,
    label_json,
    milestone_json,
    org_json,
    repo_json,
    stamp,
    user_json,
)
from automation.sandbox.github_state import GitHubState
from automation.sandbox.world import KEEP, Json, Keep, Refusal, locked

LONGEST = 65_536
"""Characters GitHub takes in a body; one more is a 422."""


class GitHubWorld(GitHubState):
    """Every change names its actor, whose rights are checked."""

    def readable(self, repo: str, actor: User | None) -> Repo:
        """Return a repository; to those who may not read it, it does not exist."""
        place = self.repo(repo)
        if not place.may(actor, "read"):
            raise Refusal(404, "Not Found")
        return place

    @locked
    def open_issue(self, actor: User, repo: str, title: str, body: str = "") -> Issue:
        place = self.readable(repo, actor)
        if not title.strip():
            raise Refusal(422, "Validation Failed", "title")
        made = self._new_issue(place, actor, title, _text(body), None, ())
        self._say(place, actor, "issues", "opened", issue=issue_json(self, place, made))
        return made

    @locked
    def edit_issue(
        self,
        actor: User,
        repo: str,
        n: int,
        *,
        title: str | None = None,
        body: str | None = None,
        state: str | None = None,
    ) -> Issue:
        """Change an issue's words or state: its author may, and triage."""
        place, issue = self._issue(repo, n, actor)
        if issue.author is not actor:
            self._demand(place, actor, "triage")
        if state not in {None, "open", "closed"}:
            raise Refusal(422, "Validation Failed", "state")
        changes = {"title": title or issue.title, "body": issue.body if body is None else _text(body)}
        was: Json = {k: {"from": getattr(issue, k)} for k, v in changes.items() if v != getattr(issue, k)}
        if was:
            renamed = was["title"]["from"] if "title" in was else ""
            edit = {"edited_at": self.now(), "editor": actor} if "body" in was else {}
            issue = self._set(place, issue, **changes, **edit)
            if renamed:
                self._note(place, issue, actor, "renamed", issue.title, renamed_from=renamed)
            self._say(place, actor, "issues", "edited", changes=was, issue=issue_json(self, place, issue))
        if state and state != issue.state:
            what = "closed" if state == "closed" else "reopened"
            closed_at = self.now() if state == "closed" else None
            issue = self._set(place, issue, state=state, closed_at=closed_at)
            self._note(place, issue, actor, what)
            self._say(place, actor, "issues", what, issue=issue_json(self, place, issue))
        return issue

    @locked
    def set_milestone(self, actor: User, repo: str, n: int, milestone: Milestone | None) -> Issue:
        """Move an issue; from one milestone to another GitHub says twice: out of the old, into the new."""
        place, issue = self._issue(repo, n, actor)
        self._demand(place, actor, "triage")
        old = issue.milestone
        if milestone is old:
            return issue
        if old:
            issue = self._set(place, issue, milestone=None)
            self._milestoned(place, issue, actor, "demilestoned", old)
        if milestone:
            issue = self._set(place, issue, milestone=milestone)
            self._milestoned(place, issue, actor, "milestoned", milestone)
        return issue

    @locked
    def label(self, actor: User, repo: str, n: int, name: str) -> Issue:
        """Put a label on an issue; the repository gets it where it has none of that name."""
        place, issue = self._issue(repo, n, actor)
        self._demand(place, actor, "triage")
        name = self._label(place, name).name
        if name not in issue.labels:
            issue = self._set(place, issue, labels=(*issue.labels, name))
            self._labelled(place, issue, actor, "labeled", name)
        return issue

    @locked
    def unlabel(self, actor: User, repo: str, n: int, name: str) -> Issue:
        place, issue = self._issue(repo, n, actor)
        self._demand(place, actor, "triage")
        left = tuple(label for label in issue.labels if label.lower() != name.lower())
        if left == issue.labels:
            raise Refusal(404, "Label does not exist")
        issue = self._set(place, issue, labels=left)
        self._labelled(place, issue, actor, "unlabeled", name)
        return issue

    @locked
    def set_labels(self, actor: User, repo: str, n: int, names: Sequence[str]) -> Issue:
        """Give an issue these labels and no others."""
        _, issue = self._issue(repo, n, actor)
        wanted = {name.lower() for name in names}
        for name in issue.labels:
            if name.lower() not in wanted:
                self.unlabel(actor, repo, n, name)
        for name in names:
            self.label(actor, repo, n, name)
        return self.issue(repo, n)

    @locked
    def comment(self, actor: User, repo: str, n: int, text: str) -> Comment:
        place, issue = self._issue(repo, n, actor)
        # To the fraction of a second, though answers leave it out: it counts for the read lag.
        now = self.world.now()
        made = Comment(self.world.next_id(), n, actor, _text(text, needed=True), now, now)
        place.put_comment(made)
        self._set(place, issue)
        self._commented(place, actor, "created", made)
        return made

    @locked
    def edit_comment(self, actor: User, repo: str, id: int, text: str) -> Comment:
        """Change a comment's text: its author may, and who may write to the repository."""
        place, comment = self._comment(repo, id, actor)
        if comment.author is not actor:
            self._demand(place, actor, "write")
        if _text(text, needed=True) == comment.body:
            return comment
        now = self.now()
        made = dataclasses.replace(comment, body=text, updated_at=now, edited_at=now)
        place.put_comment(made)
        self._commented(place, actor, "edited", made, changes={"body": {"from": comment.body}})
        return made

    @locked
    def delete_comment(self, actor: User, repo: str, id: int) -> None:
        place, comment = self._comment(repo, id, actor)
        if comment.author is not actor:
            self._demand(place, actor, "write")
        place.drop_comment(comment)
        self._commented(place, actor, "deleted", comment)

    @locked
    def delete_issue(self, actor: User, repo: str, n: int) -> None:
        """https://docs.github.com/en/issues/tracking-your-work-with-issues/administering-issues/deleting-an-issue"""
        place, issue = self._issue(repo, n, actor)
        self._demand(place, actor, "admin")
        place.drop_issue(issue)
        self._say(place, actor, "issues", "deleted", issue=issue_json(self, place, issue))

    @locked
    def create_milestone(
        self, actor: User, repo: str, title: str, due: datetime | None = None, description: str | None = None
    ) -> Milestone:
        place = self.readable(repo, actor)
        self._demand(place, actor, "write")
        if not title.strip() or title in place.titles:
            raise Refusal(422, "Validation Failed", "title")
        made = self._new_milestone(place, actor, title, floored(due) if due else None)
        made.description = description
        self._say(place, actor, "milestone", "created", milestone=milestone_json(self, place, made))
        return made

    @locked
    def change_milestone(
        self,
        actor: User,
        repo: str,
        number: int,
        *,
        title: str | None = None,
        due: datetime | Keep | None = KEEP,
        description: str | Keep | None = KEEP,
        state: str | None = None,
    ) -> Milestone:
        """Change a milestone; a due date given is kept as the midnight, Pacific time, before it."""
        place = self.readable(repo, actor)
        self._demand(place, actor, "write")
        if number not in place.milestones:
            raise Refusal(404, "Not Found")
        held = place.milestones[number]
        new_due = held.due_on if due is KEEP else floored(due) if due else None
        words = held.description if description is KEEP else description
        changes: Json = {}
        if title and title != held.title:
            changes["title"] = {"from": held.title}
        if new_due != held.due_on:
            # What stands here where there was no due date before is not documented.
            changes["due_on"] = {"from": stamp(held.due_on)}
        if words != held.description:
            changes["description"] = {"from": held.description or ""}
        place.titles.pop(held.title, None)
        held.title, held.due_on, held.description = title or held.title, new_due, words
        place.titles[held.title] = held
        held.updated_at = self.now()
        if changes:
            shape = milestone_json(self, place, held)
            self._say(place, actor, "milestone", "edited", changes=changes, milestone=shape)
        if state and state != held.state:
            held.state, held.closed_at = state, self.now() if state == "closed" else None
            action = "closed" if state == "closed" else "opened"
            self._say(place, actor, "milestone", action, milestone=milestone_json(self, place, held))
        return held

    def _issue(self, repo: str, n: int, actor: User) -> tuple[Repo, Issue]:
        return self.readable(repo, actor), self.issue(repo, n)

    def _comment(self, repo: str, id: int, actor: User) -> tuple[Repo, Comment]:
        place = self.readable(repo, actor)
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
        self, repo: Repo, issue: Issue, actor: User, what: str, name: str = "", renamed_from: str = ""
    ) -> None:
        repo.note(
            IssueEvent(
                self.world.next_id(), issue.number, actor, what, self.now(), name, renamed_from=renamed_from
            )
        )

    def _milestoned(self, repo: Repo, issue: Issue, actor: User, what: str, milestone: Milestone) -> None:
        self._note(repo, issue, actor, what, milestone.title)
        shape = milestone_json(self, repo, milestone)
        self._say(repo, actor, "issues", what, issue=issue_json(self, repo, issue), milestone=shape)

    def _labelled(self, repo: Repo, issue: Issue, actor: User, what: str, name: str) -> None:
        label = repo.labels[name.lower()]
        self._note(repo, issue, actor, what, label.name)
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


def _text(body: str, needed: bool = False) -> str:
    if len(body) > LONGEST or (needed and not body.strip()):
        raise Refusal(422, "Validation Failed", "body")
    return body
