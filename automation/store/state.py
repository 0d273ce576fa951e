"""What is known of each issue, and the commit that makes a plan real."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from automation.model import IssueState, Plan, Proposal, ProposalState, Receipt, Subject, Trigger
from automation.store import codec
from automation.store.database import Database, upsert
from automation.store.inbox import put_looks
from automation.store.outbox import add_effects
from automation.store.queue import Job, LeaseLost, Queue
from automation.store.schema import decisions, effects, issues, jobs, ledger, links, meta, proposals


@dataclass(frozen=True, slots=True)
class Later:
    """A look that is to be taken again at ``due_at``, or ``parked``, for these triggers. ``why`` says what
    could not be seen."""

    triggers: tuple[Trigger, ...]
    why: str
    due_at: float = 0.0
    parked: bool = False


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
                handled=codec.names.validate_json(row.handled_json),
                words=codec.words.validate_json(row.words_json),
                mentioned=codec.names.validate_json(row.mentioned_json),
            )
            pending = [known.pending.effect for known in state.fields.values() if known.pending]
            ended = connection.execute(
                select(effects.c.key, effects.c.state, effects.c.text).where(
                    effects.c.key.in_(pending), effects.c.ended_at > 0
                )
            )
            receipts = {row.key: Receipt(row.state != "given up", row.text) for row in ended}
        return state, receipts

    def heard(self, subject: Subject) -> tuple[Trigger, ...]:
        """Return what the other looks at ``subject`` are for that are to be taken, now or later."""
        ready = (jobs.c.state == "ready") & (jobs.c.kind == "look") & (jobs.c.system == "")
        looks = select(jobs.c.payload_json).where(ready, jobs.c.ordering == str(subject)).order_by(jobs.c.id)
        with self._database.read() as connection:
            found = [json.loads(text)["triggers"] for text in connection.scalars(looks)]
        return tuple(trigger for text in found for trigger in codec.triggers_from_json(text))

    def forget_looks(self, subject: Subject) -> None:
        """Take away the looks at an issue that was deleted."""
        ready = (jobs.c.state == "ready") & (jobs.c.kind == "look") & (jobs.c.system == "")
        with self._database.write() as connection:
            connection.execute(delete(jobs).where(ready, jobs.c.ordering == str(subject)))

    def unsettled(self, subject: Subject) -> datetime | None:
        """Return when the backup was made, if the database was restored from one and the issue has not
        been looked at since."""
        since = select(issues.c.unsettled_since).where(issues.c.subject == str(subject))
        with self._database.read() as connection:
            found = connection.scalar(since)
        return codec.to_time(found) if found else None

    def commit(
        self,
        jobs: Queue,
        job: Job,
        before: IssueState,
        plan: Plan,
        mode: str,
        rules: str,
        settled: tuple[Trigger, ...] = (),
        later: tuple[Later, ...] = (),
    ) -> None:
        """Make the plan real: state, ledger, decisions, effects and the job's end, or nothing of it. With
        ``settled``, note that what happened before a restore is known now, and look again for these.
        ``later``: what could not be seen yet.

        Raise LeaseLost where somebody else has taken over the job, or changed the issue since.
        """
        after = plan.state
        key = str(after.subject)
        with self._database.write() as connection:
            jobs.done(connection, job)
            if after != before or _names(after) != _names(before):
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
            add_effects(connection, plan.effects, job.cause)
            if settled:
                connection.execute(update(issues).where(issues.c.subject == key).values(unsettled_since=0.0))
                put_looks(connection, settled, cause=job.cause)
            if plan.look_at:
                _look_later(connection, key, plan.look_at, job.cause)
            for look in later:
                put_looks(connection, look.triggers, look.due_at, job.cause, look.why, look.parked)

    def in_force_since(self, mode: str, at: datetime) -> datetime:
        """Return since when ``mode`` is in force; where another one was until now, since ``at``."""
        with self._database.read() as connection:
            known = connection.scalar(select(meta.c.value).where(meta.c.name == "mode")) or " "
        name, _, since = known.partition(" ")
        if name == mode:
            return codec.to_time(float(since))
        row = {"value": f"{mode} {codec.from_time(at)}"}
        with self._database.write() as connection:
            connection.execute(
                upsert(connection, meta)
                .values(name="mode", **row)
                .on_conflict_do_update(index_elements=["name"], set_=row)
            )
        return at

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
            ours = (links.c.subject == str(subject)) & ~links.c.ended
            return tuple(connection.scalars(select(links.c.deal).where(ours)))


def _look_later(connection: Connection, key: str, at: datetime, cause: str) -> None:
    """Schedule a look, unless it is scheduled already."""
    due_at = codec.from_time(at)
    same = (jobs.c.ordering == key) & (jobs.c.kind == "look") & (jobs.c.due_at == due_at)
    known = select(jobs.c.id).where(same, jobs.c.state == "ready").limit(1)
    if connection.scalar(known) is None:
        put_looks(connection, (Trigger(Subject.parse(key), "time"),), due_at, cause)


def _names(state: IssueState) -> list[str]:
    """Return what the values are called. Names do not make values differ, but people read them."""
    return [known.standing.name for known in state.fields.values()]


def _save_issue(connection: Connection, key: str, before: IssueState, after: IssueState) -> None:
    values: dict[str, Any] = {
        "version": before.version + 1,
        "fields_json": codec.dump(codec.fields, after.fields),
        "handled_json": codec.dump(codec.names, after.handled),
        "words_json": codec.dump(codec.words, after.words),
        "mentioned_json": codec.dump(codec.names, after.mentioned),
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
            .values(subject=key, deal=link.deal, **values)
            .on_conflict_do_update(index_elements=["subject", "deal"], set_=values)
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
