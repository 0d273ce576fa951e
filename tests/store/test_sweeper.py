"""The sweeper: what is done with and old goes, what was promised stays, and one job does it for all."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import IntegrityError

from automation.model import Decision, Delivery, Entry, Event, Outcome, Plan, RulesText, Trigger
from automation.model.reading import Reading
from automation.ports import LeaseLost
from automation.store import codec
from automation.store.inbox import Inbox
from automation.store.queue import Queue
from automation.store.schema import decisions, deliveries, effects, ledger, passes, rulebooks, would
from automation.store.schema import jobs as job_table
from automation.store.sightings import keep
from automation.store.sweeper import AT_ONCE, EVERY, Sweeper
from tests.factories import ISSUE, NOW, effect, facts, sighting, state


def states_of_all(database) -> dict[str, int]:
    """Count the jobs by state, the sweep among them."""
    states = select(job_table.c.state, func.count().label("n")).group_by(job_table.c.state)
    with database.read() as connection:
        return {row.state: row.n for row in connection.execute(states)}


MONTH, YEAR = timedelta(days=30), timedelta(days=365)
SWEEP = ("sweep",)


@pytest.fixture
def sweeper(database, jobs, clock) -> Sweeper:
    return Sweeper(database, jobs, lambda: MONTH, clock.seconds, lambda: YEAR)


@pytest.fixture
def sweep(sweeper, jobs):
    """Do the job that is due."""

    def sweep() -> None:
        sweeper.sweep(jobs.claim(SWEEP))

    sweeper.schedule()
    return sweep


@pytest.fixture
def receive(database, jobs):
    """Store a delivery of some time ago, and read it as nothing of ours."""

    def receive(id: str, ago: timedelta, reading: Reading = Reading.ignored("nothing")) -> None:  # noqa: B008
        inbox = Inbox(database)
        delivery = Delivery("github", id, "issues", b"{}", NOW - ago)
        inbox.accept(delivery)
        inbox.read(jobs, (jobs.claim(("delivery",)), delivery, reading))

    return receive


@pytest.fixture
def decide(database):
    def decide(ago: timedelta, outcome: Outcome = Outcome.QUIET, rules: str = "digest") -> None:
        decision = Decision("a rule", "rules/x.yaml:3", Event("deadline.changed", NOW - ago), outcome)
        text = RulesText("rules", rules, {"rules.yaml": "mode: enforce"})
        seen = sighting(state(), facts(), at=NOW - ago, rules=text)
        with database.write() as connection:
            keep(connection, Plan(state(), decisions=(decision,)), seen)

    return decide


def left(database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(select(deliveries.c.id).order_by(deliveries.c.id)))


def count(database, table) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_deliveries_go_when_they_are_older_than_is_kept(database, receive, sweep) -> None:
    receive("old", MONTH + timedelta(seconds=1))
    receive("young", MONTH - timedelta(seconds=1))

    sweep()

    assert left(database) == ["young"]


def test_what_a_mode_kept_back_goes_with_the_decisions(database, sweep) -> None:
    for ago in (MONTH + timedelta(seconds=1), MONTH - timedelta(seconds=1)):
        row = {"subject": str(ISSUE), "at": (NOW - ago).timestamp(), "mode": "observe"}
        with database.write() as connection:
            connection.execute(insert(would).values(effect_json="{}", text="words", **row))

    sweep()

    assert count(database, would) == 1


def test_how_long_is_kept_may_change_while_it_runs(database, jobs, clock, receive) -> None:
    keep = [MONTH]
    sweeper = Sweeper(database, jobs, lambda: keep[0], clock.seconds)
    sweeper.schedule()
    receive("three weeks old", timedelta(days=21))
    sweeper.sweep(jobs.claim(SWEEP))
    assert left(database) == ["three weeks old"]

    keep[0] = timedelta(days=14)
    clock.forward(EVERY)
    sweeper.sweep(jobs.claim(SWEEP))

    assert left(database) == []


@pytest.mark.parametrize("state", ["ready", "running", "parked"])
def test_a_delivery_with_a_job_is_not_done_with_however_old(database, receive, jobs, sweep, state) -> None:
    receive("old", 2 * MONTH, Reading.of(Trigger(ISSUE, "labeled")))
    if state != "ready":
        job = jobs.claim(("reconcile",))
        with database.write() as connection:
            if state == "parked":
                jobs.park(connection, job, "it cannot be")

    sweep()

    assert left(database) == ["old"]


def test_a_delivery_that_was_never_read_goes_once_its_job_was_dropped(database, sweep) -> None:
    Inbox(database).accept(Delivery("github", "old", "issues", b"{}", NOW - 2 * MONTH))
    with database.write() as connection:
        connection.execute(job_table.delete().where(job_table.c.kind == "delivery"))

    sweep()

    assert left(database) == []


def test_decisions_without_consequence_go_with_the_deliveries(database, decide, sweep) -> None:
    decide(MONTH + timedelta(seconds=1))
    decide(MONTH - timedelta(seconds=1))

    sweep()

    assert (count(database, passes), count(database, decisions)) == (1, 1)


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.QUIET])
def test_decisions_of_consequence_are_kept_for_long(database, decide, sweep, outcome) -> None:
    decide(YEAR + timedelta(seconds=1), outcome)
    decide(YEAR - timedelta(seconds=1), outcome)

    sweep()

    assert (count(database, passes), count(database, decisions)) == (1, 1)


def test_rules_that_no_decision_names_any_more_go_with_the_last_one(database, decide, sweep) -> None:
    decide(YEAR + timedelta(days=2), Outcome.FIRED, "oldest")
    decide(YEAR + timedelta(days=1), Outcome.FIRED, "old")
    decide(timedelta(days=300), Outcome.FIRED, "old")
    decide(timedelta(days=1), Outcome.FIRED, "new")

    sweep()

    with database.read() as connection:
        assert set(connection.scalars(select(rulebooks.c.digest))) == {"old", "new"}


def test_the_history_of_promises_stays(database, sweep) -> None:
    entry = codec.dump(codec.entry, Entry(NOW - 12 * MONTH, "signed", "milestone: Spring release"))
    with database.write() as connection:
        connection.execute(insert(ledger).values(subject=str(ISSUE), entry_json=entry))
        connection.execute(
            insert(effects).values(
                key="e1",
                subject=str(ISSUE),
                effect_json=codec.dump(codec.effect, effect()),
                state="done",
                ended_at=(NOW - 12 * MONTH).timestamp(),
            )
        )

    sweep()

    assert (count(database, ledger), count(database, effects)) == (1, 1)


def test_much_is_taken_away_a_little_at_a_time(database, sweep) -> None:
    """So that whoever wants to write meanwhile need not wait for all of it."""
    many = 2 * AT_ONCE + 1
    rows = [
        {
            "source": "github",
            "id": str(number),
            "event": "issues",
            "headers_json": "{}",
            "body": b"",
            "received_at": 0.0,
        }
        for number in range(many)
    ]
    with database.write() as connection:
        connection.execute(insert(deliveries), rows)
    taken = []

    def note(_connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("DELETE FROM deliveries"):
            taken.append(cursor.rowcount)

    engine = database._backend._engine
    event.listen(engine, "after_cursor_execute", note)
    sweep()
    event.remove(engine, "after_cursor_execute", note)

    assert taken == [AT_ONCE, AT_ONCE, 1]
    assert left(database) == []


# ---------------------------------------------------------------- the job


def test_it_is_done_again_an_hour_later(sweep, jobs, clock) -> None:
    sweep()

    assert jobs.claim(SWEEP) is None
    clock.forward(EVERY - 1)
    assert jobs.claim(SWEEP) is None
    clock.forward(1)
    assert jobs.claim(SWEEP) is not None


def test_starting_several_times_leaves_one_job(database, sweeper) -> None:
    for _ in range(3):
        sweeper.schedule()

    assert states_of_all(database) == {"ready": 1}


def test_starting_does_not_add_one_beside_one_that_runs(database, sweeper, jobs) -> None:
    sweeper.schedule()
    job = jobs.claim(SWEEP)

    sweeper.schedule()
    assert states_of_all(database) == {"running": 1}

    sweeper.sweep(job)
    assert states_of_all(database) == {"ready": 1}


def test_machines_that_start_together_leave_one_job(database, open_database, clock) -> None:
    ready = threading.Barrier(4)

    def start() -> None:
        database = open_database()
        sweeper = Sweeper(database, Queue(database, clock.seconds), lambda: MONTH, clock.seconds)
        ready.wait(10)
        sweeper.schedule()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert states_of_all(database) == {"ready": 1}


def test_the_database_itself_lets_no_second_one_in(database, sweeper, put) -> None:
    sweeper.schedule()

    with pytest.raises(IntegrityError):
        put("sweep again", kind="sweep")


def test_whoever_lost_the_job_puts_no_other(database, sweeper, jobs, take_over) -> None:
    sweeper.schedule()
    late = jobs.claim(SWEEP)
    assert take_over(SWEEP) is not None

    with pytest.raises(LeaseLost):
        sweeper.sweep(late)

    assert states_of_all(database) == {"running": 1}
