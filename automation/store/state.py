"""What is known of each issue, and the commit that makes a plan real."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from automation.model import (
    Deal,
    FieldState,
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
from automation.store import codec, issue_rows, naming
from automation.store.database import Database
from automation.store.inbox import put_reconciles
from automation.store.modes import FAILED_RULE, Modes, remember
from automation.store.outbox import add_effects
from automation.store.queue import Job, Queue
from automation.store.schema import (
    decisions,
    issues,
    jobs,
    labels,
    ledger,
    links,
    proposals,
    told,
    would,
)
from automation.store.words import Words


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

    def __init__(self, database: Database, lanes: Collection[str] | None = None) -> None:
        """``lanes``: the systems that a worker writes to; None where that is not known here."""
        self._database = database
        self._lanes = lanes
        self._names = naming.KnownNames(database)
        self.modes = Modes(database)
        self.words = Words(database)

    def load(self, subject: Subject) -> tuple[IssueState, Mapping[str, Receipt]]:
        """Return what is known of ``subject``, and the receipts of its deadline writes under way."""
        with self._database.read() as connection:
            return issue_rows.load(connection, subject)

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
        before: IssueState,
        plan: Plan,
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
            issue_rows.save(connection, before, after)
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
            add_effects(connection, plan.effects, job.cause, self._lanes, jobs.now)
            if settled:
                connection.execute(update(issues).where(issues.c.subject == key).values(unsettled_since=0.0))
                # The backup does not know what deals were told since: as much as all others.
                connection.execute(delete(told).where(told.c.subject == key))
                put_reconciles(connection, settled, cause=job.cause)
            if plan.reconcile_at:
                _reconcile_later(connection, key, plan.reconcile_at, job.cause)
            for look in later:
                put_reconciles(connection, look.triggers, look.due_at, job.cause, look.why, look.parked)

    def standing_on(self, carrier: Subject) -> tuple[Subject, ...]:
        """Return the issues that stand on a milestone of their repository, are to be put back on it, or
        are asked onto it, as far as is known."""
        place, _, ref = carrier.key.rpartition("#")
        ours = f"{carrier.system}:issue:{place}#"
        # Narrowed down by the text of the stored JSON, so that of many issues few are read.
        named = f'"ref":{json.dumps(ref)}'
        with self._database.read() as connection:
            rows = connection.execute(
                select(issues.c.subject, issues.c.fields_json).where(
                    issues.c.subject.startswith(ours, autoescape=True),
                    issues.c.fields_json.contains(named, autoescape=True),
                )
            )
            found = {
                row.subject
                for row in rows
                if any(_on(ref, known) for known in codec.fields.validate_json(row.fields_json).values())
            }
            asked = connection.execute(
                select(proposals.c.subject, proposals.c.proposal_json).where(
                    proposals.c.state == ProposalState.OPEN.value,
                    proposals.c.subject.startswith(ours, autoescape=True),
                )
            )
            found |= {
                row.subject
                for row in asked
                if codec.proposal.validate_json(row.proposal_json).value.ref == ref
            }
        return tuple(map(Subject.parse, sorted(found)))

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

    def deals_of(self, subject: Subject) -> tuple[Subject, ...]:
        """Return the deals linked to ``subject``."""
        with self._database.read() as connection:
            ours = (links.c.subject == str(subject)) & ~links.c.ended
            return tuple(map(Subject.parse, connection.scalars(select(links.c.deal).where(ours))))

    def linked_to(self, deal: Subject) -> tuple[Subject, ...]:
        """Return the issues that a deal is linked to."""
        theirs = (links.c.deal == str(deal)) & ~links.c.ended
        with self._database.read() as connection:
            found = connection.scalars(select(links.c.subject).where(theirs).order_by(links.c.subject))
            return tuple(map(Subject.parse, found))

    def note_names(self, deals: Collection[Deal], people: Collection[Person] = ()) -> None:
        """Keep names that not every customer may read."""
        self._names.note(deals, people)

    def known_names(self) -> tuple[KnownName, ...]:
        """Return the names that were noted."""
        return self._names.all()

    def reconcile_all(self, jobs: Queue, job: Job, place: Subject, triggers: tuple[Trigger, ...]) -> None:
        """Put a look for each known issue of a place, and end the job. Raise LeaseLost."""
        start = f"{place.system}:issue:{place.key}{'#' if place.system == 'github' else '-'}"
        ours = issues.c.subject.startswith(start, autoescape=True)
        with self._database.write() as connection:
            jobs.done(connection, job)
            known = [Subject.parse(key) for key in connection.scalars(select(issues.c.subject).where(ours))]
            looks = [replace(trigger, subject=subject) for subject in known for trigger in triggers]
            put_reconciles(connection, tuple(looks), cause=job.cause)


def _on(ref: str, known: FieldState) -> bool:
    values = [known.standing, known.contested]
    values.append(known.pending.expect if known.pending else None)
    values.append(known.commitment.value if known.commitment else None)
    return any(value.ref == ref for value in values if value)


def _reconcile_later(connection: Connection, key: str, at: datetime, cause: str) -> None:
    """Schedule a look, unless it is scheduled already."""
    due_at = codec.from_time(at)
    same = (jobs.c.ordering == key) & (jobs.c.kind == "reconcile") & (jobs.c.due_at == due_at)
    known = select(jobs.c.id).where(same, jobs.c.state == "ready").limit(1)
    if connection.scalar(known) is None:
        put_reconciles(connection, (Trigger(Subject.parse(key), "time"),), due_at, cause)
