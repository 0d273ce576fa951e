"""Carriers: which one holds an issue's date, and what happened to it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from automation.model import (
    CARRIER,
    ISSUE,
    Carrier,
    CarrierMove,
    CarrierState,
    Entry,
    IssueState,
    Plan,
    ProposalState,
    Receipt,
    Subject,
    Trigger,
    Value,
)

MOST_MOVES = 8
"""How many changes of a carrier's date are remembered."""
DOUBT = "doubt"
"""What a message of an issue to its carrier says: the two do not agree about the date."""


def carrier_of(issue: Subject, value: Value) -> Subject | None:
    """Return the subject that carries ``value`` for an issue, None where the date stands by itself."""
    first = value.carrier if value.carrier in value.carriers() else ""
    return next((one for one in all_carriers_of(issue, value) if first in ("", one.id)), None)


def all_carriers_of(issue: Subject, value: Value) -> tuple[Subject, ...]:
    """Return the subjects that carry ``value``: several where others could come to be the earliest."""
    if not issue.place or not value.carried:
        return ()
    ids = value.carriers()
    if value.carrier in value.ref.split(","):  # they go by their ids
        return tuple(Subject(issue.system, CARRIER, id, f"{issue.place}#{id}") for id in ids)
    key = f"{issue.place}#{value.ref}"
    return (Subject(issue.system, CARRIER, value.carrier or key, key),)


def carriers_of(state: IssueState) -> frozenset[Subject]:
    """Return the carriers that an issue stands on, is to be put back on, or is asked onto."""
    values: list[Value | None] = []
    for field_state in state.fields.values():
        pending, commitment = field_state.pending, field_state.commitment
        values += [field_state.standing, field_state.contested]
        values += [pending.expect if pending else None, commitment.value if commitment else None]
    values += [value for proposal in state.open_proposals() for value in proposal.values()]
    return frozenset(one for value in values if value for one in all_carriers_of(state.subject, value))


def seen(state: CarrierState, truth: Carrier, triggers: Sequence[Trigger], now: datetime) -> CarrierState:
    """Return what is known of a carrier now that it was read, and who gave it its date.

    That is known from the delivery that tells of just this date, and was not made before an earlier change
    that is known.
    """
    value = truth.value
    state = replace(state, gone=False)
    same = state.value is not None and (state.value.ref, state.value.day) == (value.ref, value.day)
    last = state.moves[-1] if state.moves else None
    if same and last is not None and last.by is not None:
        return replace(state, value=value)
    earlier = state.moves[:-1] if same else state.moves
    tell = _who(value, triggers, earlier)
    if same and (tell is None or tell.actor is None):
        return replace(state, value=value)
    at = (tell.at if tell else None) or truth.at or now
    move = CarrierMove(value, at, tell.actor if tell else None)
    return replace(state, value=value, moves=(*earlier, move)[-MOST_MOVES:])


def unread(
    state: CarrierState, truth: Carrier, triggers: Sequence[Trigger], receipts: Mapping[str, Receipt]
) -> bool:
    """Tell whether more happened to a carrier than was read, where that does not say when it was changed: the
    newest delivery tells of another date, and not of one that is known to be the older one; or it shows what
    we have written over, and no delivery says that it has that again."""
    day = truth.value.day
    telling = [(one.at, one.held.day) for one in triggers if one.held is not None and one.at is not None]
    last = state.moves[-1] if state.moves else None
    if telling:
        at, told = max(telling, key=lambda each: each[0])
        if last is None or last.at < at or (last.at == at and last.value.day != told):
            return told != day
        if last.value.day != day:
            return True
    return _overwritten(state, truth, receipts)


def _overwritten(state: CarrierState, truth: Carrier, receipts: Mapping[str, Receipt]) -> bool:
    fields = state.promise.fields.values() if state.promise else ()
    under_way = [known.pending for known in fields if known.pending]
    done = (one for one in under_way if one.effect in receipts and receipts[one.effect].done)
    return any(one.expect.day == truth.value.day for one in done)


def beside(issues: Iterable[IssueState], carrier: Subject) -> tuple[Subject, ...]:
    """Return the issues of which a carrier is one of several, and not the one that is promised: another date
    of it may be the earliest of theirs."""
    values = ((state.subject, known.standing) for state in issues for known in state.fields.values())
    return tuple(
        dict.fromkeys(
            issue
            for issue, value in values
            if carrier in all_carriers_of(issue, value) and carrier_of(issue, value) != carrier
        )
    )


def to_look(standing: Iterable[Subject], now: datetime) -> tuple[Trigger, ...]:
    """Return the messages that let issues look at what they stand on."""
    return tuple(Trigger(issue, CARRIER, at=now) for issue in standing if issue.kind == ISSUE)


def deleted(state: CarrierState, standing: Iterable[Subject], now: datetime) -> Plan[CarrierState]:
    """Note that a carrier is gone, with what was asked of its date; and let those who stood on it look."""
    if state.gone:
        return Plan(state)
    promise = state.promise
    if promise is not None:
        ended = (
            replace(one, state=ProposalState.SUPERSEDED) if one.state is ProposalState.OPEN else one
            for one in promise.proposals
        )
        promise = replace(promise, proposals=tuple(ended))
    entry = Entry(now, "gone", "it was deleted")
    gone = replace(state, gone=True, promise=promise)
    return Plan(gone, ledger=(entry,), messages=to_look(standing, now))


def _who(value: Value, triggers: Sequence[Trigger], earlier: Sequence[CarrierMove]) -> Trigger | None:
    """Return the delivery that tells of this date, the newest where several do."""
    after = max((move.at for move in earlier), default=None)
    telling = [
        trigger
        for trigger in triggers
        if trigger.held is not None
        and (trigger.held.ref, trigger.held.day) == (value.ref, value.day)
        and trigger.at is not None
        and (after is None or trigger.at >= after.replace(microsecond=0))
    ]
    return max(telling, key=lambda trigger: trigger.at or datetime.min, default=None)
