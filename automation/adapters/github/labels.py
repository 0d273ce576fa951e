"""When labels were put on an issue and taken off it, and who did, read from GitHub's history. Pure.

The history names a label as it is called now. One that was changed since it was put on, and so may have had
another name then, was not put on by that name.
https://docs.github.com/en/graphql/reference/objects#labeledevent
https://docs.github.com/en/graphql/reference/objects#label
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from automation.adapters.github.actors import PERSON, actor
from automation.adapters.shapes import at, instant, instant_or_none, many, text, text_or_empty
from automation.model import Mark

_STEPS = "itemTypes: [LABELED_EVENT, UNLABELED_EVENT]"
_LABELLINGS = """
fragment labellings on IssueTimelineItemsConnection {
  nodes {
    __typename
    ... on LabeledEvent { id createdAt label { name createdAt updatedAt } actor { ...person } }
    ... on UnlabeledEvent { id createdAt label { name } actor { ...person } }
  }
  pageInfo { hasPreviousPage startCursor }
}"""
LABELLED = f"""
fragment labelled on Issue {{
  labelled: timelineItems(last: 50, {_STEPS}) {{ ...labellings }}
}}{_LABELLINGS}"""
"""The newest part of that history; ``person`` is a fragment of whoever asks."""
EARLIER = f"""
query($owner: String!, $name: String!, $number: Int!, $before: String) {{
  repository(owner: $owner, name: $name, followRenames: false) {{ issue(number: $number) {{
    labels(first: 100) {{ nodes {{ name }} }}
    labelled: timelineItems(last: 100, before: $before, {_STEPS}) {{ ...labellings }}
  }} }}
}}{_LABELLINGS}{PERSON}"""
"""The question for a part of it that is older than what is known (``$before``), or for the newest."""


def marks(timeline: object, labels: Collection[str]) -> Iterator[Mark]:
    """Read a part of the history of ``labels`` (in small letters), newest first. Raise Malformed."""
    for node in reversed(many(timeline, "nodes")):
        name, on = text_or_empty(node, "label.name"), text_or_empty(node, "__typename") == "LabeledEvent"
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
