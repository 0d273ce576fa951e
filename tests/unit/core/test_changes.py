"""What counts as news: the snapshot against the truth, without what we are doing ourselves."""

from __future__ import annotations

import pytest

from automation.domain.changes import left_over
from automation.domain.fields import diff, inherited
from automation.domain.snapshot import collect_receipts
from automation.model import (
    NOTHING,
    Change,
    FieldState,
    IssueState,
    Kind,
    Pending,
    Receipt,
    Status,
    Value,
)
from tests.factories import ISSUE, SPRING, SUMMER, UNDATED, WINTER, issue, state

SAME_DAY = Value("77", WINTER.day, "Winter release, renamed")


@pytest.mark.parametrize(
    ("old", "new", "kind", "days"),
    [
        (NOTHING, SPRING, Kind.SET, 0),
        (UNDATED, SPRING, Kind.SET, 0),
        (WINTER, SPRING, Kind.LATER, 29),
        (SPRING, WINTER, Kind.EARLIER, -29),
        (SPRING, NOTHING, Kind.CLEARED, 0),
        (SPRING, UNDATED, Kind.CLEARED, 0),
        (WINTER, SAME_DAY, Kind.OTHER, 0),
    ],
)
def test_a_change_has_a_kind_and_days(old, new, kind, days) -> None:
    assert diff("milestone", old, new) == Change("milestone", kind, old, new, days)


@pytest.mark.parametrize(
    ("old", "new"),
    [(NOTHING, NOTHING), (WINTER, WINTER), (NOTHING, UNDATED), (UNDATED, NOTHING)],
)
def test_where_no_date_is_touched_nothing_changed(old, new) -> None:
    assert diff("milestone", old, new) is None


def test_a_new_name_for_the_same_thing_is_no_change() -> None:
    assert diff("milestone", WINTER, Value(WINTER.ref, WINTER.day, "Another name")) is None


def test_a_date_that_stood_before_is_inherited() -> None:
    assert inherited(WINTER) == FieldState(WINTER, Status.INHERITED)
    assert inherited(UNDATED).status is Status.INHERITED
    assert inherited(NOTHING) == FieldState()


def test_a_first_sight_is_no_news() -> None:
    assert list(left_over(IssueState(ISSUE), issue(SPRING))) == []


def test_a_field_that_moved_is_news() -> None:
    assert [(c.field, c.old, c.new) for c in left_over(state(WINTER), issue(SPRING))] == [
        ("milestone", WINTER, SPRING)
    ]


@pytest.mark.parametrize(
    ("known", "truth"),
    [
        (state(WINTER), WINTER),
        (state(WINTER, pending=Pending("e1", SPRING)), SPRING),
        (state(WINTER, contested=SPRING), SPRING),
        (state(NOTHING), UNDATED),
    ],
    ids=["it stands", "it is being set back", "it was given up on", "no date is touched"],
)
def test_this_is_no_news(known, truth) -> None:
    assert list(left_over(known, issue(truth))) == []


@pytest.mark.parametrize(
    "known", [state(WINTER, pending=Pending("e1", SPRING)), state(WINTER, contested=SPRING)]
)
def test_a_third_value_is_news_whatever_is_under_way(known) -> None:
    assert [change.new for change in left_over(known, issue(SUMMER))] == [SUMMER]


def test_every_field_is_compared_with_its_own_snapshot() -> None:
    known = IssueState(ISSUE, fields={"milestone": inherited(WINTER), "duedate": inherited(SPRING)})
    truth = issue(deadlines={"milestone": SPRING, "duedate": SPRING})

    assert [change.field for change in left_over(known, truth)] == ["milestone"]


# ---------------------------------------------------------------- receipts


UNDER_WAY = state(WINTER, pending=Pending("e1", SPRING))


def field(known: IssueState) -> FieldState:
    return known.fields["milestone"]


def test_without_a_receipt_a_write_goes_on_being_under_way() -> None:
    assert collect_receipts(UNDER_WAY, {"another": Receipt(True)}) == (UNDER_WAY, {})


def test_a_write_that_was_done_is_no_longer_under_way() -> None:
    known, given_up = collect_receipts(UNDER_WAY, {"e1": Receipt(True)})

    assert (field(known).pending, field(known).contested, given_up) == (None, None, {})
    assert field(known).standing == WINTER


def test_a_write_that_was_given_up_leaves_the_value_contested() -> None:
    known, given_up = collect_receipts(UNDER_WAY, {"e1": Receipt(False, "no right to")})

    assert (field(known).pending, field(known).contested) == (None, SPRING)
    assert given_up == {"milestone": Receipt(False, "no right to")}


def test_of_several_fields_only_those_with_a_receipt_are_touched() -> None:
    both = IssueState(
        ISSUE,
        fields={
            "milestone": FieldState(WINTER, pending=Pending("e1", SPRING)),
            "duedate": FieldState(WINTER, pending=Pending("e2", SPRING)),
        },
    )

    known, given_up = collect_receipts(both, {"e2": Receipt(False)})

    assert list(given_up) == ["duedate"]
    assert known.fields["milestone"] == both.fields["milestone"]
    assert known.fields["duedate"].pending is None
