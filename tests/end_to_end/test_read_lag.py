"""What a webhook tells of before it can be read: nothing is lost, and it ends as if there was no lag."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from automation.model import IssueState, Person, Subject
from automation.sandbox import LAGS
from automation.sandbox.places import GitHubIssue
from automation.store.deliveries import Desk
from tests.end_to_end.conftest import REPO, SPRING, SUMMER, WINTER, Town
from tests.end_to_end.passing_time import TRACKERS, live, undone


@TRACKERS
@pytest.mark.parametrize("lag", [0.5, 5, 60])
def test_a_command_that_can_be_read_only_later_is_carried_out_then(town: Town, lag: float) -> None:
    town.box.lag(lag)
    town.comment("sam", f"/link {town.deal}")
    live(town, 2 * lag + 1)

    assert town.worker_app.states.open_proposals() == []
    assert [link.deal.key for link in _state(town).links] == [town.deal]
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
def test_an_outage_does_not_count_as_time_that_was_looked_in(asked: Town, tracker: str) -> None:
    asked.box.lag(30)
    asked.place.comment("mona", "/signoff 2027-03-01")
    live(asked, 4)
    asked.box.out(tracker)
    live(asked, 20 * 60)
    asked.box.lag(3600)  # and it comes back with an old copy
    asked.box.back(tracker)
    live(asked, 6 * 60)
    asked.box.lag(0)
    live(asked, 61)

    assert asked.place.day() == SPRING
    assert undone(asked) == []


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
    desk = Desk(linked.worker_app.database)
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

    assert [deal.key for deal in town.worker_app.states.deals_of(_subject(town, key))] == [town.deal]
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


ENDS: dict[str, dict[str, object]] = {
    "asked, signed, moved, unlinked": {
        "tracker": SPRING,
        "standing": SPRING,
        "links": {("SALES-1", "sam", False)},
        "proposals": [("open", "2027-04-15", "lee"), ("signed", "2027-03-01", "lee")],
        "commitment": (SPRING, True, ["mona"]),
    },
    "a date before the link, product's own, and one that is declined": {
        "tracker": SUMMER,
        "standing": SUMMER,
        "links": {("SALES-1", "sam", True)},
        "proposals": [("declined", "2027-03-01", "sam")],
        "commitment": None,
    },
    "a deal in the words": {
        "tracker": SUMMER,
        "standing": SUMMER,
        "links": {("SALES-1", "lee", True)},
        "proposals": [("signed", "2027-03-01", "lee")],
        "commitment": (SUMMER, False, ["mona"]),
    },
}
"""Where each story ends without any lag."""


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
    (known,) = state.fields.values()
    signed = known.commitment
    return {
        "tracker": town.place.day(),
        "standing": known.standing.day,
        "links": {(link.deal.key, _name(link.by), link.ended_at is None) for link in state.links},
        "proposals": sorted((p.state.value, str(p.value.day), _name(p.asked_by)) for p in state.proposals),
        "commitment": signed and (signed.value.day, signed.at_risk, [_name(p) for p in signed.signed_by]),
    }


def _name(person: Person | None) -> str:
    return person.name.lower() if person else "nobody"


KINDS = [LAGS[:3], ("fields",), ("history",), ("graphql", "list"), ("fields", "history"), LAGS]
LAGGING = [
    pytest.param((), 0, 3, marks=pytest.mark.simulation),
    *(pytest.param(KINDS[number], lag, 3) for number, lag in ((4, 45), (5, 60))),
    *(
        pytest.param(kinds, lag, apart, marks=pytest.mark.simulation)
        for kinds in KINDS
        for lag in (5, 20, 60)
        for apart in (3, 70)
    ),
]


@TRACKERS
@pytest.mark.parametrize(
    ("kinds", "lag", "apart"),
    LAGGING,
    ids=lambda value: "+".join(value) or "none" if isinstance(value, tuple) else str(value),
)
@pytest.mark.parametrize("name", STORIES)
def test_it_ends_as_without_any_lag(
    town: Town, name: str, kinds: tuple[str, ...], lag: float, apart: float
) -> None:
    if kinds:
        town.box.lag(lag, *kinds)
    town.clock.forward(minutes=2)
    for one in STORIES[name]:
        act(town, *one)
        town.box.hooks.drain()
        live(town, apart)
    live(town, 20 * 60)

    assert undone(town) == []
    assert end(town) == ENDS[name]


def test_a_milestone_that_is_not_in_the_list_yet_carries_a_date_all_the_same(linked: Town) -> None:
    linked.box.lag(30, "milestones")
    linked.clock.forward(minutes=2)  # the others are old by now
    linked.box.github.as_user("mona").add_milestone(REPO, "Autumn release", date(2027, 9, 15))
    assert isinstance(linked.place, GitHubIssue)
    known = {**linked.place.milestones, "Autumn release": date(2027, 9, 15)}
    linked.place = replace(linked.place, milestones=known)
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


def _subject(town: Town, key: str) -> Subject:
    if "#" not in key:
        return Subject("jira", "issue", town.box.jira.issue(key).id, key)
    repo, _, number = key.partition("#")
    return Subject("github", "issue", str(town.box.github.issue(repo, int(number)).id), key)


def _state(town: Town) -> IssueState:
    return town.worker_app.states.load(_subject(town, town.place.key))[0]
