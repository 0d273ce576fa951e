"""Systems that do not answer are left alone, by all machines; one thing that gets no answer stops nobody."""

from __future__ import annotations

from itertools import cycle

import pytest
from structlog.testing import capture_logs

from automation.ports import Closed, Unavailable
from automation.store import figures
from automation.store.counters import Counters
from automation.store.rate_limiter import RateLimiter, RateLimiters


@pytest.fixture
def limiters(database, clock) -> RateLimiters:
    return RateLimiters(database, clock.seconds, Counters(database), 0.0, sleep=clock.forward)


@pytest.fixture
def limiter(limiters) -> RateLimiter:
    return limiters.to("github")


@pytest.fixture
def theirs(open_database, clock) -> RateLimiter:
    """The limiter of another machine to the same system."""
    other = open_database()
    return RateLimiters(other, clock.seconds, Counters(other), 0.0, sleep=clock.forward).to("github")


def ask(limiter: RateLimiter, path: str, write: bool = False, verb: str = "") -> Unavailable:
    """Ask, and get no answer."""
    problem = Unavailable(f"GitHub: {path} was answered 502")
    limiter.enter(write)
    verb = verb or ("POST" if write else "GET")
    limiter.answered(verb, 502)
    limiter.unanswered(verb, path, problem)
    return problem


def go_out(limiter: RateLimiter, write: bool = False) -> None:
    for path in ("/a", "/b", "/a"):
        ask(limiter, path, write)


def shut(limiter: RateLimiter, write: bool = False) -> float:
    with pytest.raises(Closed) as caught:
        limiter.enter(write)
    return caught.value.retry_after or 0.0


def test_after_three_calls_without_an_answer_nothing_is_sent_on_any_machine(limiter, theirs) -> None:
    ask(limiter, "/a")
    ask(theirs, "/b")
    limiter.enter()
    ask(limiter, "/a")

    assert shut(limiter) == shut(theirs) == 5
    assert theirs.opens_in() == 5


def test_one_thing_that_gets_no_answer_stops_nobody(limiter) -> None:
    counted = [ask(limiter, "/poison").in_a_row for _ in range(20)]

    limiter.enter()
    assert counted == list(range(1, 21)), "nobody else was answered, so it may be the system all the same"


def test_an_answer_in_between_ends_the_count(limiter, theirs) -> None:
    for path in ("/a", "/b", "/c", "/d"):
        problem = ask(limiter, path)
        theirs.enter()
        theirs.answered("GET", 200)

    assert problem.in_a_row == 1
    limiter.enter()


def test_then_one_call_finds_out_while_the_others_wait_and_each_wait_is_longer(
    limiter, theirs, clock
) -> None:
    go_out(limiter)
    waits = []
    for path in cycle("ab"):
        waits.append(shut(limiter))
        clock.forward(waits[-1])
        limiter.enter()
        assert 0 < shut(theirs) <= 5, "somebody else is asking"
        limiter.answered("GET", 502)
        limiter.unanswered("GET", path, Unavailable("502"))
        if len(waits) == 9:
            break

    assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_who_found_out_and_died_does_not_keep_it_shut(limiter, theirs, clock) -> None:
    go_out(limiter)
    clock.forward(5)
    limiter.enter()

    clock.forward(31)
    theirs.enter()


def test_an_answer_opens_it_for_all_at_once(limiter, theirs, clock) -> None:
    go_out(limiter)
    clock.forward(5)
    limiter.enter()
    limiter.answered("GET", 404)

    theirs.enter()
    limiter.enter()
    assert limiter.opens_in() == 0


def test_who_failed_lets_others_go_first(limiter, clock) -> None:
    go_out(limiter)
    clock.forward(5)

    assert (ask(limiter, "/poison").retry_after or 0.0) > shut(limiter)


def test_what_was_sent_before_it_was_shut_makes_no_wait_longer(limiter) -> None:
    go_out(limiter)
    for _ in range(5):
        limiter.unanswered("GET", "/a", Unavailable("502"))

    assert shut(limiter) == 5


def test_writes_can_be_out_alone(limiter) -> None:
    go_out(limiter, write=True)

    limiter.enter()
    limiter.answered("GET", 200)
    assert shut(limiter, write=True) == 5


def test_a_post_that_only_reads_is_counted_for_itself(limiter) -> None:
    for path in ("/graphql", "/bulkfetch", "/graphql"):
        problem = ask(limiter, path, verb="POST")
        limiter.enter()
        limiter.answered("GET", 200)

    assert problem.in_a_row == 3


def test_it_is_told_while_it_lasts_and_logged_once(database, limiters, limiter, clock) -> None:
    with capture_logs() as lines:
        go_out(limiter)
        begun = f"{clock():%d %B, %H:%M}"
        assert figures.read(database, clock.seconds()).open["github"] is False
        clock.forward(5)
        ask(limiter, "/c")
        assert limiters.silent("github") == (
            f"no answer since {begun} UTC; it is asked again every 5 minutes at most"
        )
        assert limiters.silent("jira") is None
        clock.forward(10)
        limiter.enter()
        limiter.answered("GET", 200)

    assert limiters.silent("github") is None
    assert figures.read(database, clock.seconds()).open.get("github", True)
    assert [line["event"] for line in lines] == ["no answer", "answers again"]


def test_an_outage_that_nobody_asks_about_any_more_is_not_told_for_ever(limiters, limiter, clock) -> None:
    go_out(limiter)
    clock.forward(901)

    assert limiters.silent("github") is None
