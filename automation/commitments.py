"""Commitments: a value put in force, seen to hold, and told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from automation.deadlines import diff
from automation.draft import Draft
from automation.model import (
    NOTHING,
    Commitment,
    Event,
    Pending,
    Person,
    Proposal,
    ProposalState,
    Status,
    Value,
)

UNDO = timedelta(minutes=15)
"""How long product may think better of its own edit before anybody hears of it."""

MOST_RESTORES = 3
WINDOW = timedelta(hours=1)
"""Never a war: at most so many restores of one field in this time, then people are asked."""


def commit(
    draft: Draft,
    field: str,
    value: Value,
    policy: str,
    signers: tuple[Person, ...],
    asked: Proposal | None,
    because: str = "",
    tell_at: datetime | None = None,
    dated: bool = False,
) -> None:
    """Put ``value`` in force. Rules hear of it once the tracker was seen to hold it, and not before
    ``tell_at``."""
    known = draft.field(field)
    truth = truth_of(draft, field)
    key = "" if truth == value else draft.set_deadline(field, truth, value, "apply")
    draft.set_field(
        field,
        standing=value,
        status=Status.COMMITTED if value else Status.EMPTY,
        commitment=Commitment(
            value=value,
            policy=policy,
            signed_by=signers,
            signed_at=draft.at,
            replaces=_told(known.commitment),
            because=because,
            counter=bool(asked and asked.value != value),
            tell_at=tell_at,
            dated=dated,
        ),
        contested=None,
        pending=Pending(key, truth) if key else None,
    )
    reason = f" because {because}" if because else ""
    draft.record("signed", f"{field}: {value.name or 'no date'}{reason}", signers[-1])
    if asked:
        draft.close_proposal(asked, ProposalState.SIGNED)
    if truth == value:
        confirm(draft, field)


def confirm(draft: Draft, field: str) -> None:
    """Note that the tracker holds the committed value, and let rules react to it."""
    commitment = draft.field(field).commitment
    if commitment is None or commitment.verified:
        return
    if commitment.tell_at and draft.now < commitment.tell_at:
        draft.look_again(commitment.tell_at)
        return
    commitment = replace(commitment, verified=True)
    draft.set_field(field, commitment=commitment)
    change = diff(field, commitment.replaces, commitment.value)
    if change is not None:
        proposal = next((p for p in reversed(draft.state.proposals) if _led_to(p, field, commitment)), None)
        draft.emit(
            Event(
                "deadline.committed",
                draft.now,
                change=change,
                actor=commitment.signed_by[-1],
                proposal=proposal,
                commitment=commitment,
                because=commitment.because,
                dated=commitment.dated,
            )
        )


def _told(commitment: Commitment | None) -> Value:
    """Return the value that people were last told is agreed."""
    if commitment is None:
        return NOTHING
    return commitment.value if commitment.verified else commitment.replaces


def _led_to(proposal: Proposal, field: str, commitment: Commitment) -> bool:
    agreed = {*proposal.agreed(commitment.value), *proposal.signers}
    return (
        proposal.field == field
        and proposal.state is ProposalState.SIGNED
        and agreed >= set(commitment.signed_by)
    )


def lately_set_back(draft: Draft, field: str) -> tuple[datetime, ...]:
    """Return the times of the restores that count towards the limit."""
    return tuple(at for at in draft.field(field).restores if draft.now - at < WINDOW)


def truth_of(draft: Draft, field: str) -> Value:
    return draft.facts.issue.deadlines.get(field, NOTHING)
