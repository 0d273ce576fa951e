"""Whatever a delivery holds, it ends in a reading that can be stored, and points nowhere but where it may."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st

from automation.adapters.github import item_triggers
from automation.adapters.github import triggers as github
from automation.adapters.jira import triggers as jira
from automation.app import logs
from automation.engine.reconcile import Reconciler
from automation.model import Delivery
from automation.model.reading import Answer, Reading
from automation.ports import Job
from automation.store import codec
from tests.fuzz.bending import ANYTHING, OBJECTS, TEXT, bent, deep
from tests.unit.adapters.payloads import (
    comment_event,
    issue_event,
    jira_change,
    jira_comment,
    jira_event,
)
from webhooks.body import problem

REPOSITORIES = frozenset({"Acme/Shop", "acme/api"})
PROJECTS = frozenset({"PROD", "OPS"})

DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [
        {"type": "paragraph", "content": [{"type": "text", "text": "/signoff 2027-03-01"}]},
        {
            "type": "bulletList",
            "content": [
                {
                    "type": "listItem",
                    "content": [
                        {
                            "type": "paragraph",
                            "content": [
                                {"type": "mention", "attrs": {"id": "5b10", "text": "@Maria"}},
                                {"type": "hardBreak"},
                                {"type": "inlineCard", "attrs": {"url": "https://example.com/x"}},
                                {"type": "text", "text": "x", "marks": [{"type": "code"}]},
                            ],
                        }
                    ],
                }
            ],
        },
    ],
}
FROM_GITHUB = [
    issue_event("opened"),
    issue_event("milestoned"),
    comment_event(body="Hello\n/link SALES-7"),
    {"zen": "Keep it logically awesome.", "hook_id": 1, "hook": {"events": ["issues"]}},
]
FROM_PROJECTS = [
    {
        "action": action,
        "projects_v2_item": {
            "project_node_id": "PVT_kwDOA",
            "content_node_id": "I_kwDOB",
            "content_type": "Issue",
            "updated_at": "2027-01-12T10:00:00Z",
        },
        "changes": {
            "field_value": {
                "field_node_id": "PVTF_lADOC",
                "field_type": "date",
                "project_number": 7,
                "from": None,
                "to": "2027-03-01T00:00:00+00:00",
            }
        },
        "organization": {"login": "acme"},
        "sender": {"id": 7, "login": "maria"},
    }
    for action in ("edited", "deleted")
]
FROM_JIRA = [
    jira_event(changelog=jira_change(duedate=("2027-03-01", None))),
    jira_event("jira:issue_created"),
    jira_event(issue_event_type_name="issue_commented", comment=jira_comment("Hi\n/signoff")),
    jira_event("comment_created", comment=jira_comment(DOCUMENT)),
]
BODIES = st.one_of(bent(FROM_GITHUB), bent(FROM_JIRA), OBJECTS)
EVENTS = st.sampled_from(sorted(github.EVENTS | {"ping", "star", "push"})) | TEXT


def read_github(event: str, body: Mapping[str, object]) -> Reading:
    return github.triggers(event, body, REPOSITORIES)


def read_jira(event: str, body: Mapping[str, object]) -> Reading:
    return jira.triggers(body, PROJECTS, "SALES")


def can_be_kept(reading: Reading) -> None:
    """Check that a reading fits into the database, and says why where there is nothing to do. What is
    refused may concern something known, that was elsewhere so far."""
    refused = reading.answer is Answer.REFUSED
    assert refused or (reading.answer is Answer.TRIGGERS) == bool(reading.triggers)
    assert refused or bool(reading.reason) != bool(reading.triggers)
    assert reading.reason or not refused
    assert all(trigger.what == "moved" for trigger in reading.triggers) or not refused
    assert len(reading.reason) <= 400 and reading.reason.isprintable()
    for trigger in reading.triggers:
        assert len(trigger.subject.key) < 110 and trigger.subject.key.isprintable()
    kept = json.dumps(codec.triggers_to_json(reading.triggers))
    assert codec.triggers_from_json(json.loads(kept)) == reading.triggers


@given(event=EVENTS, body=bent(FROM_GITHUB) | OBJECTS)
def test_whatever_github_says_is_read(event: str, body: dict[str, Any]) -> None:
    reading = read_github(event, body)
    can_be_kept(reading)
    for trigger in reading.triggers:
        number = "" if trigger.subject.kind == "place" else "#[1-9][0-9]*"
        if reading.answer is Answer.REFUSED:
            continue
        # By whatever spelling: places are the same in capitals.
        assert re.fullmatch(f"(acme/shop|acme/api){number}", trigger.subject.key, re.IGNORECASE)


@given(body=bent(FROM_PROJECTS) | OBJECTS)
def test_whatever_github_says_of_projects_is_read(body: dict[str, Any]) -> None:
    reading = item_triggers.on_project(body, frozenset({7}), frozenset({"acme"}))
    can_be_kept(reading)
    for trigger in reading.triggers:
        assert re.fullmatch(r"[A-Za-z0-9_=+/-]+", trigger.subject.key)


@given(body=bent(FROM_JIRA) | OBJECTS)
def test_whatever_jira_says_is_read(body: dict[str, Any]) -> None:
    reading = read_jira("", body)
    can_be_kept(reading)
    for trigger in reading.triggers:
        assert re.fullmatch(r"(PROD|OPS)-[1-9][0-9]*", trigger.subject.key)


@given(event=TEXT.filter(lambda event: event not in github.EVENTS), body=bent(FROM_GITHUB) | OBJECTS)
@example("star", issue_event("opened"))
@example("ping", issue_event("opened"))
def test_an_event_that_cannot_matter_is_never_a_trigger(event: str, body: dict[str, Any]) -> None:
    assert read_github(event, body).answer in {Answer.IGNORED, Answer.UNSUPPORTED}


@pytest.mark.parametrize("key", [None, "content", "issue"])
def test_what_is_buried_deeply_is_read_too(key: str | None) -> None:
    for place in ("issue", "comment", "sender", "user", "changelog"):
        for body in (*FROM_GITHUB, *FROM_JIRA):
            buried = {**body, place: deep(body.get(place), 190, key)}
            can_be_kept(read_github("issues", buried))
            can_be_kept(read_jira("", buried))


def test_a_number_that_no_tracker_gives_is_malformed() -> None:
    """It would make a key longer than some databases can index."""
    for place in ("issue", "comment"):
        for number in (2**63, 10**4000):
            body = comment_event()
            body[place] = {**body[place], "number": number, "id": number}
            assert read_github("issue_comment", body).answer is Answer.MALFORMED


@pytest.mark.parametrize("sign", ["\n", "\r", "\x1b[2J", "\x80", "\u2028", "\u202e"])
def test_a_reason_is_plain_text_that_can_be_shown_on_a_terminal(sign: str) -> None:
    elsewhere = issue_event("opened", repository={"full_name": f"evil{sign}/shop"})
    for reading in (
        read_github("issues", elsewhere),
        read_github("issues", issue_event(f"opened{sign}")),
        read_github(f"star{sign}", {}),
        read_jira("", {"webhookEvent": f"jira:{sign}"}),
        read_jira("", {"webhookEvent": f"issuelink_{sign}"}),
    ):
        assert reading.reason.isprintable() and reading.answer is not Answer.TRIGGERS
        assert all(trigger.subject.key.isprintable() for trigger in reading.triggers)


@pytest.mark.parametrize("line", ["\n", " \n", "\\\\", "\\\\{color", "{color:red}", "*_ ", "\t"])
def test_a_comment_made_to_keep_us_busy_does_not(line: str) -> None:
    """Without a bound each of these takes minutes, in which nothing else is done."""
    words = line * (200_000 // len(line))
    assert read_jira("", jira_event("comment_created", comment=jira_comment(words))).triggers == ()
    assert read_github("issue_comment", comment_event(body=words)).triggers == ()


# ---------------------------------------------------------------- stored, and read by its job


class OneDelivery:
    """An inbox that holds one delivery, and remembers how it was read."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.readings: list[Reading] = []

    def get(self, *keys: tuple[str, str]) -> list[Delivery]:
        return [self.delivery for _ in keys]

    def read(self, jobs: object, *read: tuple[object, Delivery, Reading]) -> None:
        self.readings += [reading for _, _, reading in read]


class NothingKnown:
    """A store that has seen no issue yet, and remembers no place."""

    def __init__(self) -> None:
        self.subjects = self.echoes = self

    def places(self, system: str, fresh: bool = False) -> None:
        pass

    def note_place(self, system: str, place: object) -> None:
        pass

    def knows(self, subject: object) -> bool:
        return False

    def is_ours(self, trigger: object) -> bool:
        return False

    def standing_on(self, carrier: object) -> tuple[()]:
        return ()

    def linked_to(self, deal: object) -> tuple[()]:
        return ()


class Uncounted:
    def add(self, *what: object) -> None:
        pass


@pytest.fixture(scope="module")
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.set_up((), stream)
    yield stream
    structlog.reset_defaults()


PLAIN = EVENTS.filter(re.compile("[!-~]{1,200}").fullmatch)


@given(source=st.sampled_from(["github", "jira"]), event=PLAIN, body=BODIES | ANYTHING)
def test_whatever_is_stored_ends_in_a_reading(
    written: io.StringIO, source: str, event: str, body: object
) -> None:
    raw = json.dumps(body).encode()
    if problem(raw):
        return  # it is refused, and never stored
    inbox = OneDelivery(Delivery(source, "1", event, raw, datetime(2027, 1, 11, tzinfo=UTC), {}))
    readers = {"github": read_github, "jira": read_jira}
    names = ("queue", "trackers", "passes", "rules", "clock", "preview")
    unused: dict[str, Any] = dict.fromkeys(names)
    states = NothingKnown()
    engine = Reconciler(inbox=inbox, states=states, readers=readers, counters=Uncounted(), **unused)  # type: ignore[arg-type]
    before = written.tell()
    engine.deliver(Job(1, "delivery", {"source": source, "id": "1"}, 1))
    [reading] = inbox.readings
    can_be_kept(reading)
    line, end = written.getvalue()[before:-1], written.getvalue()[-1]
    assert line.isprintable() and end == "\n", "one line of plain text, whatever was sent"
