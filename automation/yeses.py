"""Yeses: each is one person's, to exactly one value. A value is committed once enough different people, all
of the policy still, said yes to it, in words or by giving the field that value themselves."""

from __future__ import annotations

from dataclasses import replace

from automation.commitments import UNDO, commit, truth_of
from automation.draft import Draft
from automation.model import (
    Command,
    Event,
    Mode,
    Person,
    Proposal,
    ProposalState,
    Say,
    Status,
    Value,
    Written,
    Yes,
)
from automation.offers import has_passed
from automation.proposals import end, propose


def policy_of(draft: Draft, field: str, person: Person | None) -> str:
    """Return the policy by which somebody answers for a field: that of what waits or is promised there,
    else one of theirs. Empty where they may not."""
    mine = draft.facts.rights_of(person).product
    for about in (draft.open_proposal(field), draft.field(field).commitment):
        if about is not None and about.policy in draft.policies:
            return about.policy if about.policy in mine else ""
    return min(mine, default="")


def counted(draft: Draft, proposal: Proposal, value: Value, policy: str) -> tuple[Person, ...]:
    """Return who said yes to exactly this value and is of the policy still, asked live."""
    return tuple(
        person for person in proposal.agreed(value) if policy in draft.facts.rights_of(person).product
    )


def enough(draft: Draft, policy: str, people: tuple[Person, ...]) -> bool:
    return len(people) >= draft.policies[policy].people_needed


def about(proposal: Proposal, value: Value, people: tuple[Person, ...]) -> Proposal:
    """Return the proposal as words about ``value`` need it: with those whose yes to it counts. Words about
    another value than the one asked do not show what was asked, so a bare yes cannot mean that."""
    return replace(
        proposal,
        id=proposal.id if value == proposal.value else "",
        value=value,
        signers=(),
        yeses=tuple(Yes(person, value, proposal.asked_at) for person in people),
    )


def accept(draft: Draft, event: Event) -> None:
    """Let a change stand that no rule held.

    Product's own edit plans; it commits where it answers a proposal or moves a commitment, to a day to come,
    once enough people said yes to its value. Anybody else's is taken as it is, and a commitment it leaves
    behind is at risk.
    """
    change = event.change
    if change is None or _commits(draft, event):
        return
    kept = stand_until_agreed(draft, event)
    if kept is not None:
        draft.tell_issue(Say("reply-more-needed", kept))
        return
    known = draft.field(change.field)
    status = Status.PLANNED if draft.facts.rights_of(event.actor).product else Status.INHERITED
    agreed = known.commitment is not None and change.new == known.commitment.value
    status = Status.COMMITTED if agreed else status
    draft.set_field(
        change.field,
        standing=change.new,
        status=status if change.new else Status.EMPTY,
        contested=None,
        pending=None,
    )
    if not agreed:
        draft.put_at_risk(change.field)


def _answer(draft: Draft, event: Event) -> tuple[str, Yes] | None:
    """Return product's own edit as a yes, with its policy; None where it is none, or only plans.

    An edit to a day that has passed is asked about. It agrees to nothing, but a value that the same person
    had set before is no longer their word.
    """
    change = event.change
    if change is None or event.actor is None or draft.before_the_mode(event):
        return None
    policy = policy_of(draft, change.field, event.actor)
    asked = draft.open_proposal(change.field)
    if not policy or not (asked or draft.field(change.field).commitment):
        return None
    edit = Written(Command("signoff"), "", event.actor, draft.at)
    if has_passed(draft, edit, change.field, change.new.day):
        if asked and any(yes.edited and yes.by == event.actor for yes in asked.yeses):
            draft.put_proposal(asked.without_yes(event.actor))
        return None
    return policy, Yes(event.actor, change.new, draft.at, edited=True)


def _commits(draft: Draft, event: Event) -> bool:
    """Commit what product's own edit says, where that is the last yes it takes."""
    answer = _answer(draft, event)
    if answer is None or event.change is None:
        return False
    (policy, yes), field = answer, event.change.field
    asked = draft.open_proposal(field)
    said = asked.with_yes(yes) if asked else None
    people = counted(draft, said, yes.value, policy) if said else (yes.by,)
    if not enough(draft, policy, people):
        return False
    commit(draft, field, yes.value, policy, people, said, tell_at=draft.at + UNDO)
    return True


def stand_until_agreed(draft: Draft, event: Event) -> Event | None:
    """Let product's own edit stand where more people have to say yes before it commits: it is asked for as
    a proposal, and what was agreed before is at risk. Return the event with the proposal, else None."""
    answer, change = _answer(draft, event), event.change
    if answer is None or change is None or draft.mode is Mode.OBSERVE:
        return None
    (policy, yes), known = answer, draft.field(change.field)
    asked = draft.open_proposal(change.field)
    said = asked.with_yes(yes) if asked else None
    if enough(draft, policy, counted(draft, said, yes.value, policy) if said else (yes.by,)):
        return None
    if known.commitment is not None and known.commitment.value == yes.value:
        if said:  # enough people agreed to this one before, so it only takes back what was said since
            draft.put_proposal(said)
        return None
    if said is None or (said.asked_by == yes.by and said.value != yes.value):
        said = propose(draft, policy, change.field, known.standing, yes.value, yes.by).with_yes(yes)
    draft.put_proposal(said)
    draft.put_at_risk(change.field)
    if truth_of(draft, change.field) == yes.value:
        draft.set_field(change.field, contested=yes.value, pending=None)
    shown = about(said, yes.value, counted(draft, said, yes.value, policy))
    return replace(event, proposal=shown, commitment=draft.field(change.field).commitment)


def undo_edit(draft: Draft, event: Event) -> None:
    """Take back what somebody agreed to by setting it, where by now they have set another value."""
    change = event.change
    asked = draft.open_proposal(change.field) if change else None
    given = next((yes for yes in asked.yeses if yes.by == event.actor), None) if asked else None
    if change and given and given.edited and given.at <= draft.at and given.value != change.new:
        take_back(draft, event)


def take_back(draft: Draft, event: Event) -> None:
    """Take back what somebody of product agreed to, where they give the field what stands."""
    asked = draft.open_proposal(event.change.field) if event.change else None
    if asked is None or event.actor is None or event.actor not in asked.people():
        return
    if asked.asked_by == event.actor and any(yes.edited and yes.by == event.actor for yes in asked.yeses):
        end(draft, asked, event.actor, ProposalState.WITHDRAWN)
    else:
        draft.put_proposal(asked.without_yes(event.actor))
