"""Take single values out of foreign JSON: only those needed, and say which one was missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import sha256

EARLIEST, LATEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
"""Between these lies all that can have happened in a tracker, also what was imported into it. What is
outside, such as the year 1 or 1970 where somebody had no time to give, is no time, and nothing can be
reckoned with it."""


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
    """Return when something happened, an ISO 8601 instant in UTC. Raise Malformed for anything else, also
    without a zone, or where it cannot have been then."""
    try:
        value = datetime.fromisoformat(text(body, path))
        if value.tzinfo is None:
            raise Malformed(path)
        moment = value.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Malformed(path) from error
    if not EARLIEST <= moment < LATEST:
        raise Malformed(path)
    return moment


def epoch_millis(body: object, path: str) -> datetime | None:
    """Return when something happened, given as milliseconds since 1970; None where it cannot be a time."""
    millis = at(body, path)
    if not isinstance(millis, int) or isinstance(millis, bool):
        return None
    if not EARLIEST.timestamp() * 1000 <= millis < LATEST.timestamp() * 1000:
        return None
    return datetime.fromtimestamp(millis / 1000, UTC)


def due_day(body: object, path: str) -> date | None:
    """Return the day in UTC of an instant that stands for a day, however far away it is; None where it is
    no day that there is."""
    try:
        value = datetime.fromisoformat(text_or_empty(body, path))
        return (value if value.tzinfo is None else value.astimezone(UTC)).date()
    except OverflowError:  # at the very end or beginning of all days
        return value.date()
    except ValueError:
        return None


def instant_or_none(body: object, path: str) -> datetime | None:
    try:
        return instant(body, path)
    except Malformed:
        return None


def digest_of(body: object) -> str:
    """Return a digest (SHA-256, in hex) of a comment's body: of its text, or of its JSON (keys in order, no
    spaces)."""
    plain = body if isinstance(body, str) else json.dumps(body, sort_keys=True, separators=(",", ":"))
    return sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
