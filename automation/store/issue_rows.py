"""One issue's state as rows of the tables."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, func, select, update

from automation.model import IssueState, Proposal, Receipt, SetDeadline, Subject, Told
from automation.store import codec, naming
from automation.store.database import upsert
from automation.store.outbox import GIVEN_UP
from automation.store.queue import LeaseLost
from automation.store.schema import effects, issues, labels, links, proposals, refusals, told


def load(connection: Connection, subject: Subject) -> tuple[IssueState, Mapping[str, Receipt]]:
    """Return what is known of ``subject``, and the receipts of its deadline writes under way."""
    key = str(subject)
    row = connection.execute(select(issues).where(issues.c.subject == key)).one_or_none()
    if row is None:
        return IssueState(subject), {}
    linked = connection.scalars(select(links.c.link_json).where(links.c.subject == key))
    state = IssueState(
        subject=subject,
        version=row.version,
        fields=codec.fields.validate_json(row.fields_json),
        links=tuple(sorted(map(codec.link.validate_json, linked), key=lambda link: link.at)),
        proposals=_proposals(connection, proposals.c.subject == key),
        handled=codec.names.validate_json(row.handled_json),
        words=codec.words.validate_json(row.words_json),
        mentioned=codec.subjects.validate_json(row.mentioned_json),
        labels=_labels(connection, key),
        **naming.load(connection, key),
        told=_told_deals(connection, key),
        standing=row.standing or "",
    )
    pending = [known.pending.effect for known in state.fields.values() if known.pending]
    receipts = _receipts(connection, pending) if pending else {}
    return state, receipts


def save(connection: Connection, before: IssueState, after: IssueState) -> None:
    """Save what differs. Raise LeaseLost where somebody else changed the issue since."""
    if after == before and _names(after) == _names(before):
        return
    key = str(after.subject)
    _save_issue(connection, key, before, after)
    _save_parts(connection, key, before, after)
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
    }
    if before.version == 0:
        saved = connection.execute(
            upsert(connection, issues).values(subject=key, **values).on_conflict_do_nothing()
        )
    else:
        saved = connection.execute(
            update(issues).where(issues.c.subject == key, issues.c.version == before.version).values(values)
        )
    if saved.rowcount != 1:
        raise LeaseLost(f"{key} was changed by somebody else")


def _save_parts(connection: Connection, key: str, before: IssueState, after: IssueState) -> None:
    for link in set(after.links) - set(before.links):
        values = {"ended": link.ended_at is not None, "link_json": codec.dump(codec.link, link)}
        connection.execute(
            upsert(connection, links)
            .values(subject=key, deal=str(link.deal), **values)
            .on_conflict_do_update(index_elements=["subject", "deal"], set_=values)
        )
    for label, present in after.labels.items():
        if before.labels.get(label) != present:
            connection.execute(
                upsert(connection, labels)
                .values(subject=key, label=label, present=present)
                .on_conflict_do_update(index_elements=["subject", "label"], set_={"present": present})
            )
    known = {proposal.id: proposal for proposal in before.proposals}
    for proposal in after.proposals:
        if known.get(proposal.id) == proposal:
            continue
        values = {
            "state": proposal.state.value,
            "proposal_json": codec.dump(codec.proposal, replace(proposal, shown_at=None)),
        }
        connection.execute(
            upsert(connection, proposals)
            .values(id=proposal.id, subject=key, **values)
            .on_conflict_do_update(index_elements=["subject", "id"], set_=values)
        )


def _labels(connection: Connection, key: str) -> dict[str, bool]:
    rows = connection.execute(select(labels.c.label, labels.c.present).where(labels.c.subject == key))
    return {row.label: bool(row.present) for row in rows}


def _told_deals(connection: Connection, key: str) -> dict[tuple[Subject, str], Told]:
    rows = connection.execute(select(told).where(told.c.subject == key))
    return {
        (Subject.parse(row.deal), row.field): Told(
            codec.value.validate_json(row.value_json), bool(row.rechecking)
        )
        for row in rows
    }


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


def _proposals(connection: Connection, where: Any) -> tuple[Proposal, ...]:
    """Load proposals in the order they were asked, with the time our comment showed them."""
    shown = (
        select(func.min(effects.c.ended_at))
        .where(
            effects.c.subject == proposals.c.subject,
            effects.c.proposal == proposals.c.id,
            effects.c.state == "done",
        )
        .scalar_subquery()
    )
    found = []
    for row in connection.execute(select(proposals.c.proposal_json, shown.label("shown")).where(where)):
        proposal = codec.proposal.validate_json(row.proposal_json)
        found.append(replace(proposal, shown_at=codec.to_time(row.shown) if row.shown else None))
    return tuple(sorted(found, key=lambda proposal: proposal.asked_at))
