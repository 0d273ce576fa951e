"""Text fields that people made in Jira for what users said: read, and told of by their history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from automation.model import Subject
from automation.ports import Tracker
from automation.sandbox import Sandbox, sandbox
from tests.adapters.conftest import connected

SUBJECT = Subject("jira", "issue", "PROD-1")
HURTS, ASKED = "customfield_10091", "customfield_10092"
NAMED = {"problem": "What hurts", "user": ASKED}


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with sandbox() as box:
        for name in ("anna", "eve", "handshake"):
            box.jira.add_user(name, name.title())
        box.jira.add_project("PROD")
        box.jira.add_project("SIDE")
        box.jira.add_field("What hurts", "textarea", projects=["PROD"], id=HURTS)
        box.jira.add_field("Asked", "string", id=ASKED)
        box.jira.add_issue("PROD", "Single sign-on", "Please.", reporter="eve")
        box.jira.add_issue("SIDE", "Elsewhere", "Please.", reporter="eve")
        yield box


def jira(box: Sandbox, version: str, named: Mapping[str, str] = NAMED) -> Tracker:
    return connected(box, version, texts=lambda: named)


def test_they_are_read_as_people_read_them(box: Sandbox, version: str) -> None:
    tracker = jira(box, version)
    assert dict(tracker.issue(SUBJECT).answers) == {"problem": "", "user": ""}

    box.jira.as_user("anna").write("PROD-1", HURTS, "Nine tools\n\nevery morning")
    box.jira.as_user("anna").write("PROD-1", ASKED, "Ada [x], head of IT")
    answers = tracker.issue(SUBJECT).answers
    assert answers["problem"].split() == ["Nine", "tools", "every", "morning"]
    assert answers["user"] == "Ada [x], head of IT"
    assert not any(tracker.issue(Subject("jira", "issue", "SIDE-1")).answers.values()), "it has no such field"


@pytest.mark.parametrize("whole", [True, False])
def test_their_history_says_who_wrote_what(box: Sandbox, version: str, whole: bool) -> None:
    for who, words in (("anna", "Nine tools"), ("eve", "Ten tools"), ("anna", None)):
        box.jira.as_user(who).write("PROD-1", HURTS, words)
    box.jira.as_user("eve").write("PROD-1", ASKED, "Ada")

    wordings = jira(box, version).one_pass(whole).wordings(SUBJECT)

    problem = [(each.words, each.by.name if each.by else "") for each in wordings["problem"]]
    assert problem == [("", "Anna"), ("Ten tools", "Eve"), ("Nine tools", "Anna"), ("", "Eve")]
    assert [each.words for each in wordings["user"]] == ["Ada", ""]
    assert [each.words for each in wordings["body"]] == ["Please."]


@pytest.mark.parametrize("named", [{"problem": "Nowhere"}, {"user": "Due date"}, {"user": "summary"}])
def test_a_misnamed_one_says_nothing_and_holds_up_no_date(
    box: Sandbox, version: str, named: dict[str, str]
) -> None:
    tracker = jira(box, version, named)
    assert dict(tracker.issue(SUBJECT).answers) == {} and "duedate" in tracker.issue(SUBJECT).deadlines
    assert list(tracker.misnamed_fields()) == list(named.values())
    assert set(tracker.wordings(SUBJECT)) == {"title", "body"}


def test_data_center_cannot_tell_two_of_one_name_apart(box: Sandbox) -> None:
    box.jira.add_field("Asked", "date", id="customfield_10095")
    assert "give them different names" in jira(box, "2").misnamed_fields()[ASKED]
    assert jira(box, "3").misnamed_fields() == {}
