"""Systems that do not answer: nobody goes on asking one, and nothing is given up for it.

Calls that got no answer (5xx, none in time, nothing that can be read) are counted while they follow one
upon the other, each kind for itself, as one of them can be out alone. After a few of them, for different
things, it is the system: then nothing is let through for some seconds, longer each time,
and after that one call, whose answer opens it for all. One thing alone that gets no answer stops nobody.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Row, bindparam, delete, select, update

from automation.ports import OUTAGE_FIRST_WAIT, OUTAGE_LONGEST_WAIT, Closed, Unavailable
from automation.store.database import Database, upsert
from automation.store.schema import outages

log = structlog.get_logger("handshake")

_OF = select(outages).where(outages.c.system == bindparam("to"))

READ, ASK, WRITE = "read", "ask", "write"
"""Kinds of calls: GET; a POST that only reads; what writes. The second shuts nothing, since it is known
only afterwards that it was one."""
IN_A_ROW = 3
"""Calls without an answer, one upon the other, that are more than a hiccup."""
PLACES = 2
"""Different calls among them that make it the system's trouble, not that of one thing asked for."""
PROBE = 30.0
"""Seconds in which the one call that is let through has surely got its answer, or none."""
MEANWHILE = 5.0
"""Seconds that the others wait for it."""
BEHIND = 5.0
"""Seconds by which what has just failed lets others go first, so that it is not the probe each time."""
FORGOTTEN = 900.0
"""Seconds without another failure after which nobody is asking any more, so that nobody knows."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A system that gives no answers now. ``shut``: nothing is sent to it; else it is one thing only
    that gets none. ``since`` is in seconds since 1970."""

    system: str
    side: str
    since: float
    shut: bool

    def __str__(self) -> str:
        at = datetime.fromtimestamp(self.since, UTC)
        what = "no answer to what we write" if self.side == WRITE else "no answer"
        if not self.shut:
            what = "no answer to some calls"
        return f"{what} since {at:%d %B, %H:%M} UTC; it is asked again every 5 minutes at most"


class Silence:
    """What one system has left without an answer, for all threads and machines."""

    def __init__(self, database: Database, now: Callable[[], float], system: str) -> None:
        self._database = database
        self._now = now
        self._system = system
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def check(self, connection: Connection, side: str) -> bool:
        """Raise Closed where nothing is to be asked now. Return whether one call may find out (``probe``)."""
        sides = (READ, ASK) if side == READ else (side,)
        found = connection.execute(_OF, {"to": self._system})
        rows = {row.side: row for row in found if row.side in sides}
        with self._lock:
            self._known = self._known.difference(sides) | rows.keys()
        row = rows.get(side)
        if row is None or not _shut(row):
            return False
        now = self._now()
        until = max(row.closed_until, min(row.probing_until, now + MEANWHILE))
        if until > now:
            raise Closed(f"{self._system} does not answer: {row.why}", until - now)
        return True

    def probe(self, connection: Connection, side: str) -> None:
        """Be the one who asks whether it answers again. Raise Closed where somebody else is."""
        now = self._now()
        mine = self._is(side) & (outages.c.closed_until <= now) & (outages.c.probing_until <= now)
        asked = connection.execute(update(outages).where(mine).values(probing_until=now + PROBE))
        if asked.rowcount != 1:
            self.check(connection, side)

    def failed(self, side: str, call: str, problem: Unavailable) -> None:
        """Count a call that got no answer; see ports.RateLimiter.unanswered."""
        now = self._now()
        with self._database.write(wakes=False) as connection:
            row = connection.execute(select(outages).where(self._is(side)).with_for_update()).one_or_none()
            values = _after(row, side, call, str(problem), now)
            connection.execute(
                upsert(connection, outages)
                .values(system=self._system, side=side, **values)
                .on_conflict_do_update(index_elements=["system", "side"], set_=values)
            )
        with self._lock:
            self._known.add(side)
        problem.in_a_row = values["in_a_row"]
        if values["closed_until"] > now:
            problem.retry_after = max(problem.retry_after or 0.0, values["closed_until"] - now + BEHIND)
        if problem.in_a_row == IN_A_ROW:
            log.warning("no answer", system=self._system, to=side, error=str(problem))

    def answered(self, side: str) -> None:
        """Note that a call got an answer: it ends what there was."""
        with self._lock:
            if side not in self._known:
                return
            self._known.discard(side)
        with self._database.write() as connection:
            ended = delete(outages).where(self._is(side)).returning(outages.c.in_a_row, outages.c.since)
            row = connection.execute(ended).one_or_none()
        if row is not None and row.in_a_row >= IN_A_ROW:
            log.info("answers again", system=self._system, to=side, after=round(self._now() - row.since))

    def _is(self, side: str) -> Any:
        return (outages.c.system == self._system) & (outages.c.side == side)


def known(connection: Connection, now: float) -> list[Outage]:
    """Return the systems that give no answers now."""
    recent = (outages.c.in_a_row >= IN_A_ROW) & (outages.c.failed_at > now - FORGOTTEN)
    rows = connection.execute(select(outages).where(recent).order_by(outages.c.system, outages.c.side))
    return [Outage(row.system, row.side, row.since, _shut(row)) for row in rows]


def _shut(row: Row[Any]) -> bool:
    return bool(row.side != ASK and row.in_a_row >= IN_A_ROW and len(json.loads(row.calls_json)) >= PLACES)


def _after(row: Row[Any] | None, side: str, call: str, why: str, now: float) -> Mapping[str, Any]:
    """Return what is known after one more call without an answer."""
    calls = json.loads(row.calls_json) if row else []
    if call not in calls and len(calls) < PLACES:
        calls.append(call)
    in_a_row = row.in_a_row + 1 if row else 1
    until, wait = (row.closed_until, row.wait) if row else (0.0, 0.0)
    if side != ASK and in_a_row >= IN_A_ROW and len(calls) >= PLACES and until <= now:
        # What had been sent before it was shut, and fails now, says nothing new.
        wait = min(wait * 2, OUTAGE_LONGEST_WAIT) if wait else OUTAGE_FIRST_WAIT
        until = now + wait
    return {
        "in_a_row": in_a_row,
        "calls_json": json.dumps(calls),
        "since": row.since if row else now,
        "failed_at": now,
        "closed_until": until,
        "probing_until": 0.0,
        "wait": wait,
        "why": why,
    }
