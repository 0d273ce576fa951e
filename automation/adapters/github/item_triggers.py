"""Read GitHub's webhooks about items of projects: which issue to look at, and who caused it. Pure.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#projects_v2_item
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from automation.adapters.github.answers import shown
from automation.adapters.github.field_ids import column_id
from automation.adapters.github.triggers import sender
from automation.adapters.shapes import Malformed, at, instant_or_none, text, text_or_empty
from automation.model import ITEM, NOTHING, Subject, Trigger, Way, board
from automation.model.reading import Reading
from automation.text.markdown import clean

ON_PROJECT = "projects_v2_item"
"""Of an organisation's webhook: something happened to what lies on one of its projects."""
SELECT = "single_select"
SHOWN = "changes.field_value.to"


def on_project(
    body: Mapping[str, object],
    projects: Collection[int],
    owners: Collection[str],
    ways: Collection[Way] = (),
) -> Reading:
    """Read a delivery about an item of a project: it names its issue by its node id only, and no repository.
    ``projects`` are those in the rules that have dates, by number, ``owners`` (in small letters) whose they
    may be, and ``ways`` the statuses by which people may answer."""
    try:
        return _on_project(body, projects, owners, ways)
    except Malformed as error:
        return Reading.malformed(f"{ON_PROJECT}: {error}")


def _on_project(
    body: Mapping[str, object], projects: Collection[int], owners: Collection[str], ways: Collection[Way]
) -> Reading:
    owner, action = text(body, "organization.login"), text(body, "action")
    if owner.lower() not in owners:
        return Reading.refused(f"no repository of {clean(owner, 80)} is among those in the rules")
    if not projects and not ways:
        return Reading.unsupported("there is no project in the rules")
    told = ("edited", "deleted") if projects else ("edited",)
    if action not in told or text(body, "projects_v2_item.content_type") != "Issue":
        return Reading.ignored(f"{ON_PROJECT}/{clean(action, 100)} changes no date of an issue")
    project = _node(body, "projects_v2_item.project_node_id")
    changed, held = project, None
    if action == "deleted":  # and all that it held there with it
        held = NOTHING
    else:
        change = at(body, "changes.field_value")
        if text_or_empty(change, "field_type") == SELECT:
            return _of_status(body, change, ways)
        board = at(change, "project_number")  # not in all versions
        elsewhere = board is not None and not (isinstance(board, int) and board in projects)
        if text_or_empty(change, "field_type") not in ("date", "iteration") or elsewhere:
            return Reading.ignored("no date of a project that is among deadline_fields in the rules")
        changed, held = column_id(project, _node(change, "field_node_id")), shown(body, SHOWN)
    subject = Subject("github", ITEM, _node(body, "projects_v2_item.content_node_id"))
    when = instant_or_none(body, "projects_v2_item.updated_at")
    return Reading.of(Trigger(subject, "issue", sender(body), when, changed=(changed,), held=held))


def _of_status(body: Mapping[str, object], change: object, ways: Collection[Way]) -> Reading:
    """Who moved it, and to what, is in the history of the issue."""
    project, name = at(change, "project_number"), text_or_empty(change, "to.name")
    alike = (way for way in ways if way.name.casefold() == name.casefold())
    if not any(not isinstance(project, int) or way.field == board(project) for way in alike):
        return Reading.ignored("no status by which people may answer, by the rules")
    subject = Subject("github", ITEM, _node(body, "projects_v2_item.content_node_id"))
    return Reading.of(
        Trigger(subject, "label", sender(body), instant_or_none(body, "projects_v2_item.updated_at"))
    )


_NODE = re.compile(r"[A-Za-z0-9_=+/-]{1,100}")


def _node(body: object, path: str) -> str:
    """Return a node id. They are opaque, and of these characters.
    https://docs.github.com/en/graphql/guides/using-global-node-ids"""
    id = text(body, path)
    if not _NODE.fullmatch(id):
        raise Malformed(path)
    return id
