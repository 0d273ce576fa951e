"""The inbox: raw deliveries, committed before their sender hears yes."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from automation.model import Delivery, Trigger
from automation.model.reading import Reading
from automation.store import queue
from automation.store.codec import from_time, to_time, triggers_to_json
from automation.store.database import Database
from automation.store.queue import Job, Queue
from automation.store.schema import deliveries, seen_events

_STORE = {  # made once: this is the hot path
    kind.dialect.name: kind.insert(deliveries)
    .on_conflict_do_nothing()
    .returning(deliveries.c.source, deliveries.c.id)
    for kind in (sqlite, postgresql)
}

_NOTE = {
    kind.dialect.name: kind.insert(seen_events).on_conflict_do_nothing().returning(seen_events.c.id)
    for kind in (sqlite, postgresql)
}

LATELY = 120.0
"""Seconds before the newest delivery."""
MOST = 50


class Inbox:
    """Stores deliveries once each, and hands them to the engine."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept(self, *deliveries: Delivery) -> list[bool]:
        """Store deliveries together with their jobs, all or none. Return of each whether it is new: False
        where its id was seen before."""
        first = {(delivery.source, delivery.id): delivery for delivery in reversed(deliveries)}
        # In one order, so that two machines with the same deliveries do not wait for each other in a circle.
        rows = [_row(first[key]) for key in sorted(first)]
        with self._database.write() as connection:
            stored = connection.execute(_STORE[connection.dialect.name], rows)
            new = {(source, id): first[source, id] for source, id in stored}
            queue.put(connection, *map(_job, new.values()))
        return [new.pop((delivery.source, delivery.id), None) is not None for delivery in deliveries]

    def get(self, source: str, id: str) -> Delivery:
        """Return a stored delivery. Raise LookupError where there is none."""
        with self._database.read() as connection:
            row = connection.execute(
                select(deliveries).where(deliveries.c.source == source, deliveries.c.id == id)
            ).one_or_none()
        if row is None:
            raise LookupError(f"no delivery {id} from {source}")
        return Delivery(
            source=row.source,
            id=row.id,
            event=row.event,
            body=row.body,
            received_at=to_time(row.received_at),
            headers=json.loads(row.headers_json),
        )

    def latest(self, source: str, event: str) -> list[bytes]:
        """Return the bodies of the deliveries of this name that came last, the newest first."""
        newest = select(func.max(deliveries.c.received_at)).scalar_subquery()
        lately = deliveries.c.received_at >= newest - LATELY
        named = (deliveries.c.source == source) & (deliveries.c.event == event)
        found = select(deliveries.c.body).where(lately, named).order_by(deliveries.c.received_at.desc())
        with self._database.read() as connection:
            return list(connection.scalars(found.limit(MOST)))

    def read(self, jobs: Queue, job: Job, delivery: Delivery, reading: Reading) -> None:
        """Commit how a delivery was read: one job per subject it touched, and its own job done. Of several
        events in it those are left out that came before, in another delivery."""
        with self._database.write() as connection:
            connection.execute(
                update(deliveries)
                .where(deliveries.c.source == delivery.source, deliveries.c.id == delivery.id)
                .values(reading=reading.answer.value, reason=reading.reason)
            )
            fresh = _fresh(connection, delivery, reading)
            put_reconciles(connection, (*reading.triggers, *fresh), cause=job.cause)
            jobs.done(connection, job)


def _fresh(connection: Connection, delivery: Delivery, reading: Reading) -> tuple[Trigger, ...]:
    """Note the events that are new, and return what they say; of one without an id, whatever it says."""
    seen_at = from_time(delivery.received_at)
    ids = sorted({id for id, _ in reading.events if id})
    rows = [{"source": delivery.source, "id": id, "seen_at": seen_at} for id in ids]
    new = set(connection.scalars(_NOTE[connection.dialect.name], rows)) if rows else set()
    return tuple(trigger for id, said in reading.events if not id or id in new for trigger in said)


def _row(delivery: Delivery) -> dict[str, Any]:
    return {
        "source": delivery.source,
        "id": delivery.id,
        "event": delivery.event,
        "headers_json": json.dumps(dict(delivery.headers)),
        "body": delivery.body,
        "received_at": from_time(delivery.received_at),
    }


def _job(delivery: Delivery) -> dict[str, Any]:
    about = {"source": delivery.source, "id": delivery.id}
    return queue.new("delivery", about, cause=cause_of(delivery))


def cause_of(delivery: Delivery) -> str:
    """Return how jobs name the delivery they came from."""
    return f"{delivery.source}:{delivery.id}"


def put_reconciles(
    connection: Connection,
    triggers: tuple[Trigger, ...],
    due_at: float = 0.0,
    cause: str = "",
    error: str = "",
    parked: bool = False,
) -> None:
    """Add one look per subject that the triggers touch; for ``error`` and ``parked`` see ``queue.new``."""
    looks = []
    for subject in dict.fromkeys(trigger.subject for trigger in triggers):
        about = tuple(trigger for trigger in triggers if trigger.subject == subject)
        payload = {"subject": str(subject), "triggers": triggers_to_json(about)}
        looks.append(
            queue.new("reconcile", payload, str(subject), due_at, cause=cause, error=error, parked=parked)
        )
    queue.put(connection, *looks)
