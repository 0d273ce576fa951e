"""Product answers a date on GitHub by a status on a project: its right, by the issue's history. It stays as
it is, whoever set it."""

from __future__ import annotations

from pathlib import Path

import pytest

from automation.store import ledger
from tests.end_to_end.answers import committed, look, said, waiting
from tests.end_to_end.conftest import BOT, PEOPLE_NEEDED, REPO, SPRING, SUMMER, Town, change
from tests.end_to_end.passing_time import live

YES, NO = "Agreed", "Declined"
ANSWERS = (
    f"answers: {{yes: {{github_project: {{project: 1, status: {YES}}}}}, "
    f"no: {{github_project: {{project: 1, status: {NO}}}}}}}"
)


@pytest.fixture
def sign_off() -> str:
    return f"{PEOPLE_NEEDED}\n    {ANSWERS}"


@pytest.fixture(autouse=True)
def boards(town: Town) -> None:
    for title in ("Roadmap", "Another"):
        board = town.box.github.add_project("acme", title)
        options = ("Todo", YES, NO)
        town.box.github.add_project_field("acme", board, "Status", "single_select", options=options)


def put(town: Town, who: str, status: str | None, project: int = 1, by_rule: bool = False) -> None:
    """Move the issue, as people do, without waiting for what comes of it."""
    town.clock.forward(seconds=2)
    town.box.github.as_user(who).set_status("acme", project, REPO, 1, status, by_rule)


def move(town: Town, who: str, status: str | None, project: int = 1, by_rule: bool = False) -> None:
    put(town, who, status, project, by_rule)
    town.settle()


def status(town: Town) -> str:
    board = town.box.github.project("acme", 1)
    item = board.item_of(town.box.github.repo(REPO), 1)
    return next((field.options[id] for field, id in item.values.items()), "") if item else ""


# ------------------------------------------------------------ who may


def test_product_agrees_by_a_status_that_stays_and_the_ledger_names_the_entry(asked: Town) -> None:
    assert f"Or set “Status of project 1” to “{YES}”." in said(asked)
    move(asked, "mona", YES)

    assert committed(asked) == SPRING == asked.place.day()
    assert status(asked) == YES and asked.waiting() == []
    events = asked.box.github.events(REPO, 1)
    entry = next(one.id for one in events if one.what == "project_v2_item_status_changed")
    lines = (line.entry for line in ledger.story(asked.worker_app.database, asked.subject))
    [signed] = [one for one in lines if one.what == "signed"]
    assert signed.by and signed.by.name.lower() == "mona"
    assert signed.move.endswith(f"_{entry}") and not (signed.comment or signed.digest)


def test_product_declines_by_a_status(asked: Town) -> None:
    move(asked, "mona", NO)

    assert asked.waiting() == [] and committed(asked) is None
    assert asked.place.day() != SPRING


def test_somebody_elses_status_stays_is_no_yes_and_they_hear_who_can(asked: Town) -> None:
    before = len(asked.on_issue())
    move(asked, "lee", YES)

    assert committed(asked) is None and waiting(asked) == [SPRING]
    assert status(asked) == YES
    [reply] = asked.on_issue()[before:]
    assert "Only product can answer" in reply and "counts only where product sets it" in reply


def test_the_right_is_asked_live(asked: Town) -> None:
    asked.set_product("mona", False)
    move(asked, "mona", YES)

    assert committed(asked) is None


def test_a_workflow_of_the_project_is_nobody(asked: Town) -> None:
    before = len(asked.on_issue())
    move(asked, "mona", YES, by_rule=True)

    assert committed(asked) is None and waiting(asked) == [SPRING]
    assert asked.on_issue()[before:] == []

    move(asked, "mona", "Todo")
    move(asked, "mona", YES)
    assert committed(asked) == SPRING


# ------------------------------------------------------------ what it means


def test_another_project_and_another_status_mean_nothing(asked: Town) -> None:
    before = len(asked.box.requests)
    move(asked, "mona", YES, project=2)
    move(asked, "mona", "Todo")

    assert len(asked.box.requests) == before
    assert committed(asked) is None


def test_where_nothing_waits_it_says_nothing_and_agrees_to_nothing_later(linked: Town) -> None:
    before = len(linked.on_issue())
    move(linked, "mona", YES)
    assert len(linked.on_issue()) == before

    linked.clock.forward(seconds=2)
    linked.ask("lee", SPRING)
    look(linked, "Single sign-on for all")
    assert committed(linked) is None and waiting(linked) == [SPRING]


def test_what_its_own_hand_took_back_before_it_was_read_is_no_answer(asked: Town) -> None:
    put(asked, "mona", YES)
    put(asked, "mona", "Todo")
    asked.settle()
    assert committed(asked) is None

    put(asked, "mona", YES)
    put(asked, "lee", "Todo")
    asked.settle()
    assert committed(asked) == SPRING, "another hand does not take it back"


def test_what_stood_there_before_the_rules_named_it_agrees_to_nothing(asked: Town, rules: Path) -> None:
    change(rules, ANSWERS, "answers: {}")
    asked.clock.forward(seconds=5)
    asked.worker_app.rules.in_force()
    move(asked, "mona", YES)
    look(asked, "Single sign-on for all")
    change(rules, "answers: {}", ANSWERS)
    asked.clock.forward(seconds=5)
    look(asked, "Single sign-on for everybody")
    live(asked, 90)

    assert committed(asked) is None and waiting(asked) == [SPRING]


# ------------------------------------------------------------ when it is heard of


def test_it_counts_once_the_issue_is_seen_where_its_webhook_was_lost(asked: Town) -> None:
    asked.box.hooks.hold()
    put(asked, "mona", YES)
    asked.box.hooks.release(())
    asked.settle()
    assert committed(asked) is None

    look(asked, "Single sign-on for all")
    assert committed(asked) == SPRING


@pytest.mark.parametrize("lag", ["history", "fields", "graphql"])
def test_a_history_or_an_issue_that_lags_behind_is_waited_for(asked: Town, lag: str) -> None:
    asked.box.lag(20, lag)
    move(asked, "mona", YES)
    live(asked, 61)

    assert committed(asked) == SPRING
    assert "Only product" not in said(asked)


def test_told_twice_it_counts_once(asked: Town) -> None:
    asked.box.hooks.hold()
    put(asked, "mona", NO)
    asked.box.hooks.release(tuple(range(len(asked.box.hooks.held))) * 2)
    asked.settle()
    assert asked.waiting() == []
    asked.ask("lee", SUMMER)
    look(asked, "Single sign-on for all")

    assert waiting(asked) == [SUMMER]


# ------------------------------------------------------------ servers and costs


@pytest.mark.parametrize("why", ["it does not know", "it may not say"])
def test_where_who_moved_it_is_not_told_all_else_goes_on(asked: Town, why: str) -> None:
    if why == "it does not know":
        asked.box.github.knows_statuses = False
    else:
        asked.box.github.unscoped.add(asked.box.github.user(BOT))
    move(asked, "mona", YES)
    live(asked, 61)  # it could be told a little later
    assert committed(asked) is None and waiting(asked) == [SPRING]

    asked.comment("mona", f"/signoff {SPRING}")
    assert committed(asked) == SPRING


def test_a_server_that_tells_it_by_now_is_asked_again_however_busy_it_is(asked: Town) -> None:
    asked.box.github.knows_statuses = False
    look(asked, "Single sign-on for all")
    asked.box.github.knows_statuses = True
    for number in range(14):  # more than an hour, and never an hour without a question
        look(asked, f"Single sign-on for {number}")
    move(asked, "mona", YES)

    assert committed(asked) == SPRING


@pytest.mark.parametrize("sign_off", [PEOPLE_NEEDED])
def test_where_no_policy_names_one_no_status_is_looked_at(asked: Town) -> None:
    before = len(asked.box.requests)
    move(asked, "mona", YES)

    assert len(asked.box.requests) == before


@pytest.mark.uninterrupted
def test_an_answer_by_a_status_reads_one_more_than_one_by_word(asked: Town) -> None:
    before = len(asked.box.requests)
    move(asked, "mona", YES)
    by_status = [r for r in asked.box.requests[before:] if r.method == "GET" or r.path.endswith("graphql")]
    asked.ask("lee", SUMMER)
    asked.clock.forward(minutes=1)
    before = len(asked.box.requests)
    asked.comment("mona", f"/signoff {SUMMER}")
    by_word = [r for r in asked.box.requests[before:] if r.method == "GET" or r.path.endswith("graphql")]

    assert len(by_status) <= len(by_word) + 1, "which issue it is, GitHub is asked by its id"
