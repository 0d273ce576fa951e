"""Discovery: product hears of a user before it agrees to a date, where its policy requires that.

A yes to no date promises nothing, so it asks for nothing; and no override is kept from anybody.
"""

from __future__ import annotations

from dataclasses import replace

from automation.domain.checklist import CALLED, missing
from automation.domain.plan_builder import PlanBuilder
from automation.domain.reasoning import value_words
from automation.model import (
    Answer,
    Event,
    Mode,
    Person,
    Proposal,
    Reason,
    Say,
    Value,
    Written,
)

REFUSAL = "reply-discovery-first"
"""The message that lists what is missing."""


def invites(builder: PlanBuilder) -> bool:
    """Tell whether an issue that a deal was linked to asks for what its checklist lacks: once, in the look
    that finds it open, and read by nobody else."""
    issue, state = builder.facts.issue, builder.state
    if builder.mode is Mode.OBSERVE or issue.public or not issue.open or not missing(state):
        return False
    if state.invited is None:
        builder.state = replace(state, invited=builder.now)
    return builder.state.invited == builder.now


def lacking(builder: PlanBuilder, policy: str, value: Value, by: Person) -> tuple[str, ...]:
    """Return what has to be said before somebody's yes to this value counts: of several policies, for those
    whose yes it is."""
    mine = builder.facts.rights_of(by).product
    whose = builder.policies[policy].each if policy in builder.policies else ()
    required = any(each.discovery and each.name in mine for each in whose)
    return missing(builder.state) if required and value.day is not None else ()


def refused(builder: PlanBuilder, written: Written, field: str, value: Value, policy: str) -> bool:
    """Tell whether somebody's yes in words does not count yet; reply with what is missing."""
    by = written.author
    if not _noted(builder, f"{by.name}'s yes does not count yet", value, policy, by):
        return False
    builder.reply(REFUSAL, written, proposal=_question(builder, field, value, policy))
    return True


def plan_only(builder: PlanBuilder, event: Event, policy: str) -> None:
    """Say of product's own edit, which stands, that it agrees to nothing yet, and what is missing."""
    change, actor = event.change, event.actor
    if change is None or actor is None:
        return
    text = f"{actor.name}'s own edit stands as a plan, and is no yes yet"
    if _noted(builder, text, change.new, policy, actor):
        asking = _question(builder, change.field, change.new, policy)
        builder.tell_issue(Say(REFUSAL, replace(event, proposal=asking, policy=policy)))


def _noted(builder: PlanBuilder, text: str, value: Value, policy: str, by: Person) -> bool:
    lacks = lacking(builder, policy, value, by)
    if lacks:
        builder.why.refuse(
            f"{text}: {policy} needs discovery first (discovery: required)",
            ("date", value_words(value)),
            parts=tuple(
                Reason(
                    f"{called}: {'nobody has said it' if word in lacks else 'said'}",
                    Answer.NO if word in lacks else Answer.YES,
                )
                for word, called in CALLED.items()
            ),
        )
    return bool(lacks)


def _question(builder: PlanBuilder, field: str, value: Value, policy: str) -> Proposal:
    """Return the date as words about it need it, asked for or not. It cannot be answered bare."""
    return Proposal("", field, policy, value, value, None, builder.at, builder.now.date())
