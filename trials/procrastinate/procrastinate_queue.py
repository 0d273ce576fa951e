"""The queue of Procrastinate 3.10 behind our five verbs, on the caller's own SQLAlchemy connection.

Its JobManager fetches, finishes and finds stalled jobs only by coroutines on a connection of its own
(fetch_job, finish_job, get_stalled_jobs); what must commit together with our tables therefore calls
the library's SQL functions by its own query texts. Time is the server's now(), never ours.
"""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from collections.abc import Callable, Collection, Mapping
from typing import Any

import psycopg
from procrastinate import schema, sql
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from automation.store.database import Database
from automation.store.queue import LEASE_SECONDS, PRIORITY, READ_LAG, Job, LeaseLost

CHANNEL = "procrastinate_any_queue_v1"
STATES = {"todo": "ready", "doing": "running", "failed": "parked"}
_DEFER = """SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(%(queue)s, %(kind)s, %(priority)s, %(lock)s, NULL,
    %(args)s::jsonb, to_timestamp(%(due_at)s))::procrastinate_job_to_defer_v1])"""


def create(database: Database) -> None:
    """Make Procrastinate's tables, types, functions and triggers."""
    with database.write() as connection:
        raw = connection.connection.driver_connection
        raw.execute(schema.SchemaManager.get_schema())


def run(connection: Connection, query: str, **values: Any) -> Any:
    return connection.exec_driver_sql(sql.queries.get(query, query), values)


def put(
    connection: Connection,
    kind: str,
    payload: Mapping[str, Any],
    ordering: str = "",
    due_at: float = 0.0,
    system: str = "",
    cause: str = "",
) -> None:
    run(
        connection,
        _DEFER,
        queue=f"{kind}@{system}",
        kind=kind,
        priority=-PRIORITY[kind],
        lock=ordering or None,
        args=json.dumps({"payload": payload, "cause": cause}),
        due_at=due_at or None,
    )


class ProcrastinateQueue:
    """The claiming side, for one worker process."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        with database.write() as connection:
            self.owner = run(connection, "register_worker").scalar()

    def claim(self, kinds: Collection[str], system: str = "") -> Job | None:
        queues = [f"{kind}@{system}" for kind in kinds]
        try:
            with self._database.write(wakes=False) as connection:
                row = run(connection, "fetch_job", queues=queues, worker_id=self.owner).one()
        except IntegrityError:  # procrastinate_jobs_lock_idx_v1
            return None
        if row.id is None:
            return None
        return Job(row.id, row.task_name, row.args["payload"], row.attempts + 1, row.args["cause"])

    def done(self, connection: Connection, job: Job) -> None:
        self._own(connection, job)
        run(connection, "finish_job", job_id=job.id, status="succeeded", delete_job=True)

    def retry(self, job: Job, error: str, after: float, counts: bool = True) -> None:
        with self._database.write() as connection:
            try:
                self._own(connection, job)
            except LeaseLost:
                return
            self._again(connection, job.id, after)
            self._note(connection, job, error, 0 if counts else 1)

    def park(self, connection: Connection, job: Job, error: str) -> None:
        self._own(connection, job)
        run(connection, "finish_job", job_id=job.id, status="failed", delete_job=False)
        self._note(connection, job, error, 0)

    def give_back(self) -> None:
        with self._database.write() as connection:
            mine = "SELECT id FROM procrastinate_jobs WHERE worker_id = %(owner)s AND status = 'doing'"
            for row in run(connection, mine, owner=self.owner).all():
                self._again(connection, row.id, READ_LAG)
            run(connection, "unregister_worker", worker_id=self.owner)

    def keep(self) -> None:
        with self._database.write() as connection:
            run(connection, "update_heartbeat", worker_id=self.owner)
        with self._database.write() as connection:
            about = {"seconds_since_heartbeat": LEASE_SECONDS, "queue": None, "task_name": None}
            for row in run(connection, "select_stalled_jobs_by_heartbeat", **about).all():
                self._again(connection, row.id, 0.0)
            run(connection, "prune_stalled_workers", seconds_since_heartbeat=LEASE_SECONDS)

    def problem(self) -> str | None:
        alive = "SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %(s)s)"
        with self._database.read() as connection:
            return None if run(connection, alive, s=LEASE_SECONDS).first() else "no worker is running"

    def counts(self) -> dict[str, int]:
        with self._database.read() as connection:
            return {STATES[row.status]: row.count for row in run(connection, "count_jobs_status")}

    def _own(self, connection: Connection, job: Job) -> None:
        """finish_job and retry_job ask nobody whose job it is, so that has to be done beside them."""
        ours = """SELECT 1 FROM procrastinate_jobs
            WHERE id = %(id)s AND worker_id = %(owner)s AND status = 'doing' FOR UPDATE"""
        if run(connection, ours, id=job.id, owner=self.owner).first() is None:
            raise LeaseLost(f"job {job.id} was taken over")

    def _again(self, connection: Connection, id: int, after: float) -> None:
        about = {"new_priority": None, "new_queue_name": None, "new_lock": None}
        when = run(connection, "SELECT now() + make_interval(secs => %(s)s)", s=after).scalar()
        run(connection, "retry_job", job_id=id, retry_at=when, **about)

    def _note(self, connection: Connection, job: Job, error: str, tries: int) -> None:
        """There is no place for an error, and no retry that does not count, save in its own table."""
        noted = """UPDATE procrastinate_jobs SET attempts = attempts - %(tries)s,
            args = args || jsonb_build_object('error', %(error)s::text) WHERE id = %(id)s"""
        run(connection, noted, id=job.id, error=error, tries=tries)


def watch(database: Database, url: str) -> None:
    """Wake those who wait on ``database`` when Procrastinate says that there is a job."""

    def listen() -> None:
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            for _ in connection.notifies():
                database.wake_up()

    threading.Thread(target=listen, daemon=True).start()
