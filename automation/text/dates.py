"""Dates as people say them, in British English, and working days.

Words and patterns come from the Unicode CLDR: https://cldr.unicode.org/
"""

from __future__ import annotations

from datetime import UTC, date, time, timedelta

from babel.dates import format_date

from automation.model import Policy
from automation.text.calendars import working_day

_LOCALE = "en_GB"
_NEAR = timedelta(days=274)
"""A date further ahead than this (nine months) is said with its year."""
MORNING = time(8, tzinfo=UTC)
"""When people are reminded of what is due on a day."""


def working_days_after(day: date, n: int, calendar: str = "") -> date:
    """Return the ``n``-th working day after ``day``. Without a ``calendar`` (``DE-BE``) public holidays are
    not known, and only Saturdays and Sundays are free."""
    worked = working_day(calendar)
    while n > 0:
        day += timedelta(days=1)
        if worked(day):
            n -= 1
    return day


def answer_by(day: date, policy: Policy) -> date:
    """Return by when those of a policy should answer what they are asked on a day; of several all of them."""
    return max(working_days_after(day, each.working_days, each.calendar) for each in policy.each)


def needs_year(day: date, today: date) -> bool:
    """Tell whether people could take ``day`` for that of another year: it is past, or far ahead."""
    return day < today or day - today > _NEAR


def spoken(day: date, today: date, year: bool = False) -> str:
    """Return ``1 March``; with the year where it is asked for or needed, ``1 March 2029``."""
    return format_date(day, "d MMMM" + _year(day, today, year), locale=_LOCALE)


def dated(day: date) -> str:
    """Return ``1 March 2027``: always with its year."""
    return format_date(day, "d MMMM y", locale=_LOCALE)


def weekday(day: date, today: date, year: bool = False) -> str:
    """Return ``Thursday, 14 January``, the year as by ``spoken``."""
    return format_date(day, "EEEE, d MMMM" + _year(day, today, year), locale=_LOCALE)


def roughly(day: date, today: date, year: bool = False) -> str:
    """Say ``early March`` (days 1–10), ``mid-March`` (11–20) or ``late March``; the year as by ``spoken``."""
    part = "early " if day.day <= 10 else "mid-" if day.day <= 20 else "late "
    return part + format_date(day, "MMMM" + _year(day, today, year), locale=_LOCALE)


def _year(day: date, today: date, asked: bool) -> str:
    return " y" if asked or needs_year(day, today) else ""
