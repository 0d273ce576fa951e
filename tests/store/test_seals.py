"""The ledger is a chain: whatever is done to entries that were sealed, the first of them is named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, insert, text

from automation.model import Entry, Subject
from automation.store.database import Database
from automation.store.ledger import enter
from automation.store.schema import ledger
from automation.store.seals import AT_ONCE, Head, seal, verify
from automation.store.subjects import become, note

WAS, IS = (Subject("github", "issue", id, key) for id, key in (("1", "acme/shop#12"), ("2", "acme/till#3")))
DAY = datetime(2026, 11, 1, tzinfo=UTC)


def write(database: Database, *texts: str, about: Subject = WAS) -> None:
    with database.write() as connection:
        note(connection, about)
        enter(connection, str(about), [Entry(DAY + timedelta(hours=len(one)), "asked", one) for one in texts])


def tamper(database: Database, *statements: str) -> None:
    with database.write() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.fixture
def sealed(database: Database) -> Database:
    """Six entries with their seals, in two rounds."""
    write(database, "one", "two", "three")
    seal(database)
    write(database, "four", "five", "six")
    seal(database)
    return database


def test_a_ledger_that_nobody_touched_is_proved_and_says_what_is_not_sealed_yet(sealed) -> None:
    write(sealed, "seven")

    found = verify(sealed)

    assert (found.sealed, found.newer, found.broken) == (6, 1, None)
    assert found.head and found.head.number == 6
    assert verify(sealed, Head.parse(str(found.head))).broken is None


TAMPERED = {
    "changed": ("UPDATE ledger SET entry_json = replace(entry_json, 'three', 'trees') WHERE id = 3",),
    "deleted": ("DELETE FROM ledger WHERE id = 3",),
    "deleted with its seal": ("DELETE FROM ledger WHERE id = 3", "DELETE FROM seals WHERE ledger_id = 3"),
    "reordered": (
        "UPDATE ledger SET id = 99 WHERE id = 3",
        "UPDATE ledger SET id = 3 WHERE id = 5",
        "UPDATE ledger SET id = 5 WHERE id = 99",
    ),
    "put under another issue": ("UPDATE ledger SET subject = 'github:issue:2' WHERE id = 3",),
    "its seal changed": ("UPDATE seals SET digest = 'beef' WHERE ledger_id = 3",),
    "its seal taken away": ("DELETE FROM seals WHERE ledger_id = 3",),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_the_first_entry_that_was_tampered_with_is_named(sealed, how) -> None:
    tamper(sealed, *TAMPERED[how])

    broken = verify(sealed).broken

    assert broken and broken.number == (4 if how == "deleted with its seal" else 3)


def test_an_entry_that_was_put_in_between_is_named(sealed) -> None:
    tamper(sealed, "INSERT INTO ledger SELECT 0, subject, entry_json FROM ledger WHERE id = 1")
    seal(sealed)

    broken = verify(sealed).broken
    assert broken and (broken.number, broken.key) == (0, "acme/shop#12")
    assert "put in between" in broken.why


def test_a_chain_that_was_made_anew_or_cut_off_is_found_by_the_head_that_was_kept(sealed) -> None:
    kept = verify(sealed).head
    tamper(sealed, "DELETE FROM ledger WHERE id > 4", "DELETE FROM seals WHERE ledger_id > 4")
    assert verify(sealed).broken is None, "which nobody can tell without it"
    assert verify(sealed, kept).broken.number == 6

    tamper(sealed, "DELETE FROM seals")
    write(sealed, "five", "not six")
    seal(sealed)

    assert verify(sealed).broken is None
    assert verify(sealed, kept).broken.number == 6


def test_an_issue_that_was_transferred_takes_its_entries_with_it_unbroken(sealed) -> None:
    with sealed.write() as connection:
        become(connection, WAS, IS)
    tamper(sealed, f"UPDATE ledger SET subject = '{IS}'")

    assert verify(sealed).broken is None


def test_more_entries_than_one_transaction_takes_are_sealed_each_once(database, open_database) -> None:
    write(database, *("x" * (number % 9) for number in range(2 * AT_ONCE + 7)))

    assert seal(database) == 2 * AT_ONCE + 7
    assert seal(open_database()) == 0
    assert verify(database).broken is None


@pytest.mark.postgres
def test_an_entry_that_commits_after_a_newer_one_is_sealed_before_it(postgres_url) -> None:
    """On PostgreSQL, where several add at once: the sealing waits for whoever has a lower number already."""
    database = Database(postgres_url)
    write(database, "one")
    with ThreadPoolExecutor(1) as aside:
        with database.write() as slow:
            enter(slow, str(WAS), [Entry(DAY, "asked", "two")])
            write(database, "three")
            sealing = aside.submit(seal, database)
            assert not wait([sealing], 0.3).done

        assert sealing.result(5) == 3

    assert verify(database).broken is None
    database.close()


def test_entries_from_before_there_were_seals_are_sealed_once_the_tables_were_added_to(url) -> None:
    """A database as the first revision made it, with a line in its ledger."""
    database = Database(url)
    with database.write() as connection:
        for added in ("seals", "restores", "pauses"):
            connection.execute(text(f"DROP TABLE {added}"))
        for added in ("problems_json", "invited_at", "filled_json"):
            connection.execute(text(f"ALTER TABLE naming DROP COLUMN {added}"))
        connection.execute(text("ALTER TABLE issues DROP COLUMN taken_off_json"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0100'"))
        line = '{"at":"2026-11-01T00:00:00Z","what":"asked","text":"milestone: 2027-03-01","by":null}'
        connection.execute(insert(ledger).values(subject=str(WAS), entry_json=line))
    database.close()

    database = Database(url)
    seal(database)

    assert (verify(database).sealed, verify(database).broken) == (1, None)
    database.close()


def test_what_commits_an_entry_says_nothing_to_the_database_of_seals(sealed) -> None:
    """They are made afterwards, so that a commit pays nothing for the chain."""
    asked = list[str]()
    listener = ("after_cursor_execute", lambda *about: asked.append(about[2]))
    event.listen(Engine, *listener)
    try:
        with sealed.write() as connection:
            enter(connection, str(WAS), [Entry(DAY, "asked", "one"), Entry(DAY, "asked", "two")])
    finally:
        event.remove(Engine, *listener)

    added = [statement for statement in asked if "INSERT" in statement]
    assert len(added) == 1 and not any("seals" in statement for statement in asked)
