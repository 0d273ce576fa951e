"""The outbox: effects that are intended, with the receipts of those that ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from automation.model import COMMITTED, Effect, Entry, Event, Proposal, Say, SetDeadline, Subject, Trigger
from automation.ports import DONE, GIVEN_UP, MOVED_ON, Ending, Job, Queue
from automation.store import codec, deal_rows, ledger, pauses, queue, subjects
from automation.store.database import Database
from automation.store.inbox import put_reconciles
from automation.store.ledger import TOLD
from automation.store.schema import deliveries, effects, jobs, refusals, saying

_ADD = {
    kind.dialect.name: kind.insert(effects).on_conflict_do_nothing().returning(effects.c.key)
    for kind in (sqlite, postgresql)
}


_STORED = select(effects.c.subject, effects.c.effect_json)


def read_effect(connection: Connection, subject: str, effect_json: str) -> Effect:
    """Read a stored effect. It is about the issue as that is known now."""
    effect = codec.effect.validate_json(effect_json)
    issue = subjects.current(connection, Subject.parse(subject))
    return replace(effect, issue=issue, target=issue if effect.target == effect.issue else effect.target)


def unwritten(system: str) -> str:
    """Say, for operations, why what is for this system cannot be written."""
    return f"nothing here writes to {system}: this Handshake does not know it. Once it does, try this again"


def add_effects(
    connection: Connection,
    planned: Sequence[Effect],
    cause: str,
    lanes: Collection[str] | None = None,
    now: Callable[[], float] = time.time,
) -> None:
    """Store effects, as part of the caller's transaction. One that is known already is left alone; but word
    of an agreed date that was withheld is to be said after all. What is for a system without a worker's lane
    among ``lanes`` (None: all have one) is given up and parked at once, for people to see."""
    rows = [
        {
            "key": effect.key,
            "subject": str(effect.issue),
            "effect_json": codec.dump(codec.effect, effect),
            "after": effect.after,
            "proposal": _shows(effect),
            "state": "waiting" if effect.after else "ready",
        }
        for effect in planned
    ]
    if not rows:
        return
    new = set(connection.scalars(_ADD[connection.dialect.name], rows))
    pauses.count(connection, (effect for effect in planned if effect.key in new), now())
    due = [
        effect
        for effect in planned
        if not effect.after and (effect.key in new or _revived(connection, effect))
    ]
    _put(connection, due, cause, lanes, now)


def _revived(connection: Connection, effect: Effect) -> bool:
    match effect.intent:
        case Say(event=Event(name=name)) if name == COMMITTED and effect.target != effect.issue:
            withheld = (effects.c.key == effect.key) & (effects.c.state == MOVED_ON)
            ready = {"state": "ready", "text": "", "ended_at": 0.0}
            return bool(connection.execute(update(effects).where(withheld).values(ready)).rowcount)
    return False


class Outbox:
    """The performing side."""

    def __init__(
        self, database: Database, now: Callable[[], float], lanes: Collection[str] | None = None
    ) -> None:
        """``lanes``: the systems that a worker writes to; None where that is not known here."""
        self._database = database
        self._now = now
        self._lanes = lanes

    def refuse_unwritten(self) -> list[str]:
        """Give up and park what waits for systems that nobody writes to, as after one was taken out. Return
        why, for each of these systems."""
        if self._lanes is None:
            return []
        waits = (
            (jobs.c.state == "ready") & jobs.c.kind.in_(("set", "tell")) & jobs.c.system.not_in(self._lanes)
        )
        with self._database.write() as connection:
            rows = connection.execute(
                select(jobs.c.id, jobs.c.system, jobs.c.payload_json).where(waits)
            ).all()
            for row in rows:
                parked = {"state": "parked", "error": unwritten(row.system)}
                connection.execute(update(jobs).where(jobs.c.id == row.id).values(parked))
                _give_up(connection, json.loads(row.payload_json)["effect"], row.system, self._now())
        return [unwritten(system) for system in sorted({row.system for row in rows})]

    def get(self, key: str) -> Effect:
        """Return an effect that was stored. Raise LookupError."""
        with self._database.read() as connection:
            row = connection.execute(_STORED.where(effects.c.key == key)).one_or_none()
            if row is None:
                raise LookupError(f"no effect {key}")
            return read_effect(connection, row.subject, row.effect_json)

    def waited(self, job: Job) -> float | None:
        """Return the seconds since the delivery came that the job goes back to, None without one."""
        source, _, id = job.cause.partition(":")
        cause = (deliveries.c.source == source) & (deliveries.c.id == id)
        with self._database.read() as connection:
            received = connection.scalar(select(deliveries.c.received_at).where(cause))
        return None if received is None else self._now() - received

    def end(self, jobs: Queue, job: Job, ending: Ending) -> None:
        """Write the receipt of the job's effect, free or cancel what waited for it, and look at the
        issue again after a deadline was written. An effect that cannot be read ends too. Raise LeaseLost."""
        key = job.payload["effect"]
        ended_at = codec.from_time(ending.at) if ending.at else self._now()
        with self._database.write() as connection:
            ended = connection.execute(
                update(effects)
                .where(effects.c.key == key)
                .values(state=ending.how, text=ending.text, ended_at=ended_at)
                .returning(effects.c.subject, effects.c.effect_json)
            ).one_or_none()
            issue = ended.subject if ended else None
            connection.execute(delete(saying).where(saying.c.effect == key))
            if issue is not None:
                _say_why(connection, key, ending.hint)
                for heard in ending.heard:
                    deal_rows.note(connection, issue, heard, ended_at)
            if job.kind == "set" or ending.how != DONE:  # nothing is planned to wait until words were said
                freed = _let_go(connection, key, ending.how == DONE)
                _put(connection, freed, job.cause, self._lanes, self._now)
            elif ended:
                _enter(connection, ended.subject, ended.effect_json, ending, codec.to_time(ended_at))
            if issue is not None and (job.kind == "set" or ending.public or ending.again):
                why = "public" if ending.public else "receipt"
                written = Trigger(Subject.parse(issue), why, updated=ending.updated)
                put_reconciles(connection, (written,), cause=job.cause)
            if ending.how == GIVEN_UP:
                jobs.park(connection, job, ending.text)
            else:
                jobs.done(connection, job)


def _let_go(connection: Connection, key: str, done: bool) -> list[Effect]:
    """Free what waited for the effect that was ``done``, and return it; or cancel it, and return nothing."""
    waiting = connection.execute(
        update(effects)
        .where(effects.c.after == key, effects.c.state == "waiting")
        .values(state="ready" if done else "cancelled")
        .returning(effects.c.subject, effects.c.effect_json)
    ).all()
    return [read_effect(connection, row.subject, row.effect_json) for row in waiting if done]


def _enter(connection: Connection, issue: str, effect_json: str, ending: Ending, at: datetime) -> None:
    """Enter in the ledger what a deal was told."""
    effect = codec.effect.validate_json(effect_json)
    if isinstance(effect.intent, Say) and effect.target != effect.issue:
        line = Entry(at, TOLD, ending.said, on=issue, told=ending.heard)
        ledger.enter(connection, str(effect.target), [line])


def _say_why(connection: Connection, effect: str, hint: str) -> None:
    """Keep what a refusal says to people, instead of what an earlier one said."""
    connection.execute(delete(refusals).where(refusals.c.effect == effect))
    if hint:
        connection.execute(insert(refusals).values(effect=effect, hint=hint))


def _put(
    connection: Connection,
    due: Sequence[Effect],
    cause: str,
    lanes: Collection[str] | None,
    now: Callable[[], float],
) -> None:
    queue.put(connection, *(_job(effect, cause, lanes) for effect in due))
    for effect in due:
        if lanes is not None and effect.target.system not in lanes:
            _give_up(connection, effect.key, effect.target.system, now())


def _job(effect: Effect, cause: str, lanes: Collection[str] | None) -> dict[str, Any]:
    kind = "set" if isinstance(effect.intent, SetDeadline) else "tell"
    about, system = {"effect": effect.key}, effect.target.system
    why = "" if lanes is None or system in lanes else unwritten(system)
    subject = str(effect.issue)
    return queue.new(kind, about, subject, system=system, cause=cause, error=why, parked=bool(why))


def _give_up(connection: Connection, key: str, system: str, at: float) -> None:
    ended = {"state": GIVEN_UP, "text": unwritten(system), "ended_at": at}
    connection.execute(update(effects).where(effects.c.key == key).values(ended))


def _shows(effect: Effect) -> str:
    """Return the id of the proposal that this effect shows on the issue, if it does."""
    match effect.intent:
        case Say(event=Event(proposal=Proposal(id=id))) if effect.target == effect.issue:
            return id
    return ""
