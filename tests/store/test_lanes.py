"""What is for a system that nobody writes to is refused with words, and never waits for ever."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from automation.model import Effect, Subject
from automation.store.outbox import DONE, GIVEN_UP, Ending, Outbox, add_effects
from automation.store.queue import Queue
from automation.store.schema import effects
from automation.store.schema import jobs as job_table
from tests.factories import NOW, effect, say

LANES = frozenset({"github", "jira"})
WHY = "nothing here writes to hubspot"
ELSEWHERE = effect(say(), key="words", target=Subject("hubspot", "deal", "77"))
HERE = effect(say(), key="here")


@pytest.fixture
def outbox(database, clock) -> Outbox:
    return Outbox(database, clock.seconds, LANES)


def plan(database, *planned: Effect, lanes: frozenset[str] | None = LANES) -> None:
    with database.write() as connection:
        add_effects(connection, planned, "github:d1", lanes, NOW.timestamp)


def stands(database) -> dict[str, tuple[str, str]]:
    """Return state and error of each job, by the system that it writes to."""
    with database.read() as connection:
        rows = connection.execute(select(job_table)).all()
    return {row.system: (row.state, row.error.partition(":")[0]) for row in rows}


def ended(database, key: str) -> tuple[str, str]:
    with database.read() as connection:
        row = connection.execute(select(effects).where(effects.c.key == key)).one()
    return row.state, row.text.partition(":")[0]


def test_an_effect_for_a_system_without_a_lane_is_refused_when_it_is_planned(database) -> None:
    plan(database, ELSEWHERE, HERE)

    assert stands(database) == {"hubspot": ("parked", WHY), "github": ("ready", "")}
    assert ended(database, "words") == (GIVEN_UP, WHY)


def test_so_is_one_that_waited_for_the_receipt_of_another(database, jobs: Queue, outbox) -> None:
    first = effect(key="first")
    plan(database, first, effect(say(), key="words", target=ELSEWHERE.target, after="first"))

    outbox.end(jobs, jobs.claim(("set",), "github"), Ending(DONE))

    assert stands(database)["hubspot"] == ("parked", WHY)


def test_at_the_start_what_waits_for_a_system_that_was_taken_out_is_refused(database, outbox) -> None:
    plan(database, ELSEWHERE, HERE, lanes=None)
    assert stands(database)["hubspot"] == ("ready", "")

    [said] = outbox.refuse_unwritten()

    assert said.startswith(WHY)
    assert stands(database) == {"hubspot": ("parked", WHY), "github": ("ready", "")}
    assert ended(database, "words") == (GIVEN_UP, WHY)
    assert outbox.refuse_unwritten() == []
