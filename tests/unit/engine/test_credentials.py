"""Credentials are proved when the service starts, and again after a system did not accept them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from automation.credentials import Credentials
from automation.ports import Closed, Refused, Unauthorized, Unavailable
from automation.store.gates import Gates
from automation.store.tally import Tally

REFUSED = Unauthorized("GitHub: 401, check GITHUB_TOKEN", 60)


@pytest.fixture
def gates(database, clock) -> Gates:
    return Gates(database, clock.seconds, Tally(database), 0.0, sleep=clock.forward)


@pytest.fixture
def asked() -> list[str]:
    """The systems that were asked, in order."""
    return []


@pytest.fixture
def answers() -> dict[str, Exception]:
    """What a system answers, where it does not say yes."""
    return {}


@pytest.fixture
def credentials(gates, asked, answers) -> Credentials:
    """Checks that tell the gate what they heard, as the clients do."""

    def check(system: str) -> Callable[[], None]:
        gate = gates.to(system)

        def ask() -> None:
            gate.enter()
            asked.append(system)
            error = answers.get(system)
            if isinstance(error, Closed):
                gate.shut(error)
            if error:
                raise error
            gate.answered("GET", 200)

        return ask

    return Credentials({"github": check("github"), "jira": check("jira")}, gates)


def test_each_system_is_asked_once(credentials, asked, gates) -> None:
    credentials.prove()
    credentials.prove()

    assert asked == ["github", "jira"]
    assert gates.problem() is None


def test_credentials_that_are_not_accepted_are_asked_for_again_after_the_pause(
    credentials, asked, answers, gates, clock
) -> None:
    answers["github"] = REFUSED
    credentials.prove()
    credentials.prove()
    assert asked == ["github", "jira"]
    assert gates.problem() is not None

    answers.clear()
    clock.forward(60)
    credentials.prove()

    assert asked == ["github", "jira", "github"]
    assert gates.problem() is None
    credentials.prove()
    assert len(asked) == 3


def test_credentials_that_are_no_longer_accepted_are_asked_for_again(
    credentials, asked, gates, clock
) -> None:
    credentials.prove()
    gates.to("github").shut(REFUSED)

    credentials.prove()
    assert len(asked) == 2, "while it is shut, nothing is asked"
    clock.forward(60)
    credentials.prove()

    assert asked == ["github", "jira", "github"]
    assert gates.problem() is None


@pytest.mark.parametrize("error", [Unavailable("GitHub: 502"), Refused("GitHub: 404")])
def test_an_answer_that_is_neither_yes_nor_no_is_asked_for_again_and_stops_nobody_else(
    credentials, asked, answers, gates, clock, error
) -> None:
    answers["github"] = error
    with capture_logs() as lines:
        credentials.prove()
    answers.clear()
    clock.forward(5)
    credentials.prove()

    assert asked == ["github", "jira", "github"]
    assert lines[0]["error"] == str(error)
    assert gates.problem() is None


def test_a_system_that_does_not_answer_is_asked_less_and_less_often(
    credentials, asked, answers, clock
) -> None:
    answers["github"] = Unavailable("GitHub: 502")

    for _ in range(12 * 60):  # an hour, every five seconds
        credentials.prove()
        clock.forward(5)

    assert 10 < asked.count("github") < 24
