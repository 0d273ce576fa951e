"""The limiters: limits are kept before they are hit, by all threads and machines together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, insert, select

from automation.ports import Closed, Unauthorized
from automation.store import counters as tallies
from automation.store.counters import Counters
from automation.store.rate_limiter import HOUR, PATIENCE, RateLimiter, RateLimiters
from automation.store.schema import writes
from tests.sources import BUDGETS

INTERVAL = BUDGETS["github"].interval
HOURLY = BUDGETS["github"].hourly
FOR_WORDS = int(HOURLY * (1 - BUDGETS["github"].reserve))


@pytest.fixture
def counters(database) -> Counters:
    return Counters(database)


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def limiters(database, clock, counters, slept) -> RateLimiters:
    """RateLimiters where waiting moves the clock."""

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        clock.forward(seconds)

    return RateLimiters(database, clock.seconds, counters, sleep=sleep, budgets=BUDGETS)


@pytest.fixture
def limiter(limiters) -> RateLimiter:
    return limiters.to("github")


@pytest.fixture
def theirs(open_database, clock, counters) -> RateLimiter:
    """The limiter of another machine to the same system."""
    return RateLimiters(open_database(), clock.seconds, counters, sleep=clock.forward, budgets=BUDGETS).to(
        "github"
    )


def shut(limiter: RateLimiter, **how: bool) -> float:
    """Say for how long nothing is let through."""
    with pytest.raises(Closed) as caught:
        limiter.enter(**how)
    return caught.value.retry_after or 0.0


# ---------------------------------------------------------------- between two writes


def test_the_first_write_need_not_wait(limiter, slept) -> None:
    limiter.enter(write=True)

    assert slept == []


def test_between_two_writes_there_is_a_pause(limiter, slept) -> None:
    for _ in range(3):
        limiter.enter(write=True)

    assert slept == [INTERVAL, INTERVAL]


def test_the_pause_is_kept_by_all_machines_together(limiter, theirs, slept) -> None:
    theirs.enter(write=True)

    limiter.enter(write=True)

    assert slept == [INTERVAL]


def test_writes_to_another_system_do_not_count(limiters, limiter, slept) -> None:
    limiters.to("jira").enter(write=True)

    limiter.enter(write=True)

    assert slept == []


def test_reads_need_not_wait(limiter, slept) -> None:
    limiter.enter(write=True)

    for _ in range(10):
        limiter.enter()

    assert slept == []


def test_who_would_wait_for_long_is_sent_away_and_takes_no_turn(database, clock, counters) -> None:
    limiter = RateLimiters(
        database, clock.seconds, counters, interval=PATIENCE * 2, sleep=clock.forward, budgets=BUDGETS
    ).to("github")
    limiter.enter(write=True)

    assert shut(limiter, write=True) == pytest.approx(PATIENCE * 2)
    clock.forward(PATIENCE * 2)
    assert limiter.opens_in() == 0
    limiter.enter(write=True)


def test_a_clock_that_was_set_back_stops_nobody_for_long(limiter, clock, slept) -> None:
    limiter.enter(write=True)
    clock.forward(-3 * HOUR)

    limiter.enter(write=True)

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


def test_words_leave_room_for_deadlines(limiter, write) -> None:
    write(FOR_WORDS)

    wait = shut(limiter, write=True)

    assert wait == pytest.approx(HOUR - FOR_WORDS * INTERVAL)
    assert limiter.opens_in() == pytest.approx(wait)
    assert limiter.opens_in(urgent=True) == 0
    write(HOURLY - FOR_WORDS)
    assert shut(limiter, write=True, urgent=True) == pytest.approx(HOUR - HOURLY * INTERVAL)


def test_the_hour_moves_on(limiter, clock, write) -> None:
    write(FOR_WORDS)
    clock.forward(shut(limiter, write=True))

    limiter.enter(write=True)


def test_what_is_older_than_an_hour_is_forgotten(database, limiter, clock, write) -> None:
    write(3)
    clock.forward(HOUR + 1)

    limiter.enter(write=True)

    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(writes)) == 1


# ---------------------------------------------------------------- shut


def test_while_a_system_is_shut_nothing_is_let_through_on_any_machine(limiter, theirs, clock) -> None:
    theirs.shut(Closed("GitHub asks for a pause", 60))

    assert shut(limiter) == shut(limiter, write=True) == shut(limiter, write=True, urgent=True) == 60
    assert limiter.opens_in(urgent=True) == 60
    clock.forward(60)
    limiter.enter(write=True)


def test_who_is_not_let_through_takes_no_turn(database, limiter) -> None:
    limiter.shut(Closed("GitHub asks for a pause", 60))
    shut(limiter, write=True)

    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(writes)) == 0


def test_the_other_system_stays_open(limiters, limiter) -> None:
    limiter.shut(Closed("GitHub asks for a pause", 60))

    limiters.to("jira").enter(write=True)


def test_when_all_calls_are_used_up_it_is_shut_until_there_are_new_ones(limiter) -> None:
    limiter.answered("GET", 200, quota=0, resets_in=900)

    assert shut(limiter) == 900


def test_calls_that_are_left_shut_nothing(limiter, counters, database) -> None:
    limiter.answered("GET", 200, quota=1, resets_in=900)

    limiter.enter()
    counters.flush()
    with database.read() as connection:
        assert tallies.read(connection) == {
            "calls": {("github", "GET", "200"): 1},
            "quota": {("github",): 1},
        }


# ---------------------------------------------------------------- credentials


def test_credentials_that_are_not_accepted_are_a_problem_until_they_are(limiters, limiter, clock) -> None:
    assert limiters.problem() is None
    limiter.shut(Unauthorized("GitHub: 401, check GITHUB_TOKEN", 60))

    assert limiters.problem() == "not accepted by github; the log says which setting to check"
    with pytest.raises(Unauthorized, match="check GITHUB_TOKEN"):
        limiter.enter()
    clock.forward(60)
    assert limiters.problem(), "time alone does not mend them"
    limiter.enter()
    limiter.answered("GET", 200)

    assert limiters.problem() is None
    assert limiter.unauthorized() is False


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_an_error_does_not_say_that_credentials_are_accepted(limiters, limiter, clock, status) -> None:
    limiter.shut(Unauthorized("GitHub: 401", 60))
    clock.forward(60)
    limiter.enter()

    limiter.answered("GET", status)

    assert limiter.unauthorized() is True


def test_an_answer_does_not_end_a_pause_that_was_asked_for(limiter) -> None:
    limiter.enter()
    limiter.shut(Closed("GitHub asks for a pause", 60))

    limiter.answered("GET", 200)

    assert shut(limiter) == 60
