"""What each deal was told: a deal's state, as far as it is needed so far. It follows the receipts."""

from __future__ import annotations

from sqlalchemy import Connection, delete

from automation.model import Heard
from automation.store import codec
from automation.store.database import upsert
from automation.store.schema import told


def note(connection: Connection, issue: str, heard: Heard, at: float) -> None:
    """Keep what a deal was told, unless it was told something later."""
    value = codec.dump(codec.value, heard.told.value)
    values = {"value_json": value, "rechecking": heard.told.rechecking, "at": at}
    connection.execute(
        upsert(connection, told)
        .values(subject=issue, deal=str(heard.deal), field=heard.field, **values)
        .on_conflict_do_update(
            index_elements=["subject", "deal", "field"], set_=values, where=told.c.at <= at
        )
    )


def forget(connection: Connection, issue: str) -> None:
    """Forget what deals were told of an issue: nobody can tell any more."""
    connection.execute(delete(told).where(told.c.subject == issue))
