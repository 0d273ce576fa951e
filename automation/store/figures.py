"""What is counted and what waits, for all processes and machines: read anew for each scrape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, case, func, select

from automation.store import counters, outages
from automation.store.database import Database
from automation.store.queue import LEASE_SECONDS
from automation.store.schema import jobs, systems, workers

# One walk along the index jobs_by_turn. What was due at once is due since it was put, and the first
# of it has the lowest id; the rest is due since it became so.
_JOBS = select(
    jobs.c.state,
    func.count().label("n"),
    func.min(case((jobs.c.due_at == 0.0, jobs.c.id))).label("first"),
    func.min(case((jobs.c.due_at > 0.0, jobs.c.due_at))).label("due"),
).group_by(jobs.c.state)


@dataclass(frozen=True, slots=True)
class Figures:
    """``counted``: see counters.read. ``jobs``: those not done, by state. ``oldest``: seconds since the
    oldest of them that is due became so, 0 where none is; what is parked does not count. ``open``: whether
    a system may be asked now. ``workers``: processes that are alive."""

    counted: Mapping[str, Mapping[tuple[str, ...], float]] = field(default_factory=dict)
    jobs: Mapping[str, int] = field(default_factory=dict)
    oldest: float = 0.0
    open: Mapping[str, bool] = field(default_factory=dict)
    workers: int = 0


def read(database: Database, now: float) -> Figures:
    """Return the figures of this moment."""
    with database.read() as connection:
        counted = counters.read(connection)
        asked = {system for system, *_ in counted.get("calls", {})}
        states = {row.state: row for row in connection.execute(_JOBS)}
        undone = [row for state, row in states.items() if state != "parked"]
        put = select(func.min(jobs.c.put_at)).where(jobs.c.id.in_([row.first for row in undone if row.first]))
        since = [row.due for row in undone if row.due] + [at for at in connection.scalars(put) if at]
        alive = select(func.count()).where(workers.c.seen_at >= now - LEASE_SECONDS)
        return Figures(
            counted,
            {state: row.n for state, row in states.items()},
            max(0.0, now - min(since, default=now)),
            dict.fromkeys(asked, True) | _open(connection, now),
            connection.scalars(alive).one(),
        )


def _open(connection: Connection, now: float) -> dict[str, bool]:
    """Return this of the systems that were written to or shut before, or do not answer."""
    rows = connection.execute(select(systems))
    told = {row.name: not row.unauthorized and row.closed_until <= now for row in rows}
    return told | {out.system: False for out in outages.known(connection, now) if out.shut}
