"""Messages between subjects: jobs that are committed with their sender's transaction, in order, each once.

A message is the reason to look at a subject, and is handled after all that waits for that subject already.
Nobody writes another subject's state.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy import Connection

from automation.model import Subject, Trigger
from automation.ports import MOST_DEPTH, Job
from automation.store.database import upsert
from automation.store.inbox import put_reconciles
from automation.store.schema import messages

log = structlog.get_logger("handshake")


def depth_of(job: Job) -> int:
    """Return how many messages led to a job, one after the other."""
    return int(job.payload.get("depth", 0))


def send(
    connection: Connection, sender: Subject, sequence: float, job: Job, sent: Sequence[Trigger], at: float
) -> None:
    """Put ``sent``, as part of the sender's transaction; what was put before by the same number is not put
    again. ``sequence`` is the sender's version; one of which nothing is kept has none, and gives when its job
    was put instead, since a delivery is read again, and handed on again, at somebody's wish. Messages that
    led to each other too often are set aside, where people see them: subjects that answer each other for
    ever would stop at nothing else."""
    fresh = []
    for number, trigger in enumerate(sent):
        about = {"sender": str(sender), "sequence": f"{sequence}.{number} {job.cause}", "at": at}
        put = upsert(connection, messages).values(about).on_conflict_do_nothing()
        if connection.execute(put).rowcount == 1:
            fresh.append(trigger)
    depth = depth_of(job) + 1
    circle = depth > MOST_DEPTH
    error = f"{depth} messages led to each other: {sender} sent the last one" if circle else ""
    if error and fresh:
        log.error("parked", kind="reconcile", error=error)
    put_reconciles(connection, tuple(fresh), cause=job.cause, error=error, parked=circle, depth=depth)
