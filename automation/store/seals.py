"""The ledger as a chain: each entry is sealed with the seal before it, so that it shows where one is changed,
taken away, moved or put in between.

Sealing comes after the commit (ADR 29): what is newer than the last seal is not proved yet. Whoever can write
to the database can seal a forged ledger anew; against them there is only a head that was copied elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256

from pydantic import ValidationError
from sqlalchemy import Connection, exists, func, insert, select, text

from automation.model import Subject
from automation.store import codec
from automation.store.database import Database
from automation.store.schema import ledger, seals
from automation.store.subjects import current, keys

EVERY = 60.0
"""Seconds between two times that new entries are sealed."""
AT_ONCE = 500
"""Entries that one transaction seals, so that nobody waits long for it."""

_HIGHEST = select(func.max(seals.c.ledger_id))
_NEWEST = select(func.max(ledger.c.id))
_LAST = select(seals.c.ledger_id, seals.c.digest).order_by(seals.c.ledger_id.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Head:
    """The last seal: the number of its entry, and the digest of all up to it. As text ``12:ab…``."""

    number: int
    digest: str

    @classmethod
    def parse(cls, written: str) -> Head:
        """Read what ``str`` writes. Raise ValueError."""
        read = re.fullmatch(r"([1-9][0-9]{0,18}):([0-9a-f]{64})", written.strip().lower())
        if read is None:
            raise ValueError(
                "A head is a number, a colon and 64 hexadecimal digits, as `ledger verify` prints it"
            )
        return cls(int(read[1]), read[2])

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the chain breaks first: the entry's number, what is wrong, and in whose story it stands."""

    number: int
    why: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the ledger was found: how many entries are sealed, how many are ``newer`` than the last seal, that
    seal, and where the chain breaks, None where it does not."""

    sealed: int
    newer: int
    head: Head | None
    broken: Broken | None


def seal(database: Database) -> int:
    """Seal what is new. Return how many entries that were."""
    total = 0
    while _anything_new(database):
        with database.write(wakes=False) as connection:
            sealed = _seal_some(connection)
        total += sealed
        if sealed < AT_ONCE:
            break
    return total


def verify(database: Database, kept: Head | None = None) -> Verdict:
    """Follow the chain from its beginning, and compare it with a head that was ``kept`` elsewhere."""
    with database.read() as connection:
        last = connection.execute(_LAST).one_or_none()
        head = Head(last.ledger_id, last.digest) if last else None
        newest = ledger.c.id > (head.number if head else 0)
        newer = connection.scalars(select(func.count()).select_from(ledger).where(newest)).one()
        sealed = connection.scalars(select(func.count()).select_from(seals)).one()
        found = [*_first_break(connection, kept), *_put_between(connection)]
        first = min(found, key=lambda one: one.number, default=None)
        if first and first.key:
            first = replace(first, key=keys(connection, [first.key])[first.key])
        return Verdict(sealed, newer, head, first)


def _anything_new(database: Database) -> bool:
    with database.read() as connection:
        return (connection.scalar(_NEWEST) or 0) > (connection.scalar(_HIGHEST) or 0)


def _seal_some(connection: Connection) -> int:
    """Seal the next entries, in the order of their numbers."""
    if connection.dialect.name == "postgresql":
        # Numbers are given out before they are committed. Once nobody is adding, none below the newest that
        # is seen can still come: https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
        connection.execute(text("LOCK TABLE ledger IN SHARE ROW EXCLUSIVE MODE"))
    last = connection.execute(_LAST).one_or_none()
    number, digest = (last.ledger_id, last.digest) if last else (0, "")
    fresh = select(ledger.c.id, ledger.c.entry_json).where(ledger.c.id > number)
    rows = []
    for row in connection.execute(fresh.order_by(ledger.c.id).limit(AT_ONCE)).all():
        digest = _digest(digest, row.id, row.entry_json)
        rows.append({"ledger_id": row.id, "digest": digest})
    if rows:
        connection.execute(insert(seals), rows)
    return len(rows)


def _digest(before: str, number: int, entry_json: str) -> str:
    return sha256(f"{before}\n{number}\n{entry_json}".encode()).hexdigest()


def _first_break(connection: Connection, kept: Head | None) -> Iterator[Broken]:
    """Give the first entry that is not as it was sealed, and the first that stands in another's story."""
    chain = (
        select(seals.c.ledger_id, seals.c.digest, ledger.c.entry_json, ledger.c.subject)
        .join_from(seals, ledger, ledger.c.id == seals.c.ledger_id, isouter=True)
        .order_by(seals.c.ledger_id)
        .execution_options(yield_per=AT_ONCE)
    )
    digest, met, elsewhere = "", kept is None, list[tuple[int, str, str]]()
    with closing(connection.execute(chain)) as rows:
        for row in rows:
            if row.entry_json is None:
                yield Broken(row.ledger_id, "was taken away")
                break
            digest = _digest(digest, row.ledger_id, row.entry_json)
            if digest != row.digest:
                yield Broken(row.ledger_id, "is not what was sealed", row.subject)
                break
            if kept and kept.number == row.ledger_id:
                met = True
                if kept.digest != digest:
                    why = (
                        "or one before it is not what it was when the head was kept: the chain was made anew"
                    )
                    yield Broken(row.ledger_id, why, row.subject)
                    break
            about = _about(row.entry_json)
            if about and about != row.subject:
                elsewhere.append((row.ledger_id, about, row.subject))
        else:
            if kept and not met:
                why = "is gone, which the kept head names: it was taken away, or is not in this backup"
                yield Broken(kept.number, why)
    for number, about, subject in elsewhere:
        if str(current(connection, Subject.parse(about))) != subject:
            yield Broken(number, f"was written about another subject ({about})", subject)
            return


def _about(entry_json: str) -> str:
    try:
        return codec.entry.validate_json(entry_json).about
    except ValidationError:  # sealed as it is, whatever it is
        return ""


def _put_between(connection: Connection) -> Iterator[Broken]:
    """Give the first entry that has no seal while a later one does."""
    sealed = exists().where(seals.c.ledger_id == ledger.c.id)
    highest = _HIGHEST.scalar_subquery()
    strange = select(ledger.c.id, ledger.c.subject).where(ledger.c.id < highest, ~sealed)
    row = connection.execute(strange.order_by(ledger.c.id).limit(1)).one_or_none()
    if row is not None:
        yield Broken(row.id, "was put in between, or its seal was taken away", row.subject)
