"""What was decided at each look, and what the mode kept back of it, as operations read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, FromClause, Row, func, select, union

from automation.model import Decision, Subject, Would
from automation.store import codec, subjects
from automation.store.database import Database
from automation.store.schema import decisions, would


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at an issue: what rules decided, in which mode, and what that mode kept back."""

    subject: Subject
    at: datetime
    mode: str
    decisions: tuple[Decision, ...]
    kept_back: tuple[Would, ...]


class Diary:
    """Reads it. What an earlier version wrote and this one cannot read is left out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def looks(self, limit: int, kept_back: bool = False) -> tuple[list[Seen], int]:
        """Return the looks that decided something, the last first, and how many there are. ``kept_back``:
        only those at which something was."""
        known = select(would.c.subject, would.c.at).distinct().subquery()
        every: FromClause = union(
            select(decisions.c.subject, decisions.c.at), select(would.c.subject, would.c.at)
        ).subquery()
        table = known if kept_back else every
        newest = select(table).order_by(table.c.at.desc(), table.c.subject).limit(limit)
        with self._database.read() as connection:
            total = connection.scalar(select(func.count()).select_from(table)) or 0
            found = [_seen(connection, row) for row in connection.execute(newest).all()]
        return found, total

    def kept_back(self, after: int) -> tuple[list[Would], int]:
        """Return what was kept back since the entry of that number, and the number of the last."""
        with self._database.read() as connection:
            rows = connection.execute(select(would).where(would.c.id > after).order_by(would.c.id)).all()
        return _would(rows), max((row.id for row in rows), default=after)


def _seen(connection: Connection, look: Row[Any]) -> Seen:
    decided = _of(connection, decisions, look)
    kept = _of(connection, would, look)
    made = []
    for row in decided:
        try:
            made.append(codec.decision.validate_json(row.decision_json))
        except ValidationError:
            continue
    mode = next((row.mode for row in (*decided, *kept)), "")
    subject = subjects.current(connection, Subject.parse(look.subject))
    return Seen(subject, codec.to_time(look.at), mode, tuple(made), tuple(_would(kept)))


def _of(connection: Connection, table: Any, look: Row[Any]) -> list[Row[Any]]:
    this: ColumnElement[bool] = (table.c.subject == look.subject) & (table.c.at == look.at)
    return list(connection.execute(select(table).where(this).order_by(table.c.id)))


def _would(rows: Sequence[Row[Any]]) -> list[Would]:
    found = []
    for row in rows:
        try:
            effect = codec.effect.validate_json(row.effect_json)
        except ValidationError:
            continue
        found.append(Would(effect, codec.to_time(row.at), row.text))
    return found
