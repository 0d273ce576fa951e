"""Systems that do not answer are left alone, by all machines; one thing that gets no answer stops nobody."""

from __future__ import annotations

from itertools import cycle

import pytest
from structlog.testing import capture_logs

from automation.ports import Closed, Unavailable
from automation.store import figures
from automation.store.gates import Gate, Gates
from automation.store.tally import Tally


@pytest.fixture
def gates(database, clock) -> Gates:
    return Gates(database, clock.seconds, Tally(database), 0.0, sleep=clock.forward)


@pytest.fixture
def gate(gates) -> Gate:
    return gates.to("github")


@pytest.fixture
def theirs(open_database, clock) -> Gate:
    """The gate of another machine to the same system."""
    other = open_database()
    return Gates(other, clock.seconds, Tally(other), 0.0, sleep=clock.forward).to("github")


def ask(gate: Gate, path: str, write: bool = False, verb: str = "") -> Unavailable:
    """Ask, and get no answer."""
    problem = Unavailable(f"GitHub: {path} was answered 502")
    gate.enter(write)
    verb = verb or ("POST" if write else "GET")
    gate.answered(verb, 502)
    gate.unanswered(verb, path, problem)
    return problem


def go_out(gate: Gate, write: bool = False) -> None:
    for path in ("/a", "/b", "/a"):
        ask(gate, path, write)


def shut(gate: Gate, write: bool = False) -> float:
    with pytest.raises(Closed) as caught:
        gate.enter(write)
    return caught.value.retry_after or 0.0


def test_after_three_calls_without_an_answer_nothing_is_sent_on_any_machine(gate, theirs) -> None:
    ask(gate, "/a")
    ask(theirs, "/b")
    gate.enter()
    ask(gate, "/a")

    assert shut(gate) == shut(theirs) == 5
    assert theirs.opens_in() == 5


def test_one_thing_that_gets_no_answer_stops_nobody(gate) -> None:
    counted = [ask(gate, "/poison").in_a_row for _ in range(20)]

    gate.enter()
    assert counted == list(range(1, 21)), "nobody else was answered, so it may be the system all the same"


def test_an_answer_in_between_ends_the_count(gate, theirs) -> None:
    for path in ("/a", "/b", "/c", "/d"):
        problem = ask(gate, path)
        theirs.enter()
        theirs.answered("GET", 200)

    assert problem.in_a_row == 1
    gate.enter()


def test_then_one_call_finds_out_while_the_others_wait_and_each_wait_is_longer(gate, theirs, clock) -> None:
    go_out(gate)
    waits = []
    for path in cycle("ab"):
        waits.append(shut(gate))
        clock.forward(waits[-1])
        gate.enter()
        assert 0 < shut(theirs) <= 5, "somebody else is asking"
        gate.answered("GET", 502)
        gate.unanswered("GET", path, Unavailable("502"))
        if len(waits) == 9:
            break

    assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_who_found_out_and_died_does_not_keep_it_shut(gate, theirs, clock) -> None:
    go_out(gate)
    clock.forward(5)
    gate.enter()

    clock.forward(31)
    theirs.enter()


def test_an_answer_opens_it_for_all_at_once(gate, theirs, clock) -> None:
    go_out(gate)
    clock.forward(5)
    gate.enter()
    gate.answered("GET", 404)

    theirs.enter()
    gate.enter()
    assert gate.opens_in() == 0


def test_who_failed_lets_others_go_first(gate, clock) -> None:
    go_out(gate)
    clock.forward(5)

    assert (ask(gate, "/poison").retry_after or 0.0) > shut(gate)


def test_what_was_sent_before_it_was_shut_makes_no_wait_longer(gate) -> None:
    go_out(gate)
    for _ in range(5):
        gate.unanswered("GET", "/a", Unavailable("502"))

    assert shut(gate) == 5


def test_writes_can_be_out_alone(gate) -> None:
    go_out(gate, write=True)

    gate.enter()
    gate.answered("GET", 200)
    assert shut(gate, write=True) == 5


def test_a_post_that_only_reads_is_counted_for_itself(gate) -> None:
    for path in ("/graphql", "/bulkfetch", "/graphql"):
        problem = ask(gate, path, verb="POST")
        gate.enter()
        gate.answered("GET", 200)

    assert problem.in_a_row == 3


def test_it_is_told_while_it_lasts_and_logged_once(database, gates, gate, clock) -> None:
    with capture_logs() as lines:
        go_out(gate)
        begun = f"{clock():%d %B, %H:%M}"
        assert figures.read(database, clock.seconds()).open["github"] is False
        clock.forward(5)
        ask(gate, "/c")
        assert gates.silent("github") == (
            f"no answer since {begun} UTC; it is asked again every 5 minutes at most"
        )
        assert gates.silent("jira") is None
        clock.forward(10)
        gate.enter()
        gate.answered("GET", 200)

    assert gates.silent("github") is None
    assert figures.read(database, clock.seconds()).open.get("github", True)
    assert [line["event"] for line in lines] == ["no answer", "answers again"]


def test_an_outage_that_nobody_asks_about_any_more_is_not_told_for_ever(gates, gate, clock) -> None:
    go_out(gate)
    clock.forward(901)

    assert gates.silent("github") is None
