"""Whom the names in the rules mean: ids, noted when a name is first asked for, and kept.

A login can be given up and taken by a stranger, a team or a group can be made anew under the old name.
Rights follow the id; that a name is somebody else's now is noted beside it, and told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog
from sqlalchemy import ColumnElement, Connection, select, update

from automation.model import Named, Pin
from automation.store.database import Database, upsert
from automation.store.schema import pins

log = structlog.get_logger("handshake")

OTHERS, NOBODYS = "somebody else's now", "nobody's now"
LOOK = "handshake rules check --live"
LONGEST = 300
"""Characters of a name that anybody could have on either system, and more."""


class Pins:
    """The pins, as all threads and machines share them."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    def of(self, named: Named) -> Pin | None:
        """Return the pin of a name, or None where it was never asked for."""
        with self._database.read() as connection:
            return _read(connection, named)

    def see(self, named: Named, id: str) -> Pin:
        """Note whose the name is now (empty: nobody's), and pin it where this is the first time.

        A user's name that was nobody's is not pinned to whoever takes it later: anybody could. A team,
        group or role can only be made by people of the house, and may have been hidden from us before.
        """
        if len(named.key) > LONGEST:
            return Pin("", "")
        before = self.of(named)
        if before and before.found == id and (before.id or not id or named.kind == "user"):
            return before
        with self._database.write(wakes=False) as connection:
            new = {"system": named.system, "kind": named.kind, "name": named.key}
            row = upsert(connection, pins).values(**new, id=id, found=id, pinned_at=self._now())
            connection.execute(row.on_conflict_do_nothing())
            connection.execute(update(pins).where(_is(named)).values(found=id))
            if named.kind != "user" and id:
                first = _is(named) & (pins.c.id == "")
                connection.execute(update(pins).where(first).values(id=id, pinned_at=self._now()))
            pin = _read(connection, named)
        assert pin is not None  # noqa: S101 - it was written just now
        _tell(named, before, pin)
        return pin

    def accept(self, named: Named) -> bool:
        """Let the name mean whoever has it now. Return False where there is nothing to accept."""
        with self._database.write(wakes=False) as connection:
            other = _is(named) & (pins.c.found != "") & (pins.c.found != pins.c.id)
            done = connection.execute(
                update(pins).where(other).values(id=pins.c.found, pinned_at=self._now())
            )
        if done.rowcount:
            log.warning(
                "name in the rules", system=named.system, kind=named.kind, name=named.name, accepted=True
            )
        return bool(done.rowcount)

    def problem(self, names: Iterable[Named]) -> str | None:
        """Say how many of these names are no longer whose they were, or None (for the readiness details).

        Strangers may read it, so it names nobody.
        """
        wanted = {(named.system, named.kind, named.key) for named in names}
        with self._database.read() as connection:
            rows = [
                row for row in connection.execute(select(pins)) if (row.system, row.kind, row.name) in wanted
            ]
        others = sum(1 for row in rows if row.found and row.found != row.id)
        nobodys = sum(1 for row in rows if row.id and not row.found)
        parts = [
            f"{count} {'name is' if count == 1 else 'names are'} {words}"
            for count, words in ((others, OTHERS), (nobodys, NOBODYS))
            if count
        ]
        return f"{', '.join(parts)}; see {LOOK}" if parts else None


def _is(named: Named) -> ColumnElement[bool]:
    return (pins.c.system == named.system) & (pins.c.kind == named.kind) & (pins.c.name == named.key)


def _read(connection: Connection, named: Named) -> Pin | None:
    row = connection.execute(select(pins.c.id, pins.c.found).where(_is(named))).one_or_none()
    return Pin(row.id, row.found) if row else None


def _tell(named: Named, before: Pin | None, pin: Pin) -> None:
    """Log what is new about a name, once."""
    about = {"system": named.system, "kind": named.kind, "name": named.name}
    if pin.sound:
        log.info("name in the rules", **about, id=pin.id)
    elif before and before.found == pin.found:
        return
    elif pin.found:
        log.warning(
            "name in the rules", **about, text=f"it is {OTHERS}, who gets no rights by it; see {LOOK}"
        )
    else:
        log.warning("name in the rules", **about, text=f"it is {NOBODYS}; see {LOOK}")
