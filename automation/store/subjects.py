"""What subjects and places are called now, and what they were before."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, func, select, update

from automation.model import ISSUE, PLACE, KnownPlaces, Located, Subject
from automation.store.database import Database, upsert
from automation.store.schema import places, subjects

LONGEST = 300
MOST_STEPS = 8
"""From one id to the next, as far as anybody will ever transfer an issue."""


def current(connection: Connection, subject: Subject) -> Subject:
    """Return the subject as it is known now: by its latest id, with its key and the ids it had."""
    for _ in range(MOST_STEPS):
        row = connection.execute(select(subjects).where(subjects.c.subject == str(subject))).one_or_none()
        if row is None:
            return subject
        if not row.became:
            return replace(subject, key=row.key, former=tuple(json.loads(row.former_json)))
        subject = Subject.parse(row.became)
    return subject


def keys(connection: Connection, named: Iterable[str]) -> dict[str, str]:
    """Return what subjects, given as text, are called; those of which that is not known by their ids."""
    wanted = set(named)
    rows = connection.execute(
        select(subjects.c.subject, subjects.c.key).where(subjects.c.subject.in_(wanted))
    )
    found = {row.subject: row.key for row in rows}
    return {name: found.get(name) or Subject.parse(name).key for name in wanted}


def within(connection: Connection, system: str, names: Iterable[str], kind: str = ISSUE) -> list[str]:
    """Return the subjects of a kind, as text, that lie in places of these names."""
    ours = subjects.c.place.in_([name.lower() for name in names]) & (subjects.c.became == "")
    these = subjects.c.subject.startswith(f"{system}:{kind}:", autoescape=True)
    return list(connection.scalars(select(subjects.c.subject).where(ours, these)))


def note(connection: Connection, subject: Subject, born: str = "") -> None:
    """Keep what a subject is called now."""
    place = subject.key if subject.kind == PLACE else subject.place
    if not place or len(subject.key) > LONGEST:  # known by its id only
        return
    values = {"key": subject.key, "place": place.lower(), **({"born": born[:100]} if born else {})}
    connection.execute(
        upsert(connection, subjects)
        .values(subject=str(subject), **values)
        .on_conflict_do_update(index_elements=["subject"], set_=values)
    )


def become(connection: Connection, old: Subject, new: Subject) -> None:
    """Note that ``old`` is ``new`` from now on."""
    former = json.dumps([*old.former, old.id])
    gone = {"became": str(new), "key": old.key, "place": ""}
    connection.execute(
        upsert(connection, subjects)
        .values(subject=str(old), **gone)
        .on_conflict_do_update(index_elements=["subject"], set_=gone)
    )
    note(connection, new)
    connection.execute(update(subjects).where(subjects.c.subject == str(new)).values(former_json=former))


class Subjects:
    """The names of subjects and places, remembered so that what is known already costs nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._places: dict[str, KnownPlaces] = {}

    def current(self, subject: Subject) -> Subject:
        with self._database.read() as connection:
            return current(connection, subject)

    def note(self, subject: Subject, born: str = "") -> None:
        """Keep what a subject is called, as something that was read tells it."""
        with self._database.write(wakes=False) as connection:
            note(connection, subject, born)

    def born_as(self, system: str, born: str, place: str) -> list[Subject]:
        """Return the subjects elsewhere that were made by the same person in the same second: one of them
        may be the same thing under another id."""
        same = (subjects.c.born == born) & (subjects.c.became == "") & (subjects.c.place != place.lower())
        ours = subjects.c.subject.startswith(f"{system}:issue:", autoescape=True)
        with self._database.read() as connection:
            rows = connection.scalars(select(subjects.c.subject).where(same, ours).limit(10)).all()
            return [current(connection, Subject.parse(row)) for row in rows]

    def places(self, system: str, fresh: bool = False) -> KnownPlaces:
        """Return what is known of the places of a system; ``fresh``: also what others have noted since."""
        with self._lock:
            found = None if fresh else self._places.get(system)
        if found is None:
            with self._database.read() as connection:
                found = _places(connection, system)
            with self._lock:
                self._places[system] = found
        return found

    def note_place(self, system: str, place: Located) -> None:
        """Keep what a place is called now. A name goes on meaning whose it was first, unless that is gone."""
        known = self.places(system)
        name = place.name.lower()
        same = known.ids.get(name) == place.id and known.names.get(place.id, "").lower() == name
        if not place.id or same or len(name) > LONGEST:
            return
        with self._database.write(wakes=False) as connection:
            last = connection.scalar(select(func.max(places.c.number))) or 0
            owner = known.ids.get(name)
            if owner not in (None, place.id) and known.names.get(owner or "", "").lower() != name:
                return  # that place is called something else by now, and the rules may mean it
            values = {"id": place.id, "number": last + 1}
            connection.execute(
                upsert(connection, places)
                .values(system=system, name=name, **values)
                .on_conflict_do_update(index_elements=["system", "name"], set_=values)
            )
        self.places(system, fresh=True)


def names_of(connection: Connection, system: str, place: Subject) -> list[str]:
    """Return all names that a place was known by."""
    ours = (places.c.system == system) & (places.c.id == place.id)
    return [place.key, *connection.scalars(select(places.c.name).where(ours))]


def _places(connection: Connection, system: str) -> KnownPlaces:
    named = select(places).where(places.c.system == system).order_by(places.c.number)
    rows: Sequence[tuple[str, str]] = [(row.name, row.id) for row in connection.execute(named)]
    return KnownPlaces(dict(rows), {id: name for name, id in rows})
