"""What Jira's deadline fields hold and held: a day, or an instant, which is a day in the zone of the rules.

Jira writes an instant in the zone of whoever asks, and its history in that of whoever changed it; so the
``ref`` of a value is the instant in UTC, and what is compared are instants. Pure; raises Malformed where a
value looks like no date at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, tzinfo

from automation.adapters.jira.answers import changed, evidence
from automation.adapters.shapes import Malformed, at, instant, text, text_or_empty
from automation.model import NOTHING, DeadlineField, Move, Value

NOON = time(12)
"""When a day begins that was agreed without a time: far from where another zone would make it another day."""

_DAY = re.compile(r"[+-]?[0-9]{1,9}-[0-9]{1,2}-[0-9]{1,2}", re.ASCII)
_SHOWN = re.compile(r"([0-9]{1,2})/([A-Za-z]{3})/(?:20)?([0-9]{2})", re.ASCII)
"""A day as Jira shows it unless a site says otherwise: ``16/Apr/24``. Of other ways nothing can be told."""


def of_day(field: DeadlineField, day: date, zone: tzinfo) -> Value:
    """Return what a field is set to for ``day``."""
    return _of_moment(datetime.combine(day, NOON, zone), zone) if field.moment else _plain(day)


def held(issue: object, field: DeadlineField, zone: tzinfo) -> Value:
    """Read what an issue holds in a field that it has."""
    path = f"fields.{field.id}"
    if at(issue, path) is None:
        return NOTHING
    written = text(issue, path)
    if not field.moment:
        promised = day(issue, path)
        return _plain(promised) if promised else Value(written, None, written)
    found = _read_moment(written, zone)
    if found is None and not _DAY.match(written):
        raise Malformed(path)
    return found or Value(written, None, written)


def day(body: object, path: str) -> date | None:
    """Read ``2027-03-01``; a field that is empty or not on the project's screens has none, and nor has one
    with a day that there is not (``12027-03-01``). Raise Malformed for what looks like no day at all."""
    if at(body, path) is None:
        return None
    said = text(body, path)
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        if _DAY.fullmatch(said):
            return None
        raise Malformed(path) from error


def moves(entries: Iterable[object], field: DeadlineField, version: str, zone: tzinfo) -> Iterator[Move]:
    """Read the changes of a date field; ``entries`` and they come newest first. An entry without a time
    ends the history, as what cannot be read lends nobody its place."""
    for entry, item in changed(entries, field.id, field.label):
        try:
            when, id = instant(entry, "created"), text(entry, "id")
        except Malformed:
            return
        by = evidence(entry, version)
        old, new = (_said(item, side, field, zone) for side in ("from", "to"))
        yield Move(id, when, by.actor if by else None, old, new)


def _said(item: object, side: str, field: DeadlineField, zone: tzinfo) -> Value | None:
    """Read one side of a change (``2024-04-25``, empty for none), or None where it is not said.

    ``to`` is the date or the instant; ``toString`` adds a time to it (``2024-04-25 00:00:00.0``), or is as
    the site shows dates (``16/Apr/24``, ``16/Apr/24 2:30 PM``), which is all that some entries have, and
    tells no instant. So with ``from``.
    """
    if not isinstance(item, dict) or not {side, f"{side}String"} & item.keys():
        return None
    given = (item.get(side), item.get(f"{side}String"))
    if any(one is not None and not isinstance(one, str) for one in given):
        return None
    written = [one for one in given if one]
    if not written:
        return NOTHING
    if field.moment:
        return _read_moment(text_or_empty(item, side), zone)
    days = (_day_of(one) for one in written)
    return next((_plain(found) for found in days if found), None)


def _plain(day: date) -> Value:
    return Value(day.isoformat(), day, day.isoformat())


def _read_moment(written: str, zone: tzinfo) -> Value | None:
    """Read ``2027-03-01T14:30:00.000+0100``; None for an instant that there is not, or without its offset."""
    try:
        moment = datetime.fromisoformat(written)
        return _of_moment(moment, zone) if moment.tzinfo else None
    except (ValueError, OverflowError):  # at the very end or beginning of all days
        return None


def _of_moment(moment: datetime, zone: tzinfo) -> Value:
    """Return the value of an instant, as Jira wants it written: to the millisecond, its offset without a
    colon."""
    there = moment.astimezone(zone)
    ref = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")
    return Value(ref, there.date(), there.strftime("%Y-%m-%d %H:%M"))


def _day_of(written: str) -> date | None:
    shown = _SHOWN.fullmatch(written)
    try:
        if shown:
            return datetime.strptime("/".join(shown.groups()), "%d/%b/%y").date()
        return date.fromisoformat(written.partition(" ")[0])
    except ValueError:
        return None
