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
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningUpdate

from automation.ports import READ_LAG, Job, LeaseLost
from automation.store import claim_queries
from automation.store.database import Database, upsert
from automation.store.postgres import announce
from automation.store.schema import jobs, workers

LEASE_SECONDS = 20.0
ONCE = 1
"""Tries of a job that starts anew, and looks for what it may have written all the same."""
PASSED = 1.0
"""Seconds for which jobs that were passed over are not searched again."""


_PUT = insert(jobs)


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
        self._passed: dict[tuple[tuple[str, ...], str], tuple[int, float]] = {}

    def claim(self, kinds: Collection[str], system: str = "") -> Job | None:
        """Take the next job that is due, or return None. ``system`` is the one that the jobs write to,
        empty for those that write to none."""
        kinds = tuple(kinds)
        if self._database.server and (job := self._taken(claim_queries.take_front(kinds), to=system)):
            return job
        while found := self._find(kinds, system):
            if job := self._taken(claim_queries.take_found, found=found):
                return job
        return None

    def _taken(self, take: ReturningUpdate[Any], **about: Any) -> Job | None:
        """Take one of the jobs asked for. Return None where others were quicker with all of them."""
        now = self.now()
        about |= {"now": now, "me": self.owner, "until": now + LEASE_SECONDS}
        try:
            with self._database.write(wakes=False) as connection:
                row = connection.execute(take, about).one_or_none()
        except IntegrityError:  # another machine has begun a job of the same ordering just now
            return None
        return Job(row.id, row.kind, json.loads(row.payload_json), row.tries, row.cause) if row else None

    def _find(self, kinds: tuple[str, ...], system: str) -> list[int]:
        """Return some jobs that could be taken now, the next first."""
        about = {"to": system, "now": self.now()}
        with self._database.read() as connection:
            server = self._database.server
            front = connection.execute(claim_queries.front(server, kinds), about).all()
            free = [row.id for row in front if not row.busy]
            if free or len(front) < claim_queries.FRONT:
                return free[: claim_queries.CHOICE]
            passed, until = self._passed.get((kinds, system), (0, 0.0))
            if time.monotonic() > until:
                passed = 0
            last = connection.scalar(select(func.max(jobs.c.id))) or 0
            free = list(connection.scalars(claim_queries.free(server, kinds), {**about, "passed": passed}))
            self._passed[kinds, system] = (min(free, default=last + 1) - 1, time.monotonic() + PASSED)
            return free[: claim_queries.CHOICE]

    def done(self, connection: Connection, job: Job) -> None:
        """End the job, as part of the transaction that commits its work. Raise LeaseLost."""
        ended = connection.execute(delete(jobs).where(self._ours(job)))
        if ended.rowcount != 1:
            raise LeaseLost(f"job {job.id} was taken over")

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
        mine = (jobs.c.owner == self.owner) & (jobs.c.state == "running")
        orphaned = (jobs.c.state == "running") & (jobs.c.lease_until < now)
        dead = workers.c.seen_at < now - LEASE_SECONDS
        with self._database.write() as connection:
            renewed = select(jobs.c.id).where(mine).with_for_update(skip_locked=True)
            connection.execute(
                update(jobs).where(jobs.c.id.in_(renewed)).values(lease_until=now + LEASE_SECONDS)
            )
            freed = select(jobs.c.id).where(orphaned).with_for_update(skip_locked=True)
            connection.execute(update(jobs).where(jobs.c.id.in_(freed)).values(state="ready", owner=""))
            gone = select(workers.c.owner).where(dead).with_for_update(skip_locked=True)
            connection.execute(delete(workers).where(workers.c.owner.in_(gone)))

    def waits(self, kinds: Collection[str], system: str) -> bool:
        """Tell whether there may be something to claim now: cheaper than claiming it."""
        due = (jobs.c.state == "ready") & (jobs.c.due_at <= self.now()) & jobs.c.kind.in_(kinds)
        with self._database.read() as connection:
            return (
                connection.scalar(select(jobs.c.id).where(due, jobs.c.system == system).limit(1)) is not None
            )

    def problem(self) -> str | None:
        """Say that no worker is alive, on any machine, or None (for the readiness check)."""
        alive = select(workers.c.owner).where(workers.c.seen_at >= self.now() - LEASE_SECONDS).limit(1)
        with self._database.read() as connection:
            return None if connection.scalar(alive) else "no worker is running"

    def counts(self) -> dict[str, int]:
        """Return how many jobs are in each state, but for the one that sweeps every hour and does well."""
        told = (jobs.c.kind != "sweep") | (jobs.c.state == "parked")
        states = select(jobs.c.state, func.count().label("n")).where(told)
        with self._database.read() as connection:
            rows = connection.execute(states.group_by(jobs.c.state))
            return {row.state: row.n for row in rows}

    def _ours(self, job: Job) -> Any:
        return and_(jobs.c.id == job.id, jobs.c.owner == self.owner, jobs.c.state == "running")


def _storable(text: str) -> str:
    """Return ``text`` without what no database takes: halves of characters, which JSON may hold."""
    return text.encode(errors="replace").decode()
