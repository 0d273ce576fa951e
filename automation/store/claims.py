"""How jobs are claimed: several in one transaction, one of each ordering, with others of their subjects."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from automation.ports import Job
from automation.store import claim_queries
from automation.store.database import Database
from automation.store.schema import jobs

DEADLOCK = "40P01"
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""
PASSED = 1.0
"""Seconds for which jobs that were passed over are not searched again."""


class Claims:
    """The claims of one worker process, ``owner``."""

    def __init__(self, database: Database, now: Callable[[], float], owner: str) -> None:
        self._database = database
        self._now = now
        self._owner = owner
        self._passed: dict[tuple[tuple[str, ...], str], tuple[int, float]] = {}

    def claim(self, kinds: tuple[str, ...], system: str, most: int, lease: float, folds: bool) -> list[Job]:
        """Take up to ``most`` jobs for ``lease`` seconds, the next first: see ``Queue.claim``. ``folds``:
        together with the reconciles of their subjects that wait as well."""
        missed = set[int]()
        while True:
            try:
                found, claimed = self._try(kinds, system, most, lease, folds, missed)
            except (IntegrityError, OperationalError) as error:
                if not _too_late(error):
                    raise
                continue
            if claimed or not found:
                return claimed
            missed.update(found)  # others were quicker with all of them

    def _try(
        self,
        kinds: tuple[str, ...],
        system: str,
        most: int,
        lease: float,
        folds: bool,
        missed: set[int],
    ) -> tuple[list[int], list[Job]]:
        """Return what was found to be free, and what of it is ours now. On a server both are one transaction,
        since each costs journeys; SQLite has one writer at a time, whom nobody need be who finds nothing."""
        if self._database.server:
            with self._database.write(wakes=False) as connection:
                found = self._find(connection, kinds, system, most, missed)
                return found, self._take(connection, found, lease, folds)
        with self._database.read() as connection:
            found = self._find(connection, kinds, system, most, missed)
        if not found:
            return [], []
        with self._database.write(wakes=False) as connection:
            return found, self._take(connection, found, lease, folds)

    def _find(
        self, connection: Connection, kinds: tuple[str, ...], system: str, most: int, missed: set[int]
    ) -> list[int]:
        """Return some jobs that could be taken now, the next first and one of each ordering."""
        about, server = {"to": system, "now": self._now()}, self._database.server
        front = connection.execute(claim_queries.front(server, kinds), about).all()
        found: Sequence[Row[Any]] = [row for row in front if not row.busy]
        if not found and len(front) == claim_queries.FRONT:
            passed, until = self._passed.get((kinds, system), (0, 0.0))
            if time.monotonic() > until:
                passed = 0
            last = connection.scalar(select(func.max(jobs.c.id))) or 0
            further = claim_queries.free(server, kinds)
            found = connection.execute(further, {**about, "passed": passed}).all()
            first = min((row.id for row in found), default=last + 1)
            self._passed[kinds, system] = (first - 1, time.monotonic() + PASSED)
        first_of_each = dict[str | int, int]()
        for row in found:
            if row.id not in missed:
                first_of_each.setdefault(row.ordering or row.id, row.id)
        return list(first_of_each.values())[:most]

    def _take(self, connection: Connection, found: list[int], lease: float, folds: bool) -> list[Job]:
        """Take those of the jobs that nobody was quicker with, in their order."""
        if not found:
            return []
        now = self._now()
        about = {"found": found, "now": now, "me": self._owner, "until": now + lease}
        rows = sorted(connection.execute(claim_queries.take, about), key=lambda row: found.index(row.id))
        taken = [
            Job(row.id, row.kind, json.loads(row.payload_json), row.tries, row.cause, put_at=row.put_at)
            for row in rows
        ]
        if not folds:
            return taken
        # What failed before is tried alone: it may be what spoils it.
        fresh = {row.ordering for row in rows if row.tries == 1 and not row.error and row.kind == "reconcile"}
        waiting = defaultdict[str, list[Any]](list)
        if fresh:
            for row in connection.execute(claim_queries.beside, {"orderings": list(fresh), "now": now}):
                waiting[row.ordering].append(row)
        return [
            _folded(job, waiting[row.ordering]) if row.ordering in waiting else job
            for job, row in zip(taken, rows, strict=True)
        ]


def _too_late(error: DBAPIError) -> bool:
    """Tell whether another machine has begun a job of the same ordering just now, or two of them waited for
    each other's: https://www.postgresql.org/docs/current/errcodes-appendix.html"""
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", "") == DEADLOCK


def _folded(job: Job, waiting: Iterable[Row[Any]]) -> Job:
    """Return the reconcile with the triggers of others of its subject after its own, each of them once.
    The cause of all is that of the first, and the depth of messages that of the deepest: a circle is to be
    noticed all the same."""
    triggers = dict[str, Any]()
    folded, depth = [], 0
    for id, payload in ((job.id, job.payload), *((row.id, json.loads(row.payload_json)) for row in waiting)):
        if "triggers" not in payload:
            continue
        triggers |= {json.dumps(trigger): trigger for trigger in json.loads(payload["triggers"])}
        depth = max(depth, int(payload.get("depth", 0)))
        folded.append(id)
    if job.id not in folded:
        return job
    payload = {**job.payload, "triggers": json.dumps(list(triggers.values()))}
    if depth:
        payload["depth"] = depth
    return replace(job, payload=payload, folded=tuple(id for id in folded if id != job.id))
