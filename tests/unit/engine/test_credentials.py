"""Credentials are proved when the service starts, and again after a system did not accept them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from automation.engine.credentials import Credentials
from automation.ports import Closed, Refused, Unauthorized, Unavailable
from automation.store.counters import Counters
from automation.store.rate_limiter import RateLimiters

REFUSED = Unauthorized("GitHub: 401, check GITHUB_TOKEN", 60)


@pytest.fixture
def limiters(database, clock) -> RateLimiters:
    return RateLimiters(database, clock.seconds, Counters(database), 0.0, sleep=clock.forward)


@pytest.fixture
def asked() -> list[str]:
    """The systems that were asked, in order."""
    return []


@pytest.fixture
def answers() -> dict[str, Exception]:
    """What a system answers, where it does not say yes."""
    return {}


@pytest.fixture
def credentials(anew) -> Credentials:
    return anew()


@pytest.fixture
def anew(limiters, asked, answers) -> Callable[[], Credentials]:
    """Start a process, with checks that tell the limiter what they heard, as the clients do."""

    def check(system: str) -> Callable[[], None]:
        limiter = limiters.to(system)

        def ask() -> None:
            limiter.enter()
            asked.append(system)
            error = answers.get(system)
            if isinstance(error, Closed):
                limiter.shut(error)
            if error:
                raise error
            limiter.answered("GET", 200)

        return ask

    return lambda: Credentials({"github": check("github"), "jira": check("jira")}, limiters)


def test_each_system_is_asked_once(credentials, asked, limiters) -> None:
    credentials.prove()
    credentials.prove()

    assert asked == ["github", "jira"]
    assert limiters.problem() is None


def test_a_start_with_other_credentials_asks_at_once_and_says_that_they_are_accepted(
    credentials, anew, asked, answers, limiters
) -> None:
    answers["github"] = REFUSED
    credentials.prove()
    asked.clear()
    answers.clear()
    credentials.prove()
    assert asked == [], "who was refused waits"

    with capture_logs() as lines:
        anew().prove()

    assert limiters.problem() is None
    assert {"event": "credentials", "system": "github", "accepted": True, "log_level": "info"} in lines
    assert limiters.to("github").opens_in() == 0


def test_a_start_with_credentials_that_are_refused_still_is_one_question_and_no_more(
    credentials, anew, asked, answers, limiters
) -> None:
    answers["github"] = REFUSED
    credentials.prove()
    asked.clear()

    started = anew()
    started.prove()
    started.prove()

    assert asked.count("github") == 1
    assert limiters.problem() is not None


def test_a_pause_that_was_asked_for_is_kept_by_a_start_too(anew, asked, limiters) -> None:
    limiters.to("github").shut(Closed("GitHub: wait", 60))

    anew().prove()

    assert asked == ["jira"]


def test_credentials_that_are_not_accepted_are_asked_for_again_after_the_pause(
    credentials, asked, answers, limiters, clock
) -> None:
    answers["github"] = REFUSED
    credentials.prove()
    credentials.prove()
    assert asked == ["github", "jira"]
    assert limiters.problem() is not None

    answers.clear()
    clock.forward(60)
    credentials.prove()

    assert asked == ["github", "jira", "github"]
    assert limiters.problem() is None
    credentials.prove()
    assert len(asked) == 3


def test_credentials_that_are_no_longer_accepted_are_asked_for_again(
    credentials, asked, limiters, clock
) -> None:
    credentials.prove()
    limiters.to("github").shut(REFUSED)

    credentials.prove()
    assert len(asked) == 2, "while it is shut, nothing is asked"
    clock.forward(60)
    credentials.prove()

    assert asked == ["github", "jira", "github"]
    assert limiters.problem() is None


@pytest.mark.parametrize("error", [Unavailable("GitHub: 502"), Refused("GitHub: 404")])
def test_an_answer_that_is_neither_yes_nor_no_is_asked_for_again_and_stops_nobody_else(
    credentials, asked, answers, limiters, clock, error
) -> None:
    answers["github"] = error
    with capture_logs() as lines:
        credentials.prove()
    answers.clear()
    clock.forward(5)
    credentials.prove()

    assert asked == ["github", "jira", "github"]
    assert lines[0]["error"] == str(error)
    assert limiters.problem() is None


def test_a_system_that_does_not_answer_is_asked_less_and_less_often(
    credentials, asked, answers, clock
) -> None:
    answers["github"] = Unavailable("GitHub: 502")

    for _ in range(2 * 60):  # an hour, every half minute
        credentials.prove()
        clock.forward(30)

    assert 10 < asked.count("github") < 24
