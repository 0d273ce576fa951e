"""GitHub's JSON made into nouns. Pure; raises Malformed where a needed value is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from automation.adapters.github.place import Place
from automation.adapters.shapes import (
    Malformed,
    at,
    due_day,
    instant,
    instant_or_none,
    many,
    number,
    text,
    text_or_empty,
)
from automation.domain.fields import MILESTONE
from automation.model import NOTHING, DeadlineField, Evidence, Issue, Person, Subject, Value
from automation.ports import Unseen, Unwritten

_IN_API = re.compile(r"/repos/([^/]+/[^/]+)$")


def person(body: object, path: str) -> Person:
    return Person("github", str(number(body, f"{path}.id")), text(body, f"{path}.login"))


def person_or_none(body: object, path: str) -> Person | None:
    """Return nobody for an account that is gone."""
    try:
        return person(body, path)
    except Malformed:
        return None


def value(milestone: object) -> Value:
    """Read a milestone, or null.

    A due date is an instant that stands for a day. GitHub floors it to midnight Pacific (07:00 or
    08:00 UTC), and newer answers say 00:00 UTC; the day in UTC is the promised day in all of these.
    https://docs.github.com/en/rest/issues/milestones#create-a-milestone
    """
    if milestone is None:
        return NOTHING
    day = due_day(milestone, "due_on")
    name, carrier = text_or_empty(milestone, "title"), text_or_empty(milestone, "node_id")
    return Value(str(number(milestone, "number")), day, name, carrier)


def milestone(body: object) -> Value:
    """Read an issue's milestone. An answer that does not speak of it is not one that says none."""
    if not isinstance(body, dict) or MILESTONE.id not in body:
        raise Malformed(MILESTONE.id)
    return value(body[MILESTONE.id])


def dated(day: date) -> Value:
    """Return the value of a field that holds a plain day."""
    return Value(day.isoformat(), day, day.isoformat())


def day_or_none(written: str) -> Value | None:
    """Read ``2027-03-01``, also with a time of day; None for what is no day."""
    try:
        return dated(date.fromisoformat(written.partition("T")[0]))
    except ValueError:
        return None


def shown(payload: object, path: str) -> Value | None:
    """Read one side of a change in a webhook: a day with a time, an iteration, or nothing; None for anything
    else, also where nothing is said."""
    above, _, key = path.rpartition(".")
    change = at(payload, above)
    if not isinstance(change, Mapping) or key not in change:
        return None
    if isinstance(change[key], Mapping):
        return iteration(change[key], "id", "start_date")
    return NOTHING if change[key] is None else day_or_none(text_or_empty(payload, path))


def iteration(body: object, id: str, start: str) -> Value | None:
    """Read an iteration, whose id and first day stand in ``body`` under those names: it promises its last
    day. None where that cannot be told."""
    try:
        days, first = number(body, "duration"), date.fromisoformat(text(body, start).partition("T")[0])
        last = first + timedelta(days - 1)
        name = text_or_empty(body, "title") or text_or_empty(body, "title.raw")
        return Value(f"{last.isoformat()} {text(body, id)}", last, name)
    except (Malformed, ValueError, OverflowError):
        return None


class Field(Protocol):
    """A deadline field, as far as reading an issue needs it."""

    @property
    def declared(self) -> DeadlineField: ...
    def read(self, issue: object) -> Value: ...


OUTCOMES = {"completed": "done", "not_planned": "dropped", "duplicate": "dropped"}
"""What an issue's ``state_reason`` says of how it ended.
https://docs.github.com/en/rest/issues/issues#get-an-issue"""


def identified(subject: Subject, body: object, followed: bool) -> Subject:
    """Return the subject that ``body`` is of, with the key it has now. ``followed``: it was found by way of
    ``subject``'s address, which leads elsewhere: transferred, it has another id there. Raise Unseen where the
    address is another issue's by now."""
    repository = _IN_API.search(text_or_empty(body, "repository_url"))
    key = f"{repository[1]}#{number(body, 'number')}" if repository else subject.key
    if subject.id == subject.key and not followed:  # known by its address only
        return replace(subject, key=key)
    id = str(number(body, "id"))
    if id == subject.id:
        return replace(subject, key=key)
    if not followed:
        raise Unseen(f"{subject.key} is the address of another issue by now")
    return Subject(subject.system, subject.kind, id, key)


def issue(subject: Subject, body: object, public: bool, fields: Iterable[Field]) -> Issue:
    """Read an issue with its deadline ``fields``."""
    is_open, fields = text(body, "state") == "open", tuple(fields)
    return Issue(
        subject=subject,
        url=text(body, "html_url"),
        title=text_or_empty(body, "title"),
        body=text_or_empty(body, "body"),
        open=is_open,
        public=public,
        labels=tuple(name for label in many(body, "labels") if (name := _label(label))),
        deadlines={field.declared.id: field.read(body) for field in fields},
        fields=tuple(field.declared for field in fields),
        updated_at=instant_or_none(body, "updated_at"),
        people=tuple(filter(None, _people(body))),
        outcome="" if is_open else OUTCOMES.get(text_or_empty(body, "state_reason"), ""),
        release="" if is_open else milestone(body).name,
        born=born(body),
    )


def born(body: object) -> str:
    """Say who wrote an issue and when: a transfer leaves that as it is."""
    by, when = at(body, "user.id"), text_or_empty(body, "created_at")
    return f"{by} {when}" if isinstance(by, int) and when else ""


def alike(value: Value, among: Iterable[Value]) -> Value:
    """Return the milestone that promises the same as one of another repository: of its name and day, else of
    its day; else one that is not there, as no milestone has the number 0."""
    same = [one for one in among if one.day == value.day]
    named = (one for one in same if one.name == value.name)
    dated = (one for one in same if one.day is not None)
    return next(named, None) or next(dated, None) or replace(value, ref="0")


def _people(body: object) -> Iterator[str]:
    yield text_or_empty(body, "user.login")
    assigned = at(body, "assignees")
    yield from (text_or_empty(one, "login") for one in (assigned if isinstance(assigned, list) else ()))


def _label(label: object) -> str:
    return label if isinstance(label, str) else text_or_empty(label, "name")


@dataclass(frozen=True, slots=True)
class Retitled:
    """One change of an issue's milestone, by the titles that its history gives; empty for none. ``id`` is
    that of the step which says where it went, ``also`` that of the one which says where it was."""

    id: str
    at: datetime
    by: Person | None
    old: str
    new: str
    also: str = ""


ONE_MOVE = timedelta(seconds=5)
"""How far apart the two events of one move may lie: they fall into neighbouring seconds, or the next."""


def moves(events: Iterable[object], holds: str = "") -> Iterator[Retitled]:
    """Read the changes of an issue's milestone, newest first. ``events`` come newest first, too; ``holds``
    is the title of the milestone that the issue was seen to have.

    Moving an issue from A to B is two events of one person, out of A and into B, close in time, in an
    order that nobody promises. Into B and then out of A is a move, not a clearing. Who clears a milestone
    and gives another one within seconds has moved it, too: what they meant is where it went. Out of A alone,
    while the issue has another milestone, is half of what has not all come yet.
    https://docs.github.com/en/rest/using-the-rest-api/issue-event-types#milestoned
    """
    steps = map(_step, (e for e in events if at(e, "event") in ("milestoned", "demilestoned")))
    last, newest = next(steps, None), True
    while last is not None:
        before = next(steps, None)
        half = newest and _half(last, before, holds)
        newest = False
        if before is not None and _one_move(last, before):
            into, out = (last, before) if last.into else (before, last)
            yield Retitled(into.id, last.at, last.by, out.title, into.title, out.id)
            last = next(steps, None)
            continue
        if half:
            last = before
            continue
        # Where it was before this is said by the step before, if there is one.
        stood = before.title if before is not None and before.into else ""
        yield Retitled(last.id, last.at, last.by, *((stood, last.title) if last.into else (last.title, "")))
        last = before


def _one_move(last: _Step, before: _Step) -> bool:
    same = last.by == before.by is not None and abs(last.at - before.at) <= ONE_MOVE
    return same and last.into != before.into and last.title != before.title


def _half(last: _Step, before: _Step | None, holds: str) -> bool:
    """Tell whether the newest step is out of one milestone, and that into what the issue holds by now has
    not come yet."""
    told = before is not None and before.into and before.title == holds
    return not last.into and holds not in ("", last.title) and not told


def renamed(events: Iterable[object]) -> Evidence | None:
    """Find who gave an issue its present title, or None where it still has its first one.
    https://docs.github.com/en/rest/using-the-rest-api/issue-event-types#renamed"""
    last = next((event for event in events if at(event, "event") == "renamed"), None)
    return Evidence(person(last, "actor"), instant(last, "created_at")) if last is not None else None


def authorship(answer: object, edited: bool) -> Evidence:
    """Read who wrote an issue, or with ``edited`` who changed its body last.
    Raise Malformed where nobody is named."""
    issue = at(answer, "repository.issue")
    who, when = (
        ("editor", "lastEditedAt") if edited and at(issue, "lastEditedAt") else ("author", "createdAt")
    )
    by = Person("github", str(number(issue, f"{who}.databaseId")), text(issue, f"{who}.login"))
    return Evidence(by, instant(issue, when))


@dataclass(frozen=True, slots=True)
class _Step:
    """Into or out of the milestone called ``title``."""

    id: str
    into: bool
    title: str
    at: datetime
    by: Person | None


def _step(event: object) -> _Step | None:
    """Read one step; None ends the history, as what cannot be read lends nobody its place."""
    try:
        into, title = at(event, "event") == "milestoned", text(event, "milestone.title")
        when = instant(event, "created_at")
    except Malformed:
        return None
    by = person_or_none(event, "actor")
    # The id by which GraphQL knows it, too: a history may be read here today and there tomorrow.
    return _Step(text_or_empty(event, "node_id") or str(at(event, "id")), into, title, when, by)


def dropped(place: Place, what: str, hint: str = "") -> Unwritten:
    """Return what to raise for a write that was answered with success and not carried out; ``hint``: which
    right is missing, where it is not that of writing to the repository."""
    return Unwritten(
        f"GitHub kept {what} of {place.key} as it was. "
        "Give the token's account the right to write to the repository.",
        hint or no_right(place, what),
    )


def no_right(place: Place, what: str) -> str:
    """https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens"""
    return (
        f"Handshake's account may not change {what} here. Give it write access to {place.repository}; "
        "a fine-grained token or an App also needs the permission “Issues: read and write”."
    )


def written_at(body: object) -> datetime:
    return instant(body, "created_at")
