"""One question for an issue with all that hangs on it says what many questions say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from automation.adapters.github.client import GitHub
from automation.adapters.github.people import People
from automation.adapters.jira.people import JiraPeople, JiraRights
from automation.adapters.jira.tracker import Jira
from automation.model import Subject, Value
from automation.ports import NoAccess, Unavailable, Unseen
from automation.sandbox import Sandbox, sandbox
from tests.fakes import FreeGate, Noted

REPO = "acme/shop"
ISSUE = Subject("github", "issue", f"{REPO}#1")
PROD = Subject("jira", "issue", "PROD-1")
EVER = datetime(2020, 1, 1, tzinfo=UTC)
MARCH, APRIL = date(2027, 3, 1), date(2027, 4, 1)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2027, 1, 11, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(clock: Clock) -> Iterator[Sandbox]:
    with sandbox(clock=clock) as box:
        for login in ("mona", "lee", "handshake"):
            box.github.add_user(login)
            box.jira.add_user(login, login.title())
        box.github.add_team("acme", "product", members=("mona",))
        roles = {"mona": "write", "lee": "write", "handshake": "write"}
        box.github.add_repo(REPO, private=True, roles=roles)
        box.github.add_milestone(REPO, "March", MARCH)
        box.github.add_milestone(REPO, "April", APRIL)
        box.github.add_issue(REPO, "Single sign-on", "Please.", author="lee")
        box.jira.add_group("product-managers", ("mona",))
        box.jira.add_group("staff", ("lee",))
        box.jira.add_project("PROD", roles={"Administrators": ["product-managers"]})
        box.jira.add_issue("PROD", "Single sign-on", "Please.", reporter="lee")
        yield box


def github(box: Sandbox) -> GitHub:
    people = People(github_teams=("acme/product",))
    return GitHub(
        box.github_url, "handshake", lambda _: people, lambda: "triage", b"key", FreeGate(), Noted()
    )


@pytest.fixture(params=["cloud", "data center"])
def jira(request: pytest.FixtureRequest, box: Sandbox) -> Jira:
    sign_in = "handshake" if request.param == "data center" else ("ops@acme.example", "handshake")
    people, rights = JiraPeople(("product-managers",)), JiraRights()
    return Jira(box.jira_url, sign_in, lambda _: people, lambda: rights, b"key", FreeGate(), Noted())


def asked(box: Sandbox, since: int = 0) -> list[str]:
    return [f"{one.method} {one.path}" for one in box.requests[since:] if one.actor == "handshake"]


# ---------------------------------------------------------------- GitHub


def test_one_question_tells_of_an_issue_what_the_rest_interface_does(box: Sandbox, clock: Clock) -> None:
    lee = box.github.as_user("lee")
    for title in ("March", "April", None, "March"):
        clock.now += timedelta(minutes=1)
        lee.set_milestone(REPO, 1, title)
    lee.comment(REPO, 1, "Nice.")
    kept, edited = lee.comment(REPO, 1, "/link SALES-1"), lee.comment(REPO, 1, "/link SALES-2")
    clock.now += timedelta(minutes=1)
    lee.edit_comment(REPO, edited, "/link SALES-3")
    lee.edit_issue(REPO, 1, title="One login", body="Please do.")
    client = github(box)
    value = Value("1", MARCH, "March")
    before = len(box.requests)

    one = client.one_pass(whole=True)
    told = (
        one.issue(ISSUE),
        one.public(ISSUE),
        [one.written_by(ISSUE, part) for part in ("title", "body")],
        list(one.moves(ISSUE, "milestone", [value, Value("2", APRIL, "April")])),
        list(one.comments(ISSUE, EVER, ())),
        list(one.carriers(ISSUE, "milestone", MARCH)),
    )

    assert asked(box, before) == ["POST /graphql"]
    assert told == (
        client.issue(ISSUE),
        client.public(ISSUE),
        [client.written_by(ISSUE, part) for part in ("title", "body")],
        list(client.moves(ISSUE, "milestone", [value, Value("2", APRIL, "April")])),
        list(client.comments(ISSUE, EVER, ())),
        list(client.carriers(ISSUE, "milestone", MARCH)),
    )
    assert [(one.id, one.edited) for one in told[4]] == [(str(kept), False), (str(edited), True)]


def test_what_is_more_than_one_answer_holds_is_asked_for(box: Sandbox, clock: Clock) -> None:
    lee = box.github.as_user("lee")
    for number in range(130):
        clock.now += timedelta(minutes=1)
        lee.set_milestone(REPO, 1, "March" if number % 2 else "April")
    first = lee.comment(REPO, 1, "/link SALES-1")
    for _ in range(60):
        clock.now += timedelta(minutes=1)
        lee.comment(REPO, 1, "Nice.")
    one = github(box).one_pass(whole=True)

    values = [Value("1", MARCH, "March"), Value("2", APRIL, "April")]
    moves = list(one.moves(ISSUE, "milestone", values))
    assert len(moves) == 130
    assert [move.new for move in moves[:2]] == values
    assert [comment.id for comment in one.comments(ISSUE, EVER, ())] == [str(first)]


def test_an_issue_that_graphql_does_not_know_is_asked_for_elsewhere(box: Sandbox, clock: Clock) -> None:
    client = github(box)
    box.lag(60, "graphql")
    assert client.one_pass(whole=True).issue(ISSUE) == client.issue(ISSUE)
    box.lag(0)

    with pytest.raises(Unseen):
        client.one_pass(whole=True).issue(Subject("github", "issue", f"{REPO}#99"))
    with pytest.raises(NoAccess):
        client.one_pass(whole=True).issue(Subject("github", "issue", "acme/other#1"))


def test_an_unknown_error_of_graphql_is_no_answer(box: Sandbox) -> None:
    box.fail_next("POST", "/graphql", "errors")
    with pytest.raises(Unavailable):
        github(box).one_pass(whole=True).issue(ISSUE)


def test_whoever_signs_is_known_by_an_id_that_came_with_the_login(box: Sandbox) -> None:
    box.github.as_user("mona").comment(REPO, 1, "/signoff 2027-03-01")
    box.github.as_user("lee").comment(REPO, 1, "/signoff 2027-03-01")
    client = github(box)
    one = client.one_pass(whole=True)
    mona, lee = (comment.author for comment in one.comments(ISSUE, EVER, ()))
    before = len(box.requests)
    assert (one.in_product(ISSUE, mona, "product"), one.in_product(ISSUE, lee, "product")) == (True, False)
    assert not [path for path in asked(box, before) if path.startswith("GET /user/")]

    box.github.rename_user("mona", "mona-2")
    box.github.add_user("mona")
    later = client.one_pass(whole=True)
    assert later.in_product(ISSUE, mona, "product"), "an older login is looked up by its id"


def test_what_is_as_it_was_is_asked_for_and_costs_no_quota(box: Sandbox) -> None:
    limiter = FreeGate()
    client = GitHub(
        box.github_url, "handshake", lambda _: People(), lambda: "triage", b"key", limiter, Noted()
    )
    first = client.carriers(ISSUE, "milestone", MARCH)
    assert client.carriers(ISSUE, "milestone", MARCH) == first
    box.github.add_milestone(REPO, "May", date(2027, 5, 1))
    assert len(client.carriers(ISSUE, "milestone", MARCH)) == 3

    assert [one.status for one in box.requests] == [200, 304, 200]
    left = [quota for _, _, quota, _ in limiter.answers]
    assert left == [4999, 4999, 4998]


# ---------------------------------------------------------------- Jira


def test_one_question_tells_of_a_jira_issue_what_many_do(box: Sandbox, jira: Jira, clock: Clock) -> None:
    for day in (MARCH, None, APRIL):
        clock.now += timedelta(minutes=1)
        box.jira.as_user("lee").set_duedate("PROD-1", day)
    box.jira.as_user("lee").edit("PROD-1", summary="One login")
    box.jira.as_user("lee").comment("PROD-1", "/link SALES-1")
    before = len(box.requests)

    one = jira.one_pass(whole=True)
    told = (
        one.issue(PROD),
        [one.written_by(PROD, part) for part in ("title", "body")],
        list(one.moves(PROD, "duedate", ())),
        list(one.comments(PROD, EVER, ())),
        one.wordings(PROD),
    )

    reads = [path for path in asked(box, before) if not path.endswith("/myself")]
    assert reads == [f"GET /rest/api/{jira.version}/issue/PROD-1"]
    assert told == (
        jira.issue(PROD),
        [jira.written_by(PROD, part) for part in ("title", "body")],
        list(jira.moves(PROD, "duedate", ())),
        list(jira.comments(PROD, EVER, ())),
        jira.wordings(PROD),
    )
    assert len(told[2]) == 3 and len(told[3]) == 1


def test_a_history_and_comments_that_do_not_come_whole_are_asked_for(
    box: Sandbox, jira: Jira, clock: Clock
) -> None:
    first = box.jira.as_user("lee").comment("PROD-1", "/link SALES-1")
    for number in range(105):
        clock.now += timedelta(minutes=1)
        box.jira.as_user("lee").set_duedate("PROD-1", MARCH if number % 2 else APRIL)
        box.jira.as_user("lee").comment("PROD-1", "Nice.")
    one = jira.one_pass(whole=True)

    assert len(list(one.moves(PROD, "duedate", ()))) == 105
    assert [comment.id for comment in one.comments(PROD, EVER, ())] == [str(first)]
