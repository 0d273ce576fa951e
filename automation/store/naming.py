"""What is kept of names: those for customers, and those that customers must not read; and what users said."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, select

from automation.model import Deal, IssueState, KnownName, Person
from automation.store import codec
from automation.store.database import Database, put_rows
from automation.store.schema import known_names, naming
from automation.text.markdown import clean

LONGEST = 300
"""Characters that are kept of a name."""
LONGEST_KEY = 200


def save(connection: Connection, key: str, before: IssueState, after: IssueState) -> None:
    if _kept(before) == _kept(after):
        return
    row = {
        "subject": key,
        "name": after.name,
        "users_json": codec.dump(codec.contacts, after.users),
        "asked_json": codec.dump(codec.subjects, after.asked_user),
        "problems_json": codec.dump(codec.problems, after.problems),
        "filled_json": codec.dump(codec.filled, after.filled),
        "invited_at": codec.from_time(after.invited) if after.invited else None,
    }
    put_rows(connection, naming, [row])


def _kept(state: IssueState) -> tuple[object, ...]:
    return state.name, state.users, state.asked_user, state.problems, state.invited, state.filled


class KnownNames:
    """The names of deals, of their owners and of colleagues that we came across. They are shown to nobody:
    with them we tell what customers must not read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[tuple[str, str, str], str] = {}
        self._lock = threading.Lock()

    def note(self, deals: Iterable[Deal], people: Iterable[Person]) -> None:
        """Keep the names that are new to us, or that have changed."""
        found = [KnownName("deal", deal.subject.system, deal.key, deal.name) for deal in deals]
        found += [KnownName("owner", deal.subject.system, deal.key, deal.owner) for deal in deals]
        found += [KnownName("person", person.system, person.id, person.name) for person in people]
        found = [replace(one, name=clean(one.name, LONGEST)) for one in found]
        with self._lock:
            fresh = [one for one in found if one.name and self._noted.get(_key(one)) != one.name]
        if not fresh:
            return
        with self._database.write(wakes=False) as connection:
            rows = [
                {"kind": one.kind, "system": one.system, "key": one.key[:LONGEST_KEY], "name": one.name}
                for one in fresh
            ]
            put_rows(connection, known_names, rows)
        with self._lock:
            self._noted.update({_key(one): one.name for one in fresh})

    def all(self) -> tuple[KnownName, ...]:
        with self._database.read() as connection:
            rows = connection.execute(select(known_names)).all()
        return tuple(KnownName(row.kind, row.system, row.key, row.name) for row in rows)


def _key(one: KnownName) -> tuple[str, str, str]:
    return one.kind, one.system, one.key
