"""What people and programs do on the GitHub stand-in. Each change sends the webhooks GitHub would send."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta

from automation.sandbox.github_nouns import (
    Comment,
    Edit,
    Issue,
    Milestone,
    User,
    floored,
)
from automation.sandbox.github_record import GitHubRecord
from automation.sandbox.github_shapes import (
    issue_json,
    label_json,
    milestone_json,
    stamp,
)
from automation.sandbox.world import KEEP, Json, Keep, Refusal, locked

LONGEST = 65_536
"""Characters GitHub takes in a body; one more is a 422."""

CLOSED_AS = ("completed", "not_planned", "duplicate")
"""Why an issue can be closed."""


class GitHubWorld(GitHubRecord):
    """Every change names its actor, whose rights are checked."""

    @locked
    def open_issue(self, actor: User, repo: str, title: str, body: str = "") -> Issue:
        place = self.writable(repo, actor)
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
        reason: str | None = None,
    ) -> Issue:
        """Change an issue's words or state: its author may, and triage. ``reason`` is ignored unless the
        state is changed. https://docs.github.com/en/rest/issues/issues#update-an-issue"""
        place, issue = self._issue(repo, n, actor)
        if issue.author is not actor:
            self._demand(place, actor, "triage")
        if state not in {None, "open", "closed"}:
            raise Refusal(422, "Validation Failed", "state")
        if reason not in {None, *CLOSED_AS, "reopened"}:
            raise Refusal(422, "Validation Failed", "state_reason")
        changes = {"title": title or issue.title, "body": issue.body if body is None else _text(body)}
        was: Json = {k: {"from": getattr(issue, k)} for k, v in changes.items() if v != getattr(issue, k)}
        if was:
            renamed = was["title"]["from"] if "title" in was else ""
            edit = self._revision(issue, actor, str(changes["body"])) if "body" in was else {}
            issue = self._set(place, issue, **changes, **edit)
            if renamed:
                self._note(place, issue, actor, "renamed", issue.title, renamed_from=renamed)
            self._say(place, actor, "issues", "edited", changes=was, issue=issue_json(self, place, issue))
        if state and state != issue.state:
            what = "closed" if state == "closed" else "reopened"
            closed_at = self.now() if state == "closed" else None
            why = (reason if reason in CLOSED_AS else "completed") if closed_at else "reopened"
            issue = self._set(place, issue, state=state, reason=why, closed_at=closed_at)
            self._note(place, issue, actor, what)
            self._say(place, actor, "issues", what, issue=issue_json(self, place, issue))
        return issue

    @locked
    def set_milestone(self, actor: User, repo: str, n: int, milestone: Milestone | None) -> Issue:
        """Move an issue; from one milestone to another GitHub says twice: out of the old, into the new.

        Both happen at once, but they need not be noted in one second, nor in that order.
        """
        place, issue = self._issue(repo, n, actor)
        self._demand(place, actor, "triage")
        old = issue.milestone
        if milestone is old:
            return issue
        steps = [(what, one) for what, one in (("demilestoned", old), ("milestoned", milestone)) if one]
        later = timedelta(0)
        for what, one in reversed(steps) if self.moves_backwards else steps:
            holds = milestone if self.moves_backwards or one is milestone else None
            issue = self._set(place, issue, milestone=holds)
            self._milestoned(place, issue, actor, what, one, later)
            later += self.moves_apart
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
    def rename_label(self, actor: User, repo: str, name: str, new: str) -> None:
        """Give a label another name, wherever it is; its history goes along.
        https://docs.github.com/en/rest/issues/labels#update-a-label"""
        place = self.writable(repo, actor)
        self._demand(place, actor, "write")
        if name.lower() not in place.labels:
            raise Refusal(404, "Not Found")
        old = place.labels[name.lower()]
        if new.lower() in place.labels.keys() - {name.lower()}:
            raise Refusal(422, "Validation Failed", "name")
        made = dataclasses.replace(place.labels.pop(name.lower()), name=new, updated_at=self.now())
        place.labels[new.lower()] = made
        for issue in list(place.issues.values()):
            named = tuple(new if label == old.name else label for label in issue.labels)
            if named != issue.labels:
                place.put_issue(dataclasses.replace(issue, labels=named))
        shape = label_json(self, place, made)
        self._say(place, actor, "label", "edited", label=shape, changes={"name": {"from": old.name}})

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
        place = self.writable(repo, actor)
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
        place = self.writable(repo, actor)
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
        if new_due != held.dues[-1][1]:
            held.dues.append((self.world.now(), new_due))
        if changes:
            shape = milestone_json(self, place, held)
            self._say(place, actor, "milestone", "edited", changes=changes, milestone=shape)
        if state and state != held.state:
            held.state, held.closed_at = state, self.now() if state == "closed" else None
            action = "closed" if state == "closed" else "opened"
            self._say(place, actor, "milestone", action, milestone=milestone_json(self, place, held))
        return held

    @locked
    def change_visibility(self, actor: User, repo: str, private: bool) -> None:
        """Make a repository private, or public."""
        place = self.readable(repo, actor)
        self._demand(place, actor, "admin")
        if place.private is not private:
            place.private = private
            self._say(place, actor, "repository", "privatized" if private else "publicized")

    @locked
    def archive(self, actor: User, repo: str, archived: bool) -> None:
        """Archive a repository, or open it again: an archived one can be read, and nothing in it changed.
        https://docs.github.com/en/repositories/archiving-a-github-repository/archiving-repositories"""
        place = self.readable(repo, actor)
        self._demand(place, actor, "admin")
        if place.archived is not archived:
            place.archived = archived
            self._say(place, actor, "repository", "archived" if archived else "unarchived")

    @locked
    def delete_milestone(self, actor: User, repo: str, number: int) -> None:
        """Delete a milestone. Its issues stand without one from then on; each has that in its history, but
        only one webhook is sent, for the milestone.
        https://docs.github.com/en/rest/issues/milestones#delete-a-milestone"""
        place = self.writable(repo, actor)
        self._demand(place, actor, "write")
        if number not in place.milestones:
            raise Refusal(404, "Not Found")
        held = place.milestones.pop(number)
        del place.titles[held.title]
        for issue in [issue for issue in place.issues.values() if issue.milestone is held]:
            self._note(place, self._set(place, issue, milestone=None), actor, "demilestoned", held.title)
        self._say(place, actor, "milestone", "deleted", milestone=milestone_json(self, place, held))

    @locked
    def forget_revision(self, actor: User, repo: str, n: int, index: int) -> None:
        """Take the text of a revision of a body out of the history: its entry stays.
        https://docs.github.com/en/communities/moderating-comments-and-conversations/tracking-changes-in-a-comment"""
        place, issue = self._issue(repo, n, actor)
        self._demand(place, actor, "write")
        edits = list(issue.edits)
        edits[index] = dataclasses.replace(edits[index], text=None)
        place.put_issue(dataclasses.replace(issue, edits=tuple(edits)))

    def _revision(self, issue: Issue, actor: User, text: str) -> Json:
        """The first change of a body makes two entries: one of how it was written, and its own."""
        made = Edit(self.world.next_id(), self.now(), actor, text)
        first = Edit(self.world.next_id(), issue.created_at, issue.author, issue.body)
        return {"edited_at": made.at, "editor": actor, "edits": (*(issue.edits or (first,)), made)}


def _text(body: str, needed: bool = False) -> str:
    if len(body) > LONGEST or (needed and not body.strip()):
        raise Refusal(422, "Validation Failed", "body")
    return body
