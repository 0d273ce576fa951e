"""A carrier, a milestone or a version: its date is re-read, and decided on as any other date, once for all
that stand on it; these are told what to follow."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from automation.domain import carriers
from automation.domain.fields import carried_by
from automation.domain.moved_carriers import (
    FOLLOW,
    follow,
    keys_of,
    plain,
    promise_of,
    those_on,
    without_issues,
)
from automation.domain.publicity import take_back
from automation.engine import carrier_facts, sight
from automation.engine.kinds.kind import UNDER_WAY, Pass
from automation.engine.pauses import replay_within_limits
from automation.engine.plan import plan, replay
from automation.engine.preview import Preview
from automation.engine.reader import Readers
from automation.engine.shown import with_what_is_there
from automation.model import (
    Carrier,
    CarrierState,
    FieldState,
    IssueState,
    Mode,
    Plan,
    Receipt,
    Sighting,
    Subject,
    Trigger,
)
from automation.ports import Later, Relocated, State, Unavailable
from automation.rulebook.live import LiveRules

log = structlog.get_logger("handshake")


class Carriers:
    """Looks at carriers. ``telling``: the systems whose deliveries say who moved one."""

    def __init__(
        self, states: State, passes: Readers, rules: LiveRules, preview: Preview, telling: Collection[str]
    ) -> None:
        self._states = states
        self._passes = passes
        self._rules = rules
        self._preview = preview
        self._telling = telling

    def reconcile(self, subject: Subject, triggers: tuple[Trigger, ...], now: datetime) -> Pass:
        subject, issues = self._called(subject, triggers)
        known, rules = self._states.begin(subject), self._rules.in_force()
        rulebook, mode = rules.rulebook, rules.mode
        before = replace(self._states.carrier(subject), promise=known.state if known.state.version else None)
        reader = self._passes.of_reconcile(subject)
        tracker = reader.trackers[subject.system]
        try:
            truth = tracker.carrier(subject)
        except Relocated as error:  # its issues will tell where that is, once they have been looked at
            raise Unavailable(str(error)) from error
        unseen = _unseen(before, truth, triggers, known.receipts, now)
        if unseen:
            return Pass(before, Plan(before), mode, rulebook.digest, _later(unseen, triggers, now))
        if truth is None:
            gone = carriers.deleted(before, self._states.standing_on(subject), now)
            return Pass(before, gone, mode, rulebook.digest)
        after = carriers.seen(before, truth, triggers, now)
        standing = those_on(issues, subject)
        promise = promise_of(known.state, subject, standing)
        if subject.system in self._telling and _untold(promise, after, truth, triggers, now):
            return Pass(before, Plan(before), mode, rulebook.digest, _later(triggers, triggers, now))
        everywhere = rulebook.config.moved_dates.comment_on == "all"
        facts = carrier_facts.read(
            promise,
            after,
            truth,
            standing,
            everywhere,
            triggers,
            tracker,
            reader.crm,
            rulebook.config.sign_off,
            self._states.modes.ways_since(rulebook.config.ways, rules.read),
        )
        unread = [gap.trigger for gap in facts.gaps if sight.age(gap.trigger, now) < sight.PATIENCE]
        if unread:
            return Pass(before, Plan(before), mode, rulebook.digest, _later(unread, triggers, now))
        if known.copied_at is not None:  # what happened since the backup was made is learnt in silence
            since = known.copied_at - UNDER_WAY
            sighting = Sighting(promise, known.receipts, facts, Mode.OBSERVE, now, since, rulebook.text)
            caught_up = _made(before, after, replay(sighting, rulebook), issues, now)
            return Pass(
                before, caught_up, Mode.OBSERVE, rulebook.digest, settled=triggers, silent=True, seen=sighting
            )
        since = self._states.modes.in_force_since(mode.value, rules.noticed, now, known.mode)
        unconfirmed = partial(self._states.words.unconfirmed, subject)
        there = with_what_is_there(promise, facts, tracker, unconfirmed)
        sighting = Sighting(there, known.receipts, facts, mode, now, since, rulebook.text)
        made, sighting = replay_within_limits(sighting, rulebook, self._states)
        enforced = partial(plan, there, known.receipts, facts, rulebook, Mode.ENFORCE, now, since)
        kept_back = self._preview.kept_back(mode, facts.issue, now, enforced, standing)
        if facts.issue.public and mode is not Mode.OBSERVE:
            taken = take_back(self._states.words.shown(subject), facts.issue)
            made = replace(made, effects=(*made.effects, *taken))
        if standing:
            self._states.note_names(list(facts.deals.values()), facts.people())
        result = _made(before, after, made, issues, now)
        return Pass(before, result, mode, rulebook.digest, kept_back=kept_back, seen=sighting)

    def _called(
        self, subject: Subject, triggers: Sequence[Trigger]
    ) -> tuple[Subject, tuple[IssueState, ...]]:
        """Return the carrier by what it is called now, and the issues that have to do with it: these know
        where it is, also where no delivery said so."""
        known, issues = self._states.subjects.current(subject), self._states.standing(subject)
        told = [key for key in (trigger.subject.key for trigger in triggers) if key != subject.id]
        keys = [*(key for state in issues for key in keys_of(state, subject)), *told, known.key]
        called = replace(known, key=keys[0])
        if called.key != known.key:
            self._states.subjects.note(called)
        return called, issues


def _made(
    before: CarrierState,
    after: CarrierState,
    made: Plan[IssueState],
    issues: Sequence[IssueState],
    now: datetime,
) -> Plan[CarrierState]:
    """Return the plan for the carrier as a whole, and let those follow for which anything has changed. Those
    that have it beside another one look for themselves, unless it is going to be as it was."""
    carrier = replace(after, promise=without_issues(made.state))
    standing = those_on(issues, carrier.subject)
    following = [state.subject for state in standing if follow(state, carrier)[0] != state]
    messages = (*made.messages, *(Trigger(issue, FOLLOW) for issue in following))
    moved = before.value is None or after.value is None or before.value.day != after.value.day
    if not _under_way(carrier) and (moved or _under_way(before)):
        messages = (*messages, *carriers.to_look(carriers.beside(issues, carrier.subject), now))
    return Plan(
        state=carrier,
        effects=made.effects,
        decisions=made.decisions,
        ledger=made.ledger,
        would=made.would,
        reconcile_at=made.reconcile_at,
        messages=messages,
    )


def _under_way(carrier: CarrierState) -> bool:
    """Tell whether a write of the carrier's date has not ended yet."""
    fields = carrier.promise.fields if carrier.promise else {}
    return any(field_state.pending is not None for field_state in fields.values())


def _unseen(
    known: CarrierState,
    truth: Carrier | None,
    triggers: Sequence[Trigger],
    receipts: Mapping[str, Receipt],
    now: datetime,
) -> list[Trigger]:
    """Return the deliveries that tell of more than can be read yet; for a minute, then what can be counts."""
    if truth is None:
        return []
    young = [trigger for trigger in triggers if sight.age(trigger, now) < sight.PATIENCE]
    if truth.at is None and carriers.unread(known, truth, triggers, receipts):
        return young
    return [
        trigger
        for trigger in young
        if trigger.what == "gone" or (trigger.updated and truth.at and truth.at < trigger.updated)
    ]


def _untold(
    promise: IssueState, after: CarrierState, truth: Carrier, triggers: Sequence[Trigger], now: datetime
) -> bool:
    """Tell whether the date is news of which no delivery said yet who moved it; for a minute, then nobody
    did."""
    held = promise.fields.get(carried_by(promise.subject.system).id, FieldState())
    shows = plain(truth.value)
    ours = held.pending is not None and held.pending.expect == shows
    if shows in (held.standing, held.contested) or ours or not promise.answerable():
        return False
    nobody = not after.moves or after.moves[-1].by is None
    return nobody and all(sight.age(trigger, now) < sight.PATIENCE for trigger in triggers)


def _later(unseen: Sequence[Trigger], triggers: Sequence[Trigger], now: datetime) -> tuple[Later, ...]:
    wait = sight.pause(max(sight.age(trigger, now) for trigger in unseen))
    again = tuple(replace(trigger, waited=(trigger.waited or 0.0) + wait) for trigger in triggers)
    return (Later(again, "not readable yet: the date of what it stands on", now.timestamp() + wait),)
