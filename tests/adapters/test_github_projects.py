"""Date columns of an organisation's projects on GitHub: found by name, read with the issue, and written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from automation.adapters.field_names import Misnamed
from automation.adapters.github.client import GitHub
from automation.adapters.github.people import People
from automation.model import NOTHING, Subject, Value
from automation.ports import Refused, Unseen
from automation.rulebook.schema import DateName, ProjectDate
from automation.sandbox import Sandbox, sandbox
from tests.fakes import FreeGate, Noted

REPO = "acme/shop"
SUBJECT = Subject("github", "issue", f"{REPO}#1")
DAY = date(2027, 3, 1)
MARCH = Value("2027-03-01", DAY, "2027-03-01")
SHIP, LATER = "PVT_990001.PVTF_990011", "PVT_990002.PVTF_990021"
TARGET = "issue_field_990042"
DATES = (ProjectDate(project=1, field="Ship date"), ProjectDate(project=2, field="ship  DATE"))


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with sandbox() as box:
        for login in ("anna", "eve", "handshake"):
            box.github.add_user(login)
        roles = {"anna": "write", "handshake": "write"}
        for repo in (REPO, "beta/tools"):
            box.github.add_repo(repo, private=True, roles=roles)
            box.github.add_issue(repo, "Single sign-on", "Please.", author="eve")
        shown = box.github.add_issue_field("acme", "Target date", "date", 990_042)
        box.github.add_project("acme", "Launch", 990_001)
        box.github.add_project("acme", "Later", 990_002)
        box.github.add_project_field("acme", 1, "Ship date", id=990_011)
        box.github.add_project_field("acme", 1, "Notes", "text")
        box.github.add_project_field("acme", 1, "Due", shows=shown)
        box.github.add_project_field("acme", 2, "Ship date", id=990_021)
        yield box


def github(box: Sandbox, *dates: DateName, owners: tuple[str, ...] = ("acme",)) -> GitHub:
    return GitHub(
        box.github_url,
        "handshake",
        lambda _: People(),
        lambda: "triage",
        b"key",
        FreeGate(),
        Noted(),
        dates=lambda: dates or DATES,
        owners=lambda: owners,
    )


def asked(box: Sandbox) -> list[str]:
    return [f"{one.method} {one.path}" for one in box.requests if one.actor == "handshake"]


def held(box: Sandbox, project: int = 1) -> list[str]:
    item = box.github.project("acme", project).item_of(box.github.repo(REPO), 1)
    return list(item.values.values()) if item else []


def test_one_question_tells_what_an_issue_holds_on_each_of_its_projects(box: Sandbox) -> None:
    tracker = github(box)
    box.github.as_user("anna").set_project_date("acme", 2, REPO, 1, "Ship date", DAY)
    tracker.issue(SUBJECT)  # which columns there are, is known from now on
    before = len(asked(box))

    seen = tracker.one_pass(True).issue(SUBJECT)

    assert asked(box)[before:] == ["POST /graphql"]
    read = tracker.issue(SUBJECT)
    assert seen is not None and read is not None
    assert seen.deadlines == read.deadlines == {SHIP: NOTHING, LATER: MARCH}
    labels = ("Ship date (project 1)", "Ship date (project 2)")
    assert [(field.label, field.untraced) for field in seen.fields] == [(label, True) for label in labels]


def test_it_is_set_on_the_issues_item_and_cleared(box: Sandbox) -> None:
    tracker = github(box)
    box.github.as_user("anna").add_to_project("acme", 1, REPO, 1)

    tracker.set_deadline(SUBJECT, SHIP, MARCH)
    assert (held(box), held(box, 2)) == (["2027-03-01"], [])
    tracker.set_deadline(SUBJECT, SHIP, NOTHING)
    assert held(box) == []


def test_an_issue_that_was_taken_off_is_put_back_to_have_its_date(box: Sandbox) -> None:
    tracker = github(box)
    tracker.set_deadline(SUBJECT, SHIP, NOTHING)
    assert box.github.project("acme", 1).items == {}

    tracker.set_deadline(SUBJECT, SHIP, MARCH)
    assert held(box) == ["2027-03-01"]


def test_who_may_not_write_to_the_project_is_told_which_right_is_missing(box: Sandbox) -> None:
    box.github.as_user("anna").set_project_date("acme", 1, REPO, 1, "Ship date", DAY)
    box.github.set_project_role("acme", 1, "handshake", "read")

    for value in (Value("2027-04-01", date(2027, 4, 1)), NOTHING):
        with pytest.raises(Refused) as refused:
            github(box).set_deadline(SUBJECT, SHIP, value)
        assert "may not change “Ship date” of project 1. Give it write access to that" in refused.value.hint
    assert held(box) == ["2027-03-01"]


def test_a_token_that_may_not_ask_for_projects_keeps_work_waiting(box: Sandbox) -> None:
    tracker = github(box)
    box.github.unscoped.add(box.github.user("handshake"))

    for asked in (tracker.issue, tracker.one_pass(True).issue):
        with pytest.raises(Misnamed, match=r"INSUFFICIENT_SCOPES\. It takes the organisation's permission"):
            asked(SUBJECT)


def test_a_column_that_shows_a_field_of_issues_is_that_field(box: Sandbox) -> None:
    tracker = github(box, "Target date", ProjectDate(project=1, field="Due"))
    box.github.as_user("anna").set_project_date("acme", 1, REPO, 1, "Due", DAY)

    issue = tracker.issue(SUBJECT)
    assert issue is not None and issue.deadlines == {TARGET: MARCH}
    tracker.set_deadline(SUBJECT, TARGET, NOTHING)
    assert box.github.issue(REPO, 1).values == ()


def test_the_issue_behind_a_node_id_is_found_and_what_is_no_issue_is_none(box: Sandbox) -> None:
    issue = box.github.issue(REPO, 1)
    comment = box.github.as_user("anna").comment(REPO, 1, "hello")

    assert github(box).issue_of(f"I_{issue.id}") == Subject("github", "issue", str(issue.id), f"{REPO}#1")
    assert github(box).issue_of(f"IC_{comment}") is None
    with pytest.raises(Unseen):
        github(box).issue_of("I_7")


@pytest.mark.parametrize(
    ("project", "field", "said"),
    [
        (
            1,
            "Launch",
            "no field of project 1 of GitHub's organisation acme. Date fields there are: Ship date, Due.",
        ),
        (1, "Notes", "no date field of project 1 of GitHub's organisation acme: it holds a text."),
        (
            9,
            "Ship date",
            "There is no project 9 of GitHub's organisation acme that Handshake's account can see.",
        ),
    ],
)
def test_a_name_that_means_no_date_of_a_project_is_said_clearly(
    box: Sandbox, project: int, field: str, said: str
) -> None:
    name = ProjectDate(project=project, field=field)
    tracker = github(box, name, "Target date")

    assert list(tracker.misnamed_fields()) == [str(name)]
    assert said in tracker.misnamed_fields()[str(name)]


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("Ship date", "no iteration field of project 1 of GitHub's organisation acme: it holds a date."),
        (
            "Sprnt",
            "no field of project 1 of GitHub's organisation acme. Iteration fields there are: Sprint.",
        ),
    ],
)
def test_a_name_that_means_no_iteration_of_a_project_is_said_clearly(
    box: Sandbox, field: str, said: str
) -> None:
    box.github.add_project_field("acme", 1, "Sprint", "iteration")
    name = ProjectDate(project=1, iteration=field)
    tracker = github(box, name, "Target date")

    assert list(tracker.misnamed_fields()) == [str(name)]
    assert said in tracker.misnamed_fields()[str(name)]


def test_an_owner_without_that_project_has_the_others_only(box: Sandbox) -> None:
    tracker = github(box, "milestone", DATES[0], owners=("acme", "beta"))

    issue = tracker.issue(Subject("github", "issue", "beta/tools#1"))

    assert issue is not None and list(issue.deadlines) == ["milestone"]
    tracker.check()
