"""A date that the tracker refuses: the reason in plain words, with the right to give; no call, no status."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import responses

from automation.model import NOTHING, Value
from automation.ports import Refused, Unavailable
from tests.adapters.test_jira_tracker import MARCH, THREE, body
from tests.adapters.test_jira_tracker import tracker as jira
from tests.unit.adapters.payloads import ISSUE, REPO, issue, repository
from tests.unit.adapters.test_github_client import SUBJECT, V3
from tests.unit.adapters.test_github_client import tracker as github

JIRA = "https://acme.atlassian.net/rest/api"
WRITE = "Give it write access to acme/shop"
EDIT = "Give it the permissions “Edit Issues” and “Schedule Issues” in project PROD."
SCREEN = "Field 'duedate' cannot be set. It is not on the appropriate screen, or unknown."


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        yield web


def is_for_people(hint: str) -> bool:
    return not re.search(r"PATCH|PUT|/repos/|/rest/|\b[45]\d\d\b|answered", hint)


@pytest.mark.parametrize(
    ("status", "said", "words"),
    [
        (403, "Repository was archived so is read-only.", "The repository acme/shop is archived"),
        (403, "Resource not accessible by personal access token", WRITE),
        (403, "Resource not accessible by integration", WRITE),
        (403, "Must have push access to Repository.", WRITE),
        (404, "Not Found", WRITE),
        (422, "Validation Failed", "The milestone “v3” is not there any more."),
    ],
)
def test_github_refuses_in_words_that_name_the_right(
    web: responses.RequestsMock, status: int, said: str, words: str
) -> None:
    web.patch(ISSUE, status=status, json={"message": said})
    web.get(ISSUE, json=issue())
    web.get(REPO, json=repository())
    web.get(f"{REPO}/milestones/3", status=404)
    with pytest.raises(Refused) as raised:
        github().set_deadline(SUBJECT, "milestone", V3)
    assert words in raised.value.hint
    assert is_for_people(raised.value.hint)
    assert said in str(raised.value), "operations read what GitHub said"


def test_a_milestone_dropped_without_a_word_names_the_right_too(web: responses.RequestsMock) -> None:
    web.patch(ISSUE, json=issue(milestone=None))
    with pytest.raises(Refused) as raised:
        github().set_deadline(SUBJECT, "milestone", V3)
    assert WRITE in raised.value.hint


@pytest.mark.parametrize("milestone", [{"json": {"number": 3}}, {"status": 503}])
def test_what_is_wrong_with_a_value_is_not_guessed(
    web: responses.RequestsMock, milestone: dict[str, Any]
) -> None:
    web.patch(ISSUE, status=422, json={"message": "Validation Failed"})
    web.get(f"{REPO}/milestones/3", **milestone)
    with pytest.raises(Refused) as raised:
        github().set_deadline(SUBJECT, "milestone", V3)
    assert raised.value.hint == "GitHub did not accept the change."


def test_an_issue_that_is_gone_says_nothing_to_anybody(web: responses.RequestsMock) -> None:
    web.patch(ISSUE, status=404, json={"message": "Not Found"})
    web.get(ISSUE, status=404)
    web.get(REPO, json=repository())
    with pytest.raises(Refused) as raised:
        github().set_deadline(SUBJECT, "milestone", NOTHING)
    assert raised.value.hint == ""


def test_while_it_cannot_be_told_what_a_404_means_it_is_tried_again(web: responses.RequestsMock) -> None:
    web.patch(ISSUE, status=404)
    web.get(ISSUE, status=502)
    with pytest.raises(Unavailable):
        github().set_deadline(SUBJECT, "milestone", V3)


@pytest.mark.parametrize("version", ["3", "2"])
@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (400, {"errors": {"duedate": SCREEN}}, "“Due date” is not on the edit screen of project PROD"),
        (400, {"errors": {"duedate": SCREEN}}, "the permission “Schedule Issues”"),
        (400, {"errorMessages": ["You do not have permission to edit issues in this project."]}, EDIT),
        (403, {"errorMessages": []}, EDIT),
        (404, {"errorMessages": ["Issue does not exist or you do not have permission to see it."]}, EDIT),
        (400, {"errorMessages": ["The project is archived."]}, "PROD is archived"),
        (400, {"errorMessages": ["No."]}, "Jira did not accept the change."),
    ],
)
def test_jira_refuses_in_words_that_name_the_right(
    web: responses.RequestsMock, version: str, status: int, answer: dict[str, Any], words: str
) -> None:
    path = f"{JIRA}/{version}/issue/PROD-3"
    web.put(path, status=status, json=answer)
    web.get(path, json=body())
    web.get(f"{JIRA}/{version}/project/PROD", json={"key": "PROD"})
    with pytest.raises(Refused) as raised:
        jira(version).set_deadline(THREE, "duedate", MARCH)
    assert words in raised.value.hint
    assert is_for_people(raised.value.hint)


def test_a_jira_issue_that_is_gone_says_nothing_to_anybody(web: responses.RequestsMock) -> None:
    path = f"{JIRA}/3/issue/PROD-3"
    web.put(path, status=404)
    web.get(path, status=404)
    web.get(f"{JIRA}/3/project/PROD", json={"key": "PROD"})
    with pytest.raises(Refused) as raised:
        jira().set_deadline(THREE, "duedate", Value("2027-05-01", date(2027, 5, 1)))
    assert raised.value.hint == ""
