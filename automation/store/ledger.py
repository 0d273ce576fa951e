"""The ledger: what was promised about an issue, by whom, and what each deal was told, in the order it came to
be known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection, func, insert, select

from automation.domain.fields import spoken_of
from automation.model import DEAL, ISSUE, Entry, FieldState, Subject
from automation.store import codec
from automation.store.database import Database
from automation.store.schema import issues, ledger, links, subjects
from automation.store.subjects import current

TOLD = "told"
"""What the entry says of a deal that words have reached."""
_JOINED = ("linked", "unlinked")
_ENTER = insert(ledger)


@dataclass(frozen=True, slots=True)
class Line:
    """A numbered entry of a story; ``key`` is what the issue it is about is called now, where the story is a
    deal's."""

    number: int
    entry: Entry
    key: str = ""


def enter(connection: Connection, subject: str, lines: Sequence[Entry]) -> None:
    """Add entries about ``subject``, as part of the caller's transaction. They are sealed later."""
    if lines:
        rows = [codec.dump(codec.entry, replace(line, about=subject)) for line in lines]
        connection.execute(_ENTER, [{"subject": subject, "entry_json": row} for row in rows])


def called(database: Database, name: str) -> list[Subject]:
    """Return the issues and deals that ``name`` means: a key as people write it, of an issue also one from
    before a transfer, or ``github:issue:12`` whole. What is called so now comes before what was; several
    where it is ambiguous."""
    spelled = func.lower(subjects.c.key) == name.lower()
    issues = select(subjects.c.subject, subjects.c.became).where(spelled | (subjects.c.subject == name))
    with database.read() as connection:
        rows = [row for row in connection.execute(issues).all() if Subject.parse(row.subject).kind == ISSUE]
        now = [row for row in rows if not row.became] or rows
        found = {current(connection, Subject.parse(row.subject)) for row in now}
        known = map(Subject.parse, connection.scalars(select(links.c.deal).distinct()).all())
    found |= {deal for deal in known if name.lower() in (deal.key.lower(), str(deal).lower())}
    return sorted(found, key=str)


def story(database: Database, of: Subject, as_of: date | None = None) -> list[Line]:
    """Return the story of an issue or a deal, the newest last; with ``as_of`` to that day's end in UTC."""
    with database.read() as connection:
        lines = list(_of_deal(connection, of) if of.kind == DEAL else _own(connection, of))
    return [line for line in lines if as_of is None or line.entry.at.date() <= as_of]


def dates_of(database: Database, subject: Subject) -> list[tuple[str, FieldState]]:
    """Return what is known of each deadline field of an issue now, with what people call it."""
    stored = select(issues.c.fields_json).where(issues.c.subject == str(subject))
    with database.read() as connection:
        text = connection.scalar(stored)
    known = codec.fields.validate_json(text) if text else {}
    return [(one.label or name, one) for name, one in known.items()]


def _own(connection: Connection, subject: Subject) -> Iterator[Line]:
    rows = select(ledger.c.id, ledger.c.entry_json).where(ledger.c.subject == str(subject))
    for row in connection.execute(rows.order_by(ledger.c.id)).all():
        yield Line(row.id, codec.entry.validate_json(row.entry_json))


def _of_deal(connection: Connection, deal: Subject) -> list[Line]:
    """Add to what a deal was told when it was linked, which stands in the stories of its issues."""
    lines = [
        replace(line, key=spoken_of(current(connection, Subject.parse(line.entry.on))))
        for line in _own(connection, deal)
    ]
    theirs = select(links.c.subject).where(links.c.deal == str(deal))
    for subject in connection.scalars(theirs.distinct()).all():
        issue = current(connection, Subject.parse(subject))
        lines += [
            replace(line, key=issue.key)
            for line in _own(connection, issue)
            if line.entry.what in _JOINED and line.entry.text == deal.key
        ]
    return sorted(lines, key=lambda line: line.number)
