"""After a restore: what was under way is not done again, and each issue is caught up with before that."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from automation.model import Delivery, IssueState, Plan, SetLabel, Trigger
from automation.ports import AGAIN, GIVEN_UP, Ending
from automation.store import codec, queue
from automation.store.inbox import Inbox
from automation.store.outbox import Outbox, add_effects
from automation.store.restored import COPIED, settle
from automation.store.schema import effects, meta
from automation.store.schema import jobs as job_table
from automation.store.state import States
from tests.factories import ISSUE, NOW, effect, say, state

COPIED_AT = NOW - timedelta(hours=1)
WRITES = ("set", "tell")


@pytest.fixture
def copied(database) -> None:
    """Say that the database is a copy, as a backup does."""
    with database.write() as connection:
        connection.execute(insert(meta).values(name=COPIED, value=str(COPIED_AT.timestamp())))


@pytest.fixture
def known(database, jobs) -> None:
    """An issue that has been looked at."""
    look(database, jobs)


def look(database, jobs, settled: tuple[Trigger, ...] = ()) -> None:
    """Commit a look at the issue that found nothing new but the first time."""
    with database.write() as connection:
        queue.put(connection, queue.new("reconcile", {}, "for the commit"))
    states = States(database)
    before, _ = states.load(ISSUE)
    first = IssueState(ISSUE)
    plan = Plan(state() if before == first else before)
    job = next(job for job in iter(lambda: jobs.claim(("reconcile",)), None) if job.payload == {})
    states.commit(jobs, job, before, plan, "enforce", "digest", settled)


def intend(database, *planned) -> None:
    with database.write() as connection:
        add_effects(connection, planned, "")


def states_of(database) -> dict[str, str]:
    with database.read() as connection:
        return {row.key: row.state for row in connection.execute(select(effects.c.key, effects.c.state))}


def looks(database) -> list[Trigger]:
    with database.read() as connection:
        waiting = (
            select(job_table.c.payload_json).where(job_table.c.kind == "reconcile").order_by(job_table.c.id)
        )
        found = [json.loads(payload) for payload in connection.scalars(waiting)]
    return [trigger for each in found for trigger in codec.triggers_from_json(each["triggers"])]


def test_a_database_that_is_no_copy_is_left_as_it_is(database, jobs, known) -> None:
    intend(database, effect(key="restore"))

    assert settle(database, NOW) == 0

    assert jobs.counts() == {"ready": 1}
    assert States(database).begin(ISSUE).copied_at is None


@pytest.mark.usefixtures("known", "copied")
def test_every_issue_is_looked_at(database, jobs) -> None:
    assert settle(database, NOW) == 1

    assert looks(database) == [Trigger(ISSUE, AGAIN)]
    assert States(database).begin(ISSUE).copied_at == COPIED_AT


@pytest.mark.usefixtures("known", "copied")
def test_it_is_done_once(database, jobs) -> None:
    settle(database, NOW)

    assert settle(database, NOW) == 0
    assert looks(database) == [Trigger(ISSUE, AGAIN)]


@pytest.mark.usefixtures("copied")
def test_the_mode_begins_anew_so_that_what_was_done_before_is_not_carried_out(database) -> None:
    states = States(database)
    states.modes.in_force_since("enforce", NOW - timedelta(days=9))

    settle(database, NOW)

    assert states.modes.in_force_since("enforce", NOW) == NOW


@pytest.mark.usefixtures("copied")
def test_dates_and_labels_under_way_are_left_undone_and_so_is_what_waits_for_them(database, jobs) -> None:
    waiting = effect(say(), key="words after it", after="restore")
    intend(database, effect(key="restore"), effect(SetLabel("waiting", True), key="label"), waiting)

    settle(database, NOW)

    assert states_of(database) == dict.fromkeys(("restore", "label", "words after it"), "cancelled")
    assert jobs.counts() == {}


@pytest.mark.usefixtures("copied")
def test_words_under_way_are_looked_for_before_they_are_said(database, jobs) -> None:
    intend(database, effect(say(), key="words"))

    settle(database, NOW)

    assert jobs.claim(WRITES, "github").tries > 1


@pytest.mark.usefixtures("copied")
def test_what_ran_when_the_copy_was_made_is_free(database, jobs) -> None:
    Inbox(database).accept(Delivery("github", "d1", "issues", b"{}", NOW))
    intend(database, effect(say(), key="words"))
    assert jobs.claim(("delivery",)) and jobs.claim(WRITES, "github")

    settle(database, NOW)

    assert jobs.counts() == {"ready": 2}
    assert jobs.claim(WRITES, "github").tries == 2


@pytest.mark.usefixtures("copied")
def test_what_was_parked_stays_parked(database, jobs, clock) -> None:
    intend(database, effect(key="restore"))
    Outbox(database, clock.seconds).end(jobs, jobs.claim(WRITES, "github"), Ending(GIVEN_UP, "no right"))

    settle(database, NOW)

    assert states_of(database) == {"restore": "given up"}
    assert jobs.counts()["parked"] == 1


@pytest.mark.usefixtures("copied")
def test_an_effect_that_cannot_be_read_is_in_nobodys_way(database) -> None:
    intend(database, effect(say(), key="words"))
    with database.write() as connection:
        connection.execute(update(effects).values(effect_json="{"))

    settle(database, NOW)

    assert states_of(database) == {"words": "cancelled"}


@pytest.mark.usefixtures("known", "copied")
def test_once_it_is_caught_up_with_the_issue_is_looked_at_as_was_meant(database, jobs) -> None:
    settle(database, NOW)
    meant = (Trigger(ISSUE, "comment", comment="c1"),)

    look(database, jobs, settled=meant)

    assert States(database).begin(ISSUE).copied_at is None
    assert looks(database) == [Trigger(ISSUE, AGAIN), *meant]
