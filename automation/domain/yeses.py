"""Yeses: each is one person's, to exactly one value. A value is committed once enough different people, all
of the policy still, said yes to it, in words or by giving the field that value themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from automation.domain import discovery
from automation.domain.commitments import UNDO, commit, truth_of
from automation.domain.offers import has_passed
from automation.domain.plan_builder import PlanBuilder
from automation.domain.proposals import end, propose
from automation.domain.reasoning import value_words, whose_yes
from automation.model import (
    Command,
    Event,
    Mode,
    Person,
    Policy,
    Proposal,
    ProposalState,
    Reason,
    Say,
    Status,
    Value,
    Written,
    Yes,
)


def policy_of(builder: PlanBuilder, field: str, person: Person | None, value: Value) -> str:
    """Return the policy by which somebody answers for a value of a field: that whose word it takes, or one of
    theirs where it takes nobody's. Empty where they may not."""
    mine = builder.facts.rights_of(person).product
    takes = builder.whose(field, value)
    return takes if takes in mine else "" if takes else builder.first(mine)


def kept_out(builder: PlanBuilder, proposal: Proposal, value: Value, policy: Policy) -> frozenset[Person]:
    """Return whose yes to a value does not count, as they asked for it themselves: in this proposal, or in an
    earlier one for the same field. Where it cannot be told who asked, that is nobody."""
    if policy.askers_may_sign:
        return frozenset()
    return askers(proposal, value, builder.state.proposals)


def askers(proposal: Proposal, value: Value, others: Iterable[Proposal]) -> frozenset[Person]:
    """Return who asked for a value of a field, in this proposal or in one of the ``others`` of its issue."""
    wishes = (one for one in others if one.field == proposal.field and one.value == value)
    return frozenset(one.asked_by for one in (proposal, *wishes) if one.asked_by)


def counted(builder: PlanBuilder, proposal: Proposal, value: Value, policy: str) -> tuple[Person, ...]:
    """Return who said yes to exactly this value, may do so, and is of the policy still, asked live; of
    several policies together whoever is so of one of them."""
    found = [_counted(builder, proposal, value, each) for each in builder.policies[policy].each]
    return tuple(person for person in proposal.agreed(value) if any(person in people for people in found))


def _counted(builder: PlanBuilder, proposal: Proposal, value: Value, policy: Policy) -> tuple[Person, ...]:
    out = kept_out(builder, proposal, value, policy)
    return tuple(
        person
        for person in proposal.agreed(value)
        if person not in out and policy.name in builder.facts.rights_of(person).product
    )


def alone(builder: PlanBuilder, yes: Yes, policy: str) -> tuple[Person, ...]:
    """Return whose yes counts for a date that nobody asked for before: to put it forward is to ask for it."""
    return (yes.by,) if any(_alone(builder, yes, each) for each in builder.policies[policy].each) else ()


def _alone(builder: PlanBuilder, yes: Yes, policy: Policy) -> tuple[Person, ...]:
    mine = policy.name in builder.facts.rights_of(yes.by).product
    return (yes.by,) if mine and policy.askers_may_sign else ()


def reasons(builder: PlanBuilder, proposal: Proposal, value: Value, policy: str) -> tuple[Reason, ...]:
    """Say whose yes counts for a value, and why that of others does not; of several policies for each."""
    each = builder.policies[policy].each
    found = [
        whose_yes(
            proposal,
            value,
            _counted(builder, proposal, value, one),
            one.whose,
            kept_out(builder, proposal, value, one),
        )
        for one in each
    ]
    if len(each) == 1:
        return found[0]
    return tuple(Reason(f"for {one.name}", children=said) for one, said in zip(each, found, strict=True))


def lacking(builder: PlanBuilder, asked: Proposal | None, yes: Yes, policy: str) -> tuple[str, ...]:
    """Return the policies of which more people have to say yes to a value: of several, each on its own. Where
    nothing was asked, ``yes`` is all there is."""
    return tuple(
        each.name
        for each in builder.policies[policy].each
        if each.people_needed
        > len(_counted(builder, asked, yes.value, each) if asked else _alone(builder, yes, each))
    )


def about(builder: PlanBuilder, proposal: Proposal, yes: Yes, policy: str) -> Proposal:
    """Return the proposal as words to ``yes.by``, of their yes to a value, need it: with those whose yes to
    it counts, and as their own wish where theirs does not. Words about another value than the one asked do
    not show what was asked, so a bare yes cannot mean that. Of several policies it is about the first that
    lacks a yes."""
    value, by = yes.value, yes.by
    one = next(iter(lacking(builder, proposal, yes, policy)), policy)
    theirs = counted(builder, proposal, value, policy)
    people = counted(builder, proposal, value, one)
    return replace(
        proposal,
        id=proposal.id if value == proposal.value else "",
        policy=one,
        value=value,
        asked_by=proposal.asked_by if by in theirs else by,
        signers=(),
        yeses=tuple(Yes(person, value, proposal.asked_at) for person in people),
    )


def accept(builder: PlanBuilder, event: Event) -> None:
    """Let a change stand that no rule held.

    Product's own edit plans; it commits where it answers a proposal or moves a commitment, to a day to come,
    once enough people said yes to its value, and a user was heard where its policy requires that. Anybody
    else's is taken as it is, and a commitment it leaves behind is at risk.
    """
    change = event.change
    if change is None:
        return
    undiscovered = _undiscovered(builder, event)
    if not undiscovered:
        if _commits(builder, event):
            return
        kept = stand_until_agreed(builder, event)
        if kept is not None:
            builder.tell_issue(Say("reply-more-needed", kept))
            return
        _note_accepted(builder, event)
    else:
        discovery.plan_only(builder, event, undiscovered)
        asked = builder.open_proposal(change.field)
        if asked and event.actor and any(yes.edited and yes.by == event.actor for yes in asked.yeses):
            builder.put_proposal(asked.without_yes(event.actor))
    field_state = builder.field(change.field)
    status = Status.PLANNED if builder.facts.rights_of(event.actor).product else Status.INHERITED
    agreed = field_state.commitment is not None and change.new == field_state.commitment.value
    status = Status.COMMITTED if agreed else status
    builder.set_field(
        change.field,
        standing=change.new,
        status=status if change.new else Status.EMPTY,
        contested=None,
        pending=None,
    )
    if not agreed:
        builder.put_at_risk(change.field)


def _note_accepted(builder: PlanBuilder, event: Event) -> None:
    """Say what a change means that stands; on an issue whose dates are nobody's business, nothing."""
    change, actor = event.change, event.actor
    if change is None or not builder.state.answerable():
        return
    commitment = builder.field(change.field).commitment
    values = (("date", value_words(change.new)), *((("by", actor.name),) if actor else ()))
    if commitment and change.new == commitment.value:
        builder.why.done("the date is as agreed again", *values)
    elif builder.facts.rights_of(actor).product and actor:
        builder.why.done(
            f"{actor.name}'s own edit stands as a plan: it answers no wish, so it agrees to nothing", *values
        )
    elif commitment:
        builder.why.done("it stands, as nothing held it; what was agreed is at risk", *values)
    else:
        builder.why.nothing("it stands, as nothing held it", *values)


def _undiscovered(builder: PlanBuilder, event: Event) -> str:
    """Return the policy by which product's own edit would be a yes, were a user heard before; empty where it
    is none, or counts as it is. To set what is agreed already agrees to nothing new."""
    change = event.change
    if change is None or event.actor is None:
        return ""
    policy = policy_of(builder, change.field, event.actor, change.new)
    agreed = builder.field(change.field).commitment
    if agreed and agreed.value == change.new:
        return ""
    if not discovery.lacking(builder, policy, change.new, event.actor):
        return ""
    return policy if _said(builder, event) else ""


def _answer(builder: PlanBuilder, event: Event) -> tuple[str, Yes] | None:
    """Return product's own edit as a yes, with its policy, where it counts already; else None."""
    return None if _undiscovered(builder, event) else _said(builder, event)


def _said(builder: PlanBuilder, event: Event) -> tuple[str, Yes] | None:
    """Return product's own edit as a yes, with its policy; None where it is none, or only plans.

    An edit to a day that has passed is asked about. It agrees to nothing, but a value that the same person
    had set before is no longer their word.
    """
    change = event.change
    if change is None or event.actor is None or builder.before_the_mode(event):
        return None
    policy = policy_of(builder, change.field, event.actor, change.new)
    asked = builder.open_proposal(change.field)
    known = builder.field(change.field)
    if not policy or not (asked or known.commitment or known.override):
        return None
    edit = Written(Command("signoff"), "", event.actor, builder.at)
    if has_passed(builder, edit, change.field, change.new.day):
        if asked and any(yes.edited and yes.by == event.actor for yes in asked.yeses):
            builder.put_proposal(asked.without_yes(event.actor))
        return None
    return policy, Yes(event.actor, change.new, builder.at, edited=True)


def _commits(builder: PlanBuilder, event: Event) -> bool:
    """Commit what product's own edit says, where that is the last yes it takes."""
    answer = _answer(builder, event)
    if answer is None or event.change is None:
        return False
    (policy, yes), field = answer, event.change.field
    asked = builder.open_proposal(field)
    answered = asked.with_yes(yes) if asked else None
    people = counted(builder, answered, yes.value, policy) if answered else alone(builder, yes, policy)
    if lacking(builder, answered, yes, policy):
        return False
    builder.why.done(
        f"{yes.by.name}'s own edit is a yes, and the last one it takes",
        ("date", value_words(yes.value)),
        parts=reasons(builder, answered, yes.value, policy) if answered else (),
    )
    commit(builder, field, yes.value, policy, people, answered, tell_at=builder.at + UNDO)
    return True


def stand_until_agreed(builder: PlanBuilder, event: Event) -> Event | None:
    """Let product's own edit stand where more people have to say yes before it commits: it is asked for as
    a proposal, and what was agreed before is at risk. Return the event with the proposal, else None."""
    answer, change = _answer(builder, event), event.change
    if answer is None or change is None or builder.mode is Mode.OBSERVE:
        return None
    (policy, yes), field_state = answer, builder.field(change.field)
    asked = builder.open_proposal(change.field)
    answered = asked.with_yes(yes) if asked else None
    if not lacking(builder, answered, yes, policy):
        return None
    if field_state.commitment is not None and field_state.commitment.value == yes.value:
        if answered:  # enough people agreed to this one before, so it only takes back what was said since
            builder.put_proposal(answered)
        return None
    if answered is None or (answered.asked_by == yes.by and answered.value != yes.value):
        answered = propose(builder, policy, change.field, field_state.standing, yes.value, yes.by).with_yes(
            yes
        )
    builder.put_proposal(answered)
    builder.put_at_risk(change.field)
    if truth_of(builder, change.field) == yes.value:
        builder.set_field(change.field, contested=yes.value, pending=None)
    people = counted(builder, answered, yes.value, policy)
    counts = "is a yes" if yes.by in people else "asks for it, so that others have to agree"
    builder.why.done(
        f"{yes.by.name}'s own edit {counts}: {len(people)} of {builder.policies[policy].people_needed} people"
        " have said yes to that date",
        ("date", value_words(yes.value)),
        parts=reasons(builder, answered, yes.value, policy),
    )
    shown = about(builder, answered, yes, policy)
    return replace(event, proposal=shown, commitment=builder.field(change.field).commitment)


def undo_edit(builder: PlanBuilder, event: Event) -> None:
    """Take back what somebody agreed to by setting it, where by now they have set another value."""
    change = event.change
    asked = builder.open_proposal(change.field) if change else None
    given = next((yes for yes in asked.yeses if yes.by == event.actor), None) if asked else None
    if change and given and given.edited and given.at <= builder.at and given.value != change.new:
        take_back(builder, event)


def take_back(builder: PlanBuilder, event: Event) -> None:
    """Take back what somebody of product agreed to, where they give the field what stands."""
    asked = builder.open_proposal(event.change.field) if event.change else None
    if asked is None or event.actor is None or event.actor not in asked.people():
        return
    builder.why.done(f"{event.actor.name} gave the field what stands, and so takes back their yes")
    if asked.asked_by == event.actor and any(yes.edited and yes.by == event.actor for yes in asked.yeses):
        end(builder, asked, event.actor, ProposalState.WITHDRAWN)
    else:
        builder.put_proposal(asked.without_yes(event.actor))
