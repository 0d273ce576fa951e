"""What GitHub's GraphQL API says of a repository and its issues: the values behind the schema.

What lags behind in the REST API does so here, too, and all of it can lag by itself (``graphql``).
https://docs.github.com/en/graphql/reference/objects#issue
https://docs.github.com/en/graphql/reference/objects#issuecomment
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from automation.sandbox.github_nouns import (
    Comment,
    Edit,
    FieldValue,
    Issue,
    IssueEvent,
    IssueField,
    Label,
    Milestone,
    Repo,
    User,
)
from automation.sandbox.github_person import GitHub
from automation.sandbox.github_project_graph import items_of, status_of
from automation.sandbox.github_shapes import node, stamp
from automation.sandbox.world import Json

Info = GraphQLResolveInfo[Any]

TIMELINE = {
    "labeled": "LABELED_EVENT",
    "unlabeled": "UNLABELED_EVENT",
    "renamed": "RENAMED_TITLE_EVENT",
    "milestoned": "MILESTONED_EVENT",
    "demilestoned": "DEMILESTONED_EVENT",
    "issue_field_added": "ISSUE_FIELD_ADDED_EVENT",
    "issue_field_changed": "ISSUE_FIELD_CHANGED_EVENT",
    "issue_field_removed": "ISSUE_FIELD_REMOVED_EVENT",
    "project_v2_item_status_changed": "PROJECT_V2_ITEM_STATUS_CHANGED_EVENT",
}
KINDS = {
    "labeled": "LabeledEvent",
    "unlabeled": "UnlabeledEvent",
    "renamed": "RenamedTitleEvent",
    "milestoned": "MilestonedEvent",
    "demilestoned": "DemilestonedEvent",
    "issue_field_added": "IssueFieldAddedEvent",
    "issue_field_changed": "IssueFieldChangedEvent",
    "issue_field_removed": "IssueFieldRemovedEvent",
    "project_v2_item_status_changed": "ProjectV2ItemStatusChangedEvent",
}
"""What the events of the REST API are called here."""


def graph_of(hub: GitHub, repo: Repo, viewer: User) -> Json:
    """Return a repository."""

    def issue(_info: Info, number: int) -> Json:
        known = repo.issues.get(number)
        if known is None or not _shown(hub, known.created_at, "issue"):
            raise GraphQLError(f"Could not resolve to an Issue with the number of {number}.")
        copies = (hub.seen(repo, number, kind) for kind in ("graphql", "fields"))
        return issue_of(hub, repo, min(copies, key=lambda issue: issue.updated_at), viewer)

    def milestones(
        _info: Info,
        first: int | None = None,
        last: int | None = None,
        states: Sequence[str] | None = None,
        orderBy: object = None,
    ) -> Json:
        found = [
            milestone
            for milestone in repo.milestones.values()
            if (not states or milestone.state.upper() in states)
            and _shown(hub, milestone.created_at, "milestones")
        ]
        # By the due date, those without one last, as far as anybody can see.
        found.sort(key=lambda one: (one.due_on is None, one.due_on or one.created_at, one.number))
        return connection([_milestone(hub, one) for one in found], first, last)

    return {
        "id": node("R", repo.id),
        "databaseId": repo.id,
        "nameWithOwner": repo.full_name,
        "isPrivate": repo.private,
        "issue": issue,
        "milestones": milestones,
    }


def _shown(hub: GitHub, made: datetime, kind: str) -> bool:
    return hub.world.shown(made, kind) and hub.world.shown(made, "graphql")


def issue_of(hub: GitHub, repo: Repo, issue: Issue, viewer: User) -> Json:
    def edits(_info: Info, first: int | None = None, last: int | None = None) -> Json:
        """The newest come first."""
        return connection([_edit(edit) for edit in reversed(issue.edits)], first, last)

    def timeline(
        _info: Info,
        first: int | None = None,
        last: int | None = None,
        before: str | None = None,
        itemTypes: Sequence[str] | None = None,
    ) -> Json:
        events = [
            _event(event, repo) | (status_of(hub, event, viewer) if event.project else {})
            for event in repo.events_of[issue.number]
            if TIMELINE.get(event.what) in (itemTypes or TIMELINE.values())
            and _shown(hub, event.created_at, "history")
            and (not event.label or _label_of(event, repo))
        ]
        return connection(events, first, last, before)

    def comments(
        _info: Info, first: int | None = None, last: int | None = None, before: str | None = None
    ) -> Json:
        found = [
            comment_of(comment, viewer)
            for comment in hub.comments(repo.full_name, issue.number)
            if _shown(hub, comment.created_at, "list")
        ]
        return connection(found, first, last, before)

    def labels(_info: Info, first: int | None = None, last: int | None = None) -> Json:
        found = [_label(repo.labels[name.lower()]) for name in issue.labels]
        return connection(found, first, last)

    def field_values(_info: Info, first: int | None = None, last: int | None = None) -> Json:
        return connection([field_value(held) for held in issue.values], first, last)

    def project_items(
        _info: Info, first: int | None = None, last: int | None = None, includeArchived: bool = True
    ) -> Json:
        return connection(items_of(hub, repo, issue, viewer, field_value), first, last)

    def assignees(_info: Info, first: int | None = None, last: int | None = None) -> Json:
        return connection([], first, last)

    return {
        "__typename": "Issue",
        "userContentEdits": edits,
        "timelineItems": timeline,
        "comments": comments,
        "labels": labels,
        "assignees": assignees,
        "issueFieldValues": field_values,
        "projectItems": project_items,
        "includesCreatedEdit": bool(issue.edits),
        "number": issue.number,
        "url": f"{hub.url}/{repo.full_name}/issues/{issue.number}",
        "title": issue.title,
        "body": issue.body,
        "state": issue.state.upper(),
        "stateReason": _reason(issue),
        "milestone": _milestone(hub, issue.milestone, "fields") if issue.milestone else None,
        "repository": lambda _info: graph_of(hub, repo, viewer),
        "id": node("I", issue.id),
        "fullDatabaseId": str(issue.id),
        "createdAt": stamp(issue.created_at),
        "updatedAt": stamp(issue.updated_at),
        "lastEditedAt": stamp(issue.edited_at),
        "author": person_of(issue.author),
        "editor": person_of(issue.editor) if issue.editor else None,
    }


def _reason(issue: Issue) -> Any:
    """A duplicate is told as one to those only who say that they know of duplicates.
    https://docs.github.com/en/graphql/reference/objects#issue"""

    def reason(_info: Info, enableDuplicate: bool = False) -> str | None:
        if issue.reason == "duplicate" and not enableDuplicate:
            return "NOT_PLANNED"
        return issue.reason.upper() if issue.reason else None

    return reason


def _milestone(hub: GitHub, milestone: Milestone, *lags: str) -> Json:
    """With the due date that can be read by now."""
    due_on = milestone.due_on
    if milestone.dues:
        shown = (hub.world.as_shown(milestone.dues, lambda one: one[0], kind) for kind in ("graphql", *lags))
        _, due_on = min(shown, key=lambda one: one[0])
    return {
        "id": node("MI", milestone.id),
        "number": milestone.number,
        "title": milestone.title,
        "dueOn": stamp(due_on),
        "state": milestone.state.upper(),
        "updatedAt": stamp(milestone.updated_at),
    }


def comment_of(comment: Comment, viewer: User) -> Json:
    return {
        "__typename": "IssueComment",
        "id": node("IC", comment.id),
        "fullDatabaseId": str(comment.id),
        "body": comment.body,
        "createdAt": stamp(comment.created_at),
        "updatedAt": stamp(comment.updated_at),
        "lastEditedAt": stamp(comment.edited_at),
        "author": person_of(comment.author),
        "editor": person_of(comment.author) if comment.edited_at else None,
        "viewerDidAuthor": comment.author is viewer,
    }


def _edit(edit: Edit) -> Json:
    return {
        "id": node("UCE", edit.id),
        "createdAt": stamp(edit.at),
        "editedAt": stamp(edit.at),
        "deletedAt": None if edit.text is not None else stamp(edit.at),
        "diff": edit.text,
        "editor": person_of(edit.editor),
    }


def _label(label: Label) -> Json:
    return {
        "id": node("LA", label.id),
        "name": label.name,
        "createdAt": stamp(label.created_at),
        "updatedAt": stamp(label.updated_at),
    }


def _label_of(event: IssueEvent, repo: Repo) -> Label | None:
    """Return the label of an event as it is called now: by its id, and after a transfer by its name. What
    happened to one that was deleted is not told of."""
    by_id = (label for label in repo.labels.values() if label.id == event.label)
    return next(by_id, None) or repo.labels.get(event.name.lower())


def _event(event: IssueEvent, repo: Repo) -> Json:
    label = _label_of(event, repo) if event.label else None
    return {
        "__typename": KINDS[event.what],
        "id": node("EV", event.id),
        "createdAt": stamp(event.created_at),
        "previousTitle": event.renamed_from,
        "currentTitle": event.name,
        "milestoneTitle": event.name,
        "label": _label(label) if label else None,
        "actor": person_of(event.actor),
        "issueField": field_of(event.field) if event.field else None,
        "value": event.after,
        "previousValue": event.before,
        "newValue": event.after,
    }


def field_of(field: IssueField) -> Json:
    """Return a field by its node id: it has no other one here."""
    kind = field.data_type.upper()
    return {
        "__typename": f"IssueField{kind.title()}",
        "id": node("IF", field.id),
        "name": field.name,
        "dataType": kind,
    }


def field_value(held: FieldValue) -> Json:
    made = field_of(held.field)
    return {
        "__typename": f"{made['__typename']}Value",
        "id": node("IFV", held.id),
        "field": made,
        "value": held.value,
    }


def connection(found: list[Json], first: int | None, last: int | None, before: str | None = None) -> Json:
    """Cut a page; GitHub gives at most 100 and refuses a question without a number.
    https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api"""
    wanted = first if first is not None else last
    if wanted is None or not 0 < wanted <= 100:
        raise GraphQLError("You must provide a `first` or `last` value between 1 and 100.")
    ids = [str(one["id"]) for one in found]
    end = ids.index(before) if before in ids else len(found)
    start = max(0, end - wanted) if first is None else 0
    stop = end if first is None else min(end, wanted)
    page = {
        "hasPreviousPage": start > 0,
        "hasNextPage": stop < len(found),
        "startCursor": ids[start] if start < stop else None,
        "endCursor": ids[stop - 1] if start < stop else None,
    }
    return {"totalCount": len(found), "nodes": found[start:stop], "pageInfo": page}


def person_of(user: User) -> Json:
    kind = "Bot" if user.type == "Bot" else "User"
    return {
        "__typename": kind,
        "id": node("U", user.id),
        "login": user.login,
        "databaseId": user.id,
        "name": user.name or None,
    }
