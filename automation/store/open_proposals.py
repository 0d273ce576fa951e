"""What waits for product's answer, with what people call it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from automation.domain.fields import fields_seen
from automation.domain.yeses import askers
from automation.model import (
    DeadlineField,
    IssueState,
    Override,
    Person,
    Proposal,
    ProposalState,
    Status,
    Subject,
)
from automation.store import codec, subjects
from automation.store.database import Database
from automation.store.schema import issues, links, proposals

OVERRIDING = f'"status":"{Status.OVERRIDDEN.value}"'
"""Stands in the stored fields of an issue of which one is overridden."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A date that somebody asked for. ``title`` is the issue's as it was last read, empty where no deal is
    linked any more; ``deals`` are those linked now, ``fields`` the deadline fields that the issue has.
    ``away``: it lies where the rules do not reach. ``askers`` are all who ever asked for that date there.
    ``override``: by whose word it stands meanwhile. ``paused``: it stands unsigned until a pause is over."""

    subject: Subject
    proposal: Proposal
    title: str
    deals: tuple[Subject, ...]
    fields: tuple[DeadlineField, ...] = ()
    away: bool = False
    askers: frozenset[Person] = frozenset()
    override: Override | None = None
    paused: bool = False

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
        select(
            proposals.c.subject,
            proposals.c.proposal_json,
            issues.c.words_json,
            issues.c.fields_json,
            issues.c.away,
        )
        .join(issues, issues.c.subject == proposals.c.subject)
        .where(proposals.c.state == ProposalState.OPEN.value)
    )
    found = []
    with database.read() as connection:
        for row in connection.execute(open_ones).all():
            ours = (links.c.subject == row.subject) & ~links.c.ended
            deals = connection.scalars(select(links.c.deal).where(ours).order_by(links.c.deal)).all()
            words = codec.words.validate_json(row.words_json)
            proposal = codec.proposal.validate_json(row.proposal_json)
            all_asked = select(proposals.c.proposal_json).where(proposals.c.subject == row.subject)
            others = map(codec.proposal.validate_json, connection.scalars(all_asked).all())
            wished_by = askers(proposal, proposal.value, others)
            title = words.title if words else ""
            subject = subjects.current(connection, Subject.parse(row.subject))
            state = IssueState(subject, fields=codec.fields.validate_json(row.fields_json))
            override = state.overridden().get(proposal.field)
            found.append(
                Asked(
                    subject,
                    proposal,
                    title,
                    tuple(map(Subject.parse, deals)),
                    fields_seen(state),
                    bool(row.away),
                    wished_by,
                    override if override and override.value == proposal.value else None,
                    proposal.field in state.fields and state.fields[proposal.field].paused,
                )
            )
    return sorted(found, key=lambda one: one.proposal.asked_at)
