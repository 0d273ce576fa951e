"""What waits for product's answer, with what people call it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, or_, select

from automation.domain.fields import fields_seen
from automation.domain.standing import why_asked_again
from automation.domain.yeses import askers
from automation.model import (
    Commitment,
    DeadlineField,
    IssueState,
    Override,
    Person,
    Proposal,
    ProposalState,
    Status,
    Subject,
    Yes,
)
from automation.store import codec, subjects
from automation.store.database import Database
from automation.store.schema import issues, links, proposals, stands_on

OVERRIDING = f'"status":"{Status.OVERRIDDEN.value}"'
"""Stands in the stored fields of an issue of which one is overridden."""
QUESTIONED = ('"asked_at":"', '"rescoped":true', '"overdue":true')
"""One of these stands in the stored fields of an issue of which product is asked whether a date holds."""
_OF_ISSUE = (issues.c.subject, issues.c.words_json, issues.c.fields_json, issues.c.away)


@dataclass(frozen=True, slots=True)
class Asked:
    """A date that somebody asked for. ``title`` is the issue's, or that of the carrier, as it was last read,
    empty where no deal is linked any more; ``deals`` are those linked now, ``fields`` the deadline fields
    that the issue has. ``away``: it lies where the rules do not reach. ``askers`` are all who ever asked for
    that date there.
    ``override``: by whose word it stands meanwhile. ``paused``: it stands unsigned until a pause is over.
    ``again``: it is agreed, and product is asked whether it still holds; then nobody asked but we, and the
    rules say by when it should be answered."""

    subject: Subject
    proposal: Proposal
    title: str
    deals: tuple[Subject, ...]
    fields: tuple[DeadlineField, ...] = ()
    away: bool = False
    askers: frozenset[Person] = frozenset()
    override: Override | None = None
    paused: bool = False
    again: bool = False

    @property
    def label(self) -> str:
        """What people call the field."""
        return next((field.label for field in self.fields if field.id == self.proposal.field), "")


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A date that stands by an override and is not asked of product: what was is answered, or another date
    is asked for by now. ``label`` is what people call the field."""

    subject: Subject
    label: str
    override: Override


@dataclass(frozen=True, slots=True)
class Promised:
    """A date that is agreed on an issue which lies where the rules do not reach by now."""

    subject: Subject
    day: date | None


def out_of_reach(database: Database) -> list[Promised]:
    """Return what was agreed, and is looked after no more since its issue has moved."""
    lost = select(issues.c.subject, issues.c.fields_json).where(issues.c.away).order_by(issues.c.subject)
    found = []
    with database.read() as connection:
        for row in connection.execute(lost).all():
            subject = subjects.current(connection, Subject.parse(row.subject))
            known = codec.fields.validate_json(row.fields_json).values()
            found += [Promised(subject, one.commitment.value.day) for one in known if one.commitment]
    return found


def _deals(connection: Connection, subject: str) -> list[str]:
    """Return the deals linked to an issue, or to those that stand on a carrier."""
    on_it = select(stands_on.c.subject).where(stands_on.c.carrier == subject)
    ours = (links.c.subject == subject) | links.c.subject.in_(on_it)
    linked = select(links.c.deal).where(ours, ~links.c.ended).distinct().order_by(links.c.deal)
    return list(connection.scalars(linked))


def unsigned(database: Database) -> list[Unsigned]:
    """Return the dates that stand by an override, and of which product is not asked any more."""
    some = issues.c.fields_json.contains(OVERRIDING)
    asked = {(one.subject, one.proposal.field) for one in waiting(database) if one.override}
    found = []
    with database.read() as connection:
        for row in connection.execute(select(issues.c.subject, issues.c.fields_json).where(some)).all():
            subject = subjects.current(connection, Subject.parse(row.subject))
            known = codec.fields.validate_json(row.fields_json)
            for name, override in IssueState(subject, fields=known).overridden().items():
                if (subject, name) not in asked:
                    found.append(Unsigned(subject, known[name].label or name, override))
    return sorted(found, key=lambda one: one.override.at)


def waiting(database: Database) -> list[Asked]:
    """Return all that is asked and not answered, the oldest first."""
    open_ones = (
        select(proposals.c.proposal_json, *_OF_ISSUE)
        .join(issues, issues.c.subject == proposals.c.subject)
        .where(proposals.c.state == ProposalState.OPEN.value)
    )
    found = []
    with database.read() as connection:
        for row in connection.execute(open_ones).all():
            proposal = codec.proposal.validate_json(row.proposal_json)
            state = _state(connection, row)
            override = state.overridden().get(proposal.field)
            stands = override if override and override.value == proposal.value else None
            known = state.fields.get(proposal.field)
            paused = known is not None and known.paused
            found.append(replace(_asked(connection, row, state, proposal), override=stands, paused=paused))
    return sorted(found, key=lambda one: one.proposal.asked_at)


def asked_again(database: Database, today: date) -> list[Asked]:
    """Return the agreed dates of which product is asked whether they still hold, the oldest first."""
    some = or_(*(issues.c.fields_json.contains(mark) for mark in QUESTIONED))
    found = []
    with database.read() as connection:
        for row in connection.execute(select(*_OF_ISSUE).where(some)).all():
            state = _state(connection, row)
            for field, agreed in state.commitments().items():
                if agreed.questioned:
                    question = _question(field, agreed, today)
                    found.append(replace(_asked(connection, row, state, question), again=True))
    return sorted(found, key=lambda one: one.proposal.asked_at)


def _question(field: str, agreed: Commitment, today: date) -> Proposal:
    """Return the question whether a date holds as what it comes to: the same date is asked for again."""
    asked_at = agreed.asked_at or agreed.signed_at
    yeses = tuple(Yes(person, agreed.value, asked_at) for person in agreed.again)
    why = why_asked_again(agreed, today)
    value = agreed.value
    return Proposal(
        "", field, agreed.policy, value, value, None, asked_at, asked_at.date(), yeses=yeses, because=why
    )


def _state(connection: Connection, row: Any) -> IssueState:
    subject = subjects.current(connection, Subject.parse(row.subject))
    return IssueState(subject, fields=codec.fields.validate_json(row.fields_json))


def _asked(connection: Connection, row: Any, state: IssueState, proposal: Proposal) -> Asked:
    deals = _deals(connection, row.subject)
    words = codec.words.validate_json(row.words_json)
    all_asked = select(proposals.c.proposal_json).where(proposals.c.subject == row.subject)
    others = map(codec.proposal.validate_json, connection.scalars(all_asked).all())
    return Asked(
        state.subject,
        proposal,
        words.title if words else "",
        tuple(map(Subject.parse, deals)),
        fields_seen(state),
        bool(row.away),
        askers(proposal, proposal.value, others),
    )
