"""The inbox: raw deliveries, committed before their sender hears yes."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from automation.model import Delivery, Trigger
from automation.model.reading import Answer, Reading
from automation.ports import Job, Queue
from automation.store import queue, subjects
from automation.store.codec import from_time, to_time, triggers_to_json
from automation.store.database import Database
from automation.store.schema import deliveries, seen_events

_STORE = {  # made once: this is the hot path
    kind.dialect.name: kind.insert(deliveries)
    .on_conflict_do_nothing()
    .returning(deliveries.c.source, deliveries.c.id)
    for kind in (sqlite, postgresql)
}

_GET = select(deliveries).where(
    deliveries.c.source == bindparam("source"), deliveries.c.id.in_(bindparam("ids", expanding=True))
)
_NOTE = (
    update(deliveries)
    .where(deliveries.c.source == bindparam("of"), deliveries.c.id == bindparam("named"))
    .values(reading=bindparam("how"), reason=bindparam("why"))
)
_NOTE_EVENT = {
    kind.dialect.name: kind.insert(seen_events).on_conflict_do_nothing().returning(seen_events.c.id)
    for kind in (sqlite, postgresql)
}

LATELY = 120.0
"""Seconds before the newest delivery."""
MOST = 50
MOST_CALLED = 10_000
"""Subjects whose keys are remembered, so that they are not written again with each delivery."""


class Inbox:
    """Stores deliveries once each, and hands them to the engine."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._called: dict[str, str] = {}

    def accept(self, *deliveries: Delivery) -> list[bool]:
        """Store deliveries together with their jobs, all or none. Return of each whether it is new: False
        where its id was seen before."""
        first = {(delivery.source, delivery.id): delivery for delivery in reversed(deliveries)}
        # In one order, so that two machines with the same deliveries do not wait for each other in a circle.
        rows = [_row(first[key]) for key in sorted(first)]

        def store() -> dict[tuple[str, str], Delivery]:
            with self._database.write() as connection:
                stored = connection.execute(_STORE[connection.dialect.name], rows)
                new = {(source, id): first[source, id] for source, id in stored}
                queue.put(connection, *map(_job, new.values()))
            return new

        new = self._database.twice(store)
        return [new.pop((delivery.source, delivery.id), None) is not None for delivery in deliveries]

    def get(self, *keys: tuple[str, str]) -> list[Delivery]:
        """Return stored deliveries, each by source and id, in this order. Raise LookupError where one is not
        there."""
        found = {}
        with self._database.read() as connection:
            for source in dict.fromkeys(source for source, _ in keys):
                ids = [id for other, id in keys if other == source]
                for row in connection.execute(_GET, {"source": source, "ids": ids}):
                    found[row.source, row.id] = _delivery(row)
        if missing := [key for key in keys if key not in found]:
            raise LookupError(f"no delivery {missing[0][1]} from {missing[0][0]}")
        return [found[key] for key in keys]

    def latest(self, source: str, event: str) -> list[bytes]:
        """Return the bodies of the deliveries of this name that came last, the newest first."""
        newest = select(func.max(deliveries.c.received_at)).scalar_subquery()
        lately = deliveries.c.received_at >= newest - LATELY
        named = (deliveries.c.source == source) & (deliveries.c.event == event)
        found = select(deliveries.c.body).where(lately, named).order_by(deliveries.c.received_at.desc())
        with self._database.read() as connection:
            return list(connection.scalars(found.limit(MOST)))

    def read(self, jobs: Queue, *read: tuple[Job, Delivery, Reading]) -> None:
        """Commit how deliveries were read: one job per subject that each of them touched, and their own jobs
        done. Of several events in one those are left out that came before, in another delivery. Raise
        LeaseLost, having committed nothing."""
        noted = [
            {"of": delivery.source, "named": delivery.id, "how": reading.answer.value, "why": reading.reason}
            for _, delivery, reading in read
        ]
        with self._database.write() as connection:
            jobs.done(connection, *(job for job, _, _ in read))
            connection.execute(_NOTE, noted)
            for _, _, reading in read:
                if reading.answer is Answer.TRIGGERS:
                    self._note(connection, reading)
            queue.put(
                connection,
                *(
                    look
                    for job, delivery, reading in read
                    for look in _reconciles(
                        (*reading.triggers, *_fresh(connection, delivery, reading)), cause=job.cause
                    )
                ),
            )

    def _note(self, connection: Connection, reading: Reading) -> None:
        """Keep what the subjects are called, where that is said by the place that they are in."""
        for trigger in reading.triggers:
            name, key = str(trigger.subject), trigger.subject.key
            left = trigger.was is not None and reading.place and trigger.subject.place != reading.place.name
            if left or self._called.get(name) == key:
                continue
            subjects.note(connection, trigger.subject)
            if len(self._called) >= MOST_CALLED:
                self._called.clear()
            self._called[name] = key


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        source=row.source,
        id=row.id,
        event=row.event,
        body=row.body,
        received_at=to_time(row.received_at),
        headers=json.loads(row.headers_json),
    )


def _fresh(connection: Connection, delivery: Delivery, reading: Reading) -> tuple[Trigger, ...]:
    """Note the events that are new, and return what they say; of one without an id, whatever it says."""
    seen_at = from_time(delivery.received_at)
    ids = sorted({id for id, _ in reading.events if id})
    rows = [{"source": delivery.source, "id": id, "seen_at": seen_at} for id in ids]
    new = set(connection.scalars(_NOTE_EVENT[connection.dialect.name], rows)) if rows else set()
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
    depth: int = 0,
) -> None:
    """Add one reconcile per subject that is touched; for ``error`` and ``parked`` see ``queue.new``.
    ``depth``: how many messages of subjects to each other led to it."""
    queue.put(connection, *_reconciles(triggers, due_at, cause, error, parked, depth))


def _reconciles(
    triggers: tuple[Trigger, ...],
    due_at: float = 0.0,
    cause: str = "",
    error: str = "",
    parked: bool = False,
    depth: int = 0,
) -> list[dict[str, Any]]:
    reconciles = []
    for subject in dict.fromkeys(trigger.subject for trigger in triggers):
        about = tuple(trigger for trigger in triggers if trigger.subject == subject)
        payload: dict[str, Any] = {"subject": str(subject), "triggers": triggers_to_json(about)}
        if depth:
            payload["depth"] = depth
        reconciles.append(queue.new("reconcile", payload, str(subject), due_at, "", cause, error, parked))
    return reconciles
