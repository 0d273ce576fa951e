"""What the errors in an answer of GitHub's GraphQL interface mean. Pure.

https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
"""

from __future__ import annotations

from automation.adapters.errors import Missing
from automation.adapters.shapes import text_or_empty
from automation.ports import Refused, Unavailable

FOR_GOOD = frozenset({"NOT_FOUND", "FORBIDDEN", "INSUFFICIENT_SCOPES"})
"""The types of GraphQL errors that mean no. Others may say no more than "Something went wrong".
https://docs.github.com/en/graphql/guides/forming-calls-with-graphql"""
UNPROCESSABLE = "UNPROCESSABLE"
"""The type of an error about a write that is not accepted."""
UNKNOWN = frozenset({"undefinedField", "undefinedType", "argumentLiteralsIncompatible"})
"""The codes of GraphQL errors which say that a schema does not have what was asked for, so that nothing of
the question is answered. https://graphql-ruby.org/api-doc/GraphQL/StaticValidation"""


class Undefined(Refused):
    """A server's GraphQL schema does not have what was asked for."""


def problem(errors: object, for_good: frozenset[str]) -> Refused | Unavailable:
    """Return what to raise: ``for_good`` are the types of errors that mean no."""
    listed = errors if isinstance(errors, list) else [{}]
    if {text_or_empty(error, "extensions.code") for error in listed} & UNKNOWN:
        return Undefined("GitHub's GraphQL interface does not know what was asked for")
    kinds = {text_or_empty(error, "type") for error in listed}
    if kinds <= for_good:
        said = f"GitHub's GraphQL interface said {', '.join(sorted(kinds))}"
        return Missing(said) if "NOT_FOUND" in kinds else Refused(said)
    return Unavailable("GitHub's GraphQL interface could not answer this time")
