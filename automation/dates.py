"""Dates as people say them, in British English, and working days.

Words and patterns come from the Unicode CLDR: https://cldr.unicode.org/
"""

from __future__ import annotations

from datetime import date, timedelta

from babel.dates import format_date

_LOCALE = "en_GB"
_SATURDAY = 5
_YEAR_AFTER = timedelta(days=305)
"""A date further away than this (ten months) is said with its year."""


def working_days_after(day: date, n: int) -> date:
    """Return the ``n``-th day after ``day`` that is no Saturday or Sunday. Holidays are not known."""
    while n > 0:
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY:
            n -= 1
    return day


def spoken(day: date, today: date) -> str:
    """Return ``1 March``, or ``1 March 2029`` where that is more than ten months from ``today``."""
    return format_date(day, "d MMMM" + _year(day, today), locale=_LOCALE)


def dated(day: date) -> str:
    """Return ``1 March 2027``: always with its year."""
    return format_date(day, "d MMMM y", locale=_LOCALE)


def weekday(day: date) -> str:
    """Return ``Thursday, 14 January``."""
    return format_date(day, "EEEE, d MMMM", locale=_LOCALE)


def roughly(day: date, today: date) -> str:
    """Say ``early March`` (days 1–10), ``mid-March`` (11–20) or ``late March``; the year as by ``spoken``."""
    part = "early " if day.day <= 10 else "mid-" if day.day <= 20 else "late "
    return part + format_date(day, "MMMM" + _year(day, today), locale=_LOCALE)


def _year(day: date, today: date) -> str:
    return " y" if abs(day - today) > _YEAR_AFTER else ""
