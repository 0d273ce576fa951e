"""One issue's state as rows of the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from sqlalchemy import BindParameter, Connection, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from automation.model import IssueState, Proposal, Receipt, SetDeadline, Subject
from automation.ports import GIVEN_UP, LeaseLost
from automation.store import carrier_rows, codec, deal_rows, naming, subjects
from automation.store.database import put_rows
from automation.store.schema import effects, issues, labels, links, proposals, refusals
from automation.store.schema import subjects as names

# Made once, as everything that each pass asks: to write a statement down takes longer than to carry it out.
_SUBJECT: BindParameter[str] = bindparam("subject")
_ISSUE = (
    select(issues, names.c.key.label("called"), names.c.former_json)
    .select_from(issues.outerjoin(names, names.c.subject == issues.c.subject))
    .where(issues.c.subject == _SUBJECT)
)
_LINKS = select(links.c.link_json).where(links.c.subject == _SUBJECT)
_LABELS = select(labels.c.label, labels.c.present).where(labels.c.subject == _SUBJECT)
_SHOWN = (
    select(func.min(effects.c.ended_at))
    .where(
        effects.c.subject == proposals.c.subject,
        effects.c.proposal == proposals.c.id,
        effects.c.state == "done",
    )
    .scalar_subquery()
)
_PROPOSALS = select(proposals.c.proposal_json, _SHOWN.label("shown")).where(proposals.c.subject == _SUBJECT)
_SAVE = {kind.dialect.name: kind.insert(issues).on_conflict_do_nothing() for kind in (sqlite, postgresql)}
_SAVE_AGAIN = update(issues).where(
    issues.c.subject == bindparam("key"), issues.c.version == bindparam("before")
)


def load(connection: Connection, subject: Subject) -> tuple[IssueState, Mapping[str, Receipt], float]:
    """Return what is known of ``subject``, by what it is called now, receipts of its deadline writes pending,
    and when the backup was made if it was not looked at since a restore, else 0."""
    key = str(subject)
    row = connection.execute(_ISSUE, {"subject": key}).one_or_none()
    if row is None:  # it may have another id by now
        subject = subjects.current(connection, subject)
        if str(subject) != key:
            return load(connection, subject)
        return IssueState(subject), {}, 0.0
    if row.called:
        subject = replace(subject, key=row.called, former=tuple(json.loads(row.former_json)))
    linked = connection.scalars(_LINKS, {"subject": key})
    state = IssueState(
        subject=subject,
        version=row.version,
        fields=codec.fields.validate_json(row.fields_json),
        links=tuple(sorted(map(codec.link.validate_json, linked), key=lambda link: link.at)),
        proposals=_proposals(connection, key),
        handled=codec.names.validate_json(row.handled_json),
        words=codec.words.validate_json(row.words_json),
        mentioned=codec.subjects.validate_json(row.mentioned_json),
        labels=_labels(connection, key),
        **naming.load(connection, key),
        told=deal_rows.load(connection, key),
        standing=row.standing or "",
        heard=codec.names.validate_json(row.heard_json),
        heard_before=codec.names.validate_json(row.heard_before_json),
        lives=row.lives,
        away=bool(row.away),
    )
    pending = [known.pending.effect for known in state.fields.values() if known.pending]
    receipts = _receipts(connection, pending) if pending else {}
    return state, receipts, row.unsettled_since


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


def _labels(connection: Connection, key: str) -> dict[str, bool]:
    return {row.label: bool(row.present) for row in connection.execute(_LABELS, {"subject": key})}


def _receipts(connection: Connection, keys: list[str]) -> dict[str, Receipt]:
    """Load the receipts of the effects that have ended."""
    ended = effects.c.key.in_(keys) & (effects.c.ended_at > 0)
    told = effects.outerjoin(refusals, refusals.c.effect == effects.c.key)
    found = {}
    for row in connection.execute(select(effects, refusals.c.hint).select_from(told).where(ended)):
        receipt = Receipt(row.state != GIVEN_UP, row.text, row.hint or "")
        with suppress(ValidationError):  # what can no longer be read has a receipt all the same
            intent = codec.effect.validate_json(row.effect_json).intent
            if isinstance(intent, SetDeadline):
                receipt = replace(receipt, why=intent.why)
        found[row.key] = receipt
    return found


def _proposals(connection: Connection, key: str) -> tuple[Proposal, ...]:
    """Load proposals in the order they were asked, with the time our comment showed them."""
    found = []
    for row in connection.execute(_PROPOSALS, {"subject": key}):
        proposal = codec.proposal.validate_json(row.proposal_json)
        found.append(replace(proposal, shown_at=codec.to_time(row.shown) if row.shown else None))
    return tuple(sorted(found, key=lambda proposal: proposal.asked_at))
