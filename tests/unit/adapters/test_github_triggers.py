from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.github.answers import value
from automation.adapters.github.item_triggers import on_project
from automation.adapters.github.triggers import triggers
from automation.model import PLACE, KnownPlaces, Person, Subject, Trigger
from automation.model.reading import Answer, Reading
from tests.unit.adapters.payloads import comment_event, issue_event, milestone, repository, user

OURS = frozenset({"Acme/Shop"})
SUBJECT = Subject("github", "issue", "1012", "acme/shop#12")
HANDLED = [
    "opened",
    "edited",
    "milestoned",
    "demilestoned",
    "closed",
    "reopened",
]


def read(event: str, body: dict[str, Any]) -> Reading:
    return triggers(event, body, OURS)


def without(body: dict[str, Any], path: str) -> dict[str, Any]:
    head, _, rest = path.partition(".")
    kept = {key: value for key, value in body.items() if key != head}
    return {**kept, head: without(body[head], rest)} if rest else kept


@pytest.mark.parametrize("action", HANDLED)
def test_what_happens_to_an_issue_makes_us_look_at_it(action: str) -> None:
    at = datetime(2027, 1, 12, 10, tzinfo=UTC)
    expected = Trigger(SUBJECT, "issue", Person("github", "7", "maria"), at)
    assert read("issues", issue_event(action)) == Reading.of(expected)
    assert read("issues", issue_event(action)).triggers[0].updated == at


@pytest.mark.parametrize("action", ["transferred", "deleted"])
def test_an_issue_that_is_said_to_be_gone_is_looked_at_as_such(action: str) -> None:
    assert [trigger.what for trigger in read("issues", issue_event(action)).triggers] == ["gone"]


ELSEWHERE = Subject("github", "issue", "2001", "acme/store#1")
OLD = {"old_issue": {"id": 1012, "number": 12}, "old_repository": {"full_name": "acme/shop"}}


def test_a_transferred_issue_is_looked_at_where_it_is_and_was_what_it_was() -> None:
    changes = {"new_issue": {"id": 2001, "number": 1}, "new_repository": {"full_name": "acme/store"}}
    [trigger] = read("issues", issue_event("transferred", changes=changes)).triggers
    assert (trigger.subject, trigger.subject.key, trigger.was) == (ELSEWHERE, "acme/store#1", SUBJECT)


def test_an_issue_that_came_from_elsewhere_says_what_it_was() -> None:
    body = issue_event("opened", changes=OLD) | {"issue": {"id": 2001, "number": 1, **issue_dates()}}
    [trigger] = triggers("issues", body, OURS).triggers
    assert (trigger.subject, trigger.was) == (ELSEWHERE, SUBJECT)
    assert trigger.changed == (), "its words are as old as it is"


def test_an_issue_elsewhere_is_none_of_ours_unless_it_is_known() -> None:
    body = issue_event("opened", changes=OLD, repository=repository(full_name="acme/store", id=99))
    reading = read("issues", body)
    assert reading.answer is Answer.REFUSED
    assert [(one.what, one.was) for one in reading.triggers] == [("moved", SUBJECT)]


def test_a_repository_that_was_renamed_is_the_one_that_the_rules_name() -> None:
    known = KnownPlaces({"acme/shop": "98", "acme/store": "98"}, {"98": "acme/store"})
    body = issue_event("milestoned", repository=repository(full_name="acme/store", id=98))
    [trigger] = triggers("issues", body, OURS, known).triggers
    assert (trigger.subject, trigger.subject.key) == (SUBJECT, "acme/store#12")
    squatter = issue_event("milestoned", repository=repository(full_name="acme/shop", id=99))
    reading = triggers("issues", squatter, OURS, known)
    assert reading.answer is Answer.REFUSED
    assert "means the repository that is called acme/store now" in reading.reason
    named_anew = triggers("issues", squatter, OURS | {"acme/store"}, known)
    assert named_anew.answer is Answer.TRIGGERS


def issue_dates() -> dict[str, str]:
    return {"created_at": "2027-01-10T09:00:00Z", "updated_at": "2027-01-12T10:00:00Z"}


@pytest.mark.parametrize(
    ("action", "changes", "changed"),
    [
        ("milestoned", None, ("milestone",)),
        ("demilestoned", None, ("milestone",)),
        ("opened", None, ("title", "body")),
        ("edited", {"body": {"from": "x"}}, ("body",)),
        ("edited", {"title": {"from": "x"}}, ("title",)),
        ("edited", None, ()),
        ("closed", None, ()),
    ],
)
def test_a_trigger_says_what_was_changed(action: str, changes: object, changed: tuple[str, ...]) -> None:
    body = issue_event(action) | ({"changes": changes} if changes else {})
    assert read("issues", body).triggers[0].changed == changed


def test_a_repository_is_found_in_the_rules_whatever_the_case_and_called_as_github_spells_it() -> None:
    subject = read("issues", issue_event("opened")).triggers[0].subject
    assert (subject, subject.key) == (SUBJECT, "acme/shop#12")


def test_a_new_comment_with_a_command_is_pointed_at() -> None:
    at = datetime(2027, 1, 12, 11, tzinfo=UTC)
    expected = Trigger(SUBJECT, "comment", Person("github", "7", "maria"), at, "991")
    assert read("issue_comment", comment_event()) == Reading.of(expected)


@pytest.mark.parametrize(
    "body", ["Hello\r\n  /link SALES-7", "**/signoff 2027-03-01**", "/sign-off", "@our-bot sign off"]
)
def test_a_command_may_stand_on_any_line(body: str) -> None:
    assert read("issue_comment", comment_event(body=body)).answer is Answer.TRIGGERS


@pytest.mark.parametrize(
    "body", ["Looks good", "see a/b", "/x", "\\/signoff", "> /signoff", "handshake signoff", "", None]
)
def test_a_comment_without_a_command_is_ignored(body: str | None) -> None:
    assert read("issue_comment", comment_event(body=body)).answer is Answer.IGNORED


def test_a_command_that_was_deleted_is_waited_for_no_more() -> None:
    (found,) = read("issue_comment", comment_event("deleted")).triggers
    assert (found.what, found.comment) == ("gone", "991")
    assert read("issue_comment", comment_event("deleted", body="Thanks")).answer is Answer.IGNORED


@pytest.mark.parametrize("action", ["edited", "pinned"])
def test_an_edited_comment_never_gives_a_command(action: str) -> None:
    assert read("issue_comment", comment_event(action)).answer is Answer.IGNORED


def test_a_comment_on_a_pull_request_is_ignored() -> None:
    body = comment_event()
    body["issue"]["pull_request"] = {"url": "https://api.github.com/repos/acme/shop/pulls/12"}
    assert read("issue_comment", body).answer is Answer.IGNORED


def test_a_ping_is_ignored_whatever_it_carries() -> None:
    assert read("ping", {"zen": "Keep it logically awesome."}).answer is Answer.IGNORED


@pytest.mark.parametrize("action", ["labeled", "assigned", "pinned", "typed"])
def test_what_moves_no_promise_is_ignored(action: str) -> None:
    assert read("issues", issue_event(action)).answer is Answer.IGNORED


@pytest.mark.parametrize(("event", "action"), [("repository", "archived"), ("push", "created")])
def test_what_might_matter_and_is_not_handled_is_called_unsupported(event: str, action: str) -> None:
    assert read(event, issue_event(action)).answer is Answer.UNSUPPORTED


def test_a_repository_that_can_be_written_to_again_is_told_to_what_lies_in_it() -> None:
    [trigger] = read("repository", issue_event("unarchived")).triggers

    assert (trigger.subject.kind, trigger.subject.key, trigger.what) == (PLACE, "acme/shop", "unarchived")


@pytest.mark.parametrize("action", ["field_added", "field_removed"])
@pytest.mark.parametrize(
    ("kind", "made", "answer"),
    [
        ("date", True, Answer.TRIGGERS),
        ("date", False, Answer.UNSUPPORTED),
        ("number", True, Answer.IGNORED),
    ],
)
def test_a_date_in_a_field_of_issues_is_looked_at_where_the_rules_name_one(
    action: str, kind: str, made: bool, answer: Answer
) -> None:
    body = issue_event(action, issue_field={"id": 42, "name": "Target date", "field_type": kind})
    reading = triggers("issues", body, frozenset({"acme/shop"}), made=made)

    assert reading.answer is answer
    assert [(one.changed, one.actor) for one in reading.triggers] == [
        (("issue_field_42",), read("issues", issue_event("opened")).triggers[0].actor)
    ] * (answer is Answer.TRIGGERS)


def test_another_repository_is_refused() -> None:
    body = issue_event("opened", repository={"full_name": "evil/shop"})
    reading = read("issues", body)
    assert reading.answer is Answer.REFUSED
    assert "evil/shop" in reading.reason


@pytest.mark.parametrize("path", ["action", "issue.number", "repository.full_name"])
def test_a_missing_key_is_named(path: str) -> None:
    reading = read("issues", without(issue_event("opened"), path))
    assert reading.answer is Answer.MALFORMED
    assert path in reading.reason


@pytest.mark.parametrize("number", [0, -1, True, "12", 1.5, None])
def test_an_issue_number_is_a_positive_whole_number(number: object) -> None:
    body = issue_event("opened", issue={"number": number})
    assert read("issues", body).answer is Answer.MALFORMED


@pytest.mark.parametrize("id", [None, "991", -4])
def test_a_comment_needs_an_id(id: object) -> None:
    body = comment_event()
    body["comment"]["id"] = id
    assert read("issue_comment", body).answer is Answer.MALFORMED


def test_time_and_actor_are_hints_and_may_be_missing() -> None:
    body = without(issue_event("opened", issue={"id": 1012, "number": 12, "updated_at": "soon"}), "sender")
    assert read("issues", body) == Reading.of(Trigger(SUBJECT, "issue"))


@pytest.mark.parametrize("when", ["2027-01-12T10:00:00", "0001-01-01T00:00:00+23:59", "", 7])
def test_a_time_that_cannot_be_read_is_none(when: object) -> None:
    body = issue_event("opened", issue={"id": 1012, "number": 12, "updated_at": when})
    assert read("issues", body).triggers[0].at is None


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["action", "issue", "repository", "comment", "sender"]
INNER = ["number", "full_name", "id", "login", "body", "updated_at", "created_at", "pull_request"]


def bent(whole: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Take a good body and put anything at all into some of its places."""
    inner = st.dictionaries(st.sampled_from(INNER), json, max_size=2)

    def apply(outer: dict[str, Any], within: dict[str, dict[str, Any]]) -> dict[str, Any]:
        body = {key: {**value, **within.get(key, {})} if isinstance(value, dict) else value
                for key, value in whole.items()}  # fmt: skip
        return {**body, **outer}

    return st.builds(
        apply,
        st.dictionaries(st.sampled_from(KEYS), json, max_size=2),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    )


@given(event=st.sampled_from(["issues", "issue_comment", "milestone"]), body=bent(comment_event()))
def test_no_body_makes_it_raise_or_point_elsewhere(event: str, body: dict[str, Any]) -> None:
    reading = read(event, body)
    for trigger in reading.triggers:
        if reading.answer is Answer.TRIGGERS and trigger.was is None:
            assert trigger.subject.key.lower().startswith("acme/shop#")
        else:
            assert trigger.what == "moved"


@given(event=st.text(max_size=20), body=st.dictionaries(st.text(max_size=8), json, max_size=3))
def test_rubbish_has_no_triggers(event: str, body: dict[str, Any]) -> None:
    assert read(event, body).triggers == ()


def test_a_repository_that_turns_public_is_looked_at_whole() -> None:
    body = {"action": "publicized", "repository": {"full_name": "ACME/shop"}}
    reading = triggers("repository", body, frozenset({"acme/shop"}))
    assert [str(trigger.subject) for trigger in reading.triggers] == ["github:place:ACME/shop"]
    bare = {"repository": body["repository"]}
    assert triggers("public", bare, frozenset({"acme/shop"})).triggers == reading.triggers
    elsewhere = body | {"repository": {"full_name": "evil/shop"}}
    assert triggers("repository", elsewhere, frozenset({"acme/shop"})).answer is Answer.REFUSED
    for action in ("renamed", "transferred"):
        renamed = {"action": action, "repository": {"full_name": "ACME/shop", "id": 98}}
        [trigger] = triggers("repository", renamed, frozenset({"acme/shop"})).triggers
        assert (str(trigger.subject), trigger.what) == ("github:place:98", "moved")


def test_a_deleted_milestone_points_at_whatever_stood_on_it() -> None:
    body = {"action": "deleted", "milestone": milestone(3), "repository": repository(), "sender": user()}

    [trigger] = read("milestone", body).triggers

    assert trigger.subject == Subject("github", "carrier", "MI_3")
    assert trigger.subject.key == "acme/shop#3"
    assert read("milestone", {**body, "repository": repository(full_name="evil/x")}).answer is Answer.REFUSED
    assert read("milestone", {**body, "milestone": {"number": "3"}}).answer is Answer.MALFORMED


def test_a_milestone_with_another_due_date_says_which_and_who_gave_it() -> None:
    body = {
        "action": "edited",
        "changes": {"due_on": {"from": "2027-03-01T08:00:00Z"}},
        "milestone": milestone(3, updated_at="2027-01-12T09:00:00Z"),
        "repository": repository(),
        "sender": user(),
    }

    [trigger] = read("milestone", body).triggers

    assert (trigger.subject.kind, trigger.what, trigger.held) == ("carrier", "moved", value(milestone(3)))
    assert trigger.actor is not None and trigger.at == trigger.updated is not None
    renamed = {**body, "changes": {"title": {"from": "Spring"}}}
    assert read("milestone", renamed).answer is Answer.IGNORED, "no date has moved"
    assert read("milestone", {**body, "milestone": {"number": "3"}}).answer is Answer.MALFORMED


# ---------------------------------------------------------------- projects

BOARD = {"project_node_id": "PVT_1", "content_node_id": "I_1012", "content_type": "Issue"}
SHIPPED = {"field_node_id": "PVTF_2", "field_type": "date", "project_number": 7}
SPRINT = {"field_node_id": "PVTIF_3", "field_type": "iteration", "project_number": 7}
ITERATION = {"id": "cfc16e4d", "title": "Sprint 3", "start_date": "2027-02-16", "duration": 14}
TO = {"to": "2027-03-01T00:00:00+00:00", "from": None}


def on_board(action: str = "edited", change: dict[str, Any] | None = None, **item: str) -> dict[str, Any]:
    return {
        "action": action,
        "projects_v2_item": {**BOARD, "updated_at": "2027-01-12T10:00:00Z", **item},
        "changes": {"field_value": {**SHIPPED, **TO} if change is None else change},
        "organization": {"login": "Acme"},
        "sender": {"id": 7, "login": "maria"},
    }


def on(body: dict[str, Any], *projects: int) -> Reading:
    return on_project(body, frozenset(projects or (7,)), frozenset({"acme"}))


@pytest.mark.parametrize(
    ("body", "changed", "held"),
    [
        (on_board(), "PVT_1.PVTF_2", "2027-03-01"),
        (on_board(change={**SHIPPED, "from": "2027-03-01T00:00:00Z", "to": None}), "PVT_1.PVTF_2", ""),
        (on_board(change={"field_node_id": "PVTF_2", "field_type": "date"}), "PVT_1.PVTF_2", None),
        (on_board(change={**SPRINT, "to": ITERATION, "from": None}), "PVT_1.PVTIF_3", "2027-03-01 cfc16e4d"),
        (on_board(change={**SPRINT, "from": ITERATION, "to": None}), "PVT_1.PVTIF_3", ""),
        (on_board(change={**SPRINT, "to": {"id": "cfc16e4d", "title": "x"}}), "PVT_1.PVTIF_3", None),
        (on_board("deleted"), "PVT_1", ""),
    ],
)
def test_a_date_on_a_project_is_looked_for_by_the_issues_other_id(
    body: dict[str, Any], changed: str, held: str | None
) -> None:
    [trigger] = on(body).triggers

    at = datetime(2027, 1, 12, 10, tzinfo=UTC)
    assert trigger == Trigger(
        Subject("github", "item", "I_1012"), "issue", Person("github", "7", "maria"), at
    )
    assert trigger.changed == (changed,)
    assert (None if trigger.held is None else trigger.held.ref) == held


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (on_board("reordered"), Answer.IGNORED),
        (on_board(content_type="DraftIssue"), Answer.IGNORED),
        (on_board(change={**SHIPPED, "field_type": "number", "to": 3}), Answer.IGNORED),
        (on_board(change={**SHIPPED, **TO, "project_number": 8}), Answer.IGNORED),
        (on_board(change={**SHIPPED, **TO, "project_number": [7]}), Answer.IGNORED),
        ({**on_board(), "organization": {"login": "evil"}}, Answer.REFUSED),
        ({**on_board(), "organization": {}}, Answer.MALFORMED),
        (on_board(content_node_id=""), Answer.MALFORMED),
    ],
)
def test_what_else_happens_on_projects_makes_nobody_look(body: dict[str, Any], answer: Answer) -> None:
    assert on(body).answer is answer


def test_without_a_project_in_the_rules_it_is_unsupported() -> None:
    assert on_project(on_board(), frozenset(), frozenset({"acme"})).answer is Answer.UNSUPPORTED
