"""The queue, in the same database as all the rest: put, claim, done, retry, park.

At most one job of an ordering runs at a time; a job that failed waits alone, and later jobs of
its ordering go on. A job belongs to its owner until its lease ends; then it is free again.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from automation.ports import READ_LAG, Job, LeaseLost
from automation.store import claim_queries
from automation.store.claims import Claims
from automation.store.database import Database, upsert
from automation.store.postgres import announce
from automation.store.schema import jobs, workers

LEASE_SECONDS = 20.0
AHEAD = 2 * 3600.0
"""Seconds. A job that is due later than in so many waits for its day to come, and for nothing else."""
ONCE = 1
"""Tries of a job that starts anew, and looks for what it may have written all the same."""


_PUT = insert(jobs)
_THESE = jobs.c.id.in_(bindparam("ids", expanding=True))
_DUE = select(jobs.c.id).where(jobs.c.state == "ready", jobs.c.due_at <= bindparam("now")).limit(1)
_END = delete(jobs).where(_THESE, jobs.c.owner == bindparam("me"), jobs.c.state == "running")
_END_FOLDED = delete(jobs).where(_THESE, jobs.c.state == "ready")


def new(
    kind: str,
    payload: Mapping[str, Any],
    ordering: str = "",
    due_at: float = 0.0,
    system: str = "",
    cause: str = "",
    error: str = "",
    parked: bool = False,
) -> dict[str, Any]:
    """Describe a job to ``put``. ``system`` is where it writes to, if it does; ``error`` says what it waits
    for, or why it is ``parked`` from the beginning."""
    return {
        "kind": kind,
        "system": system,
        "ordering": ordering,
        "cause": cause,
        "payload_json": json.dumps(payload),
        "priority": claim_queries.PRIORITY[kind],
        "state": "parked" if parked else "ready",
        "error": _storable(error),
        "due_at": due_at,
        "put_at": time.time(),
    }


def put(connection: Connection, *described: dict[str, Any]) -> None:
    """Add the jobs in this order, none or some, as part of the caller's transaction."""
    if described:
        connection.execute(_PUT, described)
        announce(connection)


class Queue:
    """The claiming side, for one worker process."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self.now = now
        self.owner = uuid.uuid4().hex
        self._claims = Claims(database, now, self.owner)

    def claim(self, kinds: Collection[str], system: str = "") -> Job | None:
        """Take the next job that is due, or return None. ``system`` is the one that the jobs write to,
        empty for those that write to none."""
        return next(iter(self._claims.claim(tuple(kinds), system, 1, LEASE_SECONDS, folds=False)), None)

    def claim_several(self, kinds: Collection[str], most: int) -> list[Job]:
        """Take up to so many jobs that are due and write to no system, in one transaction, the next first.
        Reconciles of their subjects that wait as well come with them: see ``Job.folded``."""
        return self._claims.claim(tuple(kinds), "", most, LEASE_SECONDS, folds=True)

    def done(self, connection: Connection, *finished: Job) -> None:
        """End the jobs, as part of the transaction that commits their work. Raise LeaseLost."""
        ids = [job.id for job in finished]
        if connection.execute(_END, {"ids": ids, "me": self.owner}).rowcount != len(ids):
            raise LeaseLost(f"job {', '.join(map(str, ids))} was taken over")
        folded = [id for job in finished for id in job.folded]
        if folded:
            connection.execute(_END_FOLDED, {"ids": folded})

    def put_back(self, *claimed: Job) -> None:
        """Free jobs that were not begun: they were not tried."""
        with self._database.write() as connection:
            mine = jobs.c.id.in_([job.id for job in claimed]) & (jobs.c.owner == self.owner)
            connection.execute(
                update(jobs)
                .where(mine, jobs.c.state == "running")
                .values(state="ready", owner="", tries=jobs.c.tries - 1)
            )

    def retry(self, job: Job, error: str, after: float, counts: bool = True, forgives: bool = False) -> None:
        """Put the job back, to be tried again ``after`` seconds from now. Where it could not even begin,
        the try does not count. With ``forgives`` none counts against it, but what it wrote may have
        arrived, so that it is not its first."""
        with self._database.write() as connection:
            connection.execute(
                update(jobs)
                .where(self._ours(job))
                .values(
                    state="ready",
                    due_at=self.now() + after,
                    error=_storable(error),
                    owner="",
                    tries=min(job.tries, ONCE) if forgives else job.tries if counts else job.tries - 1,
                )
            )

    def park(self, connection: Connection, job: Job, error: str) -> None:
        """Set the job aside with its error, as part of the caller's transaction. Raise LeaseLost."""
        parked = connection.execute(
            update(jobs).where(self._ours(job)).values(state="parked", error=_storable(error), owner="")
        )
        if parked.rowcount != 1:
            raise LeaseLost(f"job {job.id} was taken over")

    def give_back(self) -> None:
        """Free all jobs of this process, when it stops. They count as tried, and wait for READ_LAG:
        what they were writing may have arrived, and has to be looked for before it is written again."""
        with self._database.write() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.owner == self.owner, jobs.c.state == "running")
                .values(state="ready", owner="", due_at=self.now() + READ_LAG)
            )
            connection.execute(delete(workers).where(workers.c.owner == self.owner))

    def keep(self) -> None:
        """Say that this process is alive, renew its leases, and free what belonged to those that died.

        Each step is a transaction of its own, and none waits for a row that another machine holds
        while it holds one itself, so that two of them cannot stop each other.
        """
        now = self.now()
        alive = {"seen_at": now}
        with self._database.write(wakes=False) as connection:
            connection.execute(
                upsert(connection, workers)
                .values(owner=self.owner, **alive)
                .on_conflict_do_update(index_elements=["owner"], set_=alive)
            )
        running = jobs.c.state == "running"
        mine, orphaned = running & (jobs.c.owner == self.owner), running & (jobs.c.lease_until < now)
        dead = workers.c.seen_at < now - LEASE_SECONDS
        with self._database.read() as connection:  # a writing that changes nothing costs a flush all the same
            if not connection.scalar(select(or_(exists().where(running), exists().where(dead)))):
                return
        with self._database.write(wakes=False) as connection:
            renewed = select(jobs.c.id).where(mine).with_for_update(skip_locked=True)
            connection.execute(
                update(jobs).where(jobs.c.id.in_(renewed)).values(lease_until=now + LEASE_SECONDS)
            )
            orphans = select(jobs.c.id).where(orphaned).with_for_update(skip_locked=True)
            free = update(jobs).where(jobs.c.id.in_(orphans)).values(state="ready", owner="")
            freed = connection.execute(free).rowcount
            gone = select(workers.c.owner).where(dead).with_for_update(skip_locked=True)
            connection.execute(delete(workers).where(workers.c.owner.in_(gone)))
        if freed:
            self._database.wake_up()

    def anything_due(self) -> bool:
        """Tell whether there may be something to do now, of any kind and for any system."""
        with self._database.read() as connection:
            return connection.scalar(_DUE, {"now": self.now()}) is not None

    def waits(self, kinds: Collection[str], system: str) -> bool:
        """Tell whether there may be something to claim now: cheaper than claiming it."""
        about = {"to": system, "now": self.now()}
        with self._database.read() as connection:
            return connection.scalar(claim_queries.waiting(tuple(kinds)), about) is not None

    def problem(self) -> str | None:
        """Say that no worker is alive, on any machine, or None (for the readiness check)."""
        alive = select(workers.c.owner).where(workers.c.seen_at >= self.now() - LEASE_SECONDS).limit(1)
        with self._database.read() as connection:
            return None if connection.scalar(alive) else "no worker is running"

    def counts(self) -> dict[str, int]:
        """Return how many jobs are in each state, but for the one that sweeps every hour and does well, and
        for those whose day is still to come."""
        scheduled = (jobs.c.state == "ready") & (jobs.c.due_at > self.now() + AHEAD)
        told = ((jobs.c.kind != "sweep") | (jobs.c.state == "parked")) & ~scheduled
        states = select(jobs.c.state, func.count().label("n")).where(told)
        with self._database.read() as connection:
            rows = connection.execute(states.group_by(jobs.c.state))
            return {row.state: row.n for row in rows}

    def _ours(self, job: Job) -> Any:
        return and_(jobs.c.id == job.id, jobs.c.owner == self.owner, jobs.c.state == "running")


def _storable(text: str) -> str:
    """Return ``text`` without what no database takes: halves of characters, which JSON may hold."""
    return text.encode(errors="replace").decode()
