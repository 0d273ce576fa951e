"""What is known of each subject, and the commit that makes a plan real."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Insert, delete, insert, select, update

from automation.domain.moving import joined
from automation.model import (
    CARRIER,
    CarrierState,
    Deal,
    Decision,
    IssueState,
    KnownName,
    Moment,
    Outcome,
    Person,
    Plan,
    Proposal,
    ProposalState,
    Receipt,
    Sighting,
    Subject,
    Trigger,
    Value,
    Would,
)
from automation.ports import Job, Known, Later, Queue, SubjectState
from automation.store import (
    carrier_rows,
    codec,
    deal_rows,
    issue_rows,
    known,
    naming,
    retries,
    several,
    sightings,
)
from automation.store.claim_queries import IS_READY
from automation.store.database import Database
from automation.store.echoes import Echoes
from automation.store.inbox import put_reconciles
from automation.store.messages import depth_of, send
from automation.store.modes import FAILED_RULE, Modes, remember
from automation.store.outbox import add_effects
from automation.store.pauses import Pauses
from automation.store.schema import (
    issues,
    jobs,
    labels,
    ledger,
    links,
    proposals,
    would,
)
from automation.store.subjects import Subjects, current, names_of, note, within
from automation.store.takeovers import MOVED, led_on, take_over
from automation.store.words import Words

_ENTER, _KEEP_BACK = insert(ledger), insert(would)


class States:
    """Loads an issue's state whole, and commits a plan against the version it was made from."""

    def __init__(self, database: Database, lanes: Collection[str] | None = None) -> None:
        """``lanes``: the systems that a worker writes to; None where that is not known here."""
        self._database = database
        self._lanes = lanes
        self._names = naming.KnownNames(database)
        self._rules_seen = sightings.RulesSeen()
        self.modes = Modes(database)
        self.words = Words(database)
        self.subjects = Subjects(database)
        self.echoes = Echoes(database)
        self.pauses = Pauses(database)

    def load(self, subject: Subject) -> tuple[IssueState, Mapping[str, Receipt]]:
        """Return what is known of ``subject``, and the receipts of its deadline writes under way."""
        began = self.begin(subject)
        return began.state, began.receipts

    def triggers_of(self, job: Job) -> tuple[Trigger, ...]:
        """Return what a look is for."""
        return codec.triggers_from_json(job.payload["triggers"])

    def begin(self, subject: Subject) -> Known:
        """Return what a pass over ``subject`` begins with."""
        with self._database.read() as connection:
            return known.load(connection, subject)

    def forget_reconciles(self, subject: Subject) -> None:
        """Take away the looks at an issue that was deleted."""
        ready = IS_READY & (jobs.c.kind == "reconcile") & (jobs.c.system == "")
        with self._database.write() as connection:
            connection.execute(delete(jobs).where(ready, jobs.c.ordering == str(subject)))

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
        born: str | None = None,
        seen: Sighting | None = None,
        anew: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Make the plan real: state, ledger, decisions, effects and the job's end, or nothing of it. With
        ``settled``, note that what happened before a restore is known now, and look again for these.
        ``later``: what could not be seen yet. ``kept_back``: what the mode did not allow. ``born``: who wrote
        the issue and when, where its key is news.
        ``seen``: what the plan was made of, which is kept with its decisions. ``anew``: the ids of fields
        that were made again, by those that they had.

        Raise LeaseLost where somebody else has taken over the job, or changed the issue since.
        """
        after = plan.state
        key = str(after.subject)
        with self._database.write() as connection:
            jobs.done(connection, job)
            if isinstance(before, IssueState):
                issue_rows.save(connection, before, after)
                deal_rows.put_under(connection, key, anew)
            elif isinstance(before, CarrierState):
                carrier_rows.save(connection, before, after)
                if after.promise:
                    issue_rows.save(connection, before.promise or IssueState(after.subject), after.promise)
            if born is not None or before.version == 0:
                note(connection, after.subject, born or "")
            _add(
                connection,
                _ENTER,
                [
                    {
                        "subject": key,
                        "entry_json": codec.dump(codec.entry, replace(line, delivery=job.cause)),
                    }
                    for line in plan.ledger
                ],
            )
            kept = seen and sightings.keep(connection, plan, seen, seen.rules.digest not in self._rules_seen)
            _add(
                connection,
                _KEEP_BACK,
                [
                    {
                        "subject": key,
                        "at": codec.from_time(kept.at),
                        "mode": mode,
                        "effect_json": codec.dump(codec.effect, kept.effect),
                        "text": kept.text,
                    }
                    for kept in kept_back
                ],
            )
            failed = [one.event.at for one in plan.decisions if one.outcome is Outcome.ERROR]
            if failed:
                remember(connection, FAILED_RULE, f"{rules} {codec.from_time(max(failed))}")
            add_effects(connection, plan.effects, job.cause, self._lanes, jobs.now)
            if settled:
                connection.execute(update(issues).where(issues.c.subject == key).values(unsettled_since=0.0))
                # The backup does not know what deals were told since: as much as all others.
                deal_rows.forget(connection, key)
                put_reconciles(connection, settled, cause=job.cause)
            if plan.reconcile_at:
                _reconcile_later(connection, key, plan.reconcile_at)
            depth = depth_of(job)
            for look in later:
                put_reconciles(
                    connection, look.triggers, look.due_at, job.cause, look.why, look.parked, depth
                )
            if plan.messages:
                stored = isinstance(before, IssueState | CarrierState)
                sequence = before.version if stored else job.put_at
                send(connection, after.subject, sequence, job, plan.messages, jobs.now())
        if seen and kept:
            self._rules_seen.note(seen.rules.digest)

    def carrier(self, subject: Subject) -> CarrierState:
        """Return what is known of a carrier."""
        with self._database.read() as connection:
            promise = known.load(connection, subject).state
            found = carrier_rows.load(connection, subject)
        return replace(found, promise=promise if promise.version else None)

    def standing(self, carrier: Subject) -> tuple[IssueState, ...]:
        """Return what is known of the issues that stand on a carrier, are to be put back on it, or are asked
        onto it: their dates, deals and names."""
        with self._database.read() as connection:
            return several.load(connection, carrier_rows.standing_on(connection, carrier))

    def carriers_of(self, place: Subject) -> tuple[Subject, ...]:
        """Return the carriers of a repository or project that are known."""
        with self._database.read() as connection:
            names = names_of(connection, place.system, current(connection, place))
            found = within(connection, place.system, names, CARRIER)
            return tuple(current(connection, Subject.parse(name)) for name in found)

    def take_over(
        self,
        jobs: Queue,
        job: Job,
        before: IssueState,
        new: IssueState,
        there: Mapping[Value, Value],
        triggers: tuple[Trigger, ...],
    ) -> None:
        """Keep what was known as ``before`` as what ``new`` is now, look at it there, and end the job;
        ``there``: the values of now by those of before. Raise LeaseLost."""
        state = joined(before, new, there)
        with self._database.write() as connection:
            jobs.done(connection, job)
            take_over(connection, before, new, state, there)
            put_reconciles(connection, led_on(triggers, state.subject), cause=job.cause)

    def pass_on(self, jobs: Queue, job: Job, subject: Subject, triggers: tuple[Trigger, ...]) -> None:
        """Look at an issue that has another id by now, and end the job. Raise LeaseLost."""
        with self._database.write() as connection:
            jobs.done(connection, job)
            put_reconciles(connection, led_on(triggers, subject), cause=job.cause)

    def drop(self, jobs: Queue, job: Job) -> None:
        """End a job that has nothing to do. Raise LeaseLost."""
        with self._database.write() as connection:
            jobs.done(connection, job)

    def look_again(self, subject: Subject) -> None:
        """Look at an issue that was not where it was thought to be."""
        with self._database.write() as connection:
            put_reconciles(connection, (Trigger(subject, MOVED),))

    def write_again(self, place: Subject) -> int:
        """Try again what could not be written in a repository or project; see ports.State."""
        there = (*self.issues_of(place), *self.carriers_of(place))
        with self._database.write() as connection:
            return retries.free_writes(connection, there, place.system)

    def knows(self, subject: Subject) -> bool:
        """Tell whether anything is known of an issue."""
        with self._database.read() as connection:
            now = current(connection, subject)
            row = select(issues.c.version).where(issues.c.subject == str(now))
            return connection.scalar(row) is not None

    def refused(self, subject: Subject, decision: Decision, moment: Moment) -> None:
        """Note why nothing was decided about ``subject``: what has to be seen for it was refused."""
        with self._database.write() as connection:
            sightings.keep_unread(connection, subject, decision, moment)

    def standing_on(self, carrier: Subject) -> tuple[Subject, ...]:
        """Return the issues that stand on a milestone of their repository, are to be put back on it, or
        are asked onto it, as far as is known."""
        with self._database.read() as connection:
            return carrier_rows.standing_on(connection, carrier)

    def issues_of(self, place: Subject) -> tuple[Subject, ...]:
        """Return the issues of a repository or project that are known."""
        with self._database.read() as connection:
            names = names_of(connection, place.system, current(connection, place))
            ours = issues.c.subject.in_(within(connection, place.system, names))
            found = connection.scalars(select(issues.c.subject).where(ours)).all()
            return tuple(current(connection, Subject.parse(name)) for name in found)

    def open_proposals(self) -> list[tuple[Subject, Proposal]]:
        """Return all that waits for product's answer, the oldest first."""
        waiting = proposals.c.state == ProposalState.OPEN.value
        with self._database.read() as connection:
            rows = connection.execute(select(proposals.c.subject, proposals.c.proposal_json).where(waiting))
            found = [
                (
                    current(connection, Subject.parse(row.subject)),
                    codec.proposal.validate_json(row.proposal_json),
                )
                for row in rows.all()
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
            found = connection.scalars(select(links.c.subject).where(theirs).order_by(links.c.subject)).all()
            return tuple(current(connection, Subject.parse(name)) for name in found)

    def note_names(self, deals: Collection[Deal], people: Collection[Person] = ()) -> None:
        """Keep names that not every customer may read."""
        self._names.note(deals, people)

    def known_names(self) -> tuple[KnownName, ...]:
        """Return the names that were noted."""
        return self._names.all()


def _add(connection: Connection, statement: Insert, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)


def _reconcile_later(connection: Connection, key: str, at: datetime) -> None:
    """Schedule a look, unless it is scheduled already. The time is its cause: the delivery that made the plan
    is done with."""
    due_at = codec.from_time(at)
    same = (jobs.c.ordering == key) & (jobs.c.kind == "reconcile") & (jobs.c.due_at == due_at)
    scheduled = select(jobs.c.id).where(same, IS_READY).limit(1)
    if connection.scalar(scheduled) is None:
        put_reconciles(connection, (Trigger(Subject.parse(key), "time"),), due_at)
