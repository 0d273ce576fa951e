"""The queue, in the same database as all the rest: put, claim, done, retry, park.

At most one job of an ordering runs at a time; a job that failed waits alone, and later jobs of
its ordering go on. A job belongs to its owner until its lease ends; then anybody takes it over.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, insert, or_, select, update

from automation.store.database import Database
from automation.store.schema import jobs

LEASE_SECONDS = 30.0
MOST_TRIES = 8
PRIORITY = {"set": 0, "delivery": 1, "look": 2, "tell": 3}
"""Writes of deadlines go first, words to people last."""


class LeaseLost(Exception):
    """The job was taken over by somebody else while we worked; nothing of ours may be committed."""


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed piece of work. ``tries`` counts this one."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    tries: int


def put(
    connection: Connection, kind: str, payload: Mapping[str, Any], ordering: str = "", due_at: float = 0.0
) -> None:
    """Add a job, as part of the caller's transaction."""
    connection.execute(
        insert(jobs).values(
            kind=kind,
            ordering=ordering,
            payload_json=json.dumps(payload),
            priority=PRIORITY[kind],
            state="ready",
            due_at=due_at,
        )
    )


class Queue:
    """The claiming side, for one worker process."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._owner = uuid.uuid4().hex

    def claim(self, kinds: Collection[str]) -> Job | None:
        """Take the next job that is due, or one whose owner has gone, or return None."""
        now = self._now()
        due = or_(
            and_(jobs.c.state == "ready", jobs.c.due_at <= now),
            and_(jobs.c.state == "running", jobs.c.lease_until < now),
        )
        other = jobs.alias()
        busy = exists().where(
            other.c.ordering == jobs.c.ordering,
            other.c.ordering != "",
            other.c.state == "running",
            other.c.lease_until >= now,
            other.c.id != jobs.c.id,
        )
        waiting = (
            select(jobs.c.id)
            .where(due, jobs.c.kind.in_(kinds), ~busy)
            .order_by(jobs.c.priority, jobs.c.id)
            .limit(1)
        )
        with self._database.read() as connection:
            if connection.scalar(waiting) is None:
                return None
        with self._database.write() as connection:
            row = connection.execute(
                update(jobs)
                .where(jobs.c.id == waiting.scalar_subquery())
                .values(
                    state="running",
                    owner=self._owner,
                    lease_until=now + LEASE_SECONDS,
                    tries=jobs.c.tries + 1,
                )
                .returning(jobs.c.id, jobs.c.kind, jobs.c.payload_json, jobs.c.tries)
            ).one_or_none()
        return Job(row.id, row.kind, json.loads(row.payload_json), row.tries) if row else None

    def done(self, connection: Connection, job: Job) -> None:
        """End the job, as part of the transaction that commits its work. Raise LeaseLost."""
        ended = connection.execute(delete(jobs).where(self._ours(job)))
        if ended.rowcount != 1:
            raise LeaseLost(f"job {job.id} was taken over")

    def retry(self, job: Job, error: str, after: float) -> None:
        """Put the job back, to be tried again ``after`` seconds from now."""
        with self._database.write() as connection:
            connection.execute(
                update(jobs)
                .where(self._ours(job))
                .values(state="ready", due_at=self._now() + after, error=error, owner="")
            )

    def park(self, connection: Connection, job: Job, error: str) -> None:
        """Set the job aside with its error, as part of the caller's transaction. Raise LeaseLost."""
        parked = connection.execute(
            update(jobs).where(self._ours(job)).values(state="parked", error=error, owner="")
        )
        if parked.rowcount != 1:
            raise LeaseLost(f"job {job.id} was taken over")

    def give_back(self) -> None:
        """Free all jobs of this process at once, when it stops. They count as tried: what they were
        writing may have arrived, and has to be looked for before it is written again."""
        with self._database.write() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.owner == self._owner, jobs.c.state == "running")
                .values(state="ready", owner="")
            )

    def keep(self) -> None:
        """Renew the leases of this process: it is alive, only slow."""
        ours = and_(jobs.c.owner == self._owner, jobs.c.state == "running")
        with self._database.read() as connection:
            if connection.scalar(select(jobs.c.id).where(ours).limit(1)) is None:
                return
        with self._database.write() as connection:
            connection.execute(update(jobs).where(ours).values(lease_until=self._now() + LEASE_SECONDS))

    def counts(self) -> dict[str, int]:
        """Return how many jobs are in each state."""
        with self._database.read() as connection:
            rows = connection.execute(select(jobs.c.state, func.count().label("n")).group_by(jobs.c.state))
            return {row.state: row.n for row in rows}

    def _ours(self, job: Job) -> Any:
        return and_(jobs.c.id == job.id, jobs.c.owner == self._owner, jobs.c.state == "running")
