"""Another try for parked jobs: what giving up has written is taken back, as far as that still fits."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

from pydantic import ValidationError
from sqlalchemy import Connection, select, update

from automation.model import Effect, Pending, SetDeadline, Subject
from automation.ports import GIVEN_UP, READ_LAG
from automation.store import codec
from automation.store.outbox import read_effect
from automation.store.postgres import announce
from automation.store.schema import effects, issues, jobs

LOOKS_FIRST = 1
"""Tries that an effect starts with: its last one may have arrived, so it is looked for before it is
done again, as after any other failure."""


def free(connection: Connection, job: int) -> bool:
    """Have a parked job tried again, as part of the caller's transaction. Return False where it is
    parked no longer."""
    parked = (jobs.c.id == job) & (jobs.c.state == "parked")
    row = connection.execute(select(jobs.c.payload_json).where(parked).with_for_update()).one_or_none()
    if row is None:
        return False
    key = json.loads(row.payload_json).get("effect", "")
    again = {"tries": LOOKS_FIRST, "due_at": _revive(connection, key)} if key else {"tries": 0, "due_at": 0.0}
    connection.execute(update(jobs).where(parked).values(state="ready", owner="", **again))
    announce(connection)
    return True


def free_writes(connection: Connection, subjects: Collection[Subject], system: str) -> int:
    """Have what could not be written to a system for these subjects tried again, as part of the caller's
    transaction. Return how many writes those are."""
    writes = (jobs.c.state == "parked") & (jobs.c.system == system) & jobs.c.kind.in_(("set", "tell"))
    parked = select(jobs.c.id, jobs.c.ordering).where(writes).order_by(jobs.c.id)
    known = {str(subject) for subject in subjects}
    return sum(free(connection, row.id) for row in connection.execute(parked).all() if row.ordering in known)


def _revive(connection: Connection, key: str) -> float:
    """Take back the receipt of an effect that was given up, and let wait again what was cancelled with
    it. Return when it may be tried: not before trackers show what was written last."""
    given_up = (effects.c.key == key) & (effects.c.state == GIVEN_UP)
    row = connection.execute(select(effects).where(given_up).with_for_update()).one_or_none()
    if row is None:
        return 0.0
    connection.execute(update(effects).where(given_up).values(state="ready", text="", ended_at=0.0))
    cancelled = (effects.c.after == key) & (effects.c.state == "cancelled")
    connection.execute(update(effects).where(cancelled).values(state="waiting"))
    with suppress(ValidationError):  # then it ends parked again, with words that say so
        _expect(connection, read_effect(connection, row.subject, row.effect_json))
    return float(row.ended_at) + READ_LAG


def _expect(connection: Connection, effect: Effect) -> None:
    """Let a deadline's write be under way again, if nothing else was decided since it was given up.

    Where something was, the write finds that and is left undone.
    """
    intent = effect.intent
    if not isinstance(intent, SetDeadline):
        return
    issue = issues.c.subject == str(effect.issue)
    row = connection.execute(select(issues).where(issue).with_for_update()).one_or_none()
    fields = codec.fields.validate_json(row.fields_json) if row else {}
    known = fields.get(intent.field)
    if row is None or known is None or known.pending or known.contested != intent.expect:
        return
    if known.standing != intent.value:
        return
    pending = Pending(effect.key, intent.expect)
    fields[intent.field] = replace(known, pending=pending, contested=None)
    saved = {"version": row.version + 1, "fields_json": codec.dump(codec.fields, fields)}
    connection.execute(update(issues).where(issue).values(saved))
