"""The corner of GitHub's GraphQL API that tells of issues, their history and words, run by graphql-core.

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

from automation.sandbox.github_graph import comment_of, graph_of
from automation.sandbox.github_nouns import User
from automation.sandbox.github_person import GitHub
from automation.sandbox.world import Json, Refusal

Info = GraphQLResolveInfo[Any]

_SCHEMA = build_schema(
    """
    scalar DateTime
    scalar BigInt
    scalar URI
    interface Node { id: ID! }
    interface Actor { login: String! }
    type User implements Node & Actor { id: ID! login: String! databaseId: Int name: String }
    type Bot implements Node & Actor { id: ID! login: String! databaseId: Int }
    type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
    type IssueComment implements Node {
      id: ID! fullDatabaseId: BigInt body: String! createdAt: DateTime! updatedAt: DateTime!
      lastEditedAt: DateTime author: Actor editor: Actor viewerDidAuthor: Boolean!
    }
    type IssueCommentConnection { totalCount: Int! nodes: [IssueComment] pageInfo: PageInfo! }
    type UserContentEdit implements Node {
      id: ID! createdAt: DateTime! editedAt: DateTime! deletedAt: DateTime diff: String editor: Actor
    }
    type UserContentEditConnection { totalCount: Int! nodes: [UserContentEdit] }
    enum IssueTimelineItemsItemType { RENAMED_TITLE_EVENT MILESTONED_EVENT DEMILESTONED_EVENT }
    type RenamedTitleEvent implements Node {
      id: ID! createdAt: DateTime! previousTitle: String! currentTitle: String! actor: Actor
    }
    type MilestonedEvent implements Node {
      id: ID! createdAt: DateTime! milestoneTitle: String! actor: Actor
    }
    type DemilestonedEvent implements Node {
      id: ID! createdAt: DateTime! milestoneTitle: String! actor: Actor
    }
    union IssueTimelineItems = RenamedTitleEvent | MilestonedEvent | DemilestonedEvent
    type IssueTimelineItemsConnection {
      totalCount: Int! nodes: [IssueTimelineItems] pageInfo: PageInfo!
    }
    type Label implements Node { id: ID! name: String! }
    type LabelConnection { totalCount: Int! nodes: [Label] }
    type UserConnection { totalCount: Int! nodes: [User] }
    enum MilestoneState { OPEN CLOSED }
    enum MilestoneOrderField { DUE_DATE CREATED_AT UPDATED_AT NUMBER }
    enum OrderDirection { ASC DESC }
    input MilestoneOrder { field: MilestoneOrderField! direction: OrderDirection! }
    type Milestone implements Node {
      id: ID! number: Int! title: String! dueOn: DateTime state: MilestoneState! updatedAt: DateTime!
    }
    type MilestoneConnection { totalCount: Int! nodes: [Milestone] pageInfo: PageInfo! }
    enum IssueState { OPEN CLOSED }
    enum IssueStateReason { REOPENED NOT_PLANNED COMPLETED DUPLICATE }
    type Issue implements Node {
      id: ID! fullDatabaseId: BigInt number: Int! url: URI! title: String! body: String!
      createdAt: DateTime! updatedAt: DateTime! lastEditedAt: DateTime
      state: IssueState! stateReason(enableDuplicate: Boolean = false): IssueStateReason
      includesCreatedEdit: Boolean! author: Actor editor: Actor milestone: Milestone repository: Repository!
      labels(first: Int, last: Int): LabelConnection
      assignees(first: Int, last: Int): UserConnection!
      comments(first: Int, last: Int, before: String): IssueCommentConnection!
      userContentEdits(first: Int, last: Int): UserContentEditConnection
      timelineItems(first: Int, last: Int, before: String, itemTypes: [IssueTimelineItemsItemType!]):
        IssueTimelineItemsConnection!
    }
    type Repository implements Node {
      id: ID! databaseId: Int nameWithOwner: String! isPrivate: Boolean! issue(number: Int!): Issue
      milestones(first: Int, last: Int, states: [MilestoneState!], orderBy: MilestoneOrder):
        MilestoneConnection
    }
    type Query {
      node(id: ID!): Node
      repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
    }
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
                    return comment_of(comment, self._actor)
        raise GraphQLError(f"Could not resolve to a node with the global id of '{id}'")

    def repository(self, _info: Info, owner: str, name: str, followRenames: bool = True) -> Json:
        try:
            repo = self._hub.readable(f"{owner}/{name}", self._actor)
        except Refusal as refusal:
            raise GraphQLError(
                f"Could not resolve to a Repository with the name '{owner}/{name}'."
            ) from refusal
        return graph_of(self._hub, repo, self._actor)
