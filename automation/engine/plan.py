"""From facts to a Plan: what one look at an issue changes, decides and intends.

Pure: the same state, receipts, facts, rules and time give the same plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from automation.domain import links, naming, offers, proposals, signoffs, yeses
from automation.domain.changes import (
    collect_receipts,
    look,
    look_at_end,
    look_at_scope,
    news,
    remember_end,
    remember_words,
    unexplained,
)
from automation.domain.commitments import truth_of
from automation.domain.fields import diff
from automation.domain.plan_builder import BEGINNING, PlanBuilder
from automation.model import (
    Change,
    Event,
    Facts,
    IssueState,
    Kind,
    Mode,
    Outcome,
    Plan,
    Receipt,
    Say,
    Setback,
)
from automation.rulebook.actions.base import Cause
from automation.rulebook.decide import decide
from automation.rulebook.rulebook import Rulebook
from automation.rulebook.views import conditions

BUILT_IN: Mapping[str, Callable[[PlanBuilder, Event], None]] = {
    "command.link": links.link,
    "command.unlink": links.unlink,
    "command.ask": proposals.ask,
    "command.withdraw": proposals.withdraw,
    "command.signoff": signoffs.sign,
    "command.decline": signoffs.decline,
    "command.name": naming.name,
    "command.user": naming.user,
    "command.near": offers.nearly,
    "tracker.words": lambda builder, _: links.follow_text(builder),
    "tracker.echo": yeses.undo_edit,
}
"""Events that need no rule, and what each of them does: commands, and words that name deals."""


def plan(
    state: IssueState,
    receipts: Mapping[str, Receipt],
    facts: Facts,
    rulebook: Rulebook,
    mode: Mode,
    now: datetime,
    since: datetime = BEGINNING,
) -> Plan:
    """Work out everything that one look at an issue leads to. ``since``: when the mode came into force."""
    state, given_up = collect_receipts(state, receipts)
    builder = PlanBuilder(
        state, facts, mode, now, rulebook.policies, rulebook.config.deals.system, since, rulebook.scope_words
    )
    for field, receipt in given_up.items():
        if field not in facts.gone:
            _not_agreed(builder, field, receipt)
    look_at_end(builder)  # first, so that deals which are new to it hear only how it stands
    for event in look(builder):
        _carry_out(builder, event, rulebook)
    for event in unexplained(builder):
        _carry_out(builder, event, rulebook)
    look_at_scope(builder, state)
    _consequences(builder, rulebook)
    for comment in (*(written.comment for written in facts.written), *facts.deleted):
        builder.handle(comment)
    remember_words(builder)
    remember_end(builder)
    return builder.finish()


def _carry_out(builder: PlanBuilder, event: Event, rulebook: Rulebook) -> None:
    """Do one thing after the other: what it leads to is dealt with before the next."""
    _consequences(builder, rulebook)
    builder.at = event.done_at or builder.now
    builder.emit(event)
    _consequences(builder, rulebook)


def _consequences(builder: PlanBuilder, rulebook: Rulebook) -> None:
    for event in builder.events():
        if event.name == "tracker.move":
            changed = news(builder, event)
            if changed:
                _apply_rules(builder, changed, rulebook)
            else:
                yeses.take_back(builder, event)
        elif event.name in BUILT_IN:
            BUILT_IN[event.name](builder, event)
        else:
            _apply_rules(builder, event, rulebook)


def _apply_rules(builder: PlanBuilder, event: Event, rulebook: Rulebook) -> None:
    cause = Cause(event)
    seen = conditions(event, builder.facts, builder.state)
    for rule, decision in decide(event, seen, rulebook):
        reasons = decision.reasons
        guards = decision.outcome is Outcome.ERROR and any(action.guards for action in rule.actions)
        if guards:
            reasons = (*reasons, "a guard that has no answer holds")
        if decision.outcome is Outcome.FIRED or guards:
            cause = replace(cause, rule=rule.name, where=rule.where, quiet_because="")
            for action in rule.actions:
                cause = action.plan(builder, cause)
                if cause.quiet_because:
                    reasons = (*reasons, cause.quiet_because)
                    break
        builder.decided(replace(decision, reasons=reasons))
    if event.name == "deadline.changed" and not cause.settled:
        yeses.accept(builder, event)


def _not_agreed(builder: PlanBuilder, field: str, receipt: Receipt) -> None:
    """Say on both sides that a date could not be set: which one shows, which one should, and why.

    Where the field has another value by now there is nothing to say: it is as it should be, or its
    latest change is dealt with as any other.
    """
    known, shows = builder.field(field), truth_of(builder, field)
    if shows != known.contested:
        return
    kind = "refused" if receipt.hint else "failed"
    signed = known.commitment.signed_by[-1] if known.commitment and receipt.why == "apply" else None
    event = Event(
        "deadline.not_agreed",
        builder.now,
        change=diff(field, known.standing, shows) or Change(field, Kind.OTHER, known.standing, shows),
        actor=signed,
        proposal=builder.open_proposal(field),
        commitment=known.commitment,
        setback=Setback(kind, receipt.why, receipt.hint),
    )
    builder.tell_issue(Say("date-not-agreed", event))
    builder.tell_deals(Say("date-not-agreed", event))
