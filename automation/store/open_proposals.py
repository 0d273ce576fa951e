"""What waits for product's answer, with what people call it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from automation.domain.fields import fields_seen
from automation.domain.yeses import askers
from automation.model import DeadlineField, IssueState, Person, Proposal, ProposalState, Subject
from automation.store import codec, subjects
from automation.store.database import Database
from automation.store.schema import issues, links, proposals


@dataclass(frozen=True, slots=True)
class Asked:
    """A date that somebody asked for. ``title`` is the issue's as it was last read, empty where no deal is
    linked any more; ``deals`` are those linked now, ``fields`` the deadline fields that the issue has.
    ``away``: it lies where the rules do not reach. ``askers`` are all who ever asked for that date there.
    ``paused``: the date stands unsigned until a pause is over."""

    subject: Subject
    proposal: Proposal
    title: str
    deals: tuple[Subject, ...]
    fields: tuple[DeadlineField, ...] = ()
    away: bool = False
    askers: frozenset[Person] = frozenset()
    paused: bool = False

    @property
    def label(self) -> str:
        """What people call the field."""
        return next((field.label for field in self.fields if field.id == self.proposal.field), "")


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
            fields = codec.fields.validate_json(row.fields_json)
            seen = fields_seen(IssueState(subject, fields=fields))
            held_up = proposal.field in fields and fields[proposal.field].paused
            linked = tuple(map(Subject.parse, deals))
            found.append(Asked(subject, proposal, title, linked, seen, bool(row.away), wished_by, held_up))
    return sorted(found, key=lambda one: one.proposal.asked_at)
