"""The corner of GitHub's GraphQL API that tells who last edited words, run by graphql-core.

https://docs.github.com/en/graphql/reference/objects#issuecomment
https://docs.github.com/en/graphql/reference/objects#issue
"""

from __future__ import annotations

import functools
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLResolveInfo,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from automation.sandbox.github_nouns import Comment, Edit, Issue, IssueEvent, Repo, User
from automation.sandbox.github_person import GitHub
from automation.sandbox.github_shapes import node, stamp
from automation.sandbox.world import Json, Refusal

Info = GraphQLResolveInfo[Any]

_SCHEMA = build_schema(
    """
    scalar DateTime
    interface Node { id: ID! }
    interface Actor { login: String! }
    type User implements Node & Actor { id: ID! login: String! databaseId: Int }
    type Bot implements Node & Actor { id: ID! login: String! databaseId: Int }
    type IssueComment implements Node { id: ID! lastEditedAt: DateTime }
    type UserContentEdit implements Node {
      id: ID! createdAt: DateTime! editedAt: DateTime! deletedAt: DateTime diff: String editor: Actor
    }
    type UserContentEditConnection { totalCount: Int! nodes: [UserContentEdit] }
    enum IssueTimelineItemsItemType { RENAMED_TITLE_EVENT }
    type RenamedTitleEvent implements Node {
      id: ID! createdAt: DateTime! previousTitle: String! currentTitle: String! actor: Actor
    }
    union IssueTimelineItems = RenamedTitleEvent
    type IssueTimelineItemsConnection { totalCount: Int! nodes: [IssueTimelineItems] }
    type Issue implements Node {
      id: ID! title: String! body: String! createdAt: DateTime! lastEditedAt: DateTime
      includesCreatedEdit: Boolean! author: Actor editor: Actor
      userContentEdits(first: Int, last: Int): UserContentEditConnection
      timelineItems(first: Int, last: Int, itemTypes: [IssueTimelineItemsItemType!]):
        IssueTimelineItemsConnection!
    }
    type Repository { issue(number: Int!): Issue }
    type Query { node(id: ID!): Node repository(owner: String!, name: String!): Repository }
    """
)


def run(hub: GitHub, actor: User, sent: Json) -> Json:
    """Answer a request of ``actor``, as GitHub would: errors in ``errors``, always with status 200."""
    try:
        asked = _parsed(str(sent.get("query", "")))
    except GraphQLError as error:
        return {"errors": [{"message": error.message}]}
    result = execute_sync(
        _SCHEMA, asked, root_value=_Root(hub, actor), variable_values=sent.get("variables") or {}
    )
    answer: Json = {"data": result.data} if result.data is not None or not result.errors else {}
    if result.errors:
        answer["errors"] = [
            {"type": "NOT_FOUND", "message": error.message, "path": error.path} for error in result.errors
        ]
    return answer


@functools.lru_cache(maxsize=64)
def _parsed(query: str) -> DocumentNode:
    """Return a query that fits the schema. Clients ask the same few, and this is most of the work."""
    document = parse(query)
    for error in validate(_SCHEMA, document):
        raise error
    return document


class _Root:
    def __init__(self, hub: GitHub, actor: User) -> None:
        self._hub = hub
        self._actor = actor

    def node(self, _info: Info, id: str) -> Json:
        kind, _, digits = id.partition("_")
        number = int(digits) if digits.isdecimal() else 0
        for repo in self._hub.repos.values():
            if repo.may(self._actor, "read"):
                comment = repo.comments.get(number)
                if kind == "IC" and comment and self._hub.world.shown(comment.created_at, "graphql"):
                    return _comment(comment)
        raise GraphQLError(f"Could not resolve to a node with the global id of '{id}'")

    def repository(self, _info: Info, owner: str, name: str) -> dict[str, Any]:
        try:
            repo = self._hub.readable(f"{owner}/{name}", self._actor)
        except Refusal as refusal:
            raise GraphQLError(
                f"Could not resolve to a Repository with the name '{owner}/{name}'."
            ) from refusal

        def issue(_info: Info, number: int) -> Json | None:
            if number not in repo.issues:
                raise GraphQLError(f"Could not resolve to an Issue with the number of {number}.")
            return _issue(repo, self._hub.seen(repo, number, "graphql"))

        return {"issue": issue}


def _comment(comment: Comment) -> Json:
    return {
        "__typename": "IssueComment",
        "id": node("IC", comment.id),
        "lastEditedAt": stamp(comment.edited_at),
    }


def _issue(repo: Repo, issue: Issue) -> dict[str, Any]:
    def edits(_info: Info, first: int | None = None, last: int | None = None) -> Json:
        """The newest come first."""
        found = [_edit(edit) for edit in reversed(issue.edits)]
        return {"totalCount": len(found), "nodes": _page(found, first, last)}

    def timeline(
        _info: Info, first: int | None = None, last: int | None = None, itemTypes: object = None
    ) -> Json:
        events = [_renamed(repo, issue, e) for e in repo.events_of[issue.number] if e.what == "renamed"]
        return {"totalCount": len(events), "nodes": _page(events, first, last)}

    return {
        "userContentEdits": edits,
        "timelineItems": timeline,
        "includesCreatedEdit": bool(issue.edits),
        "title": issue.title,
        "body": issue.body,
        "id": node("I", issue.id),
        "createdAt": stamp(issue.created_at),
        "lastEditedAt": stamp(issue.edited_at),
        "author": _actor(issue.author),
        "editor": _actor(issue.editor) if issue.editor else None,
    }


def _edit(edit: Edit) -> Json:
    return {
        "id": node("UCE", edit.id),
        "createdAt": stamp(edit.at),
        "editedAt": stamp(edit.at),
        "deletedAt": None if edit.text is not None else stamp(edit.at),
        "diff": edit.text,
        "editor": _actor(edit.editor),
    }


def _renamed(repo: Repo, issue: Issue, event: IssueEvent) -> Json:
    return {
        "__typename": "RenamedTitleEvent",
        "id": node("RTE", event.id),
        "createdAt": stamp(event.created_at),
        "previousTitle": event.renamed_from,
        "currentTitle": event.name,
        "actor": _actor(event.actor),
    }


def _page(found: list[Json], first: int | None, last: int | None) -> list[Json]:
    """Cut a page; GitHub gives at most 100 and refuses a question without a number.
    https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api"""
    wanted = first if first is not None else last
    if wanted is None or not 0 < wanted <= 100:
        raise GraphQLError("You must provide a `first` or `last` value between 1 and 100.")
    return found[:wanted] if first is not None else found[-wanted:]


def _actor(user: User) -> Json:
    kind = "Bot" if user.type == "Bot" else "User"
    return {"__typename": kind, "id": node("U", user.id), "login": user.login, "databaseId": user.id}
