"""``hold``: set an unsigned deadline back and keep what was asked as a proposal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from automation.domain.commitments import MOST_RESTORES, lately_set_back, truth_of
from automation.domain.fields import diff
from automation.domain.pauses import account
from automation.domain.plan_builder import PlanBuilder
from automation.domain.proposals import hearers, propose
from automation.domain.reasoning import not_of, value_words
from automation.domain.yeses import stand_until_agreed
from automation.model import (
    JOINED,
    NOTHING,
    Answer,
    Kind,
    Mode,
    Pause,
    Pending,
    Person,
    Proposal,
    Reason,
    Say,
    Setback,
    Status,
    Value,
)
from automation.rulebook.actions.base import Action, Cause, Names


class Hold(Action):
    """``hold: {until: product}``: wait for the sign-off policy named ``product``; ``until: [product, legal]``
    waits until each of them has agreed. Where a date is agreed or
    asked for already, it waits for the policy of that one: no label or field that is changed later takes a
    date from those who answer for it."""

    name: ClassVar[str] = "hold"
    events: ClassVar[frozenset[str] | None] = frozenset({"deadline.changed"})
    guards: ClassVar[bool] = True

    until: str | Annotated[list[str], Field(min_length=1)]

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies that all have to agree."""
        return (self.until,) if isinstance(self.until, str) else tuple(dict.fromkeys(self.until))

    @property
    def policy(self) -> str:
        """The name of the policy that it waits for, which is made of several where it takes them all."""
        return JOINED.join(self.policies)

    def misused(self, names: Names, when: str) -> Iterator[tuple[str, str]]:
        for name in self.policies:
            if name not in names.policies:
                policies = ", ".join(sorted(names.policies)) or "none yet"
                yield (
                    "until",
                    f"there is no sign-off policy named '{name}' under sign_off (there is: {policies})",
                )
        if len(self.policies) > 1 and self.policy in names.policies:
            yield "until", f"this means several policies, and one is named '{self.policy}'; rename that one"

    def plan(self, builder: PlanBuilder, cause: Cause) -> Cause:
        event, change = cause.event, cause.event.change
        if change is None or cause.settled:
            return cause
        until = builder.keeper(change.field) or self.policy
        if until in builder.facts.rights_of(event.actor).product:
            waits = stand_until_agreed(builder, event)
            if waits is not None:  # nothing is set back, but all hear that it is not agreed yet
                return replace(cause, event=waits, settled=True)
            return replace(cause, quiet_because="product's own edit is never held")
        builder.why.note(_whose(event.actor, until), *_people(event.actor), parts=_not_of(builder, until))
        if builder.before_the_mode(event):
            return replace(cause, quiet_because=f"changed before the mode was {builder.mode}")
        if builder.mode is Mode.OBSERVE:
            builder.why.note("it would be held, but the mode is observe")
            builder.set_deadline(change.field, change.new, change.old, "restore")
            return cause
        builder.why.note(
            f"the date waits for {until}",
            ("asked", value_words(change.new)),
            ("stood", value_words(change.old)),
        )
        proposal = propose(builder, until, change.field, change.old, change.new, event.actor)
        if change.kind in (Kind.LATER, Kind.CLEARED):
            builder.put_at_risk(change.field)
        if event.actor is None and builder.field(change.field).paused:
            # Who it was is not among the news of the history any more.
            event = replace(event, actor=proposal.asked_by)
        event = replace(
            event,
            proposal=proposal,
            commitment=builder.field(change.field).commitment,
            deals=hearers(builder, change.field, event.actor),
        )
        cause = replace(cause, event=event, settled=True)
        if change.field in builder.facts.gone:
            # What stood was deleted and can never be set again: then nothing stands, and nothing unsigned.
            builder.set_field(change.field, standing=NOTHING, status=Status.EMPTY, contested=None)
            builder.why.note(
                "what stood was deleted, and cannot be set again", ("stood", value_words(change.old))
            )
            builder.record("gone", f"{change.field}: {change.old.name} was deleted")
            if not change.new:
                return replace(cause, event=replace(event, gone=True))
            cause = replace(cause, event=replace(event, change=diff(change.field, NOTHING, change.new)))
        field_state = builder.field(change.field)
        if change.new != truth_of(builder, change.field) and builder.mode is Mode.ENFORCE:
            builder.why.note("the field has another value by now: there is nothing to set back")
            return replace(cause, held=True)  # and nothing to set back: it has gone already
        recent = lately_set_back(builder, change.field)
        if len(recent) >= MOST_RESTORES and builder.mode is Mode.ENFORCE:
            builder.set_field(change.field, contested=change.new, restores=recent)
            if field_state.contested is None or _is_news(
                builder, proposal, field_state.contested, recent[-1]
            ):
                event = replace(event, name="deadline.not_agreed", setback=Setback("limit"), deals=None)
                say = Say("date-not-agreed", event, cause.rule, cause.where)
                builder.tell_issue(say)
                builder.tell_deals(say)
            return replace(cause, quiet_because=f"set back {MOST_RESTORES} times within the hour already")
        on_account = account(event.actor, cause.rule)
        pause = builder.pauses.of(on_account) if builder.mode is Mode.ENFORCE else None
        if pause is not None:
            return _hold_up(builder, cause, pause)
        key = builder.set_deadline(change.field, change.new, field_state.standing, "restore", on_account)
        if key:
            pending = Pending(key, change.new)
            builder.why.note("it is set back", ("to", value_words(field_state.standing)))
            builder.set_field(change.field, pending=pending, restores=(*recent, builder.now), contested=None)
        else:
            builder.why.note(f"it stands, unsigned, as the mode is {builder.mode}")
            builder.set_field(change.field, standing=change.new, status=Status.UNSIGNED)
        return replace(cause, after=key, held=bool(key))


def _hold_up(builder: PlanBuilder, cause: Cause, pause: Pause) -> Cause:
    """Leave an unsigned date where it is until the pause is over. The first time people are asked."""
    event, change = cause.event, cause.event.change
    if change is None:
        return cause
    by = f"the rule “{cause.rule}”" if pause.name.startswith("rule: ") else _called(event.actor)
    until = f"{pause.until:%H:%M} UTC"
    why = f"too many dates were set back within the hour because of {by}: no more are until {until}"
    if not pause.told:
        hint = (
            f"Too many dates had to be set back within the hour because of {by}. "
            f"So no more are until {until}, this one included."
        )
        asked = replace(
            event,
            name="deadline.not_agreed",
            setback=Setback("paused", hint=hint, paused=pause.name),
            deals=None,
        )
        say = Say("date-not-agreed", asked, cause.rule, cause.where)
        builder.tell_issue(say)
        builder.tell_deals(say)
    builder.state = builder.pauses.hold_up(builder.state, change.field, pause)
    builder.reconcile_again(pause.until)
    return replace(cause, quiet_because=why)


def _called(actor: Person | None) -> str:
    return actor.name if actor else "somebody who cannot be told"


def _whose(actor: Person | None, policy: str) -> str:
    if actor is None:
        return "who changed it cannot be told, so it counts as nobody's of product"
    return f"{actor.name} is not of {policy}"


def _people(actor: Person | None) -> tuple[tuple[str, str], ...]:
    return (("by", f"{actor.name} ({actor.system} {actor.id})"),) if actor else ()


def _not_of(builder: PlanBuilder, policy: str) -> tuple[Reason, ...]:
    return (Reason(not_of(builder.policies[policy].whose), Answer.NO),)


def _is_news(builder: PlanBuilder, proposal: Proposal, shown: Value, since: datetime) -> bool:
    """Tell whether a date that stands against product's word is to be told, after another one was: each of
    the first few is, once, or people would go by what is no longer so."""
    wishes = [p for p in builder.state.proposals if p.field == proposal.field and p.asked_at >= since]
    same = [p for p in wishes if p.value == proposal.value]
    return shown != proposal.value and len(same) == 1 and len(wishes) <= MOST_RESTORES
