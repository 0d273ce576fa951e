"""The status of an issue on an organisation's projects, and who gave it that, by GitHub's history. Pure.

A move by a workflow of the project (``wasAutomated``) is nobody's word. A project that may not be read is not
told, and one of another owner with the same number is another one.
https://docs.github.com/en/graphql/reference/objects#projectv2itemstatuschangedevent
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from automation.adapters.field_names import there_are
from automation.adapters.github.actors import actor
from automation.adapters.shapes import Malformed, at, instant, number, text, text_or_empty
from automation.model import COLUMN, Choice, Mark, Way, board

STATUS = "Status"
"""The field of a project whose changes are in an issue's history."""
STEP = "PROJECT_V2_ITEM_STATUS_CHANGED_EVENT"
KIND = "ProjectV2ItemStatusChangedEvent"
_WHICH = "project { number owner { ... on Organization { login } } }"
NODE = f"""
    ... on {KIND} {{
      id createdAt status previousStatus wasAutomated {_WHICH} actor {{ ...person }}
    }}"""
ON = f"""projectItems(first: 50, includeArchived: true) {{ nodes {{ {_WHICH}
  columnNow: fieldValueByName(name: "{STATUS}") {{ ... on ProjectV2ItemFieldSingleSelectValue {{ name }} }}
}} }}"""
"""What an issue is asked for its status on its projects."""
KNOWN = f"""query {{ __type(name: "{KIND}") {{ name }} }}"""
"""Whether a server knows of that history. https://docs.github.com/en/graphql/guides/introduction-to-graphql#discovering-the-graphql-api"""


def marks(node: object, owner: str, columns: Collection[str]) -> Iterator[Mark]:
    """Read a step of an issue's history, on projects of its ``owner``: what it was given, and what it had
    before. ``columns`` are the projects in question (``project 7``). Raise Malformed."""
    project = _project(node, owner)
    if project not in columns:
        return
    when, id = instant(node, "createdAt"), text(node, "id")
    by = None if at(node, "wasAutomated") is not False else actor(node, "actor")
    for path, on in (("status", True), ("previousStatus", False)):
        if name := text_or_empty(node, path):
            yield Mark(id, name, when, by, on, COLUMN, project)


def now(issue: object, owner: str, ways: Collection[Way]) -> tuple[Choice, ...]:
    """Return which status an issue has on the projects that ``ways`` name, empty where it is on none, or is
    not told of."""
    items = at(issue, "projectItems.nodes")
    held: dict[str, str] = {}
    for item in items if isinstance(items, list) else ():
        held[_project(item, owner)] = text_or_empty(item, "columnNow.name")
    names = dict.fromkeys(way.field for way in ways)
    return tuple(Choice(name, held.get(name, ""), f"{STATUS} of {name}", COLUMN) for name in names)


def wrong(ways: Collection[Way], boards: Mapping[str, Mapping[str, list[object]]]) -> Mapping[str, str]:
    """Return what is wrong with the statuses in the rules, by their titles. ``boards`` are the fields of the
    projects that are there, by owner and by what they are called here, where they can be seen."""
    found: dict[str, str] = {}
    for way in ways:
        there = [rows for by_name in boards.values() if (rows := by_name.get(way.field))]
        names = [name for rows in there for name in _options(rows)]
        if not there:
            owners = " or ".join(boards) or "GitHub"
            found[way.title] = f"There is no {way.field} of {owners} that Handshake's account can see."
        elif way.name.casefold() not in {name.casefold() for name in names}:
            hint = there_are(names) or f"It has no field “{STATUS}”."
            found[way.title] = f"“{way.name}” is no status of {way.field}. {hint}"
    return found


def _options(rows: list[object]) -> list[str]:
    row = next((one for one in rows if text_or_empty(one, "name") == STATUS), None)
    options = at(row, "options")
    return [text_or_empty(one, "name.raw") for one in options] if isinstance(options, list) else []


def _project(body: object, owner: str) -> str:
    """Return what the project of an item, or of a step, is called here; nothing for one of another owner."""
    try:
        theirs = text(body, "project.owner.login").casefold() == owner.casefold()
        return board(number(body, "project.number")) if theirs else ""
    except Malformed:
        return ""
