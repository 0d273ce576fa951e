"""What each deal was told: a deal's state, as far as it is needed so far. It follows the receipts."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, update

from automation.model import Heard
from automation.store import codec
from automation.store.database import upsert
from automation.store.schema import told


def note(connection: Connection, issue: str, heard: Heard, at: float) -> None:
    """Keep what a deal was told of ``issue``, or of the one it names, unless it was told something later."""
    issue = str(heard.issue) if heard.issue else issue
    value = codec.dump(codec.value, heard.told.value)
    values = {"value_json": value, "rechecking": heard.told.rechecking, "at": at}
    connection.execute(
        upsert(connection, told)
        .values(subject=issue, deal=str(heard.deal), field=heard.field, **values)
        .on_conflict_do_update(
            index_elements=["subject", "deal", "field"], set_=values, where=told.c.at <= at
        )
    )


def put_under(connection: Connection, issue: str, ids: Mapping[str, str]) -> None:
    """Keep what deals were told of fields that were made again under their new ``ids``."""
    for old, new in ids.items():
        about = (told.c.subject == issue, told.c.field == old)
        connection.execute(update(told).where(*about).values(field=new))


def forget(connection: Connection, issue: str) -> None:
    """Forget what deals were told of an issue: nobody can tell any more."""
    connection.execute(delete(told).where(told.c.subject == issue))
