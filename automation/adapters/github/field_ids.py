"""What GitHub's deadline fields are called here and in the rules. Pure."""

from __future__ import annotations

from automation.domain.fields import MILESTONE, folded

ALWAYS = frozenset(folded(name) for name in (MILESTONE.id, MILESTONE.label))
"""What the rules may call the field that is everywhere. Nobody need be asked for it."""


def is_made(name: str) -> bool:
    """Tell whether a name in the rules means a field that people made."""
    return folded(name) not in ALWAYS


def column_id(project: str, column: str) -> str:
    """Return what a column of a project is called here, by the node ids of both. The id of the project alone
    means all of its columns."""
    return f"{project}.{column}"


def id_of(number: int) -> str:
    """Return what a field of an organisation's issues is called here, whatever people call it."""
    return f"issue_field_{number}"
