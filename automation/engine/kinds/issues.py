"""An issue: its facts are re-read, compared with what is known, decided on by the rules, and planned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from automation.domain.moved_carriers import FOLLOW
from automation.domain.moving import carried, made_anew, put_under, remembered
from automation.domain.publicity import take_back
from automation.domain.snapshot import collect_receipts
from automation.engine import facts, sight
from automation.engine.behind import followed, with_carriers
from automation.engine.kinds.kind import UNDER_WAY, Looked, Pass, PassOn, TakeOver
from automation.engine.pauses import replay_within_limits
from automation.engine.plan import plan, replay
from automation.engine.preview import Preview
from automation.engine.reader import Readers
from automation.engine.shown import with_what_is_there
from automation.engine.whereabouts import Whereabouts
from automation.model import (
    CARRIER,
    Carrier,
    Entry,
    Facts,
    Issue,
    IssueState,
    Mode,
    Plan,
    Redact,
    Sighting,
    Subject,
    Trigger,
    Value,
    Would,
)
from automation.model.reading import CarrierReader
from automation.ports import AGAIN, Inbox, Known, Later, Relocated, State, Tracker, Unavailable, Unseen
from automation.rulebook.live import LiveRules

log = structlog.get_logger("handshake")

GONE = "the issue was deleted, or moved to where we see nothing: its deals are told"

TURNED_PUBLIC = (
    "Strangers can read this issue now. Our comments on it are edited to what they may read, our labels "
    "and links to deals are taken off. The tracker may still show what stood there before: on GitHub open "
    "“edited” above a comment and delete its older revisions, or delete the comment."
)

NO_CARRIERS: Mapping[str, CarrierReader] = {}


class Issues:
    """Looks at issues."""

    def __init__(
        self,
        inbox: Inbox,
        states: State,
        trackers: Mapping[str, Tracker],
        passes: Readers,
        rules: LiveRules,
        preview: Preview,
        carriers: Mapping[str, CarrierReader],
    ) -> None:
        self._inbox = inbox
        self._states = states
        self._passes = passes
        self._rules = rules
        self._preview = preview
        self._carriers = carriers
        self._whereabouts = Whereabouts(states, trackers, rules)

    def reconcile(self, subject: Subject, triggers: tuple[Trigger, ...], now: datetime) -> Looked:
        known = self._states.begin(subject)
        before, receipts = known.state, known.receipts
        if before.subject != subject:
            return PassOn(before.subject)
        subject = before.subject  # by what it is called now
        if known.copied_at is not None:
            return self._catch_up(known, triggers, known.copied_at, now)
        rules = self._rules.in_force()
        rulebook, mode = rules.rulebook, rules.mode
        known_now, entries = before, tuple[Entry, ...]()
        if any(trigger.what == FOLLOW for trigger in triggers):
            known_now, entries = followed(before, self._states.carrier)
            if all(trigger.what == FOLLOW for trigger in triggers):  # nothing of it has to be read
                made = Plan(known_now, ledger=entries)
                return Pass(before, made, mode, rulebook.digest, silent=not entries)
        expected, _ = collect_receipts(known_now, receipts)
        if elsewhere := self._whereabouts.known_elsewhere(before, triggers):
            return elsewhere
        promised = before.commitments() or before.open_proposals()
        reworded = any({"title", "body"} & {*trigger.changed} for trigger in triggers)
        reader = self._passes.of_reconcile(subject, edits=bool(promised) and reworded)
        tracker = reader.trackers[subject.system]
        if not subject.place:  # it left for where it is none of ours, and nothing was known of it
            return Pass(before, Plan(before), mode, rulebook.digest, silent=True)
        heard = tuple(t for t in known.heard if sight.age(t, now) < sight.PATIENCE)
        made, verdict = Plan(before), sight.Verdict()
        along: Mapping[Value, Value] = {}
        anew: Mapping[str, str] = {}
        kept_back: tuple[Would, ...] = ()
        doubts: tuple[Trigger, ...] = ()
        every = (*triggers, *heard)
        ways = self._states.modes.ways_since(rulebook.config.ways, rules.read)
        try:
            told = partial(self._told, subject.system)

            def read(state: IssueState) -> Facts | None:
                return facts.read(
                    state,
                    every,
                    tracker,
                    reader.crm,
                    rulebook.config.sign_off,
                    now,
                    told,
                    rulebook.scope_words,
                    ways,
                )

            seen = read(expected)
            if seen and seen.issue.subject == subject:
                along = self._whereabouts.carried_along(before, seen.issue)
                anew = made_anew(before, seen.issue)
                if along or anew:
                    expected = put_under(carried(expected, along), anew)
                    seen = read(expected)
        except Unseen as error:
            verdict = sight.of_issue(before, triggers, now, str(error))
            seen = None
        except Relocated as error:
            raise Unavailable(str(error)) from error
        born: str | None = None
        sighting: Sighting | None = None
        if seen:
            if seen.issue.subject != subject:
                return self._whereabouts.take_over(subject, seen.issue)
            if elsewhere := self._whereabouts.born_elsewhere(before, seen.issue):
                return elsewhere
            fresh = seen.issue.subject.key != subject.key or before.version == 0
            born = seen.issue.born if fresh else None
            before = replace(before, subject=seen.issue.subject)
            known_now = replace(known_now, subject=seen.issue.subject)
            made = Plan(before)
            seen = replace(seen, away=self._whereabouts.away(seen.issue))
        since = self._states.modes.in_force_since(mode.value, rules.noticed, now, known.mode)
        if seen:
            seen, doubts = with_carriers(expected, seen, every, self._states.carrier, now)
            verdict = sight.judge(expected, seen, triggers, now)
            if verdict.decide:
                unconfirmed = partial(self._states.words.unconfirmed, subject)
                there = with_what_is_there(
                    put_under(carried(known_now, along), anew), seen, tracker, unconfirmed
                )
                sighting = Sighting(there, receipts, seen, mode, now, since, rulebook.text)
                made, sighting = replay_within_limits(sighting, rulebook, self._states)
                made = replace(made, ledger=(*entries, *made.ledger))
                enforced = partial(plan, there, receipts, seen, rulebook, Mode.ENFORCE, now, since)
                kept_back = self._preview.kept_back(mode, seen.issue, now, enforced)
                if seen.issue.public and mode is not Mode.OBSERVE:
                    made = self._taken_back(made, seen.issue)
                if made.state.links:
                    self._states.note_names(list(seen.deals.values()), seen.people())
        later = _later(verdict, now)
        gone = not seen and not later
        if gone:
            log.warning("gone", issue=subject.key, text=GONE)
        if gone and before.answerable():
            lost = Facts(remembered(before), away=True, lost=True)
            sighting = Sighting(known_now, receipts, lost, mode, now, since, rulebook.text)
            made, sighting = replay_within_limits(sighting, rulebook, self._states)
        made = replace(made, messages=(*made.messages, *doubts))
        said = any(trigger.what == "gone" and not trigger.comment for trigger in triggers)
        return Pass(
            before,
            made,
            mode,
            rulebook.digest,
            later,
            kept_back,
            gone=gone and said,
            born=born,
            seen=sighting,
            anew=anew if sighting else {},
        )

    def _told(self, system: str) -> list[Carrier]:
        """Return the carriers that deliveries told of lately, and were not seen to be otherwise since."""
        event, read = self._carriers.get(system, ("", None))
        bodies = self._inbox.latest(system, event) if read else ()
        told = [found for body in bodies if read and (found := read(json.loads(body)))]
        return [one for one in told if not self._passed(system, one)]

    def _passed(self, system: str, told: Carrier) -> bool:
        known = self._states.carrier(Subject(system, CARRIER, told.value.carrier))
        last = known.moves[-1] if known.moves else None
        later = last is not None and told.at is not None and last.at > told.at
        return later and last is not None and last.value.day != told.value.day

    def _taken_back(self, made: Plan[IssueState], issue: Issue) -> Plan[IssueState]:
        """Add what takes away that strangers can read now what was written for fewer, and say so."""
        effects = take_back(self._states.words.shown(issue.subject), issue)
        words = sum(isinstance(effect.intent, Redact) for effect in effects)
        if effects:
            log.warning("public", issue=issue.subject.key, comments=words, text=TURNED_PUBLIC)
        return replace(made, effects=(*made.effects, *effects))

    def _catch_up(
        self, known: Known, triggers: tuple[Trigger, ...], copied_at: datetime, now: datetime
    ) -> Pass | TakeOver:
        """After a restore, learn in silence what happened from the making of the backup to the start on
        it, since all of it was answered then; and look afterwards as was meant."""
        rules = self._rules.in_force()
        rulebook = rules.rulebook
        before, receipts, subject = known.state, known.receipts, known.state.subject
        expected, _ = collect_receipts(before, receipts)
        reasons = (*triggers, Trigger(subject, AGAIN, at=copied_at), Trigger(subject, "issue", at=now))
        reader = self._passes.of_reconcile(subject)
        tracker = reader.trackers[subject.system]
        try:
            seen = facts.read(
                expected,
                reasons,
                tracker,
                reader.crm,
                rulebook.config.sign_off,
                now,
                scope_words=rulebook.scope_words,
                ways=self._states.modes.ways_since(rulebook.config.ways, rules.read),
            )
        except Unseen:
            seen = None  # what that means is found out afterwards
        if seen and seen.issue.subject != subject:
            return self._whereabouts.take_over(subject, seen.issue)
        made = Plan(before)
        sighting: Sighting | None = None
        if seen:
            start = self._states.modes.in_force_since(rules.mode.value, rules.noticed, now)
            seen = replace(seen, written=tuple(w for w in seen.written if w.at < start))
            since = copied_at - UNDER_WAY
            sighting = Sighting(before, receipts, seen, Mode.OBSERVE, now, since, rulebook.text)
            made = replay(sighting, rulebook)
        log.info("caught up", issue=subject.key)
        return Pass(before, made, Mode.OBSERVE, rulebook.digest, settled=triggers, silent=True, seen=sighting)


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
