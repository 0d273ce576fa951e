"""How the words of an issue came to be, as GitHub and Jira tell it, also where they do not tell all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from automation.adapters.github.wordings import wordings as on_github
from automation.adapters.jira.wordings import read as on_jira
from automation.adapters.shapes import Malformed
from automation.model import Person, Wording
from tests.unit.adapters.payloads import jira_user

LEE = Person("github", "7", "lee")
EVE = Person("github", "8", "eve")
DAY = date(2027, 1, 12)


def at(hour: int) -> datetime:
    return datetime(2027, 1, 12, hour, tzinfo=UTC)


def stamp(hour: int) -> str:
    return f"2027-01-12T{hour:02}:00:00Z"


def who(person: Person) -> dict[str, Any]:
    return {"login": person.name, "databaseId": int(person.id)}


def edit(hour: int, by: Person | None, text: str | None) -> dict[str, Any]:
    return {"editedAt": stamp(hour), "diff": text, "editor": by and who(by)}


def issue(*edits: Any, body: str = "new", total: int | None = None, **more: Any) -> dict[str, Any]:
    """An issue of Eve's as GraphQL gives it, edits newest first."""
    return {
        "title": "Now",
        "body": body,
        "createdAt": stamp(9),
        "lastEditedAt": edits[0]["editedAt"] if edits else None,
        "includesCreatedEdit": bool(edits),
        "author": who(EVE),
        "userContentEdits": {"totalCount": len(edits) if total is None else total, "nodes": list(edits)},
        "titles": {"totalCount": 0, "nodes": []},
        **more,
    }


def body_of(found: Any) -> list[Wording]:
    return list(on_github(found)["body"])


def test_words_that_were_never_changed_are_their_authors() -> None:
    assert body_of(issue(body="new")) == [Wording("new", EVE, at(9))]


def test_the_first_entry_of_the_history_is_the_text_as_it_was_written() -> None:
    found = body_of(issue(edit(11, LEE, "new\r\n"), edit(10, EVE, "mine"), edit(9, EVE, "old")))
    assert found == [Wording("new", LEE, at(11)), Wording("mine", EVE, at(10)), Wording("old", EVE, at(9))]


def test_a_revision_that_was_taken_out_and_an_account_that_is_gone_leave_gaps() -> None:
    found = body_of(issue(edit(11, LEE, "new"), edit(10, None, None), edit(9, EVE, "old")))
    assert found[1] == Wording(None, None, at(10))


@pytest.mark.parametrize(
    "found",
    [
        issue(edit(11, LEE, "new"), edit(10, LEE, "old"), total=150),
        issue(edit(11, LEE, "new"), includesCreatedEdit=False),
        issue(lastEditedAt=stamp(11)),
        issue(edit(11, LEE, "- old\n+ new")),
    ],
)
def test_a_history_without_its_beginning_does_not_tell_how_it_began(found: Any) -> None:
    assert body_of(found)[-1] == Wording(None, EVE, at(9))


def test_titles_are_told_by_who_renamed() -> None:
    renamed = [
        {"createdAt": stamp(10), "previousTitle": "First", "currentTitle": "Then", "actor": who(LEE)},
        {"createdAt": stamp(11), "previousTitle": "Then", "currentTitle": "Now", "actor": None},
    ]
    told = on_github(issue(titles={"totalCount": 2, "nodes": renamed}))["title"]
    part = on_github(issue(titles={"totalCount": 9, "nodes": renamed}))["title"]

    first = Wording("First", EVE, at(9))
    assert told == [Wording("Now", None, at(11)), Wording("Then", LEE, at(10)), first]
    assert part[-1] == Wording(None, EVE, at(9))


def test_an_issue_that_is_not_there_has_no_words() -> None:
    with pytest.raises(Malformed):
        on_github(None)


# ------------------------------------------------------------ Jira


def entry(hour: int, account: str, **items: tuple[str | None, str | None]) -> dict[str, Any]:
    return {
        "id": str(hour),
        "author": jira_user(account, account),
        "created": stamp(hour),
        "items": [
            {"field": name, "fieldId": name, "fromString": old, "toString": new}
            for name, (old, new) in items.items()
        ],
    }


JIRA_ISSUE = {
    "fields": {
        "summary": "Now",
        "description": None,
        "creator": jira_user("eve", "eve"),
        "created": stamp(9),
    }
}


def test_jiras_history_is_walked_back_from_the_present_words() -> None:
    history = [
        entry(12, "lee", description=("for SALES-7 {code}SALES-8{code}", None)),
        entry(11, "ben", summary=("First", "Now"), duedate=(None, "2027-03-01")),
        entry(10, "ben", description=(None, "for SALES-7")),
    ]
    found = on_jira(JIRA_ISSUE, history, True, "3")

    assert [(w.words, w.by and w.by.id) for w in found["title"]] == [("Now", "ben"), ("First", "eve")]
    words = [(w.words, w.by and w.by.id) for w in found["body"]]
    assert words == [("", "lee"), ("for SALES-7\n```\nSALES-8\n```", "ben"), ("", "eve")]


def test_of_a_history_too_long_to_be_read_the_beginning_is_not_told() -> None:
    found = on_jira(JIRA_ISSUE, [entry(11, "ben", summary=("First", "Now"))], False, "3")
    assert found["title"][-1].words is None
    assert found["body"][-1].words is None


def test_what_was_there_before_counts_only_where_it_is_said() -> None:
    silent = entry(11, "ben", summary=("First", "Now"))
    del silent["items"][0]["fromString"]
    assert on_jira(JIRA_ISSUE, [silent], True, "3")["title"][-1].words is None
