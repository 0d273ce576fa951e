"""What is known of each issue, and the commit that makes a plan real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from automation.model import IssueState, Plan, Proposal, ProposalState, Receipt, Subject
from automation.store import codec
from automation.store.database import Database
from automation.store.outbox import add_effects
from automation.store.queue import Job, LeaseLost, Queue
from automation.store.schema import decisions, effects, issues, ledger, links, proposals


class States:
    """Loads an issue's state whole, and commits a plan against the version it was made from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, subject: Subject) -> tuple[IssueState, Mapping[str, Receipt]]:
        """Return what is known of ``subject``, and the receipts of its deadline writes under way."""
        key = str(subject)
        with self._database.read() as connection:
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
                handled=codec.handled.validate_json(row.handled_json),
            )
            pending = [known.pending.effect for known in state.fields.values() if known.pending]
            ended = connection.execute(
                select(effects.c.key, effects.c.state, effects.c.text).where(
                    effects.c.key.in_(pending), effects.c.ended_at > 0
                )
            )
            receipts = {row.key: Receipt(row.state != "given up", row.text) for row in ended}
        return state, receipts

    def commit(self, jobs: Queue, job: Job, before: IssueState, plan: Plan, mode: str, rules: str) -> None:
        """Make the plan real: state, ledger, decisions, effects and the job's end, or nothing of it.

        Raise LeaseLost where somebody else has taken over the job, or changed the issue since.
        """
        after = plan.state
        key = str(after.subject)
        with self._database.write() as connection:
            jobs.done(connection, job)
            if after != before:
                _save_issue(connection, key, before, after)
                _save_parts(connection, key, before, after)
            for line in plan.ledger:
                connection.execute(
                    insert(ledger).values(subject=key, entry_json=codec.dump(codec.entry, line))
                )
            for decision in plan.decisions:
                connection.execute(
                    insert(decisions).values(
                        subject=key,
                        at=codec.from_time(decision.event.at),
                        mode=mode,
                        rules=rules,
                        decision_json=codec.dump(codec.decision, decision),
                    )
                )
            add_effects(connection, plan.effects)

    def open_proposals(self) -> list[tuple[Subject, Proposal]]:
        """Return all that waits for product's answer, the oldest first."""
        waiting = proposals.c.state == ProposalState.OPEN.value
        with self._database.read() as connection:
            rows = connection.execute(select(proposals.c.subject, proposals.c.proposal_json).where(waiting))
            found = [
                (Subject.parse(row.subject), codec.proposal.validate_json(row.proposal_json)) for row in rows
            ]
        return sorted(found, key=lambda item: item[1].asked_at)

    def deals_of(self, subject: Subject) -> tuple[str, ...]:
        """Return the keys of the deals linked to ``subject``."""
        with self._database.read() as connection:
            return tuple(connection.scalars(select(links.c.deal).where(links.c.subject == str(subject))))


def _save_issue(connection: Connection, key: str, before: IssueState, after: IssueState) -> None:
    values: dict[str, Any] = {
        "version": before.version + 1,
        "fields_json": codec.dump(codec.fields, after.fields),
        "handled_json": codec.dump(codec.handled, after.handled),
    }
    if before.version == 0:
        saved = connection.execute(upsert(issues).values(subject=key, **values).on_conflict_do_nothing())
    else:
        saved = connection.execute(
            update(issues).where(issues.c.subject == key, issues.c.version == before.version).values(values)
        )
    if saved.rowcount != 1:
        raise LeaseLost(f"{key} was changed by somebody else")


def _save_parts(connection: Connection, key: str, before: IssueState, after: IssueState) -> None:
    for link in set(after.links) - set(before.links):
        connection.execute(
            insert(links).values(subject=key, deal=link.deal, link_json=codec.dump(codec.link, link))
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
            upsert(proposals)
            .values(id=proposal.id, subject=key, **values)
            .on_conflict_do_update(index_elements=["id"], set_=values)
        )


def _proposals(connection: Connection, where: Any) -> tuple[Proposal, ...]:
    """Load proposals in the order they were asked, with the time our comment showed them."""
    shown = (
        select(func.min(effects.c.ended_at))
        .where(effects.c.proposal == proposals.c.id, effects.c.state == "done")
        .scalar_subquery()
    )
    found = []
    for row in connection.execute(select(proposals.c.proposal_json, shown.label("shown")).where(where)):
        proposal = codec.proposal.validate_json(row.proposal_json)
        found.append(replace(proposal, shown_at=codec.to_time(row.shown) if row.shown else None))
    return tuple(sorted(found, key=lambda proposal: proposal.asked_at))
