from __future__ import annotations

from datetime import date

import pytest

from automation.text.dates import roughly, spoken, weekday, working_days_after

TODAY = date(2027, 1, 12)


def test_a_day_in_sight_is_said_without_its_year() -> None:
    assert spoken(date(2027, 3, 1), TODAY) == "1 March"


@pytest.mark.parametrize("day", [date(2028, 3, 1), date(2026, 2, 1), date(2027, 1, 11)])
def test_a_day_that_is_past_or_far_ahead_is_said_with_its_year(day: date) -> None:
    for said in (spoken(day, TODAY), roughly(day, TODAY), weekday(day, TODAY)):
        assert said.endswith(f" {day.year}")


def test_today_needs_no_year() -> None:
    assert spoken(TODAY, TODAY) == "12 January"


def test_the_year_appears_when_nine_months_are_over() -> None:
    assert spoken(date(2027, 10, 13), TODAY) == "13 October"
    assert spoken(date(2027, 10, 14), TODAY) == "14 October 2027"


def test_the_turn_of_the_year_alone_asks_for_no_year() -> None:
    assert spoken(date(2027, 3, 1), date(2026, 11, 23)) == "1 March"


def test_a_deadline_for_an_answer_is_said_with_its_day_of_the_week() -> None:
    assert weekday(date(2027, 1, 14), TODAY) == "Thursday, 14 January"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (1, "early March"),
        (10, "early March"),
        (11, "mid-March"),
        (20, "mid-March"),
        (21, "late March"),
        (31, "late March"),
    ],
)
def test_customers_hear_a_third_of_a_month(day: int, said: str) -> None:
    assert roughly(date(2027, 3, day), TODAY) == said


def test_a_rough_date_far_away_has_its_year_too() -> None:
    assert roughly(date(2028, 6, 25), TODAY) == "late June 2028"


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2027, 1, 12), 2, date(2027, 1, 14)),
        (date(2027, 1, 14), 2, date(2027, 1, 18)),
        (date(2027, 1, 16), 1, date(2027, 1, 18)),
        (date(2027, 1, 15), 5, date(2027, 1, 22)),
        (date(2027, 1, 16), 0, date(2027, 1, 16)),
    ],
)
def test_working_days_pass_over_the_weekend(start: date, n: int, end: date) -> None:
    assert working_days_after(start, n) == end


@pytest.mark.parametrize(
    ("calendar", "start", "n", "end"),
    [
        ("DE-BE", date(2027, 3, 5), 1, date(2027, 3, 9)),  # Women's Day is free in Berlin
        ("DE", date(2027, 3, 5), 1, date(2027, 3, 8)),
        ("DE", date(2027, 3, 25), 2, date(2027, 3, 31)),  # Good Friday and Easter Monday
        ("IL", date(2027, 1, 14), 1, date(2027, 1, 17)),  # the weekend is Friday and Saturday
    ],
)
def test_working_days_are_those_of_the_calendar(calendar: str, start: date, n: int, end: date) -> None:
    assert working_days_after(start, n, calendar) == end
