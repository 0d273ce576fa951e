"""Who had how many dates set back within the hour, and who is paused for that: counted for all machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select

from automation.model import Effect, Event, Pause, Say, Setback, SetDeadline, Trigger
from automation.store import codec
from automation.store.database import Database, upsert
from automation.store.inbox import put_reconciles
from automation.store.open_proposals import waiting
from automation.store.schema import pauses, restores

HOUR = 3600.0
ASKED_AGAIN = 24 * HOUR
"""Seconds after which people are asked again, where somebody is paused time and again."""
AGAIN = "pause ended"
"""What the trigger says that makes us look again at what was held up."""


_LATELY = (
    select(restores.c.actor, restores.c.rule, func.count().label("n"), func.max(restores.c.at).label("last"))
    .where(restores.c.at > bindparam("since"))
    .group_by(restores.c.actor, restores.c.rule)
)


@dataclass(frozen=True, slots=True)
class Paused:
    """A pause that people were asked about: who is paused since when, and what people were told."""

    name: str
    since: datetime
    until: datetime
    text: str


class Pauses:
    """Who is paused."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def exceeding(self, accounts: Sequence[tuple[str, str]], most: int, now: datetime) -> tuple[Pause, ...]:
        """Return those who are paused, or would be if one more date were set back on each of the accounts, a
        person's and a rule's. ``most`` are allowed within an hour. A pause is over when the last that was set
        back is an hour ago: then all that wait are looked at.

        What somebody had set back who is paused does not count for the rule: nobody is to take it away from
        all others.
        """
        at = codec.from_time(now)
        with self._database.read() as connection:
            rows = connection.execute(_LATELY, {"since": at - HOUR}).all()
            if not _over(rows, accounts, most):
                return ()
            asked = {row.name: row for row in connection.execute(select(pauses)).all()}
        free = frozenset(row.name for row in asked.values() if row.free_until > at)
        return tuple(
            Pause(name, codec.to_time(last + HOUR), name in asked and at - asked[name].since < ASKED_AGAIN)
            for name, last in sorted(_over(rows, accounts, most, free).items())
        )

    def now(self, at: datetime) -> list[Paused]:
        """Return the pauses that go on."""
        seconds = codec.from_time(at)
        theirs = or_(restores.c.actor == pauses.c.name, restores.c.rule == pauses.c.name)
        last = select(func.max(restores.c.at)).where(theirs).scalar_subquery()
        noted = select(pauses, last.label("last")).where(pauses.c.free_until <= seconds)
        with self._database.read() as connection:
            return [
                Paused(row.name, codec.to_time(row.since), codec.to_time(row.last + HOUR), row.text)
                for row in connection.execute(noted.order_by(pauses.c.since)).all()
                if row.last is not None and row.last + HOUR > seconds
            ]

    def problem(self, now: float) -> str | None:
        """Say that somebody is paused, or None (for the readiness details). Strangers may read it, so not
        who."""
        going_on = self.now(codec.to_time(now))
        if not going_on:
            return None
        who = "somebody or a rule is" if len(going_on) == 1 else f"{len(going_on)} people or rules are"
        until = max(pause.until for pause in going_on)
        return (
            f"{who} paused until {until:%H:%M} UTC, as too many dates had to be set back; "
            "`handshake pauses` says who"
        )

    def release(self, name: str, at: datetime) -> int:
        """End a pause: for an hour nothing counts on that account, and all that was held up is looked at now.
        Return how many issues that are."""
        held_up = {one.subject for one in waiting(self._database) if one.paused}
        free = {"free_until": codec.from_time(at) + HOUR}
        with self._database.write() as connection:
            theirs = or_(restores.c.actor == name, restores.c.rule == name)
            connection.execute(delete(restores).where(theirs))
            put = upsert(connection, pauses).values(name=name, since=codec.from_time(at), text="", **free)
            connection.execute(put.on_conflict_do_update(index_elements=["name"], set_=free))
            for subject in sorted(held_up, key=str):
                put_reconciles(connection, (Trigger(subject, AGAIN, at=at),))
        return len(held_up)


def _over(
    rows: Sequence[Any],
    accounts: Sequence[tuple[str, str]],
    most: int,
    free: frozenset[str] = frozenset(),
) -> dict[str, float]:
    """Return who would go beyond ``most``, with the time of the last date that was set back for them. What
    is on the account of those who are ``free`` does not count."""
    by_actor, by_rule, last = Counter[str](), Counter[str](), dict[str, float]()
    for row in rows:
        by_actor[row.actor] += row.n
    paused = {actor for actor, number in by_actor.items() if number >= most} | free
    for row in rows:
        by_rule[row.rule] += 0 if row.actor in paused else row.n
        for name in (row.actor, row.rule):
            last[name] = max(row.last, last.get(name, 0.0))
    over = set[str]()
    for actor, rule in accounts:
        if actor in free:
            continue
        by_actor[actor] += 1
        by_rule[rule] += 1
        if by_actor[actor] > most:
            over.add(actor)
        elif by_rule[rule] > most and rule not in free:
            over.add(rule)
    return {name: last[name] for name in over if name in last}


def count(connection: Connection, planned: Iterable[Effect], at: float) -> None:
    """Count the dates that are to be set back, and note about whom people are asked, as part of the
    transaction that commits it."""
    rows, asked = [], {}
    for effect in planned:
        match effect.intent:
            case SetDeadline(account=(actor, rule)):
                rows.append({"effect": effect.key, "actor": actor, "rule": rule, "at": at})
            case Say(event=Event(setback=Setback(paused=name, hint=hint))) if name:
                asked[name] = hint
    if rows:
        connection.execute(insert(restores), rows)
    for name, text in asked.items():
        note = {"since": at, "text": text, "free_until": 0.0}
        put = upsert(connection, pauses).values(name=name, **note)
        connection.execute(put.on_conflict_do_update(index_elements=["name"], set_=note))
