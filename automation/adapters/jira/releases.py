"""Fix versions: what an issue is planned for. It can have several, and promises the date of the earliest that
has one; the rest are other people's business.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from automation.adapters.jira.answers import evidence
from automation.adapters.jira.values import day
from automation.adapters.shapes import Malformed, at, instant, many, text, text_or_empty
from automation.domain.fields import FIX_VERSIONS, earliest
from automation.model import Move, Value

NAMES = frozenset({"fixversions", "fix version", "fix version/s"})
"""What a history and a webhook call the field, in small letters: Data Center gives no id."""

Ids = frozenset[str]


@dataclass(frozen=True, slots=True)
class Release:
    """A version: ``ahead`` where issues can still be planned for it."""

    id: str
    name: str
    day: date | None
    ahead: bool = True

    @property
    def value(self) -> Value:
        """Return what it promises to an issue that has no other."""
        return Value(self.id, self.day, self.name, self.id)


Known = Mapping[str, Release]


def release(body: object) -> Release:
    """Read a version. Raise Malformed for what is none."""
    id = text(body, "id")
    if not (id.isascii() and id.isdigit()):
        raise Malformed("id")
    done = at(body, "released") is True or at(body, "archived") is True
    return Release(id, text_or_empty(body, "name") or id, day(body, "releaseDate"), not done)


def known(bodies: Iterable[object]) -> Known:
    return {one.id: one for one in map(release, bodies)}


def held(issue: object) -> Known | None:
    """Read the versions that an issue has, None where it does not speak of them."""
    fields = at(issue, "fields")
    if not isinstance(fields, dict) or FIX_VERSIONS.id not in fields:
        return None
    return known(many(issue, f"fields.{FIX_VERSIONS.id}")) if fields[FIX_VERSIONS.id] is not None else {}


def offers(present: Known, there: Known) -> Sequence[Value]:
    """Return what an issue that has the versions ``present`` could promise by one more of its project: that
    takes the place of all that are earlier."""
    found = []
    for one in there.values():
        if one.day is None or not (one.ahead or one.id in present):
            continue
        later = [other for other in present.values() if other.day is None or other.day > one.day]
        found.append(earliest([one.value, *(other.value for other in later if other.id != one.id)]))
    return sorted(found, key=lambda value: value.day or date.max)


def alike(values: Iterable[Value], there: Known) -> Mapping[Value, Value]:
    """Return what promises the same in a project as values of another one: a version of that name and day,
    else of that day."""
    found = {}
    for value in values:
        if value.day is None or value.carrier in there:
            continue
        same = [one.value for one in there.values() if one.day == value.day]
        named = [one for one in same if one.name == value.name]
        if same:
            found[value] = (named or same)[0]
    return found


def steps(present: Known, value: Value, there: Callable[[], Known]) -> list[dict[str, object]]:
    """Return the steps that let an issue promise ``value``: what would be earlier is taken off in any case.
    Versions without a date are left to whoever gave them; one that is gone is tried only where it carries
    the date, so that Jira says so."""
    wanted = value.carriers()
    missing = [id for id in wanted if id not in present]
    others = [id for id in missing if id != value.carrier]
    fitting = there() if others else {}
    add = [id for id in missing if (id == value.carrier and value.day) or id in fitting]
    dated = {one.id: one.day for one in present.values() if one.day is not None}
    remove = [
        id
        for id, its in dated.items()
        if id not in wanted or (value.day is not None and its < value.day and id != value.carrier)
    ]
    how: list[tuple[str, str]] = [*(("add", id) for id in add), *(("remove", id) for id in remove)]
    return [{step: {"id": id}} for step, id in how]


def moves(
    entries: Iterable[object],
    version: str,
    present: Collection[str],
    named: Callable[[Collection[str]], Known],
) -> Iterator[Move]:
    """Read the changes of an issue's versions, newest first; an entry names those that came and went, so
    that what it had before is worked out from what it has now, the ``present`` ones. None stands for what
    had one that is not there any more."""
    after: Ids = frozenset(present)
    for entry in entries:
        came, went = _sides(entry)
        if not came and not went:
            continue
        try:
            when, id = instant(entry, "created"), text(entry, "id")
        except Malformed:
            return
        by = evidence(entry, version)
        after = (after - went) | came
        before = (after - came) | went
        yield Move(id, when, by.actor if by else None, _value(before, named), _value(after, named))
        after = before


def _sides(entry: object) -> tuple[Ids, Ids]:
    came, went = set(), set()
    for item in many(entry, "items"):
        id, name = text_or_empty(item, "fieldId").lower(), text_or_empty(item, "field").lower()
        if (id or name) in NAMES:
            came |= {text_or_empty(item, "to")}
            went |= {text_or_empty(item, "from")}
    return frozenset(came - {""}), frozenset(went - {""})


def _value(ids: Ids, named: Callable[[Collection[str]], Known]) -> Value | None:
    found = named(ids) if ids else {}
    return earliest(found[id].value for id in ids) if ids <= found.keys() else None
