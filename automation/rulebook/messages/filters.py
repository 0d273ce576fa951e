"""Handshake's own filters for messages: dates, counts, links and code as people read them.

What a filter makes itself is Safe; what it was given is encoded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Protocol

from liquid.exceptions import FilterArgumentError
from liquid.filter import with_context

from automation.text import dates, markdown
from automation.text.safe import Safe

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MANY = {"is": "are", "was": "were", "has": "have"}
_ADDRESS = re.compile(r"https?://[^\s<>\\\"'`\x00-\x20\x7f]{1,2000}", re.IGNORECASE)


class _Context(Protocol):
    today: date

    def with_year(self, day: date) -> bool: ...

    def printed(self, value: object) -> str: ...


@with_context
def day(value: object, *, context: _Context) -> Safe:
    """``{{ change.new.day | day }}``: 1 March, with the year where the day is past, more than nine months
    ahead, named beside one of another year, or where the message is ``dated``. ``{{ standing | day }}``: each
    day of them, with which it is: 1 March (due date) and 1 May (go-live date)."""
    if isinstance(value, (list, tuple)):
        return _each(value, day, context)
    found = _day(value)
    return Safe(dates.spoken(found, context.today, context.with_year(found)) if found else "")


def dated(value: object) -> Safe:
    """``{{ change.new.day | dated }}``: 1 March 2027, always with its year."""
    found = _day(value)
    return Safe(dates.dated(found) if found else "")


@with_context
def passed(value: object, *, context: _Context) -> bool:
    """``{{ change.new.day | passed }}``: whether that day has passed; false where there is none."""
    found = _day(value)
    return found is not None and found < context.today


@with_context
def weekday(value: object, *, context: _Context) -> Safe:
    """``{{ proposal.answer_by | weekday }}``: Thursday, 14 January."""
    found = _day(value)
    return Safe(dates.weekday(found, context.today, context.with_year(found)) if found else "")


@with_context
def roughly(value: object, *, context: _Context) -> Safe:
    """``{{ change.new.day | roughly }}``: early March, mid-April, late June; of several as ``day`` does."""
    if isinstance(value, (list, tuple)):
        return _each(value, roughly, context)
    found = _day(value)
    return Safe(dates.roughly(found, context.today, context.with_year(found)) if found else "")


@with_context
def spoken(value: object, *, context: _Context) -> Safe:
    """``{{ change.new | spoken }}``: its day; without one its name; without either "no date"."""
    if not isinstance(value, Mapping):
        raise FilterArgumentError("'spoken' is for a value with a day, like change.new", token=None)
    found = _day(value.get("day"))
    if found:
        return Safe(dates.spoken(found, context.today, context.with_year(found)))
    return Safe(context.printed(value.get("name")) or "no date")


@with_context
def of(text: object, which: object, *, context: _Context) -> Safe:
    """``{{ change.new.day | day | of: change.which }}``: 1 March (go-live date); without a name only the
    text, and nothing without the text."""
    said, named = context.printed(text), context.printed(which)
    return Safe(f"{said} ({named})" if said and named else said)


def days_after(value: object, other: object) -> int:
    """``{{ change.new.day | days_after: deal.closes }}``: 26; 0 where a day is missing."""
    later, earlier = _day(value), _day(other)
    return (later - earlier).days if later and earlier else 0


def plural(count: object, one: object, many: object) -> str:
    """``{{ issue.deals.size | plural: "deal", "deals" }}``: one deal, two deals, 11 deals."""
    if not isinstance(count, int):
        raise FilterArgumentError("'plural' is for a whole number", token=None)
    number = _NUMBERS[count] if 0 <= count < len(_NUMBERS) else str(count)
    return f"{number} {one if count == 1 else many}"


def sentence(text: object) -> str:
    """``{{ text | sentence }}``: the first letter as a capital, also behind a quotation mark; a word with a
    capital further on (iPhone) stays as it is."""
    said = str(text)
    first = said[1:] if said[:1] in "“‘" else said
    word = first.split(maxsplit=1)[0] if first.strip() else ""
    if word == word.lower():
        said = said[: len(said) - len(first)] + first[:1].upper() + first[1:]
    return Safe(said) if isinstance(text, Safe) else said


def quoted(text: object) -> str:
    """``{{ scope.title.new | quoted }}``: “Single sign-on”, as somebody's words and not ours. Quotation marks
    within are left out, so that it ends where it ends; nothing for nothing."""
    return markdown.quoted(str(text))


def nested(text: object) -> str:
    """``{{ issue.name | nested }}``: ‘Single sign-on’, for a place that stands in quotation marks itself."""
    said = str(text)
    inner = said.replace("“", "‘").replace("”", "’")
    return Safe(inner) if isinstance(text, Safe) else inner


def verb(word: object, names: object) -> Safe:
    """``{{ "stays" | verb: issue.features }}``: stays, and stay where the names of several are said."""
    said = str(word)
    several = isinstance(names, (list, tuple)) and len(names) > 1
    return Safe(_MANY.get(said, said.removesuffix("s")) if several else said)


def code(text: object) -> Safe:
    """``{{ proposal.command | code }}``: as code, to be copied."""
    return Safe(markdown.code(str(text)))


@with_context
def link(text: object, url: object, *, context: _Context) -> Safe:
    """``{{ deal.name | link: deal.url }}``: a link; without a usable http(s) address only the text."""
    said = context.printed(text)
    return Safe(f"[{said}](<{url}>)" if _ADDRESS.fullmatch(str(url)) else said)


def _each(several: Iterable[object], filter: Callable[..., Safe], context: _Context) -> Safe:
    """Say the day of each commitment, and which it is."""
    said = []
    for one in several:
        if not isinstance(one, Mapping):
            raise FilterArgumentError("these are no dates in force, like standing", token=None)
        said.append(of(filter(one.get("day"), context=context), one.get("which") or "", context=context))
    return Safe(" and ".join((*([", ".join(said[:-1])] if said[:-1] else []), *said[-1:])))


def _day(value: object) -> date | None:
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise FilterArgumentError("this is no day like 2027-03-01", token=None) from None


PHRASES: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        day,
        dated,
        passed,
        weekday,
        roughly,
        spoken,
        of,
        days_after,
        plural,
        sentence,
        quoted,
        nested,
        verb,
        code,
        link,
    )
}
"""The filters by the names that templates use."""
