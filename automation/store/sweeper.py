"""Takes away what is done with and old: deliveries, the decisions they led to, and what a mode kept back.

What was promised stays: states, ledger and effects. One job does it, for all machines, once an hour.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import Connection, delete, exists, select, tuple_

from automation.ports import Job, Queue
from automation.store import pauses, queue
from automation.store.database import Database, upsert
from automation.store.schema import (
    decisions,
    deliveries,
    jobs,
    messages,
    passes,
    restores,
    rulebooks,
    seen_events,
    would,
)
from automation.store.sightings import LONG, SHORT

log = structlog.get_logger("handshake")

EVERY = 3600.0
AT_ONCE = 500
"""Rows that one transaction takes away, so that nobody waits long for it."""

_KEY = tuple_(deliveries.c.source, deliveries.c.id)


class Sweeper:
    """Carries out the job ``sweep``. ``keep`` tells, whenever it is asked, how old things may become, and
    ``keep_long`` how old decisions of consequence may (the same, where it is not given)."""

    def __init__(
        self,
        database: Database,
        queue: Queue,
        keep: Callable[[], timedelta],
        now: Callable[[], float],
        keep_long: Callable[[], timedelta] | None = None,
    ) -> None:
        self._database = database
        self._queue = queue
        self._keep = keep
        self._keep_long = keep_long or keep
        self._now = now

    def schedule(self) -> None:
        """See to it that there is the job, once for all who share the database."""
        with self._database.write() as connection:
            _put(connection, self._now())

    def sweep(self, job: Job) -> None:
        """Take away what is old, then put the job again, for later. Raise LeaseLost."""
        until = self._now() - self._keep().total_seconds()
        long_until = self._now() - self._keep_long().total_seconds()
        passed = self._all(partial(self._passes, SHORT), until)
        passed += self._all(partial(self._passes, LONG), long_until)
        gone = self._all(self._deliveries, until), passed
        self._all(self._kept_back, until)
        self._all(self._messages, until)
        self._all(self._events, until)
        self._all(self._restores, self._now() - pauses.HOUR)
        with self._database.write() as connection:
            connection.execute(delete(rulebooks).where(rulebooks.c.digest.not_in(select(passes.c.rules))))
            self._queue.done(connection, job)
            _put(connection, self._now() + EVERY)
        if any(gone):
            log.info("swept", deliveries=gone[0], passes=gone[1])

    def _all(self, take: Callable[[Connection, float], int], until: float) -> int:
        """Take some at a time, until there are no more. Return how many there were."""
        total = 0
        while True:
            with self._database.write() as connection:
                taken = take(connection, until)
            total += taken
            if taken < AT_ONCE:
                return total

    def _deliveries(self, connection: Connection, until: float) -> int:
        """What still has a job, parked or waiting, is not done with."""
        undone = exists().where(jobs.c.cause == deliveries.c.source + ":" + deliveries.c.id)
        old = select(deliveries.c.source, deliveries.c.id).where(deliveries.c.received_at < until, ~undone)
        return connection.execute(delete(deliveries).where(_KEY.in_(old.limit(AT_ONCE)))).rowcount

    def _passes(self, kept: str, connection: Connection, until: float) -> int:
        """Take them away with their decisions. The texts of rules that none names any more go last."""
        aged = (passes.c.kept == kept) & (passes.c.at < until)
        old = connection.scalars(select(passes.c.id).where(aged).limit(AT_ONCE)).all()
        connection.execute(delete(decisions).where(decisions.c.pass_id.in_(old)))
        return connection.execute(delete(passes).where(passes.c.id.in_(old))).rowcount

    def _messages(self, connection: Connection, until: float) -> int:
        key = tuple_(messages.c.sender, messages.c.sequence)
        old = select(messages.c.sender, messages.c.sequence).where(messages.c.at < until).limit(AT_ONCE)
        return connection.execute(delete(messages).where(key.in_(old))).rowcount

    def _events(self, connection: Connection, until: float) -> int:
        old = select(seen_events.c.source, seen_events.c.id).where(seen_events.c.seen_at < until)
        key = tuple_(seen_events.c.source, seen_events.c.id)
        return connection.execute(delete(seen_events).where(key.in_(old.limit(AT_ONCE)))).rowcount

    def _restores(self, connection: Connection, until: float) -> int:
        old = select(restores.c.effect).where(restores.c.at < until).limit(AT_ONCE)
        return connection.execute(delete(restores).where(restores.c.effect.in_(old))).rowcount

    def _kept_back(self, connection: Connection, until: float) -> int:
        old = select(would.c.id).where(would.c.at < until).limit(AT_ONCE)
        return connection.execute(delete(would).where(would.c.id.in_(old))).rowcount


def _put(connection: Connection, due_at: float) -> None:
    """Add the job; the database lets none stand beside another."""
    sweep = queue.new("sweep", {}, due_at=due_at)
    connection.execute(upsert(connection, jobs).values(sweep).on_conflict_do_nothing())
