"""The gates: limits are kept before they are hit, by all threads and machines together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, insert, select

from automation.ports import Closed, Unauthorized
from automation.store import tally as tallies
from automation.store.gates import BUDGETS, HOUR, PATIENCE, Gate, Gates
from automation.store.schema import writes
from automation.store.tally import Tally

INTERVAL = BUDGETS["github"].interval
HOURLY = BUDGETS["github"].hourly
FOR_WORDS = int(HOURLY * (1 - BUDGETS["github"].reserve))


@pytest.fixture
def tally(database) -> Tally:
    return Tally(database)


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def gates(database, clock, tally, slept) -> Gates:
    """Gates where waiting moves the clock."""

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        clock.forward(seconds)

    return Gates(database, clock.seconds, tally, sleep=sleep)


@pytest.fixture
def gate(gates) -> Gate:
    return gates.to("github")


@pytest.fixture
def theirs(open_database, clock, tally) -> Gate:
    """The gate of another machine to the same system."""
    return Gates(open_database(), clock.seconds, tally, sleep=clock.forward).to("github")


def shut(gate: Gate, **how: bool) -> float:
    """Say for how long nothing is let through."""
    with pytest.raises(Closed) as caught:
        gate.enter(**how)
    return caught.value.retry_after or 0.0


# ---------------------------------------------------------------- between two writes


def test_the_first_write_need_not_wait(gate, slept) -> None:
    gate.enter(write=True)

    assert slept == []


def test_between_two_writes_there_is_a_pause(gate, slept) -> None:
    for _ in range(3):
        gate.enter(write=True)

    assert slept == [INTERVAL, INTERVAL]


def test_the_pause_is_kept_by_all_machines_together(gate, theirs, slept) -> None:
    theirs.enter(write=True)

    gate.enter(write=True)

    assert slept == [INTERVAL]


def test_writes_to_another_system_do_not_count(gates, gate, slept) -> None:
    gates.to("jira").enter(write=True)

    gate.enter(write=True)

    assert slept == []


def test_reads_need_not_wait(gate, slept) -> None:
    gate.enter(write=True)

    for _ in range(10):
        gate.enter()

    assert slept == []


def test_who_would_wait_for_long_is_sent_away_and_takes_no_turn(database, clock, tally) -> None:
    gate = Gates(database, clock.seconds, tally, interval=PATIENCE * 2, sleep=clock.forward).to("github")
    gate.enter(write=True)

    assert shut(gate, write=True) == pytest.approx(PATIENCE * 2)
    clock.forward(PATIENCE * 2)
    assert gate.opens_in() == 0
    gate.enter(write=True)


def test_a_clock_that_was_set_back_stops_nobody_for_long(gate, clock, slept) -> None:
    gate.enter(write=True)
    clock.forward(-3 * HOUR)

    gate.enter(write=True)

    assert sum(slept) <= PATIENCE


# ---------------------------------------------------------------- in an hour


@pytest.fixture
def write(database, clock) -> Callable[[int], None]:
    """Let so many writes have left, each as soon as it could."""

    def write(times: int) -> None:
        rows = []
        for _ in range(times):
            rows.append({"system": "github", "at": clock.seconds()})
            clock.forward(INTERVAL)
        with database.write() as connection:
            connection.execute(insert(writes), rows)

    return write


def test_words_leave_room_for_deadlines(gate, write) -> None:
    write(FOR_WORDS)

    wait = shut(gate, write=True)

    assert wait == pytest.approx(HOUR - FOR_WORDS * INTERVAL)
    assert gate.opens_in() == pytest.approx(wait)
    assert gate.opens_in(urgent=True) == 0
    write(HOURLY - FOR_WORDS)
    assert shut(gate, write=True, urgent=True) == pytest.approx(HOUR - HOURLY * INTERVAL)


def test_the_hour_moves_on(gate, clock, write) -> None:
    write(FOR_WORDS)
    clock.forward(shut(gate, write=True))

    gate.enter(write=True)


def test_what_is_older_than_an_hour_is_forgotten(database, gate, clock, write) -> None:
    write(3)
    clock.forward(HOUR + 1)

    gate.enter(write=True)

    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(writes)) == 1


# ---------------------------------------------------------------- shut


def test_while_a_system_is_shut_nothing_is_let_through_on_any_machine(gate, theirs, clock) -> None:
    theirs.shut(Closed("GitHub asks for a pause", 60))

    assert shut(gate) == shut(gate, write=True) == shut(gate, write=True, urgent=True) == 60
    assert gate.opens_in(urgent=True) == 60
    clock.forward(60)
    gate.enter(write=True)


def test_who_is_not_let_through_takes_no_turn(database, gate) -> None:
    gate.shut(Closed("GitHub asks for a pause", 60))
    shut(gate, write=True)

    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(writes)) == 0


def test_the_other_system_stays_open(gates, gate) -> None:
    gate.shut(Closed("GitHub asks for a pause", 60))

    gates.to("jira").enter(write=True)


def test_when_all_calls_are_used_up_it_is_shut_until_there_are_new_ones(gate) -> None:
    gate.answered("GET", 200, quota=0, resets_in=900)

    assert shut(gate) == 900


def test_calls_that_are_left_shut_nothing(gate, tally, database) -> None:
    gate.answered("GET", 200, quota=1, resets_in=900)

    gate.enter()
    tally.flush()
    with database.read() as connection:
        assert tallies.read(connection) == {
            "calls": {("github", "GET", "200"): 1},
            "quota": {("github",): 1},
        }


# ---------------------------------------------------------------- credentials


def test_credentials_that_are_not_accepted_are_a_problem_until_they_are(gates, gate, clock) -> None:
    assert gates.problem() is None
    gate.shut(Unauthorized("GitHub: 401, check GITHUB_TOKEN", 60))

    assert gates.problem() == "not accepted by github; the log says which setting to check"
    with pytest.raises(Unauthorized, match="check GITHUB_TOKEN"):
        gate.enter()
    clock.forward(60)
    assert gates.problem(), "time alone does not mend them"
    gate.enter()
    gate.answered("GET", 200)

    assert gates.problem() is None
    assert gate.unauthorized() is False


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_an_error_does_not_say_that_credentials_are_accepted(gates, gate, clock, status) -> None:
    gate.shut(Unauthorized("GitHub: 401", 60))
    clock.forward(60)
    gate.enter()

    gate.answered("GET", status)

    assert gate.unauthorized() is True


def test_an_answer_does_not_end_a_pause_that_was_asked_for(gate) -> None:
    gate.enter()
    gate.shut(Closed("GitHub asks for a pause", 60))

    gate.answered("GET", 200)

    assert shut(gate) == 60
