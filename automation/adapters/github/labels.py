"""When labels were put on an issue and taken off it, and it was given which status on projects, and who did,
read from GitHub's history. Pure.

The history names a label as it is called now. One that was changed since it was put on, and so may have had
another name then, was not put on by that name.
https://docs.github.com/en/graphql/reference/objects#labeledevent
https://docs.github.com/en/graphql/reference/objects#label
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import cache

from automation.adapters.github import columns
from automation.adapters.github.actors import PERSON, actor
from automation.adapters.shapes import at, instant, instant_or_none, many, text, text_or_empty
from automation.model import Mark

_LABELLINGS = """
    ... on LabeledEvent { id createdAt label { name createdAt updatedAt } actor { ...person } }
    ... on UnlabeledEvent { id createdAt label { name } actor { ...person } }"""


@cache
def labelled(statuses: bool) -> str:
    """Return the question for the newest part of that history, a fragment on an issue; ``statuses``: with
    those on projects, which not every schema knows. ``person`` is a fragment of whoever asks."""
    return f"""
fragment labelled on Issue {{
  labelled: timelineItems(last: 50, {_steps(statuses)}) {{ ...labellings }}
}}{_labellings(statuses)}"""


@cache
def earlier_question(statuses: bool) -> str:
    """Return the question for a part of it that is older than what is known (``$before``), or for the
    newest."""
    return f"""
query($owner: String!, $name: String!, $number: Int!, $before: String) {{
  repository(owner: $owner, name: $name, followRenames: false) {{ issue(number: $number) {{
    labels(first: 100) {{ nodes {{ name }} }}
    {columns.ON if statuses else ""}
    labelled: timelineItems(last: 100, before: $before, {_steps(statuses)}) {{ ...labellings }}
  }} }}
}}{_labellings(statuses)}{PERSON}"""


def _steps(statuses: bool) -> str:
    more = f", {columns.STEP}" if statuses else ""
    return f"itemTypes: [LABELED_EVENT, UNLABELED_EVENT{more}]"


def _labellings(statuses: bool) -> str:
    return f"""
fragment labellings on IssueTimelineItemsConnection {{
  nodes {{
    __typename{_LABELLINGS}{columns.NODE if statuses else ""}
  }}
  pageInfo {{ hasPreviousPage startCursor }}
}}"""


def marks(
    timeline: object, labels: Collection[str], owner: str = "", boards: Collection[str] = ()
) -> Iterator[Mark]:
    """Read a part of the history of ``labels`` (in small letters), and of the status on the projects of
    ``owner`` that are called ``boards`` in the rules, newest first. Raise Malformed."""
    for node in reversed(many(timeline, "nodes")):
        kind = text_or_empty(node, "__typename")
        if kind == columns.KIND:
            yield from columns.marks(node, owner, boards)
            continue
        name, on = text_or_empty(node, "label.name"), kind == "LabeledEvent"
        if name.casefold() in labels and not (on and _changed_since(node)):
            yield Mark(text(node, "id"), name, instant(node, "createdAt"), actor(node, "actor"), on)


def reaches(timeline: object, since: datetime) -> bool:
    """Tell whether a part of the history goes back to ``since``, or to the beginning."""
    nodes = many(timeline, "nodes")
    return not earlier(timeline) or (bool(nodes) and instant(nodes[0], "createdAt") < since)


def earlier(timeline: object) -> str:
    """Return where an older part of the history begins, empty where there is none."""
    more = at(timeline, "pageInfo.hasPreviousPage") is True
    return text_or_empty(timeline, "pageInfo.startCursor") if more else ""


def _changed_since(node: object) -> bool:
    """Tell whether a label was changed after it was put on; what is not said is so."""
    latest = instant_or_none(node, "label.updatedAt") or instant_or_none(node, "label.createdAt")
    return latest is None or latest > instant(node, "createdAt")
