"""Date fields that people made in Jira: found by name or id, read, written, and told of by their history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from automation.adapters.jira import triggers
from automation.adapters.jira.tracker import Jira
from automation.model import NOTHING, Subject, Value
from automation.model.reading import Answer
from automation.ports import Refused
from automation.sandbox import Sandbox, sandbox
from tests.adapters.conftest import connected

SUBJECT = Subject("jira", "issue", "PROD-1")
DAY = date(2027, 3, 1)
MARCH = Value("2027-03-01", DAY, "2027-03-01")
GO_LIVE = "customfield_10077"
ROLLOUT = "customfield_10078"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with sandbox() as box:
        for name in ("anna", "eve", "handshake"):
            box.jira.add_user(name, name.title())
        box.jira.add_project("PROD")
        box.jira.add_project("SIDE")
        box.jira.add_field("Go-live date", projects=["PROD"], id=GO_LIVE)
        box.jira.add_field("Rollout", "datetime", id="customfield_10078")
        box.jira.add_issue("PROD", "Single sign-on", "Please.", reporter="eve")
        box.jira.add_issue("SIDE", "Elsewhere", "Please.", reporter="eve")
        yield box


def jira(box: Sandbox, version: str, *dates: str, zone: str = "Europe/Berlin") -> Jira:
    named = dates or ("duedate", "Go-live date")
    return connected(box, version, dates=lambda: named, zone=lambda: ZoneInfo(zone))


@pytest.mark.parametrize("name", ["Go-live date", "go-live  DATE", GO_LIVE, GO_LIVE.upper()])
def test_a_date_field_is_found_by_name_or_id(box: Sandbox, version: str, name: str) -> None:
    issue = jira(box, version, name, "Due date").issue(SUBJECT)

    assert issue is not None
    assert issue.deadlines == {GO_LIVE: NOTHING, "duedate": NOTHING}
    assert [field.label for field in issue.fields] == ["Go-live date", "Due date"]


def test_it_is_set_and_cleared_and_its_history_tells_who_did_it(box: Sandbox, version: str) -> None:
    tracker = jira(box, version)
    box.jira.as_user("anna").set_date("PROD-1", GO_LIVE, DAY)
    box.jira.as_user("eve").set_duedate("PROD-1", DAY)

    [move] = tracker.moves(SUBJECT, GO_LIVE, ())
    assert move.by is not None
    assert (move.by.name, move.old, move.new) == ("Anna", NOTHING, MARCH)

    tracker.set_deadline(SUBJECT, GO_LIVE, NOTHING)
    assert box.jira.issue("PROD-1").custom == {} and box.jira.issue("PROD-1").duedate == DAY
    assert next(tracker.moves(SUBJECT, GO_LIVE, ())).new == NOTHING

    tracker.set_deadline(SUBJECT, GO_LIVE, MARCH)
    assert box.jira.issue("PROD-1").custom == {GO_LIVE: DAY}
    assert len(list(islice(tracker.moves(SUBJECT, "duedate", ()), 9))) == 1


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2027, 2, 28, 23, 30, tzinfo=UTC), DAY),  # half past midnight in winter
        (datetime(2027, 3, 1, 22, 59, tzinfo=UTC), DAY),
        (datetime(2027, 6, 1, 21, 59, tzinfo=UTC), date(2027, 6, 1)),
        (datetime(2027, 6, 1, 22, 0, tzinfo=UTC), date(2027, 6, 2)),  # midnight in summer
        (datetime(2027, 3, 28, 0, 59, tzinfo=UTC), date(2027, 3, 28)),  # before the hour that is left out
        (datetime(2027, 10, 31, 23, 0, tzinfo=UTC), date(2027, 11, 1)),
    ],
)
def test_a_date_with_a_time_is_the_day_in_the_zone_of_the_rules(
    box: Sandbox, version: str, moment: datetime, day: date
) -> None:
    box.jira.zone = ZoneInfo("America/New_York")
    box.jira.as_user("anna").set_date("PROD-1", ROLLOUT, moment)
    tracker = jira(box, version, "Rollout")

    issue = tracker.issue(SUBJECT)

    assert issue is not None and issue.deadlines[ROLLOUT].day == day
    [move] = tracker.moves(SUBJECT, ROLLOUT, ())
    assert move.new == issue.deadlines[ROLLOUT], "its history writes the same instant otherwise"


@pytest.mark.parametrize("day", [DAY, date(2027, 3, 28), date(2027, 7, 1)])
def test_a_day_that_is_agreed_is_noon_there_summer_and_winter(box: Sandbox, version: str, day: date) -> None:
    tracker = jira(box, version, "Rollout")

    [value] = tracker.carriers(SUBJECT, ROLLOUT, day)
    tracker.set_deadline(SUBJECT, ROLLOUT, value)

    noon = datetime(day.year, day.month, day.day, 12, tzinfo=BERLIN)
    assert box.jira.issue("PROD-1").custom[ROLLOUT] == noon
    issue = tracker.issue(SUBJECT)
    assert issue is not None and issue.deadlines[ROLLOUT] == value and not value.carried


def test_a_date_with_a_time_is_set_back_to_the_very_moment_in_whatever_zone_it_is_read(
    box: Sandbox, version: str
) -> None:
    moment = datetime(2027, 3, 1, 14, 30, 17, 250_000, tzinfo=BERLIN)
    tracker, person = jira(box, version, "Rollout"), box.jira.as_user("anna")
    person.set_date("PROD-1", ROLLOUT, moment)
    before = tracker.issue(SUBJECT)
    assert before is not None
    box.jira.zone = ZoneInfo("Asia/Tokyo")
    after = tracker.issue(SUBJECT)
    assert after is not None and after.deadlines == before.deadlines
    person.set_date("PROD-1", ROLLOUT, moment + timedelta(hours=5))

    tracker.set_deadline(SUBJECT, ROLLOUT, before.deadlines[ROLLOUT])

    assert box.jira.issue("PROD-1").custom[ROLLOUT] == moment


def test_a_project_without_the_field_has_only_its_own(box: Sandbox, version: str) -> None:
    issue = jira(box, version).issue(Subject("jira", "issue", "SIDE-1"))

    assert issue is not None and list(issue.deadlines) == ["duedate"]


def test_its_fields_are_asked_for_once_in_a_while_and_the_due_date_never(box: Sandbox, version: str) -> None:
    tracker = jira(box, version)
    for _ in range(3):
        tracker.issue(SUBJECT)
    jira(box, version, "duedate").issue(SUBJECT)

    assert sum(request.path.endswith("/field") for request in box.requests) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Launch", "no field of Jira's that Handshake's account can see. Date fields there are: Due date"),
        ("Created", "is no date field of Jira's: it holds a datetime"),
        ("Summary", "is no date field of Jira's: it holds a string"),
        ("Twin", "2 date fields called “Twin”: customfield_10081, customfield_10082. Write the id"),
    ],
)
def test_a_name_that_means_no_date_or_several_is_said_clearly(
    box: Sandbox, version: str, name: str, said: str
) -> None:
    for number in (1, 2):
        box.jira.add_field("Twin", id=f"customfield_1008{number}")

    with pytest.raises(Refused, match=said.replace("(", r"\(")):
        jira(box, version, name).check()


def test_of_twins_the_one_with_the_id_is_meant_where_history_can_tell(box: Sandbox, version: str) -> None:
    for number in (1, 2):
        box.jira.add_field("Twin", id=f"customfield_1008{number}")
    tracker = jira(box, version, "customfield_10081")

    if version == "2":
        with pytest.raises(Refused, match="keeps no ids in its history"):
            tracker.check()
        return
    box.jira.as_user("eve").set_date("PROD-1", "customfield_10082", DAY)
    assert list(tracker.moves(SUBJECT, "customfield_10081", ())) == []


def test_where_it_is_on_no_screen_the_hint_names_it(box: Sandbox) -> None:
    box.jira.lock_dates("PROD", "screen")

    with pytest.raises(Refused) as refused:
        jira(box, "2").set_deadline(SUBJECT, GO_LIVE, MARCH)

    assert refused.value.hint.startswith("“Go-live date” is not on the edit screen of project PROD. A Jira")


@pytest.mark.parametrize(
    ("item", "dates", "answer"),
    [
        ({"field": "Go-live date", "fieldId": GO_LIVE}, ("Go-live date",), Answer.TRIGGERS),
        ({"field": "Go-live date", "fieldId": GO_LIVE}, (GO_LIVE,), Answer.TRIGGERS),
        ({"field": "Go-live date"}, ("go-live date",), Answer.TRIGGERS),
        ({"field": "Go-live date", "to": "2027-03-01"}, (GO_LIVE,), Answer.TRIGGERS),
        ({"field": "duedate", "fieldId": "duedate"}, ("Due date",), Answer.TRIGGERS),
        ({"field": "Go-live date", "fieldId": GO_LIVE, "to": "2027-03-01"}, ("duedate",), Answer.UNSUPPORTED),
        ({"field": "duedate", "fieldId": GO_LIVE, "to": ""}, ("duedate",), Answer.IGNORED),
    ],
)
def test_a_delivery_about_a_named_date_makes_us_look(
    item: dict[str, str], dates: tuple[str, ...], answer: Answer
) -> None:
    body = {
        "webhookEvent": "jira:issue_updated",
        "issue": {"id": "10001", "key": "PROD-1", "fields": {}},
        "changelog": {"items": [{"fieldtype": "custom"} | item]},
    }

    assert triggers.triggers(body, frozenset({"PROD"}), "SALES", dates=dates).answer is answer
