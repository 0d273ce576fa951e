"""How a closed issue ended, as far as its tracker says so; what is not said is not guessed."""

from __future__ import annotations

from typing import Any

import pytest

from automation.adapters.github import answers
from automation.adapters.jira import endings
from automation.model import Subject
from tests.unit.adapters.payloads import issue, milestone

ISSUE = Subject("github", "issue", "acme/shop#12")


@pytest.mark.parametrize(
    ("body", "standing", "release"),
    [
        ({"state": "closed", "state_reason": "completed"}, "done", "v3"),
        ({"state": "closed", "state_reason": "completed", "milestone": None}, "done", ""),
        ({"state": "closed", "state_reason": "not_planned"}, "dropped", "v3"),
        ({"state": "closed", "state_reason": "duplicate"}, "dropped", "v3"),
        ({"state": "closed", "state_reason": None}, "closed", "v3"),
        ({"state": "closed", "state_reason": "something new"}, "closed", "v3"),
        ({"state": "closed"}, "closed", "v3"),
        ({"state": "open", "state_reason": "reopened"}, "open", ""),
        ({"state": "open", "state_reason": "completed"}, "open", ""),
    ],
)
def test_github(body: dict[str, Any], standing: str, release: str) -> None:
    read = answers.issue(ISSUE, issue(**{"milestone": milestone(), **body}), False, ())

    assert (read.standing, read.release) == (standing, release)


@pytest.mark.parametrize(
    ("resolution", "status", "outcome"),
    [
        ("Done", "Done", "done"),
        ("Fixed", "Closed", "done"),
        (None, "Released", "done"),
        (None, "Closed", ""),
        ("Won't Do", "Done", "dropped"),
        ("Won’t  fix", "Closed", "dropped"),
        ("Done", "Won't do", "dropped"),
        ("Done", "Cancelled", "dropped"),
        ("Duplicate", "Done", "dropped"),
        ("Cannot Reproduce", "Done", "dropped"),
        ("Known Error", "Done", ""),
        ("Not done", "Closed", ""),
        ("Erledigt", "Fertig", ""),
    ],
)
def test_jira(resolution: str | None, status: str, outcome: str) -> None:
    fields = {"resolution": resolution and {"name": resolution}, "status": {"name": status}}

    assert endings.outcome({"fields": fields}) == outcome


@pytest.mark.parametrize(
    ("versions", "release"),
    [
        ([{"name": "2.4", "released": True}, {"name": "3.0", "released": False}], "2.4"),
        ([{"name": "2.4", "released": True}, {"name": "3.0", "released": True}], "2.4, 3.0"),
        ([{"name": "3.0"}, {"name": "4.0", "released": "true"}, {"released": True}, "5.0", None], ""),
        (None, ""),
        ("2.4", ""),
    ],
)
def test_only_a_version_that_is_released_is_one(versions: object, release: str) -> None:
    assert endings.release({"fields": {"fixVersions": versions}}) == release


@pytest.mark.parametrize("body", [{}, {"fields": None}, {"fields": {"resolution": 7, "status": []}}, None])
def test_what_is_not_there_says_nothing(body: object) -> None:
    assert (endings.outcome(body), endings.release(body)) == ("", "")
