"""Counts of what happened, gathered in memory and added up in the database, where all processes
and machines find them. A process that is killed loses the last seconds of its counts, no more."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from sqlalchemy import Connection, select

from automation.store.database import Database, upsert
from automation.store.repeating import Repeating
from automation.store.schema import counters

FLUSH_EVERY = 5.0
SEPARATOR = "\t"
LONGEST = 120
"""Characters of a label at most: the name of a rule may be longer, a column may not."""
STEPS = (1, 2, 5, 10, 30, 60, 300, 900)
"""Seconds: how long something took is counted by the first of these that it did not exceed."""
Key = tuple[str, tuple[str, ...]]
"""A name, and the values of its labels."""


class Counters:
    """The counts of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._fresh: dict[Key, float] = {}
        self._latest: dict[Key, float] = {}
        self._repeating = Repeating("counters", FLUSH_EVERY, self.flush)

    def start(self) -> None:
        """Flush every few seconds, on a thread."""
        self._repeating.start()

    def stop(self) -> None:
        """Flush a last time."""
        self._repeating.stop()
        self._repeating.once()

    def add(self, name: str, *labels: str, by: float = 1) -> None:
        """Count something that happened. By 0 makes it known before it happens for the first time."""
        key = name, tuple(label.replace(SEPARATOR, " ")[:LONGEST] for label in labels)
        with self._lock:
            self._fresh[key] = self._fresh.get(key, 0) + by

    def took(self, name: str, seconds: float) -> None:
        """Count something that took ``seconds``: by ``STEPS``, and the seconds in all."""
        self.add(name, next((str(step) for step in STEPS if seconds <= step), "+Inf"))
        self.add(f"{name} seconds", by=max(0.0, seconds))  # below 0 where two machines' clocks differ

    def set(self, name: str, value: float, *labels: str) -> None:
        """Note something that can go up and down; the last one to say so is right."""
        with self._lock:
            self._latest[name, labels] = value

    def flush(self) -> None:
        """Add what is new to the database."""
        with self._lock:
            fresh, self._fresh = self._fresh, {}
            latest, self._latest = self._latest, {}
        if not fresh and not latest:
            return
        try:
            self._write(fresh, latest)
        except Exception:
            with self._lock:
                for key, value in fresh.items():
                    self._fresh[key] = self._fresh.get(key, 0) + value
                self._latest = {**latest, **self._latest}
            raise

    def _write(self, fresh: Mapping[Key, float], latest: Mapping[Key, float]) -> None:
        """Write all, in one order for all processes, so that none waits for another in a circle."""
        with self._database.write() as connection:
            for key in sorted({*fresh, *latest}):
                row = {"name": key[0], "labels": SEPARATOR.join(key[1])}
                new = latest[key] if key in latest else fresh[key]
                known = new if key in latest else counters.c.value + new
                connection.execute(
                    upsert(connection, counters)
                    .values(**row, value=new)
                    .on_conflict_do_update(index_elements=list(row), set_={"value": known})
                )


def read(connection: Connection) -> dict[str, dict[tuple[str, ...], float]]:
    """Return what all processes counted: by name, then by the values of the labels."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for row in connection.execute(select(counters)):
        labels = tuple(row.labels.split(SEPARATOR)) if row.labels else ()
        found.setdefault(row.name, {})[labels] = row.value
    return found
