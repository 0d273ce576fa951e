"""Commitments: a value put in force, seen to hold, and told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from automation.domain import told
from automation.domain.agreed_scope import words_at
from automation.domain.fields import diff
from automation.domain.plan_builder import PlanBuilder
from automation.domain.scope import fingerprint, items
from automation.model import (
    COMMITTED,
    NOTHING,
    Agreed,
    Change,
    Commitment,
    Event,
    Kind,
    Pending,
    Person,
    Proposal,
    ProposalState,
    Status,
    Subject,
    Value,
    Words,
)

UNDO = timedelta(minutes=15)
"""How long product may think better of its own edit before anybody hears of it."""

MOST_RESTORES = 3
WINDOW = timedelta(hours=1)
"""Never a war: at most so many restores of one field in this time, then people are asked."""


def commit(
    builder: PlanBuilder,
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
    field_state = builder.field(field)
    truth = truth_of(builder, field)
    before = field_state.commitment
    if before and before.value.day and before.value.day < builder.now.date() and builder.facts.issue.open:
        moved_to = value.day.isoformat() if value.day else "no date"
        builder.record("missed", f"{field}: {before.value.day.isoformat()}, moved to {moved_to}")
    value = truth if truth.promises(value) else value
    issue, seen = builder.facts.issue, builder.state.words
    # Whoever said yes first has seen no more than what was to be built then.
    agreed_at = min(
        [builder.at, *(yes.at for yes in asked.yeses if yes.by in signers)] if asked else [builder.at]
    )
    words = words_at(agreed_at, builder.facts.edits, seen, Words(issue.title, issue.body))
    key = "" if truth == value else builder.set_deadline(field, truth, value, "apply")
    builder.set_field(
        field,
        standing=value,
        status=Status.COMMITTED if value else Status.EMPTY,
        commitment=Commitment(
            value=value,
            policy=policy,
            signed_by=signers,
            signed_at=builder.at,
            replaces=field_state.commitment.announced if field_state.commitment else NOTHING,
            because=because,
            counter=bool(asked and asked.value != value),
            tell_at=tell_at,
            dated=dated,
            scope=fingerprint(items(words.title, words.body, builder.scope_words)),
        ),
        agreed=Agreed(words, agreed_at),
        contested=None,
        pending=Pending(key, truth) if key else None,
        telling={},
    )
    reason = f" because {because}" if because else ""
    builder.record("signed", f"{field}: {value.name or 'no date'}{reason}", signers[-1])
    if asked:
        builder.close_proposal(asked, ProposalState.SIGNED)
    if truth == value:
        confirm(builder, field)


def confirm(builder: PlanBuilder, field: str) -> None:
    """Note that the tracker holds the committed value, and let rules react to it: for the issue once, for
    each deal starting from what it was told. While the date is in doubt nobody hears of it; what was not
    heard for that is said when the doubt ends."""
    field_state = builder.field(field)
    commitment = field_state.commitment
    if commitment is None or commitment.in_doubt:
        return
    first = not commitment.verified
    if first and truth_of(builder, field) != field_state.standing:
        return
    if first and commitment.tell_at and builder.now < commitment.tell_at:
        builder.reconcile_again(commitment.tell_at)
        return
    if not first and commitment.value.day and commitment.value.day < builder.now.date():
        return  # a day that has passed is no news
    waiting = told.owed(builder.state, field)
    commitment = replace(commitment, verified=True)
    builder.set_field(
        field,
        commitment=commitment,
        telling={**field_state.telling, **{str(deal): value for deal, value in waiting.items()}},
    )
    for old in dict.fromkeys((*([commitment.replaces] if first else []), *waiting.values())):
        deals = tuple(deal for deal, value in waiting.items() if value == old)
        _tell(builder, field, commitment, old, deals, aside=not first or old != commitment.replaces)


def _tell(
    builder: PlanBuilder,
    field: str,
    commitment: Commitment,
    old: Value,
    deals: tuple[Subject, ...],
    aside: bool,
) -> None:
    """Let rules hear that a commitment takes the place of ``old``, for these deals. Where it is the date
    they know, a doubt about it has ended, which is no news to the issue."""
    change = diff(field, old, commitment.value)
    if change is None and not deals:
        return
    aside = aside or change is None
    change = change or Change(field, Kind.OTHER, old, commitment.value)
    proposal = next((p for p in reversed(builder.state.proposals) if _led_to(p, field, commitment)), None)
    later = {link.deal for link in builder.state.links if proposal and link.at > proposal.asked_at}
    builder.emit(
        Event(
            COMMITTED,
            builder.now,
            change=change,
            actor=commitment.signed_by[-1],
            proposal=None if aside and later >= set(deals) else proposal,  # it was not theirs
            commitment=commitment,
            because=commitment.because,
            dated=commitment.dated,
            deals=deals,
            aside=aside,
        )
    )


def _led_to(proposal: Proposal, field: str, commitment: Commitment) -> bool:
    agreed = {*proposal.agreed(commitment.value), *proposal.signers}
    return (
        proposal.field == field
        and proposal.state is ProposalState.SIGNED
        and agreed >= set(commitment.signed_by)
    )


def lately_set_back(builder: PlanBuilder, field: str) -> tuple[datetime, ...]:
    """Return the times of the restores that count towards the limit."""
    return tuple(at for at in builder.field(field).restores if builder.now - at < WINDOW)


def carries_another_day(builder: PlanBuilder, field: str, value: Value) -> bool:
    """Tell whether what is to carry ``value`` has another day by now: no write of the issue could bring that
    day about."""
    by_now = builder.facts.carried.get(value.ref, value)
    return value.moved_to(truth_of(builder, field)) or value.moved_to(by_now)


def truth_of(builder: PlanBuilder, field: str) -> Value:
    return builder.facts.issue.deadlines.get(field, NOTHING)
