"""One pass over a subject, whatever its kind: read, compare, plan, commit. And one delivery: read it, put
looks.

No transaction spans a call to the outside, and nothing outside is written here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog

from automation.engine.kinds.carriers import Carriers
from automation.engine.kinds.issues import NO_CARRIERS, CarrierReader, Issues
from automation.engine.kinds.kind import Kind, Pass
from automation.engine.kinds.places import Places
from automation.engine.preview import Preview
from automation.model import CARRIER, ISSUE, PLACE, Outcome, Subject, Trigger
from automation.model.reading import Reading
from automation.ports import Clock, Counters, Crm, Inbox, Job, Queue, State, Tracker
from automation.rulebook.live import LiveRules

log = structlog.get_logger("handshake")

Reader = Callable[[str, Mapping[str, object]], Reading]
"""Reads a source's payload: (event name, body) to triggers, or why there are none. Pure."""


class Reconciler:
    """Carries out the jobs ``delivery`` and ``reconcile``."""

    def __init__(
        self,
        queue: Queue,
        inbox: Inbox,
        states: State,
        readers: Mapping[str, Reader],
        trackers: Mapping[str, Tracker],
        crm: Crm,
        rules: LiveRules,
        clock: Clock,
        counters: Counters,
        preview: Preview,
        carriers: Mapping[str, CarrierReader] = NO_CARRIERS,
    ) -> None:
        self._queue = queue
        self._inbox = inbox
        self._states = states
        self._readers = readers
        self._clock = clock
        self._counters = counters
        self._kinds: Mapping[str, Kind] = {
            ISSUE: Issues(inbox, states, trackers, crm, rules, preview, carriers),
            CARRIER: Carriers(states, trackers, rules),
            PLACE: Places(states, rules),
        }

    def deliver(self, job: Job) -> None:
        """Read one stored delivery, and put a look for each subject it touches."""
        delivery = self._inbox.get(job.payload["source"], job.payload["id"])
        reading = self._concerning(self._readers[delivery.source](delivery.event, json.loads(delivery.body)))
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

    def _concerning(self, reading: Reading) -> Reading:
        """Leave out the carriers on which nothing stands that is known here."""
        triggers = tuple(
            trigger
            for trigger in reading.triggers
            if trigger.subject.kind != CARRIER or self._states.standing_on(trigger.subject)
        )
        if reading.triggers and not triggers:
            return Reading.ignored("no issue that is known here stands on it")
        return replace(reading, triggers=triggers)

    def reconcile(self, job: Job) -> None:
        """Look at one subject, and commit what follows. Raise Unavailable, Refused or LeaseLost."""
        subject = Subject.parse(job.payload["subject"])
        now = self._clock()
        # It is looked for from the first look on, by one clock: that of whoever received it may differ.
        triggers: tuple[Trigger, ...] = tuple(
            trigger if trigger.named_at else replace(trigger, named_at=now, waited=0.0)
            for trigger in self._states.triggers_of(job)
        )
        made = self._kinds[subject.kind].reconcile(subject, triggers, now)
        self._states.commit(
            self._queue,
            job,
            made.before,
            made.plan,
            made.mode.value,
            made.rules,
            made.settled,
            later=made.later,
            kept_back=made.kept_back,
        )
        if made.silent:
            return
        if made.gone:
            self._states.forget_reconciles(subject)
        for decision in made.plan.decisions:
            self._counters.add("decisions", decision.rule, decision.outcome.value)
        _report(subject, made)


def _report(subject: Subject, made: Pass) -> None:
    """One line for each decision and ledger entry, for what the mode did not allow, and for what could not
    be seen."""
    for look in made.later:
        if look.parked:
            log.error("parked", issue=subject.key, kind="reconcile", error=look.why)
        else:
            log.info("unseen", issue=subject.key, text=look.why)
    for entry in made.plan.ledger:
        log.info("ledger", issue=subject.key, what=entry.what, by=entry.by and entry.by.name)
    for decision in made.plan.decisions:
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
    for sentence in made.plan.would:
        log.info("would", mode=made.mode.value, issue=subject.key, do=sentence)
