"""Deliveries and their jobs as operations see them: what is not done, why, and another try.

Safe beside a serving process: nothing that runs is touched, and what is freed is heard of at once.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, Row, case, delete, exists, func, or_, select, tuple_

from automation.model import Effect, Subject
from automation.store import codec, queue, retries
from automation.store.codec import to_time
from automation.store.database import Database
from automation.store.schema import deliveries, effects, jobs
from automation.store.subjects import keys

JOB = "job-"
"""Begins the ids of jobs, for those that no delivery led to."""
_NAME = deliveries.c.source + ":" + deliveries.c.id
_KEY = tuple_(deliveries.c.source, deliveries.c.id)
_DELIVERY = select(*(column for column in deliveries.c if column.name != "body"))
_PARKED = jobs.c.state == "parked"
_FAILED = jobs.c.error != ""


class NotFound(ValueError):
    """An id that names nothing, or too much; the message says so."""


@dataclass(frozen=True, slots=True)
class Task:
    """A job that is not done. ``subject`` is the issue it is about, where that is known yet, and ``about``
    what it is called; ``effect`` the key of what it would write outside; ``system`` the one that has to be
    known for it to be done, empty where none has."""

    id: int
    kind: str
    state: str
    subject: str
    effect: str
    tries: int
    due_at: datetime
    error: str
    about: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A delivery with its jobs, or one job by itself (``source`` is empty then).

    ``reading`` is how it was read, empty where it was not yet, and ``reason`` why there was nothing to do.
    """

    id: str
    source: str
    event: str
    received_at: datetime
    tasks: tuple[Task, ...] = ()
    reading: str = ""
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How it is called without mistaking it for another."""
        return f"{self.source}:{self.id}" if self.source else self.id

    @property
    def state(self) -> str:
        """``parked`` goes before ``running`` before ``waiting``; without a job it is ``done``."""
        found = {task.state for task in self.tasks}
        return next((state for state in ("parked", "running", "waiting") if state in found), "done")

    @property
    def parked(self) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if task.state == "parked")


class Desk:
    """Finds deliveries, has them tried again, and drops what cannot be helped."""

    def __init__(self, database: Database, lanes: Collection[str] | None = None) -> None:
        """``lanes``: the systems that a worker reads and writes; None where that is not known here."""
        self._database = database
        self._lanes = lanes

    def undone(self, source: str, limit: int) -> tuple[list[Item], int]:
        """Return what is not done, and how much there is without the limit: first what is parked, then
        the newest. ``source``: only what came from there."""
        theirs = jobs.c.cause.startswith(f"{source}:", autoescape=True) if source else jobs.c.cause != ""
        stuck = func.max(case((_PARKED, 1), else_=0)).desc()
        newest = func.max(jobs.c.id).desc()
        causes = select(jobs.c.cause).where(theirs).group_by(jobs.c.cause).order_by(stuck, newest)
        count = select(func.count(jobs.c.cause.distinct())).where(theirs)
        with self._database.read() as connection:
            alone = [] if source else _alone(connection, (jobs.c.cause == "") & (_PARKED | _FAILED))
            total = (connection.scalar(count) or 0) + len(alone)
            named = connection.scalars(causes.limit(limit)).all()
            return [*alone, *_called(connection, named)][:limit], total

    def all(self, source: str, limit: int) -> tuple[list[Item], int]:
        """Return all deliveries, the newest first, and how many there are without the limit."""
        theirs = [deliveries.c.source == source] if source else []
        newest = deliveries.c.received_at.desc()
        with self._database.read() as connection:
            rows = connection.execute(_DELIVERY.where(*theirs).order_by(newest).limit(limit)).all()
            total = connection.scalar(select(func.count()).select_from(deliveries).where(*theirs)) or 0
            return _items(connection, rows), total

    def parked(self) -> list[Item]:
        """Return all that has parked jobs."""
        causes = select(jobs.c.cause).where(_PARKED, jobs.c.cause != "").distinct()
        with self._database.read() as connection:
            named = connection.scalars(causes).all()
            return [*_alone(connection, _PARKED & (jobs.c.cause == "")), *_called(connection, named)]

    def find(self, id: str) -> Item:
        """Return what this is the id of, or the beginning of the id; its source and a colon may stand
        before it. Raise NotFound."""
        with self._database.read() as connection:
            if number := re.fullmatch(rf"{JOB}([0-9]{{1,18}})", id):
                for item in _alone(connection, jobs.c.id == int(number[1])):
                    return item
            exactly = or_(deliveries.c.id == id, _NAME.in_([id]))
            begins = or_(
                deliveries.c.id.startswith(id, autoescape=True), _NAME.startswith(id, autoescape=True)
            )
            for which in (exactly, begins) if id else ():
                rows = connection.execute(_DELIVERY.where(which).limit(2)).all()
                if len(rows) > 1:
                    raise NotFound(f"More than one delivery begins with '{id}'. Please give more of its id.")
                for item in _items(connection, rows):
                    return item
        raise NotFound(f"There is no delivery '{id}'. To see what there is: handshake deliveries list --all")

    def body(self, item: Item) -> bytes:
        """Return what was sent, as it came."""
        which = (deliveries.c.source == item.source) & (deliveries.c.id == item.id)
        with self._database.read() as connection:
            return bytes(connection.scalars(select(deliveries.c.body).where(which)).one())

    def effect(self, task: Task) -> Effect | None:
        """Return what the job would write outside; None where it writes nothing or cannot be read."""
        text = select(effects.c.effect_json).where(effects.c.key == task.effect)
        with self._database.read() as connection:
            found = connection.scalar(text)
        try:
            return codec.effect.validate_json(found) if found else None
        except ValidationError:
            return None

    def unknown(self, item: Item) -> dict[str, int]:
        """Return the systems without a worker that ``retry`` would need, and how many parked jobs each keeps:
        none where it is the delivery that cannot be read again. Nobody would ever do these."""
        if not item.parked and item.source:
            return {} if self._known(item.source) else {item.source: 0}
        return dict(Counter(task.system for task in item.parked if not self._known(task.system)))

    def _known(self, system: str) -> bool:
        return not system or self._lanes is None or system in self._lanes

    def retry(self, item: Item) -> int:
        """Have the parked jobs tried again, and return how many those were; those of systems that are
        ``unknown`` stay as they are. A delivery without any is read again, which does no harm: it makes us
        look, and what is as it should be stays so."""
        again = [task.id for task in item.parked if self._known(task.system)]
        with self._database.write() as connection:
            freed = sum(retries.free(connection, id) for id in again)
            if item.source and not item.parked and self._known(item.source):
                _read_again(connection, item)
        return freed

    def drop(self, item: Item) -> int:
        """Take away the parked jobs, and return how many those were. What waits or runs goes on: half of
        what belongs together would be worse than all of it or nothing."""
        ours = jobs.c.id.in_([task.id for task in item.parked])
        with self._database.write() as connection:
            return connection.execute(delete(jobs).where(ours, _PARKED)).rowcount


def _read_again(connection: Connection, item: Item) -> None:
    same = (jobs.c.cause == item.name) & (jobs.c.kind == "delivery") & (jobs.c.state == "ready")
    if not connection.scalar(select(exists().where(same))):
        queue.put(connection, queue.new("delivery", {"source": item.source, "id": item.id}, cause=item.name))


def _called(connection: Connection, names: Sequence[str]) -> list[Item]:
    """Return the deliveries of these names, in their order."""
    keys = [tuple(name.split(":", 1)) for name in names]
    rows: dict[str, Row[Any]] = {}
    for start in range(0, len(keys), 500):  # as many as one statement can surely hold
        some = _DELIVERY.where(_KEY.in_(keys[start : start + 500]))
        rows |= {f"{row.source}:{row.id}": row for row in connection.execute(some)}
    return _items(connection, [rows[name] for name in names if name in rows])


def _items(connection: Connection, rows: Iterable[Row[Any]]) -> list[Item]:
    found = []
    for row in rows:
        theirs = select(jobs).where(jobs.c.cause == f"{row.source}:{row.id}").order_by(jobs.c.id)
        found.append(
            Item(
                id=row.id,
                source=row.source,
                event=row.event,
                received_at=to_time(row.received_at),
                tasks=tuple(_task(connection, job) for job in connection.execute(theirs).all()),
                reading=row.reading,
                reason=row.reason,
                headers=json.loads(row.headers_json),
            )
        )
    return found


def _alone(connection: Connection, which: ColumnElement[bool]) -> list[Item]:
    """Return jobs, each by itself."""
    rows = connection.execute(select(jobs).where(which).order_by(jobs.c.id.desc()))
    return [
        Item(f"{JOB}{row.id}", "", row.kind, to_time(row.put_at), (_task(connection, row),)) for row in rows
    ]


def _task(connection: Connection, row: Row[Any]) -> Task:
    return Task(
        id=row.id,
        kind=row.kind,
        state="waiting" if row.state == "ready" else row.state,
        subject=row.ordering,
        about=keys(connection, [row.ordering])[row.ordering] if row.ordering else "",
        effect=json.loads(row.payload_json).get("effect", ""),
        tries=row.tries,
        due_at=to_time(row.due_at),
        error=row.error,
        system=_needed(row),
    )


def _needed(row: Row[Any]) -> str:
    """Return the system that a job writes to, or whose delivery or subject it is about."""
    if row.kind == "delivery":
        return str(json.loads(row.payload_json).get("source", ""))
    return row.system or (Subject.parse(row.ordering).system if row.ordering else "")
