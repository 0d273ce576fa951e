"""A date that has moved with what carries it, where that cannot be held itself (Jira's versions): no write of
the issue can set it back, so people are told the truth, once on each side, and product is asked."""

from __future__ import annotations

from dataclasses import replace

from automation.domain.commitments import MOST_RESTORES, WINDOW, lately_set_back
from automation.domain.fields import diff
from automation.domain.plan_builder import PlanBuilder
from automation.domain.proposals import hearers, propose
from automation.model import CARRIER_MOVED, Change, Event, Mode, ProposalState, Say, Value


def ask(builder: PlanBuilder, event: Event, policy: str, rule: str, where: str) -> str:
    """Put the date that an issue has by now to product, and tell both sides. What is agreed is at risk until
    then, unless the date by now is an earlier one. Return why nothing is set back. A date that is moved to
    and fro is told three times an hour."""
    change = event.change
    because = "the date moved with its carrier, so that nothing on the issue can set it back"
    if change is None or builder.mode is Mode.OBSERVE:
        _say(builder, replace(event, name=CARRIER_MOVED), rule, where)
        return because
    if _endangers(builder, change):
        builder.put_at_risk(change.field)
    recent = lately_set_back(builder, change.field)
    if len(recent) >= MOST_RESTORES:
        builder.reconcile_again(recent[0] + WINDOW)
        return f"{because}; told {MOST_RESTORES} times within the hour already"
    proposal = propose(builder, policy, change.field, change.old, change.new, event.actor)
    builder.set_field(change.field, contested=change.new, restores=(*recent, builder.now))
    builder.record("carrier moved", f"{change.field}: {change.new.name}", event.actor)
    told = replace(
        event,
        name=CARRIER_MOVED,
        proposal=proposal,
        commitment=builder.field(change.field).commitment,
        deals=hearers(builder, change.field, event.actor),
    )
    _say(builder, told, rule, where)
    return because


def came_back(builder: PlanBuilder, field: str, truth: Value) -> None:
    """End the question where the carrier has its old day again: what was agreed is safe. Deals that were
    asked not to repeat it hear so with the commitment."""
    asked = builder.open_proposal(field)
    if asked is None or asked.old != truth or not asked.old.moved_to(asked.value):
        return
    evidence = builder.facts.evidence.get(field)
    builder.put_at_risk(field, False)
    builder.close_proposal(asked, ProposalState.WITHDRAWN)
    builder.record("carrier back", f"{field}: {truth.name}", evidence.actor if evidence else None)
    if asked.shown_at is None:
        return  # our comment was not there to be read
    event = Event(
        CARRIER_MOVED,
        builder.now,
        change=diff(field, asked.value, truth),
        proposal=replace(asked, id=""),
        commitment=builder.field(field).commitment,
    )
    builder.tell_issue(Say("date-carrier-back", event))


def _endangers(builder: PlanBuilder, change: Change) -> bool:
    """Tell whether the day that a carrier has by now is none, or later than the one that was agreed."""
    commitment = builder.field(change.field).commitment
    agreed, moved_to = commitment.value.day if commitment else None, change.new.day
    return agreed is None or moved_to is None or moved_to > agreed


def _say(builder: PlanBuilder, event: Event, rule: str, where: str) -> None:
    say = Say("date-carrier-moved", event, rule, where)
    builder.tell_issue(say)
    builder.tell_deals(say)
