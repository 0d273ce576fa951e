"""What is known of each issue, and the commit that makes a plan real."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, delete, func, insert, select, update

from automation.model import (
    Deal,
    Effect,
    FieldState,
    IssueState,
    KnownName,
    Outcome,
    Person,
    Plan,
    Proposal,
    ProposalState,
    Receipt,
    SetDeadline,
    Subject,
    Told,
    Trigger,
    Would,
)
from automation.publicity import TAKEN_BACK, key_for
from automation.store import codec, naming
from automation.store.database import Database, upsert
from automation.store.inbox import put_looks
from automation.store.outbox import DONE, GIVEN_UP, IN_PUBLIC, add_effects
from automation.store.queue import Job, LeaseLost, Queue
from automation.store.schema import (
    decisions,
    effects,
    issues,
    jobs,
    labels,
    ledger,
    links,
    meta,
    proposals,
    refusals,
    saying,
    told,
    would,
)
from automation.told import Heard

FAILED_RULE = "failed rule"
"""The row of ``meta`` that says of which rules a condition had no answer, and when last."""

CLOCKS_DIFFER = timedelta(minutes=1)
"""What is noted for later than this was noted by a clock that was wrong."""


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
        self._names = naming.KnownNames(database)

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
                labels=_labels(connection, key),
                **naming.load(connection, key),
                told=_told_deals(connection, key),
                standing=row.standing or "",
            )
            pending = [known.pending.effect for known in state.fields.values() if known.pending]
            receipts = _receipts(connection, pending) if pending else {}
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
            if after != before or _names(after) != _names(before):
                _save_issue(connection, key, before, after)
                _save_parts(connection, key, before, after)
                naming.save(connection, key, before, after)
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
                _remember(connection, FAILED_RULE, f"{rules} {codec.from_time(max(failed))}")
            add_effects(connection, plan.effects, job.cause)
            if settled:
                connection.execute(update(issues).where(issues.c.subject == key).values(unsettled_since=0.0))
                # The backup does not know what deals were told since: as much as all others.
                connection.execute(delete(told).where(told.c.subject == key))
                put_looks(connection, settled, cause=job.cause)
            if plan.look_at:
                _look_later(connection, key, plan.look_at, job.cause)
            for look in later:
                put_looks(connection, look.triggers, look.due_at, job.cause, look.why, look.parked)

    def in_force_since(self, mode: str, noticed: datetime, now: datetime | None = None) -> datetime:
        """Return since when ``mode`` is in force: since the first process noticed it, for all of them.

        ``noticed`` is when the asking one did. It overrules what others noticed before, but not what they
        noticed later (it may not have looked at its files since), unless that lies ahead of ``now``.
        """
        with self._database.read() as connection:
            known = _told(connection, "mode")
        latest = (now or noticed) + CLOCKS_DIFFER
        if known is not None and known[0] == mode and known[1] <= latest:
            return known[1]
        with self._database.write() as connection:
            known = _told(connection, "mode")  # another process may have been faster
            if known is not None and known[1] <= latest:
                if known[0] == mode:
                    return known[1]
                if known[1] > noticed:
                    return noticed
            _remember(connection, "mode", f"{mode} {codec.from_time(noticed)}")
        return noticed

    def failed_rule(self, rules: str, after: datetime) -> datetime | None:
        """Return when a condition of ``rules`` (a digest) had no answer last, if later than that."""
        with self._database.read() as connection:
            known = _told(connection, FAILED_RULE)
        if known is None or known[0] != rules or known[1] <= after:
            return None
        return known[1]

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

    def unconfirmed(self, subject: Subject, proposal: str) -> tuple[str, ...]:
        """Return the keys of the comments that are to show a proposal and have no receipt yet."""
        about = (effects.c.subject == str(subject)) & (effects.c.proposal == proposal)
        with self._database.read() as connection:
            return tuple(connection.scalars(select(effects.c.key).where(about, effects.c.state == "ready")))

    def begin(self, effect: str, heard: tuple[Heard, ...]) -> None:
        """Note what a deal hears by words that are about to be sent: if the answer is lost, nobody can tell
        afterwards from what was known then."""
        values = {"heard_json": codec.dump(codec.heard, heard)}
        with self._database.write() as connection:
            connection.execute(
                upsert(connection, saying)
                .values(effect=effect, **values)
                .on_conflict_do_update(index_elements=["effect"], set_=values)
            )

    def begun(self, effect: str) -> tuple[Heard, ...]:
        """Return what a deal has heard, if these words reached it."""
        with self._database.read() as connection:
            text = connection.scalar(select(saying.c.heard_json).where(saying.c.effect == effect))
        return codec.heard.validate_json(text) if text else ()

    def unheard(self, effect: Effect) -> tuple[Effect, ...]:
        """Return the words to the same target that were sent, or not, without our hearing so: they are to be
        tried again, in the order they were planned."""
        mine = (jobs.c.ordering == str(effect.issue)) & (jobs.c.kind == "tell")
        begun = mine & (jobs.c.tries > 0) & jobs.c.state.in_(("ready", "parked"))
        with self._database.read() as connection:
            texts = connection.scalars(select(jobs.c.payload_json).where(begun).order_by(jobs.c.id)).all()
            keys = [json.loads(text)["effect"] for text in texts]
            others = effects.c.key.in_(keys) & (effects.c.state == "ready") & (effects.c.key != effect.key)
            rows = connection.execute(select(effects.c.key, effects.c.effect_json).where(others)).all()
        found = {row.key: codec.effect.validate_json(row.effect_json) for row in rows}
        return tuple(found[key] for key in keys if key in found and found[key].target == effect.target)

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

    def shown(self, subject: Subject) -> list[tuple[Effect, str]]:
        """Return the effects that were done on ``subject`` while it was not public and are not taken back
        yet, each with the text of its receipt."""
        ours = (effects.c.subject == str(subject)) & (effects.c.state == DONE)
        with self._database.read() as connection:
            rows = connection.execute(
                select(effects.c.key, effects.c.effect_json, effects.c.text)
                .where(ours, ~effects.c.text.endswith(IN_PUBLIC, autoescape=True))
                .order_by(effects.c.ended_at)
            ).all()
            begun = effects.c.key.startswith(TAKEN_BACK, autoescape=True)
            mine = effects.c.subject == str(subject)
            taken = set(connection.scalars(select(effects.c.key).where(mine, begun)))
        fresh = [row for row in rows if key_for(row.key) not in taken and not row.key.startswith(TAKEN_BACK)]
        return [(codec.effect.validate_json(row.effect_json), row.text) for row in fresh]

    def look_at_all(self, jobs: Queue, job: Job, place: Subject, triggers: tuple[Trigger, ...]) -> None:
        """Put a look for each known issue of a place, and end the job. Raise LeaseLost."""
        start = f"{place.system}:issue:{place.key}{'#' if place.system == 'github' else '-'}"
        ours = issues.c.subject.startswith(start, autoescape=True)
        with self._database.write() as connection:
            jobs.done(connection, job)
            known = [Subject.parse(key) for key in connection.scalars(select(issues.c.subject).where(ours))]
            looks = [replace(trigger, subject=subject) for subject in known for trigger in triggers]
            put_looks(connection, tuple(looks), cause=job.cause)


def taken_back(database: Database, since: float) -> str | None:
    """Say how many of our comments strangers came to be able to read since then, or None."""
    mine = effects.c.key.startswith(TAKEN_BACK, autoescape=True) & (effects.c.ended_at >= since)
    words = mine & effects.c.effect_json.contains('"comment":')
    with database.read() as connection:
        number = connection.scalar(select(func.count()).where(words)) or 0
    if not number:
        return None
    comments = "1 comment was" if number == 1 else f"{number} comments were"
    return f"{comments} edited, as the place turned public; the log says where, and what is left to do"


def _on(ref: str, known: FieldState) -> bool:
    values = [known.standing, known.contested]
    values.append(known.pending.expect if known.pending else None)
    values.append(known.commitment.value if known.commitment else None)
    return any(value.ref == ref for value in values if value)


def _told(connection: Connection, name: str) -> tuple[str, datetime] | None:
    """Return what was remembered by that name, and its time."""
    known = connection.scalar(select(meta.c.value).where(meta.c.name == name))
    what, _, at = (known or "").partition(" ")
    return (what, codec.to_time(float(at))) if at else None


def _remember(connection: Connection, name: str, value: str) -> None:
    connection.execute(
        upsert(connection, meta)
        .values(name=name, value=value)
        .on_conflict_do_update(index_elements=["name"], set_={"value": value})
    )


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
        "standing": after.standing,
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
    for label, present in after.labels.items():
        if before.labels.get(label) != present:
            connection.execute(
                upsert(connection, labels)
                .values(subject=key, label=label, present=present)
                .on_conflict_do_update(index_elements=["subject", "label"], set_={"present": present})
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


def _labels(connection: Connection, key: str) -> dict[str, bool]:
    rows = connection.execute(select(labels.c.label, labels.c.present).where(labels.c.subject == key))
    return {row.label: bool(row.present) for row in rows}


def _told_deals(connection: Connection, key: str) -> dict[tuple[str, str], Told]:
    rows = connection.execute(select(told).where(told.c.subject == key))
    return {
        (row.deal, row.field): Told(codec.value.validate_json(row.value_json), bool(row.rechecking))
        for row in rows
    }


def _receipts(connection: Connection, keys: list[str]) -> dict[str, Receipt]:
    """Load the receipts of the effects that have ended."""
    ended = effects.c.key.in_(keys) & (effects.c.ended_at > 0)
    told = effects.outerjoin(refusals, refusals.c.effect == effects.c.key)
    found = {}
    for row in connection.execute(select(effects, refusals.c.hint).select_from(told).where(ended)):
        receipt = Receipt(row.state != GIVEN_UP, row.text, row.hint or "")
        with suppress(ValidationError):  # what can no longer be read has a receipt all the same
            intent = codec.effect.validate_json(row.effect_json).intent
            if isinstance(intent, SetDeadline):
                receipt = replace(receipt, why=intent.why)
        found[row.key] = receipt
    return found


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
