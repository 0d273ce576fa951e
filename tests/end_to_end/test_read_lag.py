"""What a webhook tells of before it can be read, and what cannot be seen at all: nothing is lost by it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import requests
from sqlalchemy import func, select

from automation.model import IssueState, Subject
from automation.sandbox import LAGS
from automation.sandbox.places import GitHubIssue
from automation.store.desk import Desk
from automation.store.schema import jobs
from tests.end_to_end.conftest import BOT, REPO, SPRING, SUMMER, WINTER, Town

TRACKERS = pytest.mark.parametrize("tracker", ["github", "jira"])


def live(town: Town, seconds: float) -> None:
    """Let time pass, and do what comes due on the way when it does."""
    until = town.clock.now + timedelta(seconds=seconds)
    town.settle()
    while town.clock.now < until:
        waiting = (jobs.c.state == "ready") & (jobs.c.due_at > town.clock.now.timestamp())
        with town.house.database.read() as connection:
            due = connection.scalar(select(func.min(jobs.c.due_at)).where(waiting))
        at = datetime.fromtimestamp(due, UTC) + timedelta(milliseconds=1) if due else until
        town.clock.now = min(at, until)
        town.settle()


def undone(town: Town) -> list[tuple[str, str]]:
    """Return what `deliveries list` shows: the state and the trouble of each job."""
    items, _ = Desk(town.house.database).undone("", 100)
    return [(task.state, task.error) for item in items for task in item.tasks]


@TRACKERS
@pytest.mark.parametrize("lag", [0.5, 5, 60])
def test_a_command_that_can_be_read_only_later_is_carried_out_then(town: Town, lag: float) -> None:
    town.box.lag(lag)
    town.comment("sam", f"/link {town.deal}")
    live(town, 2 * lag + 1)

    assert town.house.states.open_proposals() == []
    assert [link.deal for link in _state(town).links] == [town.deal]
    town.box.lag(0)
    assert undone(town) == []


@TRACKERS
def test_what_product_signs_counts_however_late_it_can_be_read(asked: Town) -> None:
    asked.box.lag(30)
    asked.comment("mona", "/signoff 2027-03-01")
    assert asked.place.day() is None
    asked.restart()  # what is looked for is written down
    live(asked, 61)

    assert asked.place.day() == SPRING
    assert asked.waiting() == []


@TRACKERS
def test_what_is_never_readable_is_looked_for_a_quarter_of_an_hour_and_then_waits_for_somebody(
    linked: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    linked.box.lag(3 * 3600)
    id = linked.place.comment("mona", "/signoff 2027-03-01")
    before = len(linked.box.requests)
    live(linked, 14 * 60)
    ((state, error),) = undone(linked)
    assert (state, error) == ("waiting", f"not readable yet: comment {id} on {linked.place.key}")
    # 0, 0.5, 1, 2, 4 … 64 seconds, and once a minute from then on: three or four questions each
    assert len(linked.box.requests) - before < 120

    live(linked, 3 * 60)
    ((state, error),) = undone(linked)
    assert (state, error[-23:]) == ("parked", "(looked for 15 minutes)")
    assert "parked" in capsys.readouterr().out

    linked.box.lag(0)
    desk = Desk(linked.house.database)
    for item in desk.parked():
        desk.retry(item)
    linked.settle()
    assert undone(linked) == []
    assert _state(linked).fields


@TRACKERS
def test_the_rest_of_a_look_does_not_wait_for_a_comment_that_cannot_be_read(linked: Town) -> None:
    linked.place.ask("lee", SPRING)
    linked.clock.forward(seconds=5)
    linked.box.lag(600)
    linked.place.comment("mona", "/decline")
    linked.settle()

    assert linked.place.day() is None, "what was done before it is set back at once"


@TRACKERS
def test_a_command_that_was_deleted_before_it_could_be_read_is_let_go(linked: Town) -> None:
    linked.box.lag(600)
    id = linked.comment("mona", "/signoff 2027-03-01")
    assert undone(linked) != []
    if linked.place.key.startswith(REPO):
        linked.box.github.as_user("mona").delete_comment(REPO, int(id))
    else:
        linked.box.jira.as_user("mona").delete_comment(linked.place.key, id)
    live(linked, 10)
    assert undone(linked) == []


@TRACKERS
@pytest.mark.parametrize("lag", [0.5, 60])
def test_an_issue_that_can_be_read_only_later_is_looked_at_then(town: Town, lag: float) -> None:
    town.box.lag(lag, "issue")
    words = "One login for all."
    if town.place.key.startswith(REPO):
        number = town.box.github.as_user("sam").open_issue(REPO, f"For {town.deal}", words)
        key = f"{REPO}#{number}"
    else:
        key = town.box.jira.as_user("sam").create("PROD", f"For {town.deal}", words)
    live(town, 2 * lag + 1)

    assert town.house.states.deals_of(_subject(town, key)) == (town.deal,)
    assert undone(town) == []


# ---------------------------------------------------------------- wherever the lag is, it ends the same


Act = tuple[str, str | date | None]
STORIES: dict[str, tuple[Act, ...]] = {
    "asked, signed, moved, unlinked": (
        ("sam", "/link SALES-1"),
        ("lee", SPRING),
        ("mona", "/signoff 2027-03-01"),
        ("sam", "/unlink SALES-1"),
        ("lee", SUMMER),
    ),
    "a date before the link, product's own, and one that is declined": (
        ("lee", WINTER),
        ("sam", "/link SALES-1"),
        ("mona", SUMMER),
        ("sam", "/ask 2027-03-01"),
        ("mona", "/decline 2027-03-01"),
    ),
    "a deal in the words": (
        ("lee", "One login for SALES-1."),
        ("lee", SPRING),
        ("mona", "/signoff 2027-04-15"),
    ),
}


def act(town: Town, who: str, what: str | date | None) -> None:
    if not isinstance(what, str):
        town.place.ask(who, what)
    elif what.startswith("/"):
        town.place.comment(who, what)
    else:
        town.place.edit(who, body=what)


def end(town: Town) -> dict[str, object]:
    """Return where tracker values, links, proposals and sign-offs stand."""
    state = _state(town)
    (name,) = state.fields
    signed = state.fields[name].commitment
    return {
        "tracker": town.place.day(),
        "standing": state.fields[name].standing.day,
        "links": {(link.deal, link.by and link.by.name, link.ended_at is None) for link in state.links},
        "proposals": sorted(
            (p.state.value, str(p.value.day), p.asked_by.name if p.asked_by else "nobody")
            for p in state.proposals
        ),
        "commitment": signed and (signed.value.day, signed.at_risk, [p.name for p in signed.signed_by]),
    }


NONE: tuple[str, ...] = ()
ENDS: dict[tuple[str, str, int], dict[str, object]] = {}
"""Where each story ended first, by tracker and seconds between what people do."""


@TRACKERS
@pytest.mark.parametrize("apart", [3, 70])
@pytest.mark.parametrize(
    ("kinds", "lag"),
    [
        (NONE, 0),
        (LAGS[:3], 20),
        (("fields",), 20),
        (("history",), 20),
        (("fields", "history"), 45),
        (LAGS, 60),
    ],
    ids=lambda value: "+".join(value) or "none" if isinstance(value, tuple) else str(value),
)
@pytest.mark.parametrize("name", STORIES)
def test_it_ends_as_without_any_lag(
    town: Town, tracker: str, name: str, kinds: tuple[str, ...], lag: float, apart: int
) -> None:
    if kinds:
        town.box.lag(lag, *kinds)
    for one in STORIES[name]:
        act(town, *one)
        town.box.hooks.drain()
        live(town, apart)
    live(town, 300)
    found = end(town)
    assert undone(town) == []
    assert found == ENDS.setdefault((tracker, name, apart), found)


def test_a_milestone_that_is_not_in_the_list_yet_carries_a_date_all_the_same(linked: Town) -> None:
    linked.box.lag(30, "milestones")
    linked.clock.forward(minutes=2)  # the others are old by now
    linked.box.github.as_user("mona").add_milestone(REPO, "Autumn release", date(2027, 9, 15))
    assert isinstance(linked.place, GitHubIssue)
    linked.place.milestones["Autumn release"] = date(2027, 9, 15)  # type: ignore[index]
    said = len(linked.on_issue())
    linked.comment("mona", "/signoff 2027-09-15")
    assert len(linked.on_issue()) == said
    live(linked, 61)

    assert linked.place.day() == date(2027, 9, 15)
    assert undone(linked) == []


# ---------------------------------------------------------------- passing errors


def test_an_error_of_graphql_that_passes_throws_no_word_away(asked: Town) -> None:
    asked.box.fail_next("POST", "/graphql", "errors", times=2)
    said = asked.on_issue()
    asked.place.comment("mona", "/signoff 2027-03-01")
    live(asked, 60)

    assert asked.place.day() == SPRING
    assert not any("edited" in words for words in asked.on_issue()[len(said) :])


# ---------------------------------------------------------------- access lost, and issues that are gone


def shut(town: Town, shut: bool) -> None:
    """Take the rights of our account away, or give them back."""
    if town.place.key.startswith(REPO):
        town.box.github.set_role(REPO, BOT, None if shut else "maintain")
    else:
        town.box.jira.hide("PROD", *([BOT] if shut else []))


@TRACKERS
@pytest.mark.parametrize("hours", [2, 24])
def test_a_date_that_came_while_access_was_lost_is_held_when_it_is_back(
    linked: Town, hours: int, capsys: pytest.CaptureFixture[str]
) -> None:
    shut(linked, True)
    linked.place.ask("lee", SPRING)
    before = len(linked.on_deal())
    linked.settle()
    for _ in range(8):
        linked.clock.forward(hours=hours / 8)
        linked.settle()
    assert linked.place.day() == SPRING
    assert {state for state, _ in undone(linked)} == {"waiting"}
    assert all("cannot be seen" in error for _, error in undone(linked))
    logged = capsys.readouterr().out
    assert logged.count("access lost  ") == 1
    ready = requests.get(f"http://127.0.0.1:{linked.receiver.port}/readyz", timeout=5).json()
    assert "1 place of" in ready["details"]["access"] and "PROD" not in ready["details"]["access"]

    shut(linked, False)
    live(linked, 15 * 60)
    assert linked.place.day() is None
    assert [p.value.day for p in linked.waiting()] == [SPRING]
    assert undone(linked) == []
    assert len(linked.on_deal()) == before + 1
    assert "access is back" in capsys.readouterr().out


@TRACKERS
def test_words_and_dates_that_were_under_way_wait_for_access_too(linked: Town) -> None:
    linked.place.ask("lee", SPRING)
    linked.box.hooks.drain()
    while linked.place.day() is not None and linked.house.worker._decide_next():
        pass
    shut(linked, True)
    live(linked, 3600)
    assert linked.place.day() == SPRING
    shut(linked, False)
    live(linked, 15 * 60)
    assert linked.place.day() is None, undone(linked)
    assert len(linked.on_issue()) == 2
    assert undone(linked) == []


@TRACKERS
def test_an_issue_that_is_really_gone_ends_with_a_line_in_the_log(
    linked: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    linked.place.ask("lee", SPRING)
    if linked.place.key.startswith(REPO):
        linked.box.github.set_role(REPO, "lee", "admin")
        linked.box.github.as_user("lee").delete_issue(REPO, linked.number)
    else:
        linked.box.jira.as_user("lee").delete(linked.place.key)
    live(linked, 5)
    assert undone(linked) == []
    assert "the issue was deleted or moved" in capsys.readouterr().out


def _subject(town: Town, key: str) -> Subject:
    return Subject("github" if "#" in key else "jira", "issue", key)


def _state(town: Town) -> IssueState:
    return town.house.states.load(_subject(town, town.place.key))[0]
