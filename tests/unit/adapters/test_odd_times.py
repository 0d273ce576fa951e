"""Times and dates that cannot be, or hardly: they are no times, and a look goes on without them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.errors import LONGEST_WAIT, rejected
from automation.adapters.github import answers as github
from automation.adapters.jira import answers as jira
from automation.adapters.jira import deadlines as jira_deadlines
from automation.adapters.jira import triggers as jira_triggers
from automation.adapters.jira import values as jira_values
from automation.adapters.jira.versions import CLOUD
from automation.adapters.shapes import EARLIEST, LATEST, due_day, epoch_millis, instant_or_none
from automation.domain.fields import DUEDATE
from automation.engine.facts import LOOK_BACK
from automation.model import NOTHING
from automation.ports import Closed

ODD = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-12:00",
    "12027-03-01T00:00:00Z",
    "+12027-03-01T00:00:00Z",
    "-0001-03-01T00:00:00Z",
    "2027-02-30T00:00:00Z",
    "0000-00-00T00:00:00Z",
)
years = st.integers(-20_000, 20_000)
stamps = st.one_of(
    st.sampled_from(ODD),
    st.text(max_size=30),
    st.none(),
    st.integers(),
    st.builds("{:04d}-{:02d}-{:02d}T{:02d}:00:00{}".format, years, st.integers(0, 13), st.integers(0, 32),
              st.integers(0, 25), st.sampled_from(["Z", "+14:00", "-12:00", "+0000", ""])),
)  # fmt: skip
USER = {"id": 7, "login": "mona", "accountId": "5b10", "displayName": "Mona"}


@pytest.mark.parametrize("stamp", ODD)
def test_what_cannot_have_happened_then_has_no_time(stamp) -> None:
    assert instant_or_none({"at": stamp}, "at") is None


@given(stamps, st.integers())
def test_whatever_is_a_time_can_be_reckoned_with(stamp, millis) -> None:
    for found in (instant_or_none({"at": stamp}, "at"), epoch_millis({"at": millis}, "at")):
        if found is not None:
            assert EARLIEST <= found < LATEST
            assert found - LOOK_BACK < found < found + timedelta(days=365)


@pytest.mark.parametrize("millis", [0, -1, -(10**15), 253_402_300_800_000, 10**30, True, 1.5, "0", None])
def test_millis_that_are_no_time_are_none(millis) -> None:
    assert epoch_millis({"timestamp": millis}, "timestamp") is None


@given(stamps, stamps)
def test_any_time_in_a_milestone_or_a_history_is_read_or_left_out(due, at) -> None:
    milestone = {"number": 3, "title": "v3", "due_on": due}
    value = github.value(milestone)
    assert (value.ref, value.name) == ("3", "v3")
    events = [{"id": 1, "event": "milestoned", "actor": USER, "created_at": at, "milestone": milestone}]
    assert len(list(github.moves(events))) <= 1

    field = {"fieldId": "duedate", "from": due, "to": due}
    histories = [{"id": str(n), "author": USER, "created": at, "items": [field]} for n in (1, 2)]
    newest = jira.newest_first({"changelog": {"histories": histories}})
    assert [entry["id"] for entry in newest] == ["2", "1"]
    assert len(list(jira_values.moves(newest, DUEDATE, CLOUD, UTC))) in (0, 2)


@given(st.one_of(st.integers(), st.floats(), st.text(), st.none()), stamps)
def test_any_time_in_a_delivery_of_jira_is_read_or_left_out(timestamp, created) -> None:
    comment = {"id": "9", "author": USER, "created": created, "body": "/link SALES-1"}
    body = {"webhookEvent": "comment_created", "timestamp": timestamp, "comment": comment}
    issue = {"id": "10001", "key": "PROD-1", "fields": {"project": {"key": "PROD"}}}
    read = jira_triggers.triggers(body | {"issue": issue}, frozenset({"PROD"}), "SALES")
    assert len(read.triggers) == 1


@pytest.mark.parametrize(
    ("due", "day"),
    [
        ("9999-12-31T08:00:00Z", date(9999, 12, 31)),
        ("9999-12-31T23:00:00-08:00", date(9999, 12, 31)),
        ("0001-01-01T00:00:00Z", date(1, 1, 1)),
        ("0001-01-01T00:00:00+02:00", date(1, 1, 1)),
        ("2027-03-01T08:00:00Z", date(2027, 3, 1)),
        ("12027-03-01T08:00:00Z", None),
    ],
)
def test_a_day_that_is_due_may_be_as_far_away_as_people_like(due, day) -> None:
    assert due_day({"due_on": due}, "due_on") == day


def test_a_due_date_that_is_no_day_is_a_value_all_the_same_so_that_it_is_held() -> None:
    [value] = jira_deadlines.read({"fields": {"duedate": "12027-03-01"}}, [DUEDATE], UTC).values()

    assert (value.ref, value.day) == ("12027-03-01", None)
    assert value != NOTHING


@given(st.one_of(st.text(max_size=40), st.from_regex(r"-?[0-9]{1,40}", fullmatch=True), st.sampled_from([
    "1e99", "inf", "nan", "9" * 4400, "Mon, 01 Jan 0001 00:00:00 +1400", "Fri, 31 Dec 9999 23:59:59 -1200",
    "Fri, 31 Dec 99999 23:59:59 GMT", "0", "-5",
])))  # fmt: skip
def test_no_header_makes_us_wait_longer_than_a_day(value) -> None:
    now = datetime(2027, 1, 11, tzinfo=UTC).timestamp()
    for headers in (
        {"retry-after": value},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": value},
    ):
        problem = rejected("GitHub: GET /x", 429, headers, "", now)
        assert isinstance(problem, Closed)
        assert 1.0 <= (problem.retry_after or 0.0) <= LONGEST_WAIT
