"""A carrier's state as a row, and the index of what stands on each."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from automation.domain.carriers import carriers_of
from automation.model import CarrierState, IssueState, Subject
from automation.ports import LeaseLost
from automation.store import codec
from automation.store.database import upsert
from automation.store.schema import carriers, stands_on


def load(connection: Connection, subject: Subject) -> CarrierState:
    """Return what is known of a carrier."""
    row = connection.execute(select(carriers).where(carriers.c.subject == str(subject))).one_or_none()
    if row is None:
        return CarrierState(subject)
    return CarrierState(
        subject=subject,
        version=row.version,
        value=codec.some_value.validate_json(row.value_json),
        moves=codec.moves.validate_json(row.moves_json),
        gone=bool(row.gone),
    )


def save(connection: Connection, before: CarrierState, after: CarrierState) -> None:
    """Save what differs. Raise LeaseLost where somebody else changed the carrier since."""
    if after == before and _name(after) == _name(before):
        return
    key = str(after.subject)
    values = {
        "version": before.version + 1,
        "value_json": codec.dump(codec.some_value, after.value),
        "moves_json": codec.dump(codec.moves, after.moves),
        "gone": after.gone,
    }
    if before.version == 0:
        made = upsert(connection, carriers).values(subject=key, **values).on_conflict_do_nothing()
        saved = connection.execute(made)
    else:
        mine = (carriers.c.subject == key) & (carriers.c.version == before.version)
        saved = connection.execute(update(carriers).where(mine).values(values))
    if saved.rowcount != 1:
        raise LeaseLost(f"{key} was changed by somebody else")


def _name(state: CarrierState) -> str:
    """Return what it is called: that makes no values differ, but people read it."""
    return state.value.name if state.value else ""


def save_standing(connection: Connection, before: IssueState, after: IssueState) -> None:
    """Keep the index of what an issue stands on as its state says."""
    was, now = carriers_of(before), carriers_of(after)
    key = str(after.subject)
    if left := was - now:
        mine = stands_on.c.subject == key
        connection.execute(delete(stands_on).where(mine, stands_on.c.carrier.in_(map(str, left))))
    if new := now - was:
        rows = [{"subject": key, "carrier": str(carrier)} for carrier in new]
        connection.execute(insert(stands_on), rows)


def standing_on(connection: Connection, carrier: Subject) -> tuple[Subject, ...]:
    """Return the issues that stand on a carrier, are to be put back on it, or are asked onto it."""
    found = select(stands_on.c.subject).where(stands_on.c.carrier == str(carrier))
    return tuple(map(Subject.parse, connection.scalars(found.order_by(stands_on.c.subject))))
