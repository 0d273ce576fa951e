"""One issue's state written down as rows of the tables; ``known`` reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from automation.model import IssueState
from automation.ports import LeaseLost
from automation.store import carrier_rows, codec, naming
from automation.store.database import put_rows
from automation.store.schema import issues, labels, links, proposals

_SAVE = {kind.dialect.name: kind.insert(issues).on_conflict_do_nothing() for kind in (sqlite, postgresql)}
_SAVE_AGAIN = update(issues).where(
    issues.c.subject == bindparam("key"), issues.c.version == bindparam("before")
)


def save(connection: Connection, before: IssueState, after: IssueState) -> None:
    """Save what differs. Raise LeaseLost where somebody else changed the issue since."""
    if after == before and _names(after) == _names(before):
        return
    key = str(after.subject)
    _save_issue(connection, key, before, after)
    _save_parts(connection, key, before, after)
    carrier_rows.save_standing(connection, before, after)
    naming.save(connection, key, before, after)


def _names(state: IssueState) -> list[str]:
    """Return what the values are called. Names do not make values differ, but people read them."""
    return [known.standing.name for known in state.fields.values()]


def _save_issue(connection: Connection, key: str, before: IssueState, after: IssueState) -> None:
    values: dict[str, Any] = {
        "version": before.version + 1,
        "fields_json": codec.dump(codec.fields, after.fields),
        "handled_json": codec.dump(codec.names, after.handled),
        "words_json": codec.dump(codec.words, after.words),
        "mentioned_json": codec.dump(codec.subjects, after.mentioned),
        "standing": after.standing,
        "heard_json": codec.dump(codec.names, after.heard),
        "heard_before_json": codec.dump(codec.names, after.heard_before),
        "lives": after.lives,
        "away": after.away,
        "taken_off_json": codec.dump(codec.taken_off, after.taken_off),
    }
    if before.version == 0:
        saved = connection.execute(_SAVE[connection.dialect.name], {"subject": key, **values})
    else:
        about = {"key": key, "before": before.version}
        saved = connection.execute(_SAVE_AGAIN, {**about, **values})
    if saved.rowcount != 1:
        raise LeaseLost(f"{key} was changed by somebody else")


def _save_parts(connection: Connection, key: str, before: IssueState, after: IssueState) -> None:
    linked = [
        {
            "subject": key,
            "deal": str(link.deal),
            "ended": link.ended_at is not None,
            "link_json": codec.dump(codec.link, link),
        }
        for link in set(after.links) - set(before.links)
    ]
    put_rows(connection, links, linked)
    labelled = [
        {"subject": key, "label": label, "present": present}
        for label, present in after.labels.items()
        if before.labels.get(label) != present
    ]
    put_rows(connection, labels, labelled)
    known = {proposal.id: proposal for proposal in before.proposals}
    proposed = [
        {
            "subject": key,
            "id": proposal.id,
            "state": proposal.state.value,
            "proposal_json": codec.dump(codec.proposal, replace(proposal, shown_at=None)),
        }
        for proposal in after.proposals
        if known.get(proposal.id) != proposal
    ]
    put_rows(connection, proposals, proposed)
