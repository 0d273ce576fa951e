"""The ledger, read again: what was promised about an issue, by whom, in the order it came to be known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from automation.model import Entry, Subject
from automation.store import codec
from automation.store.database import Database
from automation.store.schema import ledger, subjects
from automation.store.subjects import current


def issues_called(database: Database, name: str) -> list[Subject]:
    """Return the issues that ``name`` means: a key as people write it, also one from before a transfer, or
    ``github:issue:12`` whole. What is called so now comes before what was; several where it is ambiguous."""
    spelled = func.lower(subjects.c.key) == name.lower()
    called = select(subjects.c.subject, subjects.c.became).where(spelled | (subjects.c.subject == name))
    with database.read() as connection:
        rows = [row for row in connection.execute(called).all() if Subject.parse(row.subject).kind == "issue"]
        now = [row for row in rows if not row.became] or rows
        found = {current(connection, Subject.parse(row.subject)) for row in now}
    return sorted(found, key=str)


def entries(database: Database, issue: Subject, as_of: date | None = None) -> Sequence[tuple[int, Entry]]:
    """Return an issue's numbered entries, the newest last; with ``as_of`` those to that day's end in UTC."""
    rows = (
        select(ledger.c.id, ledger.c.entry_json).where(ledger.c.subject == str(issue)).order_by(ledger.c.id)
    )
    with database.read() as connection:
        found = [(row.id, codec.entry.validate_json(row.entry_json)) for row in connection.execute(rows)]
    return [one for one in found if as_of is None or one[1].at.date() <= as_of]
