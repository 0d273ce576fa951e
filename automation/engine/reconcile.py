"""One pass over a subject, whatever its kind: read, compare, plan, commit. And one delivery: read it, put
looks.

No transaction spans a call to the outside, and nothing outside is written here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import structlog

from automation.domain.fields import spoken_of
from automation.domain.overrides import OVERRODE
from automation.engine.kinds.carriers import Carriers
from automation.engine.kinds.deals import Deals
from automation.engine.kinds.issues import NO_CARRIERS, Issues
from automation.engine.kinds.items import Items
from automation.engine.kinds.kind import Kind, Pass, PassOn, TakeOver
from automation.engine.kinds.places import Places
from automation.engine.preview import Preview
from automation.engine.reader import Readers
from automation.engine.unread import unread
from automation.model import CARRIER, DEAL, ISSUE, ITEM, PLACE, Delivery, Moment, Outcome, Subject, Trigger
from automation.model.reading import Answer, CarrierReader, Reader, Reading
from automation.ports import Clock, Counters, Inbox, Job, Queue, Refused, State, Tracker
from automation.rulebook.live import LiveRules

log = structlog.get_logger("handshake")


class Reconciler:
    """Carries out the jobs ``delivery`` and ``reconcile``."""

    def __init__(
        self,
        queue: Queue,
        inbox: Inbox,
        states: State,
        readers: Mapping[str, Reader],
        trackers: Mapping[str, Tracker],
        passes: Readers,
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
        self._rules = rules
        self._clock = clock
        self._counters = counters
        self._kinds: Mapping[str, Kind] = {
            ISSUE: Issues(inbox, states, trackers, passes, rules, preview, carriers),
            CARRIER: Carriers(states, passes, rules, preview, carriers),
            PLACE: Places(states, rules),
            DEAL: Deals(states, rules),
            ITEM: Items(states, trackers, rules),
        }

    def deliver(self, *jobs: Job) -> None:
        """Read stored deliveries, and put a reconcile for each subject that each of them touches, all or
        none."""
        deliveries = self._inbox.get(*((job.payload["source"], job.payload["id"]) for job in jobs))
        readings = [self._read(delivery) for delivery in deliveries]
        self._inbox.read(self._queue, *zip(jobs, deliveries, readings, strict=True))
        for delivery, reading in zip(deliveries, readings, strict=True):
            self._counters.add("read", delivery.source, reading.answer.value)
            log.info(
                "delivery",
                source=delivery.source,
                id=delivery.id,
                name=delivery.event,
                reading=reading.answer.value,
                because=reading.reason,
            )

    def _read(self, delivery: Delivery) -> Reading:
        """Read a delivery, and note what its place is called now."""
        body, source = json.loads(delivery.body), delivery.source
        reading = self._readers[source](delivery.event, body)
        if reading.answer is not Answer.TRIGGERS and reading.triggers:
            self._states.subjects.places(source, fresh=True)  # another process may have noted a new name
            reading = self._readers[source](delivery.event, body)
        if reading.place and reading.answer is not Answer.REFUSED:
            self._states.subjects.note_place(source, reading.place)
        if reading.answer is Answer.TRIGGERS:
            return self._resolved(reading)
        states = self._states
        ours = (t for t in reading.triggers if states.knows(t.subject) or (t.was and states.knows(t.was)))
        return replace(reading, triggers=tuple(ours))

    def _resolved(self, reading: Reading) -> Reading:
        """Leave out the carriers on which nothing stands that is known here, and the deals that nothing is
        linked to."""
        triggers = self._concerning(reading.triggers)
        events = tuple((id, self._concerning(each)) for id, each in reading.events)
        if (reading.triggers or reading.events) and not (triggers or any(each for _, each in events)):
            return Reading.ignored("no issue that is known here stands on it or is linked to it")
        if triggers and all(map(self._states.echoes.is_ours, triggers)):
            return Reading.ignored("what we set ourselves")
        return replace(reading, triggers=triggers, events=events)

    def _concerning(self, triggers: tuple[Trigger, ...]) -> tuple[Trigger, ...]:
        return tuple(filter(self._concerns_an_issue, triggers))

    def _concerns_an_issue(self, trigger: Trigger) -> bool:
        subject = trigger.subject
        if subject.kind == CARRIER:
            return bool(self._states.standing_on(subject))
        return subject.kind != DEAL or bool(self._states.linked_to(subject))

    def reconcile(self, job: Job) -> None:
        """Look at one subject, and commit what follows, or why nothing can. Raise Unavailable, Refused or
        LeaseLost."""
        named = Subject.parse(job.payload["subject"])
        try:
            self._reconcile(job, named)
        except Refused as error:
            subject = self._states.subjects.current(named)
            rules, now = self._rules.in_force(), self._clock()
            refused = unread(self._states.triggers_of(job), str(error), now)
            self._states.refused(subject, refused, Moment(now, rules.mode, rules.rulebook.text))
            raise

    def _reconcile(self, job: Job, named: Subject) -> None:
        now = self._clock()
        # It is looked for from the first look on, by one clock: that of whoever received it may differ.
        triggers: tuple[Trigger, ...] = tuple(
            trigger if trigger.named_at else replace(trigger, named_at=now, waited=0.0)
            for trigger in self._states.triggers_of(job)
        )
        if all(map(self._states.echoes.is_ours, triggers)):  # its receipt came after the delivery
            self._states.drop(self._queue, job)
            return
        made = self._kinds[named.kind].reconcile(named, triggers, now)
        if isinstance(made, PassOn):
            self._states.pass_on(self._queue, job, made.to, triggers)
            return
        if isinstance(made, TakeOver):
            self._states.take_over(self._queue, job, made.old, made.new, made.there, triggers)
            log.info("moved", was=made.old.subject.key, issue=made.new.subject.key)
            return
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
            born=made.born,
            seen=made.seen,
            anew=made.anew,
        )
        if made.silent:
            return
        subject = made.plan.state.subject
        if made.gone:
            self._states.forget_reconciles(subject)
        decided = "decided" if made.plan.decisions else "nothing"
        self._counters.add("reconciles", subject.system, decided)
        for entry in made.plan.ledger:
            if entry.what == OVERRODE:
                self._counters.add("overrides", subject.system)
        for decision in made.plan.decisions:
            self._counters.add("decisions", decision.rule, decision.outcome.value)
        _report(subject, made)


def _report(about: Subject, made: Pass) -> None:
    """One line for each decision and ledger entry, for what the mode did not allow, and for what could not
    be seen."""
    subject = spoken_of(about)
    for look in made.later:
        if look.parked:
            log.error("parked", issue=subject, kind="reconcile", error=look.why)
        else:
            log.info("unseen", issue=subject, text=look.why)
    for entry in made.plan.ledger:
        log.info("ledger", issue=subject, what=entry.what, by=entry.by and entry.by.name)
    for decision in made.plan.decisions:
        level = log.warning if decision.outcome is Outcome.ERROR else log.info
        level(
            "decision",
            issue=subject,
            on=decision.event.name,
            rule=decision.rule,
            where=decision.where,
            outcome=decision.outcome.value,
            because=decision.because or None,
        )
    for sentence in made.plan.would:
        log.info("would", mode=made.mode.value, issue=subject, do=sentence)
