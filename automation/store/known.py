"""What is known of an issue, by two questions: its row, and all that other tables hold about it.

Each question is a journey to a database server, and each takes longer to be put than to be answered.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from sqlalchemy import (
    BindParameter,
    Connection,
    Float,
    Integer,
    Row,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from automation.model import IssueState, Proposal, Receipt, SetDeadline, Subject, Told, Trigger
from automation.ports import GIVEN_UP, Known
from automation.store import codec, subjects
from automation.store.claim_queries import IS_READY
from automation.store.modes import MODE, told_of
from automation.store.schema import (
    effects,
    issues,
    jobs,
    labels,
    links,
    meta,
    naming,
    proposals,
    refusals,
    told,
)
from automation.store.schema import subjects as names

_SUBJECT: BindParameter[str] = bindparam("subject")
_ISSUE = (
    select(issues, names.c.key.label("called"), names.c.former_json)
    .select_from(issues.outerjoin(names, names.c.subject == issues.c.subject))
    .where(issues.c.subject == _SUBJECT)
)
_SHOWN = (
    select(func.min(effects.c.ended_at))
    .where(
        effects.c.subject == proposals.c.subject,
        effects.c.proposal == proposals.c.id,
        effects.c.state == "done",
    )
    .scalar_subquery()
)
_WAITS = IS_READY & (jobs.c.kind == "reconcile") & (jobs.c.system == "")
_ENDED = (
    select(effects.c.key, effects.c.state, effects.c.text, effects.c.effect_json, refusals.c.hint)
    .select_from(effects.outerjoin(refusals, refusals.c.effect == effects.c.key))
    .where(effects.c.key.in_(bindparam("keys", expanding=True)), effects.c.ended_at > 0)
)


def _part(name: str, number: Any, *texts: Any) -> Select[Any]:
    """Select rows of one table as a part of the answer: a number, and three texts."""
    padded = (*texts, *(null() for _ in range(3 - len(texts))))
    columns = (cast(text, Text).label(column) for column, text in zip("abc", padded, strict=True))
    return select(literal(name).label("part"), cast(number, Float).label("number"), *columns)


_PARTS = union_all(
    _part("link", null(), links.c.link_json).where(links.c.subject == _SUBJECT),
    _part("proposal", _SHOWN, proposals.c.proposal_json).where(proposals.c.subject == _SUBJECT),
    _part("label", cast(labels.c.present, Integer), labels.c.label).where(labels.c.subject == _SUBJECT),
    _part("naming", null(), naming.c.name, naming.c.users_json, naming.c.asked_json).where(
        naming.c.subject == _SUBJECT
    ),
    _part("heard of users", naming.c.invited_at, naming.c.problems_json, naming.c.filled_json).where(
        naming.c.subject == _SUBJECT
    ),
    _part("told", cast(told.c.rechecking, Integer), told.c.deal, told.c.field, told.c.value_json).where(
        told.c.subject == _SUBJECT
    ),
    _part("heard", jobs.c.id, jobs.c.payload_json).where(jobs.c.ordering == _SUBJECT, _WAITS),
    _part("mode", null(), meta.c.value).where(meta.c.name == MODE),
)


def load(connection: Connection, subject: Subject) -> Known:
    """Return what is known of ``subject``, by what it is called now."""
    key = str(subject)
    row = connection.execute(_ISSUE, {"subject": key}).one_or_none()
    if row is None:  # it may have another id by now
        subject = subjects.current(connection, subject)
        if str(subject) != key:
            return load(connection, subject)
    parts = defaultdict[str, list[Row[Any]]](list)
    for part in connection.execute(_PARTS, {"subject": key}):
        parts[part.part].append(part)
    state = _state(subject, row, parts) if row else IssueState(subject)
    pending = [field.pending.effect for field in state.fields.values() if field.pending]
    pending += [one.pending for one in state.taken_off.values() if one.pending]
    copied_at = row.unsettled_since if row else 0.0
    return Known(
        state,
        _receipts(connection, pending) if pending else {},
        tuple(trigger for text in _in_order(parts["heard"]) for trigger in _triggers(text)),
        codec.to_time(copied_at) if copied_at else None,
        told_of(parts["mode"][0].a if parts["mode"] else ""),
    )


def _state(subject: Subject, row: Row[Any], parts: Mapping[str, Sequence[Row[Any]]]) -> IssueState:
    if row.called:
        subject = replace(subject, key=row.called, former=tuple(json.loads(row.former_json)))
    linked = (codec.link.validate_json(part.a) for part in parts["link"])
    state = IssueState(
        subject=subject,
        version=row.version,
        fields=codec.fields.validate_json(row.fields_json),
        links=tuple(sorted(linked, key=lambda link: link.at)),
        proposals=tuple(sorted(map(_proposal, parts["proposal"]), key=lambda proposal: proposal.asked_at)),
        handled=codec.names.validate_json(row.handled_json),
        words=codec.words.validate_json(row.words_json),
        mentioned=codec.subjects.validate_json(row.mentioned_json),
        labels={part.a: bool(part.number) for part in parts["label"]},
        told={(Subject.parse(part.a), part.b): _told(part) for part in parts["told"]},
        standing=row.standing or "",
        heard=codec.names.validate_json(row.heard_json),
        heard_before=codec.names.validate_json(row.heard_before_json),
        lives=row.lives,
        away=bool(row.away),
        taken_off=codec.taken_off.validate_json(row.taken_off_json),
    )
    for part in parts["naming"]:
        users, asked = codec.contacts.validate_json(part.b), codec.subjects.validate_json(part.c)
        state = replace(state, name=part.a, users=users, asked_user=asked)
    for part in parts["heard of users"]:
        problems, filled = codec.problems.validate_json(part.a), codec.filled.validate_json(part.b)
        invited = codec.to_time(part.number) if part.number else None
        state = replace(state, problems=problems, filled=filled, invited=invited)
    return state


def _proposal(part: Row[Any]) -> Proposal:
    """Read a proposal, with the time our comment showed it."""
    shown_at = codec.to_time(part.number) if part.number else None
    return replace(codec.proposal.validate_json(part.a), shown_at=shown_at)


def _told(part: Row[Any]) -> Told:
    return Told(codec.value.validate_json(part.c), bool(part.number))


def _in_order(parts: Sequence[Row[Any]]) -> list[str]:
    return [part.a for part in sorted(parts, key=lambda part: part.number)]


def _triggers(payload: str) -> tuple[Trigger, ...]:
    return codec.triggers_from_json(json.loads(payload).get("triggers", "[]"))


def _receipts(connection: Connection, keys: list[str]) -> dict[str, Receipt]:
    """Load the receipts of the effects that have ended."""
    found = {}
    for row in connection.execute(_ENDED, {"keys": keys}):
        receipt = Receipt(row.state != GIVEN_UP, row.text, row.hint or "")
        with suppress(ValidationError):  # what can no longer be read has a receipt all the same
            intent = codec.effect.validate_json(row.effect_json).intent
            if isinstance(intent, SetDeadline):
                receipt = replace(receipt, why=intent.why)
        found[row.key] = receipt
    return found
