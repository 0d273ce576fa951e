"""Since when a mode and ways to answer are in force, and when a rule failed last: for all processes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from automation.model import Way
from automation.ports import Noted
from automation.store import codec
from automation.store.database import Database, upsert
from automation.store.schema import meta

MODE = "mode"
"""The row of ``meta`` that says which mode is in force, and since when."""
FAILED_RULE = "failed rule"
"""The row of ``meta`` that says of which rules a condition had no answer, and when last."""
WAYS = "ways"
"""The row of ``meta`` that says how people may answer beside words, and since when."""

_REMEMBERED = select(meta.c.value).where(meta.c.name == bindparam("of"))

CLOCKS_DIFFER = timedelta(minutes=1)
"""What is noted for later than this was noted by a clock that was wrong."""


class Modes:
    """What the processes on one database agree about."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ways: Mapping[Way, datetime] = {}

    def ways_since(self, ways: Collection[Way], read: datetime) -> Mapping[Way, datetime]:
        """Return since when people may answer so: since the first process ``read`` rules that say it. A way
        that the rules do not name meanwhile begins anew."""
        if self._ways.keys() == set(ways):
            return self._ways
        with self._database.write() as connection:
            text = connection.scalar(_REMEMBERED, {"of": WAYS})
            known = {Way(*named): codec.to_time(at) for at, *named in json.loads(text or "[]")}
            found = {way: known.get(way, read) for way in ways}
            if found != known:
                rows = [
                    (codec.from_time(at), way.word, way.name, way.kind, way.field)
                    for way, at in found.items()
                ]
                remember(connection, WAYS, json.dumps(rows))
        self._ways = found
        return found

    def in_force_since(
        self, mode: str, noticed: datetime, now: datetime | None = None, known: Noted | None = None
    ) -> datetime:
        """Return since when ``mode`` is in force: since the first process noticed it, for all of them.

        ``noticed`` is when the asking one did. It overrules what others noticed before, but not what they
        noticed later (it may not have looked at its files since), unless that lies ahead of ``now``.
        ``known`` is what ``noted`` told a moment ago, if it was asked.
        """
        if known is None:
            with self._database.read() as connection:
                known = noted(connection)
        latest = (now or noticed) + CLOCKS_DIFFER
        if known is not None and known[0] == mode and known[1] <= latest:
            return known[1]
        with self._database.write() as connection:
            known = noted(connection)  # another process may have been faster
            if known is not None and known[1] <= latest:
                if known[0] == mode:
                    return known[1]
                if known[1] > noticed:
                    return noticed
            remember(connection, MODE, f"{mode} {codec.from_time(noticed)}")
        return noticed

    def failed_rule(self, rules: str, after: datetime) -> datetime | None:
        """Return when a condition of ``rules`` (a digest) had no answer last, if later than that."""
        with self._database.read() as connection:
            known = _told(connection, FAILED_RULE)
        if known is None or known[0] != rules or known[1] <= after:
            return None
        return known[1]


def noted(connection: Connection) -> Noted | None:
    """Return the mode that is in force, and since when."""
    return _told(connection, MODE)


def _told(connection: Connection, name: str) -> Noted | None:
    """Return what was remembered by that name, and its time."""
    return told_of(connection.scalar(_REMEMBERED, {"of": name}) or "")


def told_of(value: str) -> Noted | None:
    """Read such a row: what it says, and its time."""
    what, _, at = value.partition(" ")
    return (what, codec.to_time(float(at))) if at else None


def remember(connection: Connection, name: str, value: str) -> None:
    """Keep a value by that name, in place of the last one."""
    connection.execute(
        upsert(connection, meta)
        .values(name=name, value=value)
        .on_conflict_do_update(index_elements=["name"], set_={"value": value})
    )
