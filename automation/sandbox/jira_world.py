"""What people and programs do on the Jira stand-in. Each change sends the webhooks Jira would send."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from automation.sandbox import adf
from automation.sandbox.jira_changelog import changed_items, custom_item, held
from automation.sandbox.jira_nouns import (
    Change,
    JiraComment,
    JiraIssue,
    JiraUser,
    RemoteLink,
)
from automation.sandbox.jira_shapes import comment_in_hook, in_hook, issue_in_hook, millis
from automation.sandbox.jira_versions import JiraVersions
from automation.sandbox.world import Json, Refusal, locked

EDITABLE = frozenset(
    {"summary", "description", "duedate", "labels", "assignee", "status", "resolution", "fix_versions"}
)


class JiraWorld(JiraVersions):
    """Every change names its actor."""

    @locked
    def create(
        self,
        actor: JiraUser,
        project: str,
        summary: str,
        description: Json | None = None,
        due: date | None = None,
        labels: tuple[str, ...] = (),
        assignee: JiraUser | None = None,
        more: Mapping[str, Any] = MappingProxyType({}),
    ) -> JiraIssue:
        """Make an issue; ``more`` are values of further fields, custom ones by id. Its changelog says nothing
        of what it was made with."""
        if not summary.strip():
            raise Refusal(400, "You must specify a summary of the issue.", "summary")
        made = self._new_issue(self.project(project), actor, summary, description, due, assignee, labels)
        made = self._with(made, more)
        self.put_issue(made)
        self._say(actor, "jira:issue_created", "issue_created", issue=issue_in_hook(self, made))
        return made

    @locked
    def edit(self, actor: JiraUser, key: str, changes: Mapping[str, Any]) -> JiraIssue:
        """Give fields of ``EDITABLE``, or custom ones by id, new values; one edit is one line of the
        changelog and one webhook."""
        issue = self.issue(key)
        items = tuple(
            item
            for name, new in changes.items()
            if held(issue, name) != new
            for item in (
                [custom_item(self.fields[name], held(issue, name), new)]
                if name in self.fields
                else changed_items(name, held(issue, name), new, self.releases)
            )
        )
        if not items:
            return issue
        issue = dataclasses.replace(self._with(issue, changes), updated=self.world.now())
        self.put_issue(issue)
        change = Change(str(self.world.next_id()), issue.id, actor, issue.updated, items)
        self.changes_of[issue.id].append(change)
        what = "issue_generic" if "status" in changes else "issue_updated"
        log = {"id": change.id, "items": list(items)}
        self._say(actor, "jira:issue_updated", what, issue=issue_in_hook(self, issue), changelog=log)
        return issue

    def _with(self, issue: JiraIssue, changes: Mapping[str, Any]) -> JiraIssue:
        """Return an issue with these values of its fields."""
        custom = {name: new for name, new in changes.items() if name in self.fields}
        own = {name: new for name, new in changes.items() if name not in custom}
        days = {name: _held(day) for name, day in {**issue.custom, **custom}.items() if day}
        return dataclasses.replace(issue, custom=days, **own)

    @locked
    def move_issue(self, actor: JiraUser, key: str, project: str) -> str:
        """Move an issue to another project, as people do; its changelog and one webhook say so. Its versions
        stay behind, and it gets those of the same name, as the page of the move proposes.
        https://support.atlassian.com/jira-software-cloud/docs/move-an-issue/"""
        old = self.issue(key)
        moved = dataclasses.replace(self.issue(self.move(key, project)), updated=self.world.now())
        names = {each.name for each in self.versions_of(old)}
        kept = tuple(each.id for each in self.versions_in(moved.project) if each.name in names)
        if moved.project is not old.project:
            moved = dataclasses.replace(moved, fix_versions=kept)
        self.put_issue(moved)
        sides = (("project", old.project.id, old.project.name, moved.project.id, moved.project.name),)
        items: tuple[Json, ...] = tuple(
            {
                "field": name,
                "fieldtype": "jira",
                "fieldId": name,
                "from": a,
                "fromString": b,
                "to": c,
                "toString": d,
            }
            for name, a, b, c, d in sides
        )
        items += (
            {
                "field": "Key",
                "fieldtype": "jira",
                "from": None,
                "fromString": old.key,
                "to": None,
                "toString": moved.key,
            },
        )
        items += tuple(changed_items("fix_versions", old.fix_versions, moved.fix_versions, self.releases))
        change = Change(str(self.world.next_id()), moved.id, actor, moved.updated, items)
        self.changes_of[moved.id].append(change)
        log = {"id": change.id, "items": list(items)}
        self._say(actor, "jira:issue_updated", "issue_moved", issue=issue_in_hook(self, moved), changelog=log)
        return moved.key

    @locked
    def comment(
        self,
        actor: JiraUser,
        key: str,
        body: Json,
        properties: Mapping[str, Any] | None = None,
        visibility: Json | None = None,
    ) -> JiraComment:
        """Comment, with ``visibility`` for a role or a group only."""
        issue, now = self.issue(key), self.world.now()
        id = str(self.world.next_id())
        given = dict(properties or {})
        made = JiraComment(id, issue.id, actor, actor, _checked(body), now, now, given, visibility)
        self.comments_of[issue.id][id] = made
        self._commented("comment_created", issue, made)
        return made

    @locked
    def edit_comment(
        self, actor: JiraUser, key: str, id: str, body: Json, properties: Mapping[str, Any] | None = None
    ) -> JiraComment:
        """Change a comment: its author may, and the project's administrators."""
        issue, old = self.issue(key), self.find_comment(key, id)
        if old.author is not actor and not self.in_role(actor, issue, "Administrators"):
            raise Refusal(400, f"You do not have permission to edit comment with id: {id}")
        made = dataclasses.replace(
            old,
            body=_checked(body),
            updated=self.world.now(),
            update_author=actor,
            properties={**old.properties, **(properties or {})},
        )
        self.comments_of[issue.id][id] = made
        self._commented("comment_updated", issue, made)
        return made

    @locked
    def delete_comment(self, actor: JiraUser, key: str, id: str) -> None:
        """Take a comment away: its author may, and the project's administrators."""
        issue, old = self.issue(key), self.find_comment(key, id)
        if old.author is not actor and not self.in_role(actor, issue, "Administrators"):
            raise Refusal(400, f"You do not have permission to delete comment with id: {id}")
        del self.comments_of[issue.id][id]
        self._commented("comment_deleted", issue, old)

    @locked
    def delete(self, actor: JiraUser, key: str) -> None:
        issue = self.issue(key)
        del self.issues[issue.key]
        self._say(actor, "jira:issue_deleted", "issue_deleted", issue=issue_in_hook(self, issue))

    @locked
    def link(self, key: str, global_id: str, link: Json) -> tuple[RemoteLink, bool]:
        """Make a remote link, or replace the one with the same global id; tell whether it is new.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-remote-links/"""
        old = [known for known in self.remote_links(key) if global_id and known.global_id == global_id]
        target = link.get("object")
        if not isinstance(target, dict) or not target.get("url") or not target.get("title"):
            raise Refusal(400, "'title' and 'url' are required.", "object")
        issue = self.issue(key)
        made = RemoteLink(
            id=old[0].id if old else self.world.next_id(),
            issue=issue.id,
            global_id=global_id,
            application=link.get("application") or {},
            relationship=link.get("relationship"),
            object=target,
        )
        self.links_of[issue.id][made.id] = made
        return made, not old

    @locked
    def unlink(self, key: str, global_id: str) -> None:
        for link in self.remote_links(key):
            if link.global_id == global_id:
                del self.links_of[link.issue][link.id]
                return
        raise Refusal(404, f"No remote link with the global id '{global_id}'.")

    def find_comment(self, key: str, id: str) -> JiraComment:
        found = self.comments_of[self.issue(key).id].get(id)
        if found is None:
            raise Refusal(404, f"Can not find a comment for the id: {id}.")
        return found

    def _commented(self, event: str, issue: JiraIssue, comment: JiraComment) -> None:
        whole = issue_in_hook(self, issue)
        few = {
            name: whole["fields"][name] for name in ("summary", "issuetype", "project", "assignee", "status")
        }
        self.hooks.send(
            "jira",
            event,
            {
                "timestamp": millis(self),
                "webhookEvent": event,
                "comment": comment_in_hook(self, comment),
                "issue": {"id": issue.id, "self": whole["self"], "key": issue.key, "fields": few},
                "eventType": "primaryAction",
            },
            {},
        )

    def _say(self, actor: JiraUser, event: str, what: str, **parts: Json) -> None:
        payload = {
            "timestamp": millis(self),
            "webhookEvent": event,
            "issue_event_type_name": what,
            "user": in_hook(self, actor),
            **parts,
        }
        self.hooks.send("jira", event, payload, {})


def _held(value: Any) -> Any:
    """Return what Jira keeps: an instant, and not how it was written."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def relabelled(labels: tuple[str, ...], add: tuple[str, ...], remove: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``labels`` without those removed and with those added, each once, sorted as Jira does."""
    return tuple(sorted({*labels, *add} - set(remove)))


def _checked(body: Json) -> Json:
    if not adf.is_document(body):
        raise Refusal(400, "Comment body is not valid!", "comment")
    if not adf.to_text(body).strip():
        raise Refusal(400, "Comment body can not be empty!", "comment")
    return body
