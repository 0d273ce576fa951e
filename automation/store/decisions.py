"""What was decided at each pass, and what the mode kept back of it, as operations read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, FromClause, Row, func, select, union

from automation.model import Decision, Effect, RulesText, Sighting, Subject, Would
from automation.store import codec, sightings, subjects
from automation.store.database import Database
from automation.store.schema import decisions, effects, passes, rulebooks, would


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass over an issue: what was decided, by its id, in which mode, and what that mode kept back."""

    subject: Subject
    at: datetime
    mode: str
    decisions: tuple[tuple[int, Decision], ...]
    kept_back: tuple[Would, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an effect: ``how`` it ended, or that it is ``ready`` or ``waiting``; ``text`` is of its
    receipt."""

    effect: Effect
    how: str
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One decision with all that was kept of it. ``seen`` and ``rules`` are None where they were not kept."""

    id: int
    decision: Decision
    of: Pass
    done: tuple[Done, ...]
    digest: str
    seen: Sighting | None = None
    rules: RulesText | None = None


class Diary:
    """Reads it. What an earlier version wrote and this one cannot read is left out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def passes(self, limit: int, kept_back: bool = False) -> tuple[list[Pass], int]:
        """Return the passes that decided something, the last first, and how many there are. ``kept_back``:
        only those at which something was."""
        known = select(would.c.subject, would.c.at).distinct().subquery()
        every: FromClause = union(
            select(passes.c.subject, passes.c.at), select(would.c.subject, would.c.at)
        ).subquery()
        table = known if kept_back else every
        newest = select(table).order_by(table.c.at.desc(), table.c.subject).limit(limit)
        with self._database.read() as connection:
            total = connection.scalar(select(func.count()).select_from(table)) or 0
            found = [_pass(connection, row) for row in connection.execute(newest).all()]
        return found, total

    def show(self, id: int) -> Shown | None:
        """Return one decision; None where there is none of that id, or this version cannot read it."""
        of = select(passes, decisions.c.decision_json).join(decisions, decisions.c.pass_id == passes.c.id)
        with self._database.read() as connection:
            row = connection.execute(of.where(decisions.c.id == id)).first()
            if row is None:
                return None
            text = connection.scalar(select(rulebooks.c.text_json).where(rulebooks.c.digest == row.rules))
            rules = codec.rules_text.validate_json(text) if text else None
            try:
                [decision] = sightings.decisions_of(row.events_json, [row.decision_json])
            except (ValidationError, IndexError):
                return None
            try:
                seen = sightings.parse(row.seen_json, rules) if rules else None
            except ValidationError:
                seen = None
            done = _done(connection, decision.effects)
            return Shown(id, decision, _pass(connection, row), done, row.rules, seen, rules)

    def kept_back(self, after: int) -> tuple[list[Would], int]:
        """Return what was kept back since the entry of that number, and the number of the last."""
        with self._database.read() as connection:
            rows = connection.execute(select(would).where(would.c.id > after).order_by(would.c.id)).all()
        return _would(rows), max((row.id for row in rows), default=after)


def _pass(connection: Connection, of: Row[Any]) -> Pass:
    kept = _of(connection, would, of)
    decided: list[tuple[int, Decision]] = []
    taken = _of(connection, passes, of)
    for row in taken:
        theirs = select(decisions).where(decisions.c.pass_id == row.id).order_by(decisions.c.id)
        for one in connection.execute(theirs):
            try:
                [decision] = sightings.decisions_of(row.events_json, [one.decision_json])
            except (ValidationError, IndexError):
                continue
            decided.append((one.id, decision))
    mode = next((row.mode for row in (*taken, *kept)), "")
    subject = subjects.current(connection, Subject.parse(of.subject))
    return Pass(subject, codec.to_time(of.at), mode, tuple(decided), tuple(_would(kept)))


def _of(connection: Connection, table: Any, row: Row[Any]) -> list[Row[Any]]:
    this: ColumnElement[bool] = (table.c.subject == row.subject) & (table.c.at == row.at)
    return list(connection.execute(select(table).where(this).order_by(table.c.id)))


def _done(connection: Connection, keys: Sequence[str]) -> tuple[Done, ...]:
    rows = {row.key: row for row in connection.execute(select(effects).where(effects.c.key.in_(keys)))}
    found = []
    for key in keys:
        if key in rows:
            row = rows[key]
            try:
                effect = codec.effect.validate_json(row.effect_json)
            except ValidationError:
                continue
            ended_at = codec.to_time(row.ended_at) if row.ended_at else None
            found.append(Done(effect, row.state, row.text, ended_at))
    return tuple(found)


def _would(rows: Sequence[Row[Any]]) -> list[Would]:
    found = []
    for row in rows:
        try:
            effect = codec.effect.validate_json(row.effect_json)
        except ValidationError:
            continue
        found.append(Would(effect, codec.to_time(row.at), row.text))
    return found
