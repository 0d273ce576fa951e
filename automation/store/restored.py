"""After a restore: the database is older than the world, and must neither repeat nor undo what was done.

A copy says that it is one. The first start on it lets stand what stands: deadlines that were to be
written are not, words are looked for before they are said, and each issue is caught up with in silence
before anything new about it counts.
"""

from __future__ import annotations

import json
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection, case, delete, select, update

from automation.model import Redact, Say, Subject, Trigger
from automation.ports import AGAIN
from automation.store import codec
from automation.store.database import Database
from automation.store.inbox import put_reconciles
from automation.store.schema import effects, issues, jobs, meta, workers

COPIED = "copied at"
"""The row of ``meta`` that says, in seconds since the epoch, when a copy was made."""


def settle(database: Database, now: datetime) -> int:
    """Prepare a database that was restored from a backup, the first time it is started. Return how many
    issues have to be looked at; 0 for a database that is no copy, or was prepared before."""
    with database.write() as connection:
        mark = delete(meta).where(meta.c.name == COPIED).returning(meta.c.value)
        copied_at = connection.scalar(mark)
        if copied_at is None:
            return 0
        # Where no mode has been in force yet it begins now, and what was done before is not carried out.
        connection.execute(delete(meta).where(meta.c.name == "mode"))
        connection.execute(delete(workers))
        _leave_undone(connection, now.timestamp())
        running = jobs.c.state == "running"
        connection.execute(update(jobs).where(running).values(state="ready", owner=""))
        connection.execute(update(issues).values(unsettled_since=float(copied_at)))
        known = connection.scalars(select(issues.c.subject)).all()
        for subject in map(Subject.parse, known):
            put_reconciles(connection, (Trigger(subject, AGAIN),))
    return len(known)


def _leave_undone(connection: Connection, now: float) -> None:
    """Cancel the effects under way but for words, which are looked for first as after any other doubt."""
    under_way = effects.c.state.in_(("ready", "waiting"))
    rows = connection.execute(select(effects.c.key, effects.c.state, effects.c.effect_json).where(under_way))
    left = {row.key for row in rows if row.state == "waiting" or not _words(row.effect_json)}
    text = "left undone: the database was restored from a backup"
    for key in left:
        values = {"state": "cancelled", "text": text, "ended_at": now}
        connection.execute(update(effects).where(effects.c.key == key).values(values))
    theirs = select(jobs.c.id, jobs.c.payload_json).where(jobs.c.kind.in_(("set", "tell")))
    for job in connection.execute(theirs).all():
        if json.loads(job.payload_json)["effect"] in left:
            connection.execute(delete(jobs).where(jobs.c.id == job.id))
    once = case((jobs.c.tries == 0, 1), else_=jobs.c.tries)
    connection.execute(update(jobs).where(jobs.c.kind == "tell").values(tries=once))


def _words(effect_json: str) -> bool:
    try:
        return isinstance(codec.effect.validate_json(effect_json).intent, Say | Redact)
    except ValidationError:
        return False
