"""What was known of an issue, kept under what it is known as now: one transaction for all of it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import Connection, Table, delete, select, update

from automation.domain.moving import carried
from automation.model import IssueState, Subject, Told, Trigger, Value
from automation.ports import LeaseLost
from automation.store import codec, issue_rows
from automation.store.inbox import put_reconciles
from automation.store.schema import (
    effects,
    issues,
    jobs,
    labels,
    ledger,
    links,
    naming,
    passes,
    proposals,
    stands_on,
    told,
    would,
)
from automation.store.subjects import become

MOVED = "moved"
"""What the trigger says that makes us look at an issue where it is now."""
_OWN: tuple[Table, ...] = (links, labels, naming, proposals, stands_on)
_NAMED: tuple[Table, ...] = (ledger, passes, would, effects)


def take_over(
    connection: Connection,
    old: IssueState,
    new: IssueState,
    joined: IssueState,
    there: Mapping[Value, Value],
) -> None:
    """Put ``joined`` in the place of both, as part of the caller's transaction; ``there``: the values of now
    by those of before. Raise LeaseLost where somebody else has changed one of them since."""
    was, now = str(old.subject), str(joined.subject)
    if old.version:
        issue_rows.save(connection, new, joined)
        counted = {"version": joined.version}  # higher than both, as what was said is named by it
        connection.execute(update(issues).where(issues.c.subject == now).values(counted))
    _unsettled(connection, was, now)
    for table in _OWN:
        connection.execute(delete(table).where(table.c.subject == was))
    mine = (issues.c.subject == was) & (issues.c.version == old.version)
    if connection.execute(delete(issues).where(mine)).rowcount != (1 if old.version else 0):
        raise LeaseLost(f"{was} was changed by somebody else")
    for table in _NAMED:
        connection.execute(update(table).where(table.c.subject == was).values(subject=now))
    _told(connection, was, now, there)
    _effects(connection, now, there)
    become(connection, old.subject, joined.subject)
    _jobs(connection, was, joined.subject)


def _unsettled(connection: Connection, was: str, now: str) -> None:
    since = connection.scalar(select(issues.c.unsettled_since).where(issues.c.subject == was))
    if since:
        connection.execute(update(issues).where(issues.c.subject == now).values(unsettled_since=since))


def _told(connection: Connection, was: str, now: str, there: Mapping[Value, Value]) -> None:
    """What the deals were told of it before counts, as they read nothing else since."""
    for row in connection.execute(select(told).where(told.c.subject == was)).all():
        here = (told.c.deal == row.deal) & (told.c.field == row.field)
        connection.execute(delete(told).where(told.c.subject == now, here))
        known = carried(Told(codec.value.validate_json(row.value_json)), there)
        values = {"subject": now, "value_json": codec.dump(codec.value, known.value)}
        connection.execute(update(told).where(told.c.subject == was, here).values(values))


def _effects(connection: Connection, now: str, there: Mapping[Value, Value]) -> None:
    """Let what is still to be written mean what it meant."""
    waiting = (effects.c.subject == now) & effects.c.state.in_(("ready", "waiting"))
    for row in connection.execute(select(effects.c.key, effects.c.effect_json).where(waiting)).all():
        effect = codec.effect.validate_json(row.effect_json)
        put = carried(effect, there)
        if put != effect:
            text = codec.dump(codec.effect, put)
            connection.execute(update(effects).where(effects.c.key == row.key).values(effect_json=text))


def _jobs(connection: Connection, was: str, now: Subject) -> None:
    """Let what is to be done be done where it is now. What runs just now finds that out by itself."""
    theirs = (jobs.c.ordering == was) & (jobs.c.state != "running")
    looks = theirs & (jobs.c.kind == "reconcile")
    rows = connection.execute(delete(jobs).where(looks).returning(jobs.c.payload_json, jobs.c.cause)).all()
    for row in rows:
        triggers = codec.triggers_from_json(json.loads(row.payload_json)["triggers"])
        put_reconciles(connection, led_on(triggers, now), cause=row.cause)
    connection.execute(update(jobs).where(theirs).values(ordering=str(now)))


def led_on(triggers: tuple[Trigger, ...], now: Subject) -> tuple[Trigger, ...]:
    """Return what a look at an issue is for, where it is now. Its comments have other ids there, so all that
    was written lately is read; that it is gone from where it was is no news."""
    found = [Trigger(now, MOVED, one.actor, one.at) for one in triggers if one.what != "gone" or one.comment]
    return tuple(dict.fromkeys(found)) or (Trigger(now, MOVED),)
