"""Take single values out of foreign JSON: only those needed, and say which one was missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime


class Malformed(ValueError):
    """A needed value is missing or of the wrong kind. ``path`` says which (``issue.number``)."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is missing or not what it should be")
        self.path = path


def at(body: object, path: str) -> object:
    """Return what stands at a dotted path; None where any part of it is missing."""
    for key in path.split("."):
        if not isinstance(body, Mapping):
            return None
        body = body.get(key)
    return body


def text(body: object, path: str) -> str:
    """Return a text that is not empty, or raise Malformed."""
    value = at(body, path)
    if not isinstance(value, str) or not value:
        raise Malformed(path)
    return value


def text_or_empty(body: object, path: str) -> str:
    value = at(body, path)
    return value if isinstance(value, str) else ""


def number(body: object, path: str) -> int:
    """Return a positive whole number of at most 64 bits (an id, an issue number), or raise Malformed."""
    value = at(body, path)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
        raise Malformed(path)
    return value


def many(body: object, path: str) -> list[object]:
    """Return a list, or raise Malformed."""
    value = at(body, path)
    if not isinstance(value, list):
        raise Malformed(path)
    return value


def instant(body: object, path: str) -> datetime:
    """Return an ISO 8601 instant in UTC, or raise Malformed for anything else, also without a zone."""
    try:
        value = datetime.fromisoformat(text(body, path))
        if value.tzinfo is None:
            raise Malformed(path)
        return value.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Malformed(path) from error


def instant_or_none(body: object, path: str) -> datetime | None:
    try:
        return instant(body, path)
    except Malformed:
        return None
