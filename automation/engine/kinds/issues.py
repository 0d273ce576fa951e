"""An issue: its facts are re-read, compared with what is known, decided on by the rules, and planned."""

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
from automation.engine.kinds.kind import Pass
from automation.engine.movers import with_movers
from automation.engine.plan import plan
from automation.engine.preview import Preview
from automation.engine.shown import with_what_is_there
from automation.model import (
    Carrier,
    Issue,
    IssueState,
    Mode,
    Plan,
    Redact,
    Subject,
    Trigger,
    Would,
)
from automation.ports import AGAIN, Crm, Inbox, Later, State, Tracker, Unseen
from automation.rulebook.live import LiveRules

log = structlog.get_logger("handshake")

UNDER_WAY = timedelta(hours=1)
"""How old a command may be that was not carried out yet when a backup was made."""

GONE = "the issue was deleted or moved: nothing more is done"

TURNED_PUBLIC = (
    "Strangers can read this issue now. Our comments on it are edited to what they may read, our labels "
    "and links to deals are taken off. The tracker may still show what stood there before: on GitHub open "
    "“edited” above a comment and delete its older revisions, or delete the comment."
)

CarrierReader = tuple[str, Callable[[Mapping[str, object]], Carrier | None]]
"""The name of the deliveries that tell of a system's carriers, and what reads them. Pure."""
NO_CARRIERS: Mapping[str, CarrierReader] = {}


class Issues:
    """Looks at issues."""

    def __init__(
        self,
        inbox: Inbox,
        states: State,
        trackers: Mapping[str, Tracker],
        crm: Crm,
        rules: LiveRules,
        preview: Preview,
        carriers: Mapping[str, CarrierReader],
    ) -> None:
        self._inbox = inbox
        self._states = states
        self._trackers = trackers
        self._crm = crm
        self._rules = rules
        self._preview = preview
        self._carriers = carriers

    def reconcile(self, subject: Subject, triggers: tuple[Trigger, ...], now: datetime) -> Pass:
        copied_at = self._states.unsettled(subject)
        if copied_at is not None:
            return self._catch_up(subject, triggers, copied_at, now)
        rules = self._rules.in_force()
        rulebook, mode = rules.rulebook, rules.mode
        before, receipts = self._states.load(subject)
        expected, _ = collect_receipts(before, receipts)
        tracker = self._trackers[subject.system]
        heard = tuple(t for t in self._states.heard(subject) if sight.age(t, now) < sight.PATIENCE)
        made, verdict = Plan(before), sight.Verdict()
        kept_back: tuple[Would, ...] = ()
        doubts: tuple[Trigger, ...] = ()
        every = (*triggers, *heard)
        try:
            told = partial(self._told, subject.system)
            seen = facts.read(expected, every, tracker, self._crm, rulebook.policies, now, told)
        except Unseen as error:
            verdict = sight.of_issue(before, triggers, now, str(error))
            seen = None
        since = self._states.modes.in_force_since(mode.value, rules.noticed, now)
        if seen:
            carrier = self._states.carrier
            seen, doubts = with_movers(expected, seen, every, carrier, tracker, rulebook.policies, now)
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
        gone = not seen and not later
        if gone:
            log.warning("gone", issue=subject.key, text=GONE)
        made = replace(made, messages=doubts)
        said = any(trigger.what == "gone" and not trigger.comment for trigger in triggers)
        return Pass(before, made, mode, rulebook.digest, later, kept_back, gone=gone and said)

    def _told(self, system: str) -> list[Carrier]:
        """Return the carriers that deliveries told of lately."""
        event, read = self._carriers.get(system, ("", None))
        bodies = self._inbox.latest(system, event) if read else ()
        return [found for body in bodies if read and (found := read(json.loads(body)))]

    def _taken_back(self, made: Plan[IssueState], issue: Issue) -> Plan[IssueState]:
        """Add what takes away that strangers can read now what was written for fewer, and say so."""
        effects = take_back(self._states.words.shown(issue.subject), issue)
        words = sum(isinstance(effect.intent, Redact) for effect in effects)
        if effects:
            log.warning("public", issue=issue.subject.key, comments=words, text=TURNED_PUBLIC)
        return replace(made, effects=(*made.effects, *effects))

    def _catch_up(
        self, subject: Subject, triggers: tuple[Trigger, ...], copied_at: datetime, now: datetime
    ) -> Pass:
        """After a restore, learn in silence what happened from the making of the backup to the start on
        it, since all of it was answered then; and look afterwards as was meant."""
        rules = self._rules.in_force()
        rulebook = rules.rulebook
        before, receipts = self._states.load(subject)
        expected, _ = collect_receipts(before, receipts)
        reasons = (*triggers, Trigger(subject, AGAIN, at=copied_at), Trigger(subject, "issue", at=now))
        tracker = self._trackers[subject.system]
        try:
            seen = facts.read(expected, reasons, tracker, self._crm, rulebook.policies, now)
        except Unseen:
            seen = None  # what that means is found out afterwards
        made = Plan(before)
        if seen:
            start = self._states.modes.in_force_since(rules.mode.value, rules.noticed, now)
            seen = replace(seen, written=tuple(w for w in seen.written if w.at < start))
            made = plan(before, receipts, seen, rulebook, Mode.OBSERVE, now, copied_at - UNDER_WAY)
        log.info("caught up", issue=subject.key)
        return Pass(before, made, Mode.OBSERVE, rulebook.digest, settled=triggers, silent=True)


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
