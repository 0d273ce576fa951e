"""From facts to a Plan: what one look at an issue changes, decides and intends.

Pure: the same state, receipts, facts, rules and time give the same plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from automation.domain import (
    changes,
    due_dates,
    marks,
    proposals,
    rechecks,
    reminders,
    snapshot,
    yeses,
)
from automation.domain.commitments import confirm, truth_of
from automation.domain.fields import diff
from automation.domain.plan_builder import PlanBuilder
from automation.domain.reasoning import built_in_name, typed, value_words
from automation.domain.words_builder import BEGINNING
from automation.engine.built_in import BUILT_IN
from automation.model import (
    BEFORE,
    JOINED,
    Answer,
    Change,
    Decision,
    Effect,
    Event,
    Facts,
    IssueState,
    Kind,
    Mode,
    Outcome,
    Pause,
    Plan,
    Policy,
    Reason,
    Receipt,
    Rights,
    Say,
    Setback,
    Sighting,
    Written,
)
from automation.rulebook.actions.base import Cause
from automation.rulebook.actions.hold import Hold
from automation.rulebook.decide import decide
from automation.rulebook.rulebook import Rulebook
from automation.rulebook.views import conditions


def plan(
    state: IssueState,
    receipts: Mapping[str, Receipt],
    facts: Facts,
    rulebook: Rulebook,
    mode: Mode,
    now: datetime,
    since: datetime = BEGINNING,
    paused: tuple[Pause, ...] = (),
) -> Plan[IssueState]:
    """Work out everything that one look at an issue leads to. ``since``: when the mode came into force.
    ``paused``: on whose account nothing more is set back for now."""
    state, given_up = snapshot.collect_receipts(state, receipts)
    state, left_on = marks.collect_receipts(state, receipts)
    policies = _policies(rulebook, state)
    facts = replace(facts, rights={id: _of_several(one, policies) for id, one in facts.rights.items()})
    builder = PlanBuilder(state, facts, mode, now, policies, since, rulebook.scope_words, paused)
    builder.rule_for = partial(_rule_for, builder, rulebook)
    moved = changes.relocated(state, facts, now)
    if moved:
        out_of_reach = ", which is out of reach" * facts.away
        builder.emit(moved)
        to = f"to {facts.issue.subject.key}{out_of_reach}"
        told = "it cannot be seen any more" if facts.lost else "it can be seen again" if moved.found else ""
        builder.record("moved", told or f"from {moved.lived} {to}")
    snapshot.note_address(builder)
    if facts.away:
        _consequences(builder, rulebook)
        return builder.finish()
    for label, receipt in left_on.items():
        marks.tell_left_on(builder, label, receipt)
    for field, receipt in given_up.items():
        if field not in facts.gone:
            _not_agreed(builder, field, receipt)
    _pass_over_what_was_before(builder)
    ended = changes.ended(state, facts, now)
    if ended:  # first, so that deals which are new to it hear only how it stands
        builder.emit(ended)
        builder.record("reopened" if facts.issue.open else "closed", facts.issue.outcome or ended.standing)
        due_dates.settle(builder, ended)
    done = changes.happened(state, facts, now, since)
    snapshot.adopt_what_stands(builder)
    snapshot.note_histories(builder)
    for event in done:
        _carry_out(builder, event, rulebook)
    for event in changes.unexplained(builder.state, facts, now):
        _carry_out(builder, event, rulebook)
    _consequences(builder, rulebook)
    _rescoped(builder, rulebook)
    reminders.look(builder)
    _consequences(builder, rulebook)
    for event in due_dates.look_ahead(builder):
        _keep(builder, event, builder.intended())
        builder.emit(event)
        _consequences(builder, rulebook)
    for written in facts.written:
        builder.handle(written.id, written.heard)
    for comment in (*facts.deleted, *facts.repeated, *(f"{BEFORE}{one.comment}" for one in facts.unheard)):
        builder.handle(comment)
    snapshot.note_words(builder)
    snapshot.note_end(builder)
    return builder.finish()


def _policies(rulebook: Rulebook, state: IssueState) -> Mapping[str, Policy]:
    """Return the policies of the rules, and those made of several that something waits for or is agreed by
    still, as long as the rules have their parts."""
    known = rulebook.policies
    fields = state.fields.values()
    kept = [*state.open_proposals(), *state.commitments().values(), *(one.override for one in fields)]
    split = {one.policy: one.policy.split(JOINED) for one in kept if one and one.policy not in known}
    made = {
        name: Policy.together([known[part] for part in parts])
        for name, parts in split.items()
        if all(part in known for part in parts)
    }
    return {**made, **known}


def _of_several(rights: Rights, policies: Mapping[str, Policy]) -> Rights:
    """Add the policies made of several: whoever is of one of them has a word there, and to do without it
    takes the right to do without each."""
    made = {name: policy.parts for name, policy in policies.items() if policy.parts}
    several = {name: {each.name for each in parts} for name, parts in made.items()}
    return replace(
        rights,
        product=rights.product | {name for name, parts in several.items() if parts & rights.product},
        override=rights.override | {name for name, parts in several.items() if parts <= rights.override},
    )


def _rule_for(builder: PlanBuilder, rulebook: Rulebook, change: Change) -> str:
    """Return until whose word the rules would hold this change, made by nobody of theirs. A guard that has no
    answer holds."""
    event = Event("deadline.changed", builder.now, change=change)
    seen = conditions(event, builder.facts, builder.state)
    holds = (
        action.policy
        for rule, decision in decide(event, seen, rulebook)
        if decision.outcome in (Outcome.FIRED, Outcome.ERROR)
        for action in rule.actions
        if isinstance(action, Hold)
    )
    return next(holds, "")


def replay(seen: Sighting, rulebook: Rulebook) -> Plan[IssueState]:
    """Work out what a pass leads to that saw this: when it is made, and whenever it is asked for again."""
    return plan(seen.state, seen.receipts, seen.facts, rulebook, seen.mode, seen.at, seen.since, seen.paused)


def _rescoped(builder: PlanBuilder, rulebook: Rulebook) -> None:
    """Let people hear of another scope, and ask product where a date was agreed for what it was before."""
    intended = builder.intended()
    weighed = rechecks.weigh_all(builder)
    event = changes.rescoped(builder.state, builder.facts, builder.now, weighed.asked)
    _keep(builder, event or Event(changes.RESCOPED, builder.now), intended)
    if event and builder.state.concerned():
        builder.emit(event)
        _consequences(builder, rulebook)
    for field in weighed.ended:
        confirm(builder, field)
    _consequences(builder, rulebook)


def _pass_over_what_was_before(builder: PlanBuilder) -> None:
    """Say of commands that were written before the mode came into force, or that came with an issue from
    elsewhere, that they do not count."""
    for written in builder.facts.written:
        event = _said(builder, written)
        if written.id not in builder.state.handled and builder.before_the_mode(event):
            builder.why.refuse(f"it was written before the mode was {builder.mode}")
            _keep(builder, event, builder.intended())
    for written in builder.facts.unheard:
        if f"{BEFORE}{written.comment}" not in builder.state.handled:
            builder.why.refuse("it stood there when the issue was first seen, and no delivery has told of it")
            _keep(builder, _said(builder, written), builder.intended())


def _said(builder: PlanBuilder, written: Written) -> Event:
    name = f"command.{'near' if written.command.near else written.command.word}"
    return Event(name, builder.now, actor=written.author, written=written, done_at=written.at)


def _carry_out(builder: PlanBuilder, event: Event, rulebook: Rulebook) -> None:
    """Do one thing after the other: what it leads to is dealt with before the next."""
    _consequences(builder, rulebook)
    builder.at = event.done_at or builder.now
    builder.emit(event)
    _consequences(builder, rulebook)


def _consequences(builder: PlanBuilder, rulebook: Rulebook) -> None:
    for event in builder.events():
        builder.basis = event
        if event.name == "tracker.move":
            change = event.change
            changed = changes.by_now(event, builder.field(change.field)) if change else None
            if changed:
                _apply_rules(builder, changed, rulebook)
            else:
                _built_in(builder, event, yeses.take_back)
        elif event.name in BUILT_IN:
            _built_in(builder, event, BUILT_IN[event.name])
        else:
            _apply_rules(builder, event, rulebook)
    builder.basis = None


def _built_in(builder: PlanBuilder, event: Event, act: Callable[[PlanBuilder, Event], None]) -> None:
    """Do what needs no rule, and keep why it came out as it did; what there was nothing to say of is none."""
    intended = builder.intended()
    act(builder, event)
    _keep(builder, event, intended)


def _keep(builder: PlanBuilder, event: Event, intended: Mapping[str, Effect]) -> None:
    outcome, reasons = builder.why.take()
    if event.written:
        how = "set" if event.written.mark else "written"
        said = Reason(f"{how} by {event.written.author.name}", Answer.YES, typed(event.written))
        reasons = (said, *reasons)
    if reasons:
        name = built_in_name(event.name, event.written)
        builder.decided(Decision(name, "", event, outcome, reasons), intended)


def _apply_rules(builder: PlanBuilder, event: Event, rulebook: Rulebook) -> None:
    cause = Cause(event)
    seen = conditions(event, builder.facts, builder.state)
    for rule, decision in decide(event, seen, rulebook, explain=builder.state.answerable()):
        intended = builder.intended()
        reasons = decision.reasons
        guards = decision.outcome is Outcome.ERROR and any(action.guards for action in rule.actions)
        if guards:
            reasons = (*reasons, Reason("a guard that has no answer holds"))
        if decision.outcome is Outcome.FIRED or guards:
            cause = replace(cause, rule=rule.name, where=rule.where, quiet_because="")
            for action in rule.actions:
                cause = action.plan(builder, cause)
                _, noted = builder.why.take()
                reasons = (*reasons, *noted)
                if cause.quiet_because:
                    reasons = (*reasons, Reason(cause.quiet_because))
                    break
        builder.decided(replace(decision, reasons=reasons), intended)
    if event.name == "deadline.changed" and not cause.settled:
        _built_in(builder, event, yeses.accept)


def _not_agreed(builder: PlanBuilder, field: str, receipt: Receipt) -> None:
    """Say on both sides that a date could not be set: which one shows, which one should, and why.

    Where the field has another value by now there is nothing to say: it is as it should be, or its
    latest change is dealt with as any other.
    """
    known, shows = builder.field(field), truth_of(builder, field)
    intended = builder.intended()
    if shows != known.contested:
        return
    kind = "refused" if receipt.hint else "failed"
    signed = known.commitment.signed_by[-1] if known.commitment and receipt.why == "apply" else None
    overrode = known.override.by if known.override and receipt.why == "override" else None
    event = Event(
        "deadline.not_agreed",
        builder.now,
        change=diff(field, known.standing, shows) or Change(field, Kind.OTHER, known.standing, shows),
        actor=signed or overrode,
        proposal=proposals.agreed_to(builder, field) if signed else builder.open_proposal(field),
        commitment=known.commitment,
        setback=Setback(kind, receipt.why, receipt.hint),
    )
    builder.why.refuse(
        "the tracker did not take the date"
        if kind == "refused"
        else "the date could not be set, however often",
        ("receipt", receipt.text),
        ("shows", value_words(shows)),
        ("should be", value_words(known.standing)),
    )
    builder.tell_issue(Say("date-not-agreed", event))
    if overrode is None:  # deals have not heard of it yet
        builder.tell_deals(Say("date-not-agreed", event))
    _keep(builder, event, intended)
