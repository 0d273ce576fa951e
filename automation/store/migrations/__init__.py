"""The tables of a database, brought to what this version of the code needs, all in one transaction.

A new version adds a file to ``versions`` and moves HEAD. Later changes only add (columns with a
default, tables, indexes), so that the version before still runs beside it: ADR 19.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from automation.store.schema import metadata

HEAD = "0106"
"""The revision that this code works with."""

REPLACED = frozenset(f"{number:04}" for number in range(1, 9))
"""Revisions from before 0100, which made all tables anew: they knew issues by their spelling."""

LOCK = 4857311
"""Names our turn among machines that start at once; any number that nobody else takes."""


EARLIER = (
    "is of an earlier version, whose tables cannot be carried over; nothing in it was changed. Keep it as it "
    "is, set HANDSHAKE_DATABASE_URL to a new file or an empty database, and start again. Links are learnt "
    "anew: from the deals that an issue's text names, at the next news of the issue, and from a new /link "
    "for all others. Dates that stand by then count as they stand; a date that nobody has answered yet has "
    "to be asked for again"
)
NEWER = (
    "was last used by a newer version of Handshake. Start that version or a later one, or restore a backup "
    "made before it"
)


class WrongTables(Exception):
    """The tables are not ones that can be carried on; the message says what to do."""


def revision(connection: Connection) -> str | None:
    """Return the revision of the tables, None where there are none of ours that say so."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def untouched(connection: Connection) -> bool:
    """Tell whether there are no tables of ours, of this version or any other."""
    found = set(inspect(connection).get_table_names())
    return "alembic_version" not in found and not found & set(metadata.tables)


def upgrade(connection: Connection) -> None:
    """Make or change the tables, as part of the caller's transaction. Raise WrongTables.

    Others who start at the same time wait here, and then find it done: on SQLite as there is one
    writer, on PostgreSQL for a lock that ends with the transaction.
    https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    found = revision(connection)
    if found == HEAD:
        return
    if found in REPLACED or (found is None and not untouched(connection)):
        raise WrongTables(EARLIER)
    _run_alembic(connection, found)


def _run_alembic(connection: Connection, found: str | None) -> None:
    from alembic import command  # a third of a second, and hardly ever needed
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    folder = str(Path(__file__).parent)
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    try:
        ScriptDirectory.from_config(config).get_revisions((found,))
    except CommandError:
        raise WrongTables(NEWER) from None
    command.upgrade(config, HEAD)
