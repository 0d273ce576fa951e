from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.jira.triggers import triggers
from automation.model import CARRIER, KnownPlaces, Person, Subject, Trigger
from automation.model.reading import Answer, Reading
from tests.unit.adapters.payloads import jira_change, jira_comment, jira_event

PROJECTS = frozenset({"PROD", "OPS_2"})
SUBJECT = Subject("jira", "issue", "10007", "PROD-3")
MARIA = Person("jira", "5b10", "Maria")
WHEN = datetime.fromtimestamp(1_799_748_000, UTC)
LOOKED = Reading.of(Trigger(SUBJECT, "issue", MARIA, WHEN))
POINTED = Reading.of(Trigger(SUBJECT, "comment", MARIA, WHEN, "991"))
MOVED = jira_change(duedate=("2024-04-25", "2024-05-01"))


def read(body: dict[str, Any]) -> Reading:
    return triggers(body, PROJECTS, "SALES")


def without(body: dict[str, Any], path: str) -> dict[str, Any]:
    head, _, rest = path.partition(".")
    kept = {key: value for key, value in body.items() if key != head}
    return {**kept, head: without(body[head], rest)} if rest else kept


# ------------------------------------------------------------ issues


def test_an_issue_that_comes_or_goes_makes_us_look() -> None:
    assert read(jira_event("jira:issue_created")) == LOOKED
    assert read(jira_event("jira:issue_created")).triggers[0].changed == ("title", "body")
    assert [trigger.what for trigger in read(jira_event("jira:issue_deleted")).triggers] == ["gone"]


def test_a_trigger_says_what_was_changed_and_when() -> None:
    log = jira_change(duedate=(None, "2027-03-01"), summary=("a", "b"), labels=("", "a"))
    body = jira_event(changelog=log)
    body["issue"]["fields"]["updated"] = "2027-01-12T10:00:00.500+0000"
    (found,) = read(body).triggers
    assert found.changed == ("duedate", "title")
    assert found.updated == WHEN.replace(microsecond=500_000)


@pytest.mark.parametrize("field", ["duedate", "summary", "description", "status", "resolution"])
@pytest.mark.parametrize("new", ["2027-03-01", None, ""])
def test_a_change_of_a_followed_field_makes_us_look(field: str, new: str | None) -> None:
    log = jira_change(**{field: ("2024-04-25", new), "labels": ("", "a")})
    assert read(jira_event(changelog=log)) == LOOKED


@pytest.mark.parametrize("field", ["labels", "customfield_10010", "assignee", "Rank"])
def test_a_change_of_another_field_is_ignored(field: str) -> None:
    assert read(jira_event(changelog=jira_change(**{field: ("a", "b")}))).answer is Answer.IGNORED


def test_where_the_field_has_no_id_its_name_counts() -> None:
    log = {"items": [{"field": "duedate", "to": None}]}
    assert read(jira_event(changelog=log)) == LOOKED


def test_an_id_counts_more_than_a_name_that_people_can_choose() -> None:
    log = {"items": [{"field": "duedate", "fieldId": "customfield_10010"}]}
    assert read(jira_event(changelog=log)).answer is Answer.IGNORED


@pytest.mark.parametrize(
    "item",
    [
        {"field": "Fix Version", "fieldId": "fixVersions", "fieldtype": "jira", "from": None, "to": "10001"},
        {"field": "Fix Version", "fieldtype": "jira", "toString": "v2"},
        {"field": "Link", "fieldtype": "jira", "to": "SALES-7", "toString": "This issue blocks SALES-7"},
        {"field": "Target end", "fieldId": "customfield_10010", "fieldtype": "custom", "to": "2027-03-01"},
        {"field": "Target end", "fieldtype": "custom", "from": "", "toString": "01/Mar/27"},
        {"field": "Target end", "fieldId": "customfield_10010", "to": "2027-03-01"},
        {"field": "Target end", "fieldtype": "custom", "fromString": "16/Apr/24", "toString": ""},
    ],
)
def test_another_date_or_a_link_is_said_to_be_not_handled_yet(item: dict[str, object]) -> None:
    other = {"field": "labels", "fieldId": "labels", "fieldtype": "jira", "toString": "x"}
    reading = read(jira_event(changelog={"items": [other, item]}))

    assert reading.answer is Answer.UNSUPPORTED
    assert "not handled yet" in reading.reason
    assert read(jira_event(changelog={"items": [item, {"field": "duedate"}]})) == LOOKED


@pytest.mark.parametrize(
    "item",
    [
        {"field": "Sprint", "fieldId": "customfield_1", "fieldtype": "custom", "toString": "Sprint 2027-03"},
        {"field": "resolutiondate", "fieldtype": "jira", "to": "2027-03-01"},
        {"field": "Story Points", "fieldtype": "custom", "to": "5"},
    ],
)
def test_what_promises_no_date_is_ignored(item: dict[str, object]) -> None:
    assert read(jira_event(changelog={"items": [item]})).answer is Answer.IGNORED


def test_an_issue_that_has_moved_is_looked_at() -> None:
    project = {"field": "project", "fieldId": "project", "fieldtype": "jira", "from": "10001", "to": "10002"}
    key = {"field": "Key", "fieldtype": "jira", "fromString": "OLD-9", "toString": "PROD-3"}
    assert read(jira_event(changelog={"items": [project, key]})) == LOOKED
    assert read(jira_event(changelog={"items": [key]})) == LOOKED


@pytest.mark.parametrize(
    "log", [None, {}, {"id": "1", "items": []}, {"items": None}, {"items": [{}]}, {"items": [7]}]
)
def test_where_it_is_not_said_what_changed_we_look(log: object) -> None:
    assert read(jira_event(changelog=log)) == LOOKED
    assert read(jira_event()) == LOOKED


@pytest.mark.parametrize("kind", ["issue_updated", "issue_generic", "issue_assigned"])
def test_an_event_without_its_name_is_known_by_its_type(kind: str) -> None:
    body = without(jira_event(changelog=MOVED, issue_event_type_name=kind), "webhookEvent")
    assert read(body) == LOOKED
    assert read(without(jira_event(issue_event_type_name="issue_created"), "webhookEvent")) == LOOKED


# ------------------------------------------------------------ comments


@pytest.mark.parametrize(
    "words",
    [
        "/signoff 2027-03-01",
        "Hello\r\n  /link SALES-7",
        "handshake signoff",
        "Handshake\u00a0signoff",
        "*/signoff*",
        "{color:#ff0000}/signoff{color}",
        r"thanks \\ /decline",
        "/link [https://x.y/browse/SALES-7|https://x.y/browse/SALES-7|smart-link]",
        {
            "type": "doc",
            "content": [{"type": "paragraph", "content": [{"type": "text", "text": "/signoff"}]}],
        },
    ],
)
def test_a_new_comment_that_may_hold_a_command_is_pointed_at(words: object) -> None:
    assert read(jira_event("comment_created", comment=jira_comment(words))) == POINTED


@pytest.mark.parametrize(
    "words",
    ["Looks good", "see a/b", "https://x.y/z", "", None, 7, "{{/signoff}}", "a handshake deal", "/ /1"],
)
def test_a_comment_without_a_command_is_ignored(words: object) -> None:
    assert read(jira_event("comment_created", comment=jira_comment(words))).answer is Answer.IGNORED


def test_a_comment_that_was_changed_gives_no_command() -> None:
    assert read(jira_event("comment_updated", comment=jira_comment())).answer is Answer.IGNORED


def test_a_command_that_was_deleted_is_waited_for_no_more() -> None:
    body = jira_event("comment_deleted", comment=jira_comment())
    assert [(found.what, found.comment) for found in read(body).triggers] == [("gone", "991")]
    assert read(jira_event("comment_deleted", comment=jira_comment("Thanks"))).answer is Answer.IGNORED
    assert read(without(body, "issue")).answer is Answer.IGNORED


def test_data_center_reports_a_comment_as_an_update_of_its_issue() -> None:
    body = jira_event(issue_event_type_name="issue_commented", comment=jira_comment())
    assert read(body) == POINTED
    assert read(without(body, "webhookEvent")) == POINTED
    assert read(without(body, "issue_event_type_name")) == POINTED
    assert read({**body, "comment": jira_comment("Thanks")}).answer is Answer.IGNORED
    for later in ("issue_comment_edited", "issue_comment_deleted"):
        assert read({**body, "issue_event_type_name": later}).answer is Answer.IGNORED


def test_people_of_data_center_are_known_by_their_key() -> None:
    anna = {"name": "anna", "key": "JIRAUSER10100", "displayName": "Anna"}
    body = jira_event("comment_created", comment=jira_comment(author=anna))
    assert read(body).triggers[0].actor == Person("jira", "JIRAUSER10100", "Anna")


def test_an_edit_together_with_a_comment_is_both() -> None:
    body = jira_event(changelog=MOVED, issue_event_type_name="issue_updated", comment=jira_comment())
    assert read(body) == Reading.of(*LOOKED.triggers, *POINTED.triggers)


def test_a_comment_that_does_not_say_of_which_issue_is_not_lost_in_silence() -> None:
    reading = read(without(jira_event("comment_created", comment=jira_comment()), "issue"))
    assert reading.answer is Answer.UNSUPPORTED
    assert "tick “Issue: updated”" in reading.reason


# ------------------------------------------------------------ places and shapes


def test_what_happens_to_a_deal_is_ignored_with_its_reason() -> None:
    reading = read(jira_event(key="SALES-7", changelog=MOVED))
    assert reading.answer is Answer.IGNORED
    assert "deal" in reading.reason
    comment = jira_event("comment_created", key="SALES-7", comment=jira_comment())
    assert read(comment).answer is Answer.IGNORED


def test_a_project_can_hold_issues_and_deals() -> None:
    assert triggers(jira_event(changelog=MOVED), PROJECTS, "PROD") == LOOKED


def test_another_project_is_refused() -> None:
    reading = read(jira_event(key="HR-1", changelog=MOVED))
    assert reading.answer is Answer.REFUSED
    assert "HR" in reading.reason
    # It may have been ours: then it is known by its id.
    assert [(one.subject, one.what) for one in reading.triggers] == [(SUBJECT, "moved")]


def test_a_project_whose_key_was_changed_is_the_one_that_the_rules_name() -> None:
    known = KnownPlaces({"prod": "9", "shop": "9"}, {"9": "shop"})
    body = jira_event(key="SHOP-3", changelog=MOVED)
    assert triggers(body, PROJECTS, "SALES", known) == LOOKED


@pytest.mark.parametrize(
    "event",
    [
        "jira:version_released",
        "jira:version_deleted",
        "issuelink_created",
        "sprint_closed",
        "worklog_created",
    ],
)
def test_what_might_matter_and_is_not_handled_is_called_unsupported(event: str) -> None:
    assert read({"webhookEvent": event}).answer is Answer.UNSUPPORTED


@pytest.mark.parametrize(
    ("event", "what"),
    [("updated", "moved"), ("released", "moved"), ("unreleased", "moved"), ("deleted", "gone")],
)
def test_a_version_is_looked_at_where_fix_versions_promise_dates(event: str, what: str) -> None:
    version = {"id": "10400", "name": "v2", "releaseDate": "2027-03-01", "projectId": 9}
    body = {"webhookEvent": f"jira:version_{event}", "timestamp": 1_800_000_000_000, "version": version}
    known = KnownPlaces({"prod": "9"}, {"9": "prod"})

    [looked] = triggers(body, PROJECTS, "SALES", known, ("Fix versions",)).triggers

    assert (looked.subject, looked.subject.key) == (Subject("jira", CARRIER, "10400"), "PROD#10400")
    assert (looked.what, looked.actor) == (what, None), "nobody is named, and nobody is guessed"


@pytest.mark.parametrize(
    ("field", "held", "shows"),
    [
        ("duedate", "2027-03-01", "2027-03-01"),
        ("customfield_10077", "2027-03-01", "2027-03-01"),
        ("customfield_10077", None, ""),
        ("customfield_10078", "2027-03-01T14:30:00.000+0100", "2027-03-01T13:30:00.000+0000"),
        ("fixVersions", [{"id": "10401", "name": "v3"}, {"id": "9400", "name": "v2"}], "9400,10401"),
        ("customfield_10079", {"value": "High"}, None),
    ],
)
def test_what_the_changed_field_holds_is_told_so_that_our_own_write_is_known(
    field: str, held: object, shows: str | None
) -> None:
    body = jira_event(changelog=jira_change(**{field: (None, "2027-03-01")}))
    body["issue"]["fields"][field] = held

    [looked] = triggers(body, PROJECTS, "SALES", dates=(field,)).triggers
    assert (looked.shows, looked.changed) == (shows, (field,))

    body["changelog"]["items"] += jira_change(summary=("a", "b"))["items"]
    [looked] = triggers(body, PROJECTS, "SALES", dates=(field,)).triggers
    assert looked.shows is None


@pytest.mark.parametrize(
    ("event", "version", "answer"),
    [
        ("moved", {"id": "10400"}, Answer.IGNORED),  # before or behind another one, which is no date
        ("created", {"id": "10400"}, Answer.IGNORED),
        ("updated", {"id": "../myself"}, Answer.MALFORMED),
        ("updated", None, Answer.MALFORMED),
        ("updated", {"id": "10400", "releaseDate": "soon"}, Answer.MALFORMED),
    ],
)
def test_a_version_that_moves_nothing_or_is_none_is_not_looked_at(
    event: str, version: object, answer: Answer
) -> None:
    body = {"webhookEvent": f"jira:version_{event}", "version": version}
    assert triggers(body, PROJECTS, "SALES", dates=("fixVersions",)).answer is answer


@pytest.mark.parametrize("key", [None, "", "PROD", "PROD-0", "PROD-03", "PROD-3/../4", 7, "-1", "PROD-3\n"])
def test_an_issue_needs_its_key(key: object) -> None:
    body = jira_event(changelog=MOVED)
    body["issue"]["key"] = key
    reading = read(body)
    assert reading.answer is Answer.MALFORMED
    assert "issue.key" in reading.reason


def test_a_missing_name_of_the_event_is_named() -> None:
    reading = read(without(jira_event(), "webhookEvent"))
    assert reading.answer is Answer.MALFORMED
    assert "webhookEvent" in reading.reason


@pytest.mark.parametrize("id", [None, 991, ""])
def test_a_comment_needs_an_id(id: object) -> None:
    assert read(jira_event("comment_created", comment=jira_comment(id=id))).answer is Answer.MALFORMED


@pytest.mark.parametrize("when", [None, "now", True, 10**30, -(10**30), 1.5])
def test_time_and_actor_are_hints_and_may_be_missing(when: object) -> None:
    body = without(jira_event(changelog=MOVED, timestamp=when), "user")
    assert read(body) == Reading.of(Trigger(SUBJECT, "issue"))


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["webhookEvent", "issue_event_type_name", "issue", "comment", "changelog", "user", "timestamp"]
INNER = ["key", "id", "fields", "body", "author", "items", "accountId", "displayName"]
WHOLE = jira_event(changelog=MOVED, comment=jira_comment(), issue_event_type_name="issue_commented")


@given(
    event=st.sampled_from(
        ["jira:issue_updated", "jira:issue_created", "comment_created", "issue_generic", ""]
    ),
    outer=st.dictionaries(st.sampled_from(KEYS), json, max_size=2),
    within=st.dictionaries(
        st.sampled_from(KEYS), st.dictionaries(st.sampled_from(INNER), json, max_size=2), max_size=3
    ),
)
def test_no_body_makes_it_raise_or_point_elsewhere(
    event: str, outer: dict[str, Any], within: dict[str, dict[str, Any]]
) -> None:
    bent = {key: {**value, **within.get(key, {})} if isinstance(value, dict) else value
            for key, value in {**WHOLE, "webhookEvent": event}.items()}  # fmt: skip
    reading = read({**bent, **outer})
    for trigger in reading.triggers:
        assert trigger.subject.key == "PROD-3" or (reading.answer, trigger.what) != (Answer.TRIGGERS, "issue")


@given(body=st.dictionaries(st.text(max_size=8), json, max_size=3))
def test_rubbish_has_no_triggers(body: dict[str, Any]) -> None:
    assert read(body).triggers == ()
