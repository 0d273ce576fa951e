"""What waits for product's answer, with what people call it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from automation.model import Proposal, ProposalState, Subject
from automation.store import codec
from automation.store.database import Database
from automation.store.schema import issues, links, proposals


@dataclass(frozen=True, slots=True)
class Asked:
    """A date that somebody asked for. ``title`` is the issue's as it was last read, empty where no deal is
    linked any more; ``deals`` are those linked now."""

    subject: Subject
    proposal: Proposal
    title: str
    deals: tuple[Subject, ...]


def waiting(database: Database) -> list[Asked]:
    """Return all that is asked and not answered, the oldest first."""
    open_ones = (
        select(proposals.c.subject, proposals.c.proposal_json, issues.c.words_json)
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
            title = words.title if words else ""
            found.append(Asked(Subject.parse(row.subject), proposal, title, tuple(map(Subject.parse, deals))))
    return sorted(found, key=lambda one: one.proposal.asked_at)
