"""What is known of each subject, and the commit that makes a plan real."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from automation.model import (
    CarrierState,
    Deal,
    IssueState,
    KnownName,
    Outcome,
    Person,
    Plan,
    Proposal,
    ProposalState,
    Receipt,
    Subject,
    Trigger,
    Would,
)
from automation.ports import Job, Later, Queue, SubjectState
from automation.store import carrier_rows, codec, deal_rows, issue_rows, naming
from automation.store.database import Database
from automation.store.inbox import put_reconciles
from automation.store.messages import depth_of, send
from automation.store.modes import FAILED_RULE, Modes, remember
from automation.store.outbox import add_effects
from automation.store.schema import (
    decisions,
    issues,
    jobs,
    labels,
    ledger,
    links,
    proposals,
    would,
)
from automation.store.words import Words


class States:
    """Loads an issue's state whole, and commits a plan against the version it was made from."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names = naming.KnownNames(database)
        self.modes = Modes(database)
        self.words = Words(database)

    def load(self, subject: Subject) -> tuple[IssueState, Mapping[str, Receipt]]:
        """Return what is known of ``subject``, and the receipts of its deadline writes under way."""
        with self._database.read() as connection:
            return issue_rows.load(connection, subject)

    def triggers_of(self, job: Job) -> tuple[Trigger, ...]:
        """Return what a look is for."""
        return codec.triggers_from_json(job.payload["triggers"])

    def heard(self, subject: Subject) -> tuple[Trigger, ...]:
        """Return what the other looks at ``subject`` are for that are to be taken, now or later."""
        ready = (jobs.c.state == "ready") & (jobs.c.kind == "reconcile") & (jobs.c.system == "")
        looks = select(jobs.c.payload_json).where(ready, jobs.c.ordering == str(subject)).order_by(jobs.c.id)
        with self._database.read() as connection:
            found = [json.loads(text)["triggers"] for text in connection.scalars(looks)]
        return tuple(trigger for text in found for trigger in codec.triggers_from_json(text))

    def forget_reconciles(self, subject: Subject) -> None:
        """Take away the looks at an issue that was deleted."""
        ready = (jobs.c.state == "ready") & (jobs.c.kind == "reconcile") & (jobs.c.system == "")
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
        before: SubjectState,
        plan: Plan[Any],
        mode: str,
        rules: str,
        settled: tuple[Trigger, ...] = (),
        later: tuple[Later, ...] = (),
        kept_back: tuple[Would, ...] = (),
    ) -> None:
        """Make the plan real: state, ledger, decisions, effects and the job's end, or nothing of it. With
        ``settled``, note that what happened before a restore is known now, and look again for these.
        ``later``: what could not be seen yet. ``kept_back``: what the mode did not allow.

        Raise LeaseLost where somebody else has taken over the job, or changed the issue since.
        """
        after = plan.state
        key = str(after.subject)
        with self._database.write() as connection:
            jobs.done(connection, job)
            if isinstance(before, IssueState):
                issue_rows.save(connection, before, after)
            elif isinstance(before, CarrierState):
                carrier_rows.save(connection, before, after)
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
            for kept in kept_back:
                connection.execute(
                    insert(would).values(
                        subject=key,
                        at=codec.from_time(kept.at),
                        mode=mode,
                        effect_json=codec.dump(codec.effect, kept.effect),
                        text=kept.text,
                    )
                )
            failed = [one.event.at for one in plan.decisions if one.outcome is Outcome.ERROR]
            if failed:
                remember(connection, FAILED_RULE, f"{rules} {codec.from_time(max(failed))}")
            add_effects(connection, plan.effects, job.cause)
            if settled:
                connection.execute(update(issues).where(issues.c.subject == key).values(unsettled_since=0.0))
                # The backup does not know what deals were told since: as much as all others.
                deal_rows.forget(connection, key)
                put_reconciles(connection, settled, cause=job.cause)
            if plan.reconcile_at:
                _reconcile_later(connection, key, plan.reconcile_at, job.cause)
            depth = depth_of(job)
            for look in later:
                put_reconciles(
                    connection, look.triggers, look.due_at, job.cause, look.why, look.parked, depth
                )
            if plan.messages:
                send(connection, after.subject, before.version, job, plan.messages, jobs.now())

    def carrier(self, subject: Subject) -> CarrierState:
        """Return what is known of a carrier."""
        with self._database.read() as connection:
            return carrier_rows.load(connection, subject)

    def standing_on(self, carrier: Subject) -> tuple[Subject, ...]:
        """Return the issues that stand on a milestone of their repository, are to be put back on it, or
        are asked onto it, as far as is known."""
        with self._database.read() as connection:
            return carrier_rows.standing_on(connection, carrier)

    def issues_of(self, place: Subject) -> tuple[Subject, ...]:
        """Return the issues of a repository or project that are known."""
        start = f"{place.system}:issue:{place.key}{'#' if place.system == 'github' else '-'}"
        ours = issues.c.subject.startswith(start, autoescape=True)
        with self._database.read() as connection:
            return tuple(map(Subject.parse, connection.scalars(select(issues.c.subject).where(ours))))

    def open_proposals(self) -> list[tuple[Subject, Proposal]]:
        """Return all that waits for product's answer, the oldest first."""
        waiting = proposals.c.state == ProposalState.OPEN.value
        with self._database.read() as connection:
            rows = connection.execute(select(proposals.c.subject, proposals.c.proposal_json).where(waiting))
            found = [
                (Subject.parse(row.subject), codec.proposal.validate_json(row.proposal_json)) for row in rows
            ]
        return sorted(found, key=lambda item: item[1].asked_at)

    def label(self, subject: Subject, label: str) -> bool | None:
        """Return whether ``subject`` should carry ``label``; None where nothing was decided about it."""
        this = (labels.c.subject == str(subject)) & (labels.c.label == label)
        with self._database.read() as connection:
            found = connection.scalar(select(labels.c.present).where(this))
        return None if found is None else bool(found)

    def deals_of(self, subject: Subject) -> tuple[str, ...]:
        """Return the keys of the deals linked to ``subject``."""
        with self._database.read() as connection:
            ours = (links.c.subject == str(subject)) & ~links.c.ended
            return tuple(connection.scalars(select(links.c.deal).where(ours)))

    def note_names(self, deals: Collection[Deal], people: Collection[Person] = ()) -> None:
        """Keep names that not every customer may read."""
        self._names.note("deals", deals, people)

    def known_names(self) -> tuple[KnownName, ...]:
        """Return the names that were noted."""
        return self._names.all()


def _reconcile_later(connection: Connection, key: str, at: datetime, cause: str) -> None:
    """Schedule a look, unless it is scheduled already."""
    due_at = codec.from_time(at)
    same = (jobs.c.ordering == key) & (jobs.c.kind == "reconcile") & (jobs.c.due_at == due_at)
    known = select(jobs.c.id).where(same, jobs.c.state == "ready").limit(1)
    if connection.scalar(known) is None:
        put_reconciles(connection, (Trigger(Subject.parse(key), "time"),), due_at, cause)
