"""Dates as people type them, read only where they can mean one day.

``2027-03-01``, ``2027/3/1``, ``1 May``, ``1st of May 2027``, ``May 1, 2027``, ``1-May-2027``: month names are
English. Days by number alone (``03/04/2027``) are read where one of the numbers can be no month.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from automation.text.dates import dated

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NUMBERS = {name: number for number, name in enumerate(_MONTHS, 1)}
_NUMBERS |= {name[:3]: number for name, number in _NUMBERS.items()} | {"sept": 9}
_MONTH = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_YEAR = r"(?:\s*[\s,./-]\s*(?P<year>[0-9]{4}|'?[0-9]{2}))?"
_END = r"[.,;!]*(?=\s|$)"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FORMS = tuple(
    re.compile(form + _END, re.IGNORECASE)
    for form in (
        r"(?P<year>[0-9]{4})(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})",
        rf"(?:the\s+)?{_DAY}(?:\s+of)?\s*[\s./-]?\s*(?P<name>{_MONTH})\b\.?{_YEAR}",
        rf"(?P<name>{_MONTH})\b\.?\s*[\s-]?\s*(?:the\s+)?{_DAY}{_YEAR}",
    )
)
_NUMBERED = re.compile(rf"([0-9]{{1,2}})([-/.])([0-9]{{1,2}})(?:\2([0-9]{{4}}|[0-9]{{2}}))?{_END}")
_FORM = re.compile(r"YYYY-MM-DD(?=\s|$)", re.IGNORECASE)
"""What our own replies leave to be filled in."""
_YEARS = 9
"""29 February is there again within so many years, also over a turn of the century."""

YEAR_IN_FULL = "Please write the year in full."


@dataclass(frozen=True, slots=True)
class Typed:
    """A date that stands at the beginning of a text, up to ``end``. Without a ``year`` it is the next such
    day. ``iso``: it was written as ``2027-03-01``. A ``problem`` says why it is no date that can be acted
    on; ``readings`` are the days it could mean."""

    end: int
    day: date | None = None
    year: bool = True
    iso: bool = False
    problem: str = ""
    readings: tuple[date, ...] = ()


def read(text: str, today: date) -> Typed | None:
    """Read the date that ``text`` begins with, or return None where there is none."""
    for form in _FORMS:
        found = form.match(text)
        if found:
            return _named(found, today)
    numbered = _NUMBERED.match(text)
    if numbered:
        return _numbered(numbered)
    unfilled = _FORM.match(text)
    if unfilled is None:
        return None
    return Typed(unfilled.end(), problem=f"Please put a date in the place of {unfilled[0]}.")


def mentions(text: str) -> bool:
    """Tell whether anything in ``text`` looks like a date."""
    words = re.finditer(r"(?<!\S)\S", text)
    return any(read(text[word.start() : word.start() + 40], date(2000, 1, 1)) for word in words)


def coming(month: int, day: int, today: date) -> date | None:
    """Return the next such day, today included; None where no calendar has one."""
    years = range(today.year, min(today.year + _YEARS, date.max.year + 1))
    days = (_day(year, month, day) for year in years)
    return next((found for found in days if found and found >= today), None)


def _named(found: re.Match[str], today: date) -> Typed:
    parts = found.groupdict()
    month = int(parts["month"]) if parts.get("month") else _NUMBERS[parts["name"].lower()]
    number, year = int(parts["day"]), parts.get("year")
    typed = found[0].rstrip(".,;!")
    if year is None:
        day = coming(month, number, today)
    elif len(year) == len("2027"):
        day = _day(int(year), month, number)
    else:
        return Typed(found.end(), problem=f"I could not read “{typed}”. {YEAR_IN_FULL}")
    if day is None:
        return Typed(found.end(), problem=f"{typed} is not a day of the calendar.")
    return Typed(found.end(), day, year is not None, _ISO.fullmatch(typed) is not None)


def _numbered(found: re.Match[str]) -> Typed:
    first, second, year = int(found[1]), int(found[3]), found[4]
    typed = found[0].rstrip(".,;!")
    if year is None or len(year) < len("2027"):
        return Typed(found.end(), problem=f"I could not read “{typed}”. {YEAR_IN_FULL}")
    pairs = {(second, first), (first, second)}
    days = sorted(day for month, number in pairs if (day := _day(int(year), month, number)))
    if not days:
        return Typed(found.end(), problem=f"{typed} is not a day of the calendar.")
    if len(days) == 1:
        return Typed(found.end(), days[0])
    problem = f"“{typed}” can be {dated(days[0])} or {dated(days[1])}."
    return Typed(found.end(), problem=problem, readings=tuple(days))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
