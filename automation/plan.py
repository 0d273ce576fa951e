"""From facts to a Plan: what one look at an issue changes, decides and intends.

Pure: the same state, receipts, facts, rules and time give the same plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from automation import commitments, links, proposals, signoffs
from automation.actions.base import Cause
from automation.changes import collect_receipts, look, look_at_scope, news, remember_words, unexplained
from automation.decide import decide
from automation.draft import BEGINNING, Draft
from automation.model import Event, Facts, IssueState, Mode, Outcome, Plan, Receipt, Say
from automation.rulebook import Rulebook
from automation.views import conditions

BUILT_IN: Mapping[str, Callable[[Draft, Event], None]] = {
    "command.link": links.link,
    "command.unlink": links.unlink,
    "command.ask": proposals.ask,
    "command.withdraw": proposals.withdraw,
    "command.signoff": signoffs.sign,
    "command.decline": signoffs.decline,
    "tracker.words": lambda draft, _: links.follow_text(draft),
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
    draft = Draft(state, facts, mode, now, rulebook.policies, rulebook.settings.deals.system, since)
    for field in given_up:
        _not_agreed(draft, field)
    for event in look(draft):
        _carry_out(draft, event, rulebook)
    for event in unexplained(draft):
        _carry_out(draft, event, rulebook)
    look_at_scope(draft, state)
    _consequences(draft, rulebook)
    for comment in (*(written.comment for written in facts.written), *facts.gone):
        draft.handle(comment)
    remember_words(draft)
    return draft.finish()


def _carry_out(draft: Draft, event: Event, rulebook: Rulebook) -> None:
    """Do one thing after the other: what it leads to is dealt with before the next."""
    _consequences(draft, rulebook)
    draft.at = event.done_at or draft.now
    draft.emit(event)
    _consequences(draft, rulebook)


def _consequences(draft: Draft, rulebook: Rulebook) -> None:
    for event in draft.events():
        if event.name == "tracker.move":
            changed = news(draft, event)
            if changed:
                _apply_rules(draft, changed, rulebook)
        elif event.name in BUILT_IN:
            BUILT_IN[event.name](draft, event)
        else:
            _apply_rules(draft, event, rulebook)


def _apply_rules(draft: Draft, event: Event, rulebook: Rulebook) -> None:
    cause = Cause(event)
    seen = conditions(event, draft.facts, draft.state)
    for rule, decision in decide(event, seen, rulebook):
        reasons = decision.reasons
        if decision.outcome is Outcome.FIRED:
            cause = replace(cause, rule=rule.name, where=rule.where, quiet_because="")
            for action in rule.actions:
                cause = action.plan(draft, cause)
                if cause.quiet_because:
                    reasons = (*reasons, cause.quiet_because)
                    break
        draft.decided(replace(decision, reasons=reasons))
    if event.name == "deadline.changed" and not cause.settled:
        commitments.accept(draft, event)


def _not_agreed(draft: Draft, field: str) -> None:
    """Say on both sides that a date could not be set, and is not agreed."""
    event = Event(
        "deadline.not_agreed",
        draft.now,
        proposal=draft.open_proposal(field),
        commitment=draft.field(field).commitment,
    )
    draft.tell_issue(Say("date-not-agreed", event))
    draft.tell_deals(Say("date-not-agreed", event))
