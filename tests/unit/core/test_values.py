"""When two values are the same promise, when a date has moved with what carries it, and what is neither."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.domain.fields import diff, earliest
from automation.model import NOTHING, Kind, Value

MARCH, APRIL, JUNE = date(2027, 3, 1), date(2027, 4, 15), date(2027, 6, 1)


def version(id: int, day: date | None) -> Value:
    return Value(str(id), day, f"v{id}", str(id))


V2, V3, V9, BACKLOG = version(2, MARCH), version(3, APRIL), version(10, JUNE), version(5, None)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ([V2], [V2, V9], None),
        ([V2], [V2, BACKLOG], None),
        ([BACKLOG], [BACKLOG, version(6, None)], None),
        ([V2, V9], [V9], Kind.LATER),
        ([V3], [V2, V3], Kind.EARLIER),
        ([V2], [version(7, MARCH)], Kind.OTHER),
        ([V2, BACKLOG], [BACKLOG], Kind.CLEARED),
        ([BACKLOG], [BACKLOG, V2], Kind.SET),
    ],
)
def test_only_another_earliest_version_is_another_promise(
    old: list[Value], new: list[Value], kind: Kind | None
) -> None:
    change = diff("fixVersions", earliest(old), earliest(new))

    assert (change.kind if change else None) is kind


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        ([V2], [version(2, JUNE)], True),
        ([V2, V9], [version(2, APRIL), V9], True),
        ([V2, BACKLOG], [version(2, None), BACKLOG], True),
        ([BACKLOG, V2], [version(5, date(2027, 2, 1)), V2], False),  # another of them is earlier by now
        ([V2], [V3], False),
    ],
)
def test_a_date_has_moved_with_its_version_where_that_still_is_the_earliest(
    old: list[Value], new: list[Value], moved: bool
) -> None:
    assert earliest(old).moved_to(earliest(new)) is moved


@pytest.mark.parametrize("ref", ["2027-03-01", "2027-03-01T13:30:00.000+0000", "12027-03-01", "-0001-03-01"])
def test_what_is_written_as_a_date_is_carried_by_nothing(ref: str) -> None:
    assert not Value(ref, MARCH).carried and not Value(ref, MARCH).moved_to(Value(ref, JUNE))


@given(st.lists(st.tuples(st.integers(1, 10**6), st.none() | st.dates()), unique_by=lambda one: one[0]))
def test_of_several_the_earliest_is_promised_in_whatever_order_they_come(
    given: list[tuple[int, date | None]],
) -> None:
    values = [version(id, day) for id, day in given]
    joined = earliest(values)

    assert joined == earliest(reversed(values))
    assert joined.day == min((day for _, day in given if day), default=None)
    assert set(joined.carriers()) == {str(id) for id, _ in given} or joined == NOTHING
