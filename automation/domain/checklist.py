"""The checklist of discovery: the problem in a user's words, and a user who was asked, with their role.

What carries the date of several issues is agreed for all of them: its checklist is that of each of those
that a deal counts on. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from automation.model import Contact, IssueState, Problem
from automation.text.typed_names import role_named

PROBLEM, USER = "problem", "user"
"""What the checklist asks for: each by the command that says it."""
CALLED = {PROBLEM: "the problem in a user's words", USER: "a user who was asked, with their role"}


def missing(*issues: IssueState) -> tuple[str, ...]:
    """Return what the checklist still asks for, on one of these issues at least."""
    said = {
        PROBLEM: all(state.problems for state in issues),
        USER: all(any(role_named(user.words) for user in state.users) for state in issues),
    }
    return tuple(word for word, there in said.items() if not there)


def asked_of(issues: Iterable[IssueState]) -> tuple[IssueState, ...]:
    """Return those that stand on a carrier and whose checklist counts: those that a deal counts on, or all
    where none does."""
    standing = tuple(issues)
    return tuple(state for state in standing if state.concerned()) or standing


def on_each(issues: Iterable[IssueState]) -> tuple[tuple[Problem, ...], tuple[Contact, ...]]:
    """Return what a carrier has of the checklist: what was said on each of the issues that stand on it."""
    asked = asked_of(issues)
    lacks = missing(*asked)
    problems = tuple(problem for state in asked for problem in state.problems if PROBLEM not in lacks)
    users = tuple(user for state in asked for user in state.users if USER not in lacks)
    return problems, users
