"""Date fields that an organisation made for its issues on GitHub: found by name or id, read, written, and
told of by their history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from automation.adapters.field_names import Misnamed
from automation.adapters.github.client import GitHub
from automation.adapters.github.people import People
from automation.domain.fields import MILESTONE
from automation.model import NOTHING, Subject, Value
from automation.ports import Refused, Unwritten
from automation.sandbox import Sandbox, sandbox
from tests.fakes import FreeGate, Noted

REPO = "acme/shop"
SUBJECT = Subject("github", "issue", f"{REPO}#1")
DAY = date(2027, 3, 1)
MARCH = Value("2027-03-01", DAY, "2027-03-01")
APRIL = Value("2027-04-15", date(2027, 4, 15), "2027-04-15")
TARGET = "issue_field_990042"


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with sandbox() as box:
        for login in ("anna", "eve", "handshake"):
            box.github.add_user(login)
        roles = {"anna": "write", "eve": "triage", "handshake": "write"}
        for repo in (REPO, "beta/tools"):
            box.github.add_repo(repo, private=True, roles=roles)
            box.github.add_issue(repo, "Single sign-on", "Please.", author="eve")
        box.github.add_issue_field("acme", "Target date", "date", 990_042)
        box.github.add_issue_field("acme", "Start date", "date", 990_043)
        box.github.add_issue_field("acme", "Effort", "number")
        yield box


def github(box: Sandbox, *dates: str, owners: tuple[str, ...] = ("acme",)) -> GitHub:
    return GitHub(
        box.github_url,
        "handshake",
        lambda _: People(),
        lambda: "triage",
        b"key",
        FreeGate(),
        Noted(),
        dates=lambda: dates or ("milestone", "Target date"),
        owners=lambda: owners,
    )


def asked(box: Sandbox) -> list[str]:
    return [f"{one.method} {one.path}" for one in box.requests if one.actor == "handshake"]


def target(box: Sandbox) -> object:
    values = box.github.issue(REPO, 1).values
    return next((held.value for held in values if held.field.name == "Target date"), None)


@pytest.mark.parametrize("name", ["Target date", "target  DATE", TARGET, TARGET.upper()])
def test_a_date_field_is_found_by_name_or_id(box: Sandbox, name: str) -> None:
    for issue in (github(box, name).issue(SUBJECT), github(box, name).one_pass(True).issue(SUBJECT)):
        assert issue is not None
        assert issue.deadlines == {TARGET: NOTHING}
        assert [field.label for field in issue.fields] == ["Target date"]


def test_one_question_tells_of_it_what_the_rest_interface_does(box: Sandbox) -> None:
    tracker = github(box)
    box.github.as_user("anna").set_field(REPO, 1, "Target date", DAY)
    tracker.issue(SUBJECT)  # whose fields there are, is known from now on
    before = len(asked(box))

    whole = tracker.one_pass(True)
    seen = whole.issue(SUBJECT)
    [move] = whole.moves(SUBJECT, TARGET, ())

    assert asked(box)[before:] == ["POST /graphql"]
    read = tracker.issue(SUBJECT)
    assert seen is not None and read is not None
    assert seen.deadlines == read.deadlines == {"milestone": NOTHING, TARGET: MARCH}
    assert move.by is not None and (move.by.name, move.old, move.new) == ("anna", NOTHING, MARCH)


def test_it_is_set_and_cleared_and_other_fields_are_left_alone(box: Sandbox) -> None:
    tracker = github(box)
    box.github.as_user("eve").set_field(REPO, 1, "Start date", DAY)
    box.github.as_user("anna").set_field(REPO, 1, "Target date", DAY)

    tracker.set_deadline(SUBJECT, TARGET, APRIL)
    assert target(box) == "2027-04-15"
    tracker.set_deadline(SUBJECT, TARGET, NOTHING)
    tracker.set_deadline(SUBJECT, TARGET, NOTHING)  # twice is once

    assert [held.value for held in box.github.issue(REPO, 1).values] == ["2027-03-01"]
    moves = tracker.moves(SUBJECT, TARGET, ())
    assert [(move.old, move.new) for move in moves] == [(APRIL, NOTHING), (MARCH, APRIL), (NOTHING, MARCH)]


def test_a_value_that_is_dropped_without_a_word_is_noticed(box: Sandbox) -> None:
    tracker = github(box)
    tracker.issue(SUBJECT)
    box.github.issue_fields.clear()

    with pytest.raises(Unwritten, match=r"kept “Target date” of acme/shop#1 as it was") as raised:
        tracker.set_deadline(SUBJECT, TARGET, MARCH)

    assert raised.value.hint.startswith(
        "Handshake's account may not change “Target date” here. Give it write"
    )


def test_who_may_not_push_is_told_which_right_is_missing(box: Sandbox) -> None:
    box.github.as_user("anna").set_field(REPO, 1, "Target date", DAY)
    box.github.set_role(REPO, "handshake", "triage")

    for value in (APRIL, NOTHING):
        with pytest.raises(Refused) as raised:
            github(box).set_deadline(SUBJECT, TARGET, value)
        assert "Give it write access to acme/shop" in raised.value.hint
    assert target(box) == "2027-03-01"


def test_a_schema_without_the_fields_breaks_no_question(box: Sandbox) -> None:
    box.github.knows_issue_fields = False
    box.github.as_user("anna").set_field(REPO, 1, "Target date", DAY)
    tracker = github(box)

    for _ in range(2):
        whole = tracker.one_pass(True)
        issue = whole.issue(SUBJECT)
        assert issue is not None and issue.deadlines == {"milestone": NOTHING, TARGET: MARCH}
        assert list(whole.moves(SUBJECT, TARGET, ())) == []  # nobody is known to have done it

    # It is asked only once whether the schema has them.
    assert asked(box).count("POST /graphql") == 3


def test_an_organisations_fields_are_asked_for_once_in_a_while_and_the_milestone_never(box: Sandbox) -> None:
    tracker = github(box)
    for _ in range(3):
        tracker.issue(SUBJECT)
    github(box, "Milestone").issue(SUBJECT)

    assert sum(one.endswith("/issue-fields") for one in asked(box)) == 1


def test_an_owner_without_the_field_has_the_others_only(box: Sandbox) -> None:
    tracker = github(box, owners=("acme", "beta"))

    issue = tracker.issue(Subject("github", "issue", "beta/tools#1"))

    assert issue is not None and list(issue.deadlines) == [MILESTONE.id]
    tracker.check()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Launch", "no issue field of GitHub's organisation acme that Handshake's account can see. Date"),
        ("Launch", f"Date fields there are: Target date ({TARGET}), Start date (issue_field_990043)."),
        ("Effort", "no date field of GitHub's organisation acme: it holds a number"),
    ],
)
def test_a_name_that_means_no_date_is_said_clearly_and_work_waits(box: Sandbox, name: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        github(box, name).check()
    assert said in str(refused.value)

    with pytest.raises(Misnamed):
        github(box, name).issue(SUBJECT)


def test_where_there_are_no_fields_at_all_the_missing_permission_is_named(box: Sandbox) -> None:
    box.github.issue_fields.clear()

    with pytest.raises(
        Refused, match=r"It shows none\. It takes the organisation's permission “Issue fields"
    ):
        github(box).check()


def test_a_renamed_field_is_the_same_by_its_id_and_one_made_anew_is_another(box: Sandbox) -> None:
    box.github.rename_issue_field("acme", "Target date", "Ship date")
    issue = github(box, TARGET).issue(SUBJECT)
    assert issue is not None and [field.label for field in issue.fields] == ["Ship date"]

    box.github.delete_issue_field("acme", "Ship date")
    box.github.add_issue_field("acme", "Target date", "date", 990_099)
    issue = github(box, "Target date").issue(SUBJECT)
    assert issue is not None and list(issue.deadlines) == ["issue_field_990099"]
