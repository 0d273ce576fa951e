"""Fields that people made in Jira and by which they answer: read, told of by their history, and emptied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from automation.adapters.errors import Rejected
from automation.adapters.jira import triggers
from automation.model import FIELD, Choice, Subject, Way
from automation.model.reading import Answer
from automation.ports import Refused, Tracker
from automation.sandbox import Sandbox, sandbox
from tests.adapters.conftest import connected

SUBJECT = Subject("jira", "issue", "PROD-1")
LIST, TEXT, RICH = "customfield_10042", "customfield_10043", "customfield_10044"
YES = Way("signoff", "Approved", FIELD, "Product sign-off")
NO = Way("decline", "Declined", FIELD, "Product sign-off")
BY_TEXT, BY_RICH = Way("signoff", "OK", FIELD, TEXT), Way("signoff", "OK", FIELD, "Long word")
WAYS = (YES, NO, BY_TEXT, BY_RICH)
EVER = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with sandbox() as box:
        for name in ("anna", "eve", "handshake"):
            box.jira.add_user(name, name.title())
        for project in ("PROD", "SIDE"):
            box.jira.add_project(project)
        options = ("Approved", "Declined", "Not yet")
        box.jira.add_field("Product sign-off", "option", ["PROD"], id=LIST, options=options)
        box.jira.add_field("Word", "string", ["PROD"], id=TEXT)
        box.jira.add_field("Long word", "textarea", ["PROD"], id=RICH)
        for project in ("PROD", "SIDE"):
            box.jira.add_issue(project, "Single sign-on", "Please.", reporter="eve")
        yield box


def jira(box: Sandbox, version: str, ways: Sequence[Way] = WAYS) -> Tracker:
    return connected(box, version, choices=lambda: ways, projects=lambda: ("PROD",))


def held(tracker: Tracker, subject: Subject = SUBJECT) -> tuple[Choice, ...]:
    issue = tracker.issue(subject)
    assert issue is not None
    return issue.choices


def test_they_are_read_by_what_the_rules_call_them(box: Sandbox, version: str) -> None:
    tracker = jira(box, version)
    names = ("Product sign-off", TEXT, "Long word")
    labels = ("Product sign-off", "Word", "Long word")
    assert held(tracker) == tuple(
        Choice(name, "", label) for name, label in zip(names, labels, strict=True)
    ), "each once"

    anna = box.jira.as_user("anna")
    anna.choose("PROD-1", LIST, "Approved")
    anna.write("PROD-1", TEXT, " ok ")
    anna.write("PROD-1", RICH, "OK")
    assert [one.value for one in held(tracker)] == ["Approved", "ok", "OK"]
    assert held(tracker, Subject("jira", "issue", "SIDE-1")) == (), "its project does not have them"


@pytest.mark.parametrize("whole", [True, False])
def test_their_history_says_who_gave_them_what_and_took_it_away(
    box: Sandbox, version: str, whole: bool
) -> None:
    for who, option in (("eve", "Not yet"), ("anna", "Approved"), ("eve", "Declined"), ("anna", None)):
        box.jira.as_user(who).choose("PROD-1", LIST, option)
    box.jira.as_user("anna").write("PROD-1", RICH, "OK")

    found = jira(box, version).one_pass(whole).marks(SUBJECT, WAYS, EVER)
    [rich] = [one for one in found if one.field == "Long word"]
    assert (rich.title, rich.on, rich.by and rich.by.name) == ("Long word: OK", True, "Anna")
    listed = [one for one in found if one is not rich]
    assert [(one.title, one.on, one.by and one.by.name) for one in listed] == [
        ("Product sign-off: Declined", False, "Anna"),
        ("Product sign-off: Declined", True, "Eve"),
        ("Product sign-off: Approved", False, "Eve"),
        ("Product sign-off: Approved", True, "Anna"),
    ]
    log = {change.id: change for change in box.jira.changelog("PROD-1")}
    assert all(log[one.id].author.display == (one.by and one.by.name) for one in found)


def test_what_an_issue_was_made_with_is_its_makers(box: Sandbox, version: str) -> None:
    option = {"value": "Approved", "id": box.jira.fields[LIST].options["Approved"]}
    key = box.jira.as_user("anna").create("PROD", "Audit log", **{LIST: option})
    subject, tracker = Subject("jira", "issue", key), jira(box, version)
    [made] = tracker.marks(subject, WAYS, EVER)
    assert (made.title, made.made, made.by and made.by.name) == ("Product sign-off: Approved", True, "Anna")

    box.jira.as_user("eve").choose(key, LIST, "Not yet")
    assert [(one.on, one.made) for one in tracker.marks(subject, WAYS, EVER)] == [
        (False, False),
        (True, True),
    ]


def test_what_was_set_while_the_field_had_another_name_counts_by_its_id_alone(box: Sandbox) -> None:
    anna = box.jira.as_user("anna")
    box.jira.change_field(LIST, name="Old name")
    anna.choose("PROD-1", LIST, "Approved")
    box.jira.change_field(LIST, name="Product sign-off")
    anna.choose("PROD-1", LIST, "Declined")

    by_id = tuple(Way(way.word, way.name, FIELD, LIST) for way in (YES, NO))
    for ways, seen in (
        ((YES, NO), [("Declined", True), ("Approved", False)]),
        (by_id, [("Declined", True), ("Approved", False), ("Approved", True)]),
    ):
        found = jira(box, "3", ways).marks(SUBJECT, ways, EVER)
        assert [(one.name, one.on) for one in found] == seen


@pytest.mark.parametrize("name", ["Product sign-off", LIST, TEXT, "Long word"])
def test_it_is_emptied(box: Sandbox, version: str, name: str) -> None:
    anna = box.jira.as_user("anna")
    anna.choose("PROD-1", LIST, "Approved")
    anna.write("PROD-1", TEXT, "ok")
    anna.write("PROD-1", RICH, "OK")
    tracker = jira(box, version, (*WAYS, Way("signoff", "Approved", FIELD, LIST)))

    for _ in range(2):  # once more changes nothing
        tracker.empty_field(SUBJECT, name)
        left = {one.field for one in held(tracker) if one.value}
        assert name not in left and len(left) == (2 if name in ("Product sign-off", LIST) else 3)
    assert box.jira.changelog("PROD-1")[-1].author.name == "handshake"


@pytest.mark.parametrize(
    ("why", "hint"),
    [
        ("edit", "Give it the permission “Edit Issues” in project PROD."),
        ("edit 400", "Give it the permission “Edit Issues” in project PROD."),
        ("edit 404", "Give it the permission “Edit Issues” in project PROD."),
        ("archived", "is archived, so nobody can change it."),
        ("screen", "“Product sign-off” is not on the edit screen of project PROD."),
        ("required", "“Product sign-off” has to hold something in project PROD."),
    ],
)
def test_where_it_may_not_be_emptied_it_is_said_why(box: Sandbox, version: str, why: str, hint: str) -> None:
    box.jira.as_user("anna").choose("PROD-1", LIST, "Approved")
    tracker = jira(box, version)
    if why == "required":
        box.jira.change_field(LIST, required=True)
    else:
        box.jira.lock_dates("PROD", why)
    if why == "screen" and version == "3":  # which Cloud does not look at
        tracker.empty_field(SUBJECT, "Product sign-off")
        return
    with pytest.raises(Refused) as refused:
        tracker.empty_field(SUBJECT, "Product sign-off")
    assert hint in refused.value.hint and not isinstance(refused.value, Rejected)
    assert [one.value for one in held(tracker)] == ["Approved", "", ""]


def test_a_misnamed_one_is_no_answer_and_holds_up_nothing(box: Sandbox, version: str) -> None:
    box.jira.add_field("Twin", "option", id="customfield_10051", options=("Approved",))
    box.jira.add_field("Twin", "string", id="customfield_10052")
    box.jira.add_field("Day", "date", id="customfield_10053")
    named = ("Nowhere", "Twin", "Day", "summary")
    ways = tuple(Way("signoff", "Approved", FIELD, name) for name in named)
    tracker = jira(box, version, ways)

    assert held(tracker) == () and list(tracker.marks(SUBJECT, ways, EVER)) == []
    wrong = tracker.misnamed_fields()
    assert list(wrong) == [f"{name}: Approved" for name in named]
    nowhere, twin, day, summary = wrong.values()
    assert "is no field of Jira's" in nowhere and f"Product sign-off ({LIST})" in nowhere
    assert "2 list and text fields called “Twin”" in twin and "Write the id" in twin
    assert day.endswith("nor a text, that people made in Jira: it is a date.")
    assert summary.endswith("Jira has it by itself.")


def test_what_is_not_on_the_list_is_found_where_jira_tells_the_list(box: Sandbox, version: str) -> None:
    ways = (YES, Way("decline", "Refused", FIELD, LIST), Way("signoff", "whatever", FIELD, TEXT))
    assert jira(box, version, ways).misnamed_fields() == {
        f"{LIST}: Refused": (
            f"“Refused” is nothing that “{LIST}” can be. There are: Approved, Declined, Not yet."
        )
    }
    box.jira.hide("PROD", "handshake")
    assert jira(box, version, ways).misnamed_fields() == {}, "nothing is said where that is not told"


def test_nothing_is_asked_for_where_there_is_none(box: Sandbox) -> None:
    tracker = jira(box, "3", ())
    tracker.issue(SUBJECT)
    tracker.misnamed_fields()
    assert not any(one.path.endswith(("/field", "/issuetypes")) for one in box.requests)


# ------------------------------------------------------------ deliveries


def read(before: str, after: str, ways: Sequence[Way], **more: str | None) -> Answer:
    item = {
        "field": "Product sign-off",
        "fieldtype": "custom",
        "fieldId": LIST,
        "fromString": before,
        "toString": after,
        **more,
    }
    item = {name: value for name, value in item.items() if value is not None}
    body = {
        "webhookEvent": "jira:issue_updated",
        "timestamp": 1,
        "issue": {"id": "1", "key": "PROD-1", "fields": {}},
        "changelog": {"id": "7", "items": [item]},
    }
    reading = triggers.triggers(body, frozenset({"PROD"}), "SALES", ways=ways)
    assert all(one.what == "label" for one in reading.triggers)
    return reading.answer


def test_a_delivery_is_heard_only_where_a_field_of_the_rules_came_to_hold_an_answer() -> None:
    by_id = (Way("signoff", "approved", FIELD, LIST),)
    heard, ignored = Answer.TRIGGERS, Answer.IGNORED
    for ways in (WAYS, by_id):
        assert read("", "Approved", ways) is heard
        assert read("Approved", "", ways) is read("", "Not yet", ways) is ignored
        assert read("", "Approved", ways, field="Other", fieldId="customfield_1") is ignored
    assert read("", "Approved", ()) is ignored
    # Data Center gives no ids.
    assert read("", "Approved", by_id, fieldId=None) is heard
    assert read("", "Approved", WAYS, fieldId=None) is heard
    assert read("", "Approved", WAYS, field="Other", fieldId=None) is ignored
