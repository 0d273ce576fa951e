"""Which days people work: without a calendar from Monday to Friday, with one as its country does.

The library is big, so it is imported when a policy names a calendar: https://holidays.readthedocs.io/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

_SATURDAY = 5
_ONE_AT_A_TIME = Lock()
"""The days of a year are worked out when the first of them is asked for; a second thread must not see half
of them."""


def working_day(calendar: str) -> Callable[[date], bool]:
    """Return what tells whether a day is worked on. ``calendar``: a country (``DE``) or part of one
    (``DE-BE``), empty for none. Raise KeyError where it is not known."""
    if not calendar:
        return _on_weekdays
    days = _days(calendar)

    def worked(day: date) -> bool:
        with _ONE_AT_A_TIME:
            return days.is_working_day(day)

    return worked


def known(calendar: str) -> bool:
    """Tell whether there is such a calendar."""
    try:
        _days(calendar)
    except KeyError:
        return False
    return True


def spellings(calendar: str) -> Mapping[str, str]:
    """Return the calendars that may be meant by ``calendar``, which is none, by all that people may call
    them: the parts of its country where it names one, else all countries and their parts."""
    from holidays.registry import COUNTRIES

    code = calendar.partition("-")[0].upper()
    if code not in _countries():
        names = {name.replace("_", " "): found[1] for name, found in COUNTRIES.items()}
        parts = {
            alias: f"{code}-{part}"
            for code in _countries()
            for alias, part in _days(code).subdivisions_aliases.items()
        }
        return {**parts, **names, **{code: code for code in _countries()}}
    aliases = _days(code).subdivisions_aliases
    return {
        **{f"{code}-{alias}": f"{code}-{part}" for alias, part in aliases.items()},
        **{f"{code}-{part}": f"{code}-{part}" for part in _countries()[code]},
        code: code,
    }


@cache
def _countries() -> Mapping[str, list[str]]:
    from holidays import list_supported_countries

    return list_supported_countries(include_aliases=False)


@cache
def _days(calendar: str) -> HolidayBase:
    from holidays import country_holidays

    country, _, part = calendar.partition("-")
    if country not in _countries() or part not in ("", *_countries()[country]) or calendar.endswith("-"):
        raise KeyError(calendar)
    return country_holidays(country, subdiv=part or None)


def _on_weekdays(day: date) -> bool:
    return day.weekday() < _SATURDAY
