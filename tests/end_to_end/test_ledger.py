"""The ledger: what was promised is proved, and told again."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from automation.store.schema import ledger
from automation.store.seals import verify


@pytest.fixture
def database_url(each_database: str) -> str:
    return each_database


def test_what_was_asked_and_signed_is_sealed_by_the_worker_and_a_forged_word_shows(asked) -> None:
    asked.comment("mona", "/signoff")
    asked.worker_app.sealing.once()
    database = asked.worker_app.database
    proved = verify(database)
    assert proved.sealed >= 3 and (proved.newer, proved.broken) == (0, None), "linked, asked, signed"

    with database.write() as connection:
        connection.execute(update(ledger).where(ledger.c.id == 2).values(entry_json="{}"))

    broken = verify(database).broken
    assert broken and (broken.number, broken.key) == (2, asked.place.key)
