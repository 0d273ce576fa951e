"""Who did something, as GraphQL tells it of an issue's history.

https://docs.github.com/en/graphql/reference/interfaces#actor
"""

from __future__ import annotations

from automation.adapters.github.answers import person
from automation.adapters.shapes import Malformed, at
from automation.model import Person

PERSON = """
fragment person on Actor { login ... on User { databaseId } ... on Bot { databaseId } }"""
"""What is asked of an actor."""


def actor(body: object, path: str) -> Person | None:
    """Read a person; nobody for an account that is gone."""
    try:
        who = at(body, path)
        return person({"who": {"id": at(who, "databaseId"), "login": at(who, "login")}}, "who")
    except Malformed:
        return None
