"""One look at an issue: load, re-read, plan, commit. And one delivery: read it, put looks.

No transaction spans a call to the outside, and nothing outside is written here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from automation.domain.changes import collect_receipts
from automation.domain.publicity import take_back
from automation.engine import facts, sight
from automation.engine.plan import plan
from automation.engine.preview import Preview
from automation.engine.reader import Readers
from automation.engine.shown import with_what_is_there
from automation.model import (
    CARRIER,
    PLACE,
    Carrier,
    Issue,
    Mode,
    Outcome,
    Plan,
    Redact,
    Subject,
    Trigger,
    Would,
)
from automation.model.reading import Reading
from automation.ports import Unseen
from automation.rulebook.live import LiveRules
from automation.store import codec
from automation.store.counters import Counters
from automation.store.inbox import Inbox
from automation.store.queue import Job, Queue
from automation.store.restored import AGAIN
from automation.store.state import Later, States

log = structlog.get_logger("handshake")

UNDER_WAY = timedelta(hours=1)
"""How old a command may be that was not carried out yet when a backup was made."""

TURNED_PUBLIC = (
    "Strangers can read this issue now. Our comments on it are edited to what they may read, our labels "
    "and links to deals are taken off. The tracker may still show what stood there before: on GitHub open "
    "“edited” above a comment and delete its older revisions, or delete the comment."
)

Reader = Callable[[str, Mapping[str, object]], Reading]
"""Reads a source's payload: (event name, body) to triggers, or why there are none. Pure."""

CarrierReader = tuple[str, Callable[[Mapping[str, object]], Carrier | None]]
"""The name of the deliveries that tell of a system's carriers, and what reads them. Pure."""
NO_CARRIERS: Mapping[str, CarrierReader] = {}


class Reconciler:
    """Carries out the jobs ``delivery`` and ``look``."""

    def __init__(
        self,
        queue: Queue,
        inbox: Inbox,
        states: States,
        readers: Mapping[str, Reader],
        passes: Readers,
        rules: LiveRules,
        clock: Callable[[], datetime],
        counters: Counters,
        preview: Preview,
        carriers: Mapping[str, CarrierReader] = NO_CARRIERS,
    ) -> None:
        self._queue = queue
        self._inbox = inbox
        self._states = states
        self._readers = readers
        self._passes = passes
        self._rules = rules
        self._clock = clock
        self._counters = counters
        self._carriers = carriers
        self._preview = preview

    def deliver(self, job: Job) -> None:
        """Read one stored delivery, and put a look for each subject it touches."""
        delivery = self._inbox.get(job.payload["source"], job.payload["id"])
        reading = self._resolved(self._readers[delivery.source](delivery.event, json.loads(delivery.body)))
        self._inbox.read(self._queue, job, delivery, reading)
        self._counters.add("read", delivery.source, reading.answer.value)
        log.info(
            "delivery",
            source=delivery.source,
            id=delivery.id,
            name=delivery.event,
            reading=reading.answer.value,
            because=reading.reason,
        )

    def _resolved(self, reading: Reading) -> Reading:
        """Put, in the place of a carrier, the issues that are known to stand on it or to want it."""
        triggers = [
            replace(trigger, subject=issue, what="issue") if issue != trigger.subject else trigger
            for trigger in reading.triggers
            for issue in (
                self._states.standing_on(trigger.subject)
                if trigger.subject.kind == CARRIER
                else (trigger.subject,)
            )
        ]
        if reading.triggers and not triggers:
            return Reading.ignored("no issue that is known here stands on it")
        if triggers and all(map(self._states.echoes.is_ours, triggers)):
            return Reading.ignored("what we set ourselves")
        return replace(reading, triggers=tuple(triggers))

    def reconcile(self, job: Job) -> None:
        """Look at one issue, and commit what follows. Raise Unavailable, Refused or LeaseLost."""
        subject = Subject.parse(job.payload["subject"])
        now = self._clock()
        # It is looked for from the first look on, by one clock: that of whoever received it may differ.
        triggers = tuple(
            trigger if trigger.named_at else replace(trigger, named_at=now, waited=0.0)
            for trigger in codec.triggers_from_json(job.payload["triggers"])
        )
        if subject.kind == PLACE:
            self._states.reconcile_all(self._queue, job, subject, triggers)
            return
        copied_at = self._states.unsettled(subject)
        if copied_at is not None:
            self._catch_up(job, subject, triggers, copied_at)
            return
        if all(map(self._states.echoes.is_ours, triggers)):  # its receipt came after the delivery
            self._states.echoes.end(self._queue, job)
            return
        rules = self._rules.in_force()
        rulebook, mode = rules.rulebook, rules.mode
        before, receipts = self._states.load(subject)
        expected, _ = collect_receipts(before, receipts)
        reader = self._passes.of_reconcile(subject)
        tracker = reader.trackers[subject.system]
        heard = tuple(t for t in self._states.heard(subject) if sight.age(t, now) < sight.PATIENCE)
        made, verdict = Plan(before), sight.Verdict()
        kept_back: tuple[Would, ...] = ()
        try:
            every = (*triggers, *heard)
            told = partial(self._told, subject.system)
            seen = facts.read(expected, every, tracker, reader.crm, rulebook.policies, now, told)
        except Unseen as error:
            verdict = sight.of_issue(before, triggers, now, str(error))
            seen = None
        since = self._states.modes.in_force_since(mode.value, rules.noticed, now)
        if seen:
            verdict = sight.judge(expected, seen, triggers, now)
            if verdict.decide:
                unconfirmed = partial(self._states.words.unconfirmed, subject)
                known = with_what_is_there(before, seen, tracker, unconfirmed)
                made = plan(known, receipts, seen, rulebook, mode, now, since)
                enforced = partial(plan, known, receipts, seen, rulebook, Mode.ENFORCE, now, since)
                kept_back = self._preview.kept_back(mode, seen.issue, now, enforced)
                if seen.issue.public and mode is not Mode.OBSERVE:
                    made = self._taken_back(made, seen.issue)
                if made.state.links:
                    self._states.note_names(list(seen.deals.values()), seen.people())
        later = _later(verdict, now)
        self._states.commit(
            self._queue, job, before, made, mode.value, rulebook.digest, later=later, kept_back=kept_back
        )
        if not seen and not later:
            self._gone(subject, triggers)
        for decision in made.decisions:
            self._counters.add("decisions", decision.rule, decision.outcome.value)
        _report(subject, made, mode, later)

    def _told(self, system: str) -> list[Carrier]:
        """Return the carriers that deliveries told of lately."""
        event, read = self._carriers.get(system, ("", None))
        bodies = self._inbox.latest(system, event) if read else ()
        return [found for body in bodies if read and (found := read(json.loads(body)))]

    def _gone(self, subject: Subject, triggers: tuple[Trigger, ...]) -> None:
        """Say that an issue is gone, and look no more where that was told."""
        log.warning("gone", issue=subject.key, text="the issue was deleted or moved: nothing more is done")
        if any(trigger.what == "gone" and not trigger.comment for trigger in triggers):
            self._states.forget_reconciles(subject)

    def _taken_back(self, made: Plan, issue: Issue) -> Plan:
        """Add what takes away that strangers can read now what was written for fewer, and say so."""
        effects = take_back(self._states.words.shown(issue.subject), issue)
        words = sum(isinstance(effect.intent, Redact) for effect in effects)
        if effects:
            log.warning("public", issue=issue.subject.key, comments=words, text=TURNED_PUBLIC)
        return replace(made, effects=(*made.effects, *effects))

    def _catch_up(
        self, job: Job, subject: Subject, triggers: tuple[Trigger, ...], copied_at: datetime
    ) -> None:
        """After a restore, learn in silence what happened from the making of the backup to the start on
        it, since all of it was answered then; and look afterwards as was meant."""
        rules, now = self._rules.in_force(), self._clock()
        rulebook = rules.rulebook
        before, receipts = self._states.load(subject)
        expected, _ = collect_receipts(before, receipts)
        reasons = (*triggers, Trigger(subject, AGAIN, at=copied_at), Trigger(subject, "issue", at=now))
        reader = self._passes.of_reconcile(subject)
        tracker = reader.trackers[subject.system]
        try:
            seen = facts.read(expected, reasons, tracker, reader.crm, rulebook.policies, now)
        except Unseen:
            seen = None  # what that means is found out afterwards
        made = Plan(before)
        if seen:
            start = self._states.modes.in_force_since(rules.mode.value, rules.noticed, now)
            seen = replace(seen, written=tuple(w for w in seen.written if w.at < start))
            made = plan(before, receipts, seen, rulebook, Mode.OBSERVE, now, copied_at - UNDER_WAY)
        self._states.commit(self._queue, job, before, made, Mode.OBSERVE.value, rulebook.digest, triggers)
        log.info("caught up", issue=subject.key)


def _later(verdict: sight.Verdict, now: datetime) -> tuple[Later, ...]:
    """Return the looks that are to be taken again, and those that wait for somebody."""
    found = []
    if verdict.again:
        again = tuple(replace(one, waited=(one.waited or 0.0) + verdict.wait) for one in verdict.again)
        found.append(Later(again, verdict.why, now.timestamp() + verdict.wait))
    if verdict.missed:
        minutes = int(sight.GIVE_UP.total_seconds() // 60)
        found.append(Later(verdict.missed, f"{verdict.why} (looked for {minutes} minutes)", parked=True))
    return tuple(found)


def _report(subject: Subject, made: Plan, mode: Mode, later: tuple[Later, ...]) -> None:
    """One line for each decision and ledger entry, for what the mode did not allow, and for what could not
    be seen."""
    for look in later:
        if look.parked:
            log.error("parked", issue=subject.key, kind="reconcile", error=look.why)
        else:
            log.info("unseen", issue=subject.key, text=look.why)
    for entry in made.ledger:
        log.info("ledger", issue=subject.key, what=entry.what, by=entry.by and entry.by.name)
    for decision in made.decisions:
        level = log.warning if decision.outcome is Outcome.ERROR else log.info
        level(
            "decision",
            issue=subject.key,
            on=decision.event.name,
            rule=decision.rule,
            where=decision.where,
            outcome=decision.outcome.value,
            because="; ".join(decision.reasons) or None,
        )
    for sentence in made.would:
        log.info("would", mode=mode.value, issue=subject.key, do=sentence)
