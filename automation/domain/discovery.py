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
    Proposal,
    Reason,
    Say,
    Value,
    Written,
)

REFUSAL = "reply-discovery-first"
"""The message that lists what is missing."""


def lacking(builder: PlanBuilder, policy: str, value: Value) -> tuple[str, ...]:
    """Return what has to be said before a yes to this value counts."""
    required = policy in builder.policies and builder.policies[policy].discovery
    return missing(builder.state) if required and value.day is not None else ()


def refused(builder: PlanBuilder, written: Written, field: str, value: Value, policy: str) -> bool:
    """Tell whether somebody's yes in words does not count yet; reply with what is missing."""
    if not _noted(builder, f"{written.author.name}'s yes does not count yet", value, policy):
        return False
    builder.reply(REFUSAL, written, proposal=_question(builder, field, value, policy))
    return True


def plan_only(builder: PlanBuilder, event: Event, policy: str) -> None:
    """Say of product's own edit, which stands, that it agrees to nothing yet, and what is missing."""
    change, actor = event.change, event.actor
    if change is None or actor is None:
        return
    if _noted(builder, f"{actor.name}'s own edit stands as a plan, and is no yes yet", change.new, policy):
        asking = _question(builder, change.field, change.new, policy)
        builder.tell_issue(Say(REFUSAL, replace(event, proposal=asking, policy=policy)))


def _noted(builder: PlanBuilder, text: str, value: Value, policy: str) -> bool:
    lacks = lacking(builder, policy, value)
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
