"""One look at an issue: load, re-read, plan, commit. And one delivery: read it, put looks.

No transaction spans a call to the outside, and nothing outside is written here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from automation import facts
from automation.changes import collect_receipts
from automation.live import LiveRules
from automation.model import Mode, Outcome, Plan, Subject
from automation.plan import plan
from automation.ports import Crm, Tracker
from automation.reading import Reading
from automation.store import codec
from automation.store.inbox import Inbox
from automation.store.queue import Job, Queue
from automation.store.state import States

log = structlog.get_logger("handshake")

Reader = Callable[[str, Mapping[str, object]], Reading]
"""Reads a source's payload: (event name, body) to triggers, or why there are none. Pure."""


class Engine:
    """Carries out the jobs ``delivery`` and ``look``."""

    def __init__(
        self,
        queue: Queue,
        inbox: Inbox,
        states: States,
        readers: Mapping[str, Reader],
        trackers: Mapping[str, Tracker],
        crm: Crm,
        rules: LiveRules,
        clock: Callable[[], datetime],
    ) -> None:
        self._queue = queue
        self._inbox = inbox
        self._states = states
        self._readers = readers
        self._trackers = trackers
        self._crm = crm
        self._rules = rules
        self._clock = clock

    def deliver(self, job: Job) -> None:
        """Read one stored delivery, and put a look for each subject it touches."""
        delivery = self._inbox.get(job.payload["source"], job.payload["id"])
        reading = self._readers[delivery.source](delivery.event, json.loads(delivery.body))
        self._inbox.read(self._queue, job, delivery, reading)
        log.info(
            "delivery",
            source=delivery.source,
            id=delivery.id,
            name=delivery.event,
            reading=reading.answer.value,
            because=reading.reason,
        )

    def look(self, job: Job) -> None:
        """Look at one issue, and commit what follows. Raise Unavailable, Refused or LeaseLost."""
        subject = Subject.parse(job.payload["subject"])
        triggers = codec.triggers_from_json(job.payload["triggers"])
        rulebook = self._rules.rulebook()
        mode = self._rules.mode()
        before, receipts = self._states.load(subject)
        expected, _ = collect_receipts(before, receipts)
        seen = facts.read(expected, triggers, self._trackers[subject.system], self._crm, rulebook.policies)
        since = self._states.in_force_since(mode.value, self._rules.changed_at)
        made = plan(before, receipts, seen, rulebook, mode, self._clock(), since) if seen else Plan(before)
        self._states.commit(self._queue, job, before, made, mode.value, rulebook.digest)
        _report(subject, made, mode)


def _report(subject: Subject, made: Plan, mode: Mode) -> None:
    """One line for each decision and ledger entry, and for what the mode did not allow."""
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
