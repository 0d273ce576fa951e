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
    GraphQLSchema,
    execute_sync,
    parse,
    validate,
)

from automation.sandbox.github_graph import comment_of, field_value, graph_of, issue_of
from automation.sandbox.github_nouns import User
from automation.sandbox.github_person import GitHub
from automation.sandbox.github_project_graph import ProjectMutations
from automation.sandbox.github_schema import schema_of
from automation.sandbox.world import Json, Refusal

Info = GraphQLResolveInfo[Any]


def run(hub: GitHub, actor: User, sent: Json) -> Json:
    """Answer a request of ``actor``, as GitHub would: errors in ``errors``, always with status 200."""
    schema = schema_of(hub.knows_issue_fields, hub.knows_statuses)
    try:
        asked = _parsed(schema, str(sent.get("query", "")))
    except GraphQLError as error:
        return {"errors": [{"message": error.message, "extensions": {"code": _code(error.message)}}]}
    result = execute_sync(
        schema, asked, root_value=_Root(hub, actor), variable_values=sent.get("variables") or {}
    )
    answer: Json = {"data": result.data} if result.data is not None or not result.errors else {}
    if result.errors:
        answer["errors"] = [
            {
                "type": getattr(error.original_error, "type", "NOT_FOUND"),
                "message": error.message,
                "path": error.path,
            }
            for error in result.errors
        ]
    return answer


@functools.lru_cache(maxsize=64)
def _parsed(schema: GraphQLSchema, query: str) -> DocumentNode:
    """Return a query that fits the schema. Clients ask the same few, and this is most of the work."""
    document = parse(query)
    for error in validate(schema, document):
        raise error
    return document


def _code(message: str) -> str:
    """Return what GitHub calls a mistake in a question, of those that it is likely to make.
    https://graphql-ruby.org/api-doc/GraphQL/StaticValidation"""
    if message.startswith("Cannot query field"):
        return "undefinedField"
    if message.startswith("Unknown type"):
        return "undefinedType"
    return "argumentLiteralsIncompatible" if "enum" in message else "parseError"


class _Root:
    def __init__(self, hub: GitHub, actor: User) -> None:
        self._hub = hub
        self._actor = actor
        projects = ProjectMutations(hub, actor, field_value)
        self.updateProjectV2ItemFieldValue = projects.update
        self.clearProjectV2ItemFieldValue = projects.clear
        self.addProjectV2ItemById = projects.add

    def node(self, _info: Info, id: str) -> Json:
        kind, _, digits = id.partition("_")
        number = int(digits) if digits.isdecimal() else 0
        for repo in self._hub.repos.values():
            if repo.may(self._actor, "read"):
                comment = repo.comments.get(number)
                if kind == "IC" and comment and self._hub.world.shown(comment.created_at, "graphql"):
                    return comment_of(comment, self._actor)
            for issue in list(repo.issues.values()):
                shown = repo.may(self._actor, "read") and self._hub.world.shown(issue.created_at, "graphql")
                if kind == "I" and issue.id == number and shown:
                    return issue_of(self._hub, repo, issue, self._actor)
        raise GraphQLError(f"Could not resolve to a node with the global id of '{id}'")

    def repository(self, _info: Info, owner: str, name: str, followRenames: bool = True) -> Json:
        try:
            repo = self._hub.readable(f"{owner}/{name}", self._actor)
        except Refusal as refusal:
            raise GraphQLError(
                f"Could not resolve to a Repository with the name '{owner}/{name}'."
            ) from refusal
        return graph_of(self._hub, repo, self._actor)
