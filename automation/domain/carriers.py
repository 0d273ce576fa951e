"""Carriers: which one holds an issue's date, what happened to it, and whom it tells. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def reconcile(
    state: CarrierState,
    truth: Carrier | None,
    triggers: Sequence[Trigger],
    standing: Iterable[Subject],
    now: datetime,
) -> Plan[CarrierState]:
    """Compare what is known of a carrier with the truth, and tell those that stand on it what is news.

    Who gave it its date is known from the delivery that tells of just this date, and was not made before an
    earlier change that is known.
    """
    if truth is None:
        if state.gone:
            return Plan(state)
        return _told(replace(state, gone=True), standing, now, Entry(now, "gone", "it was deleted"))
    value = truth.value
    same = state.value is not None and (state.value.ref, state.value.day) == (value.ref, value.day)
    last = state.moves[-1] if state.moves else None
    if same and last is not None and last.by is not None:
        return Plan(replace(state, value=value))
    earlier = state.moves[:-1] if same else state.moves
    tell = _who(value, triggers, earlier)
    if same and (tell is None or tell.actor is None):
        return Plan(replace(state, value=value))
    move = CarrierMove(value, (tell.at if tell else None) or truth.at, tell.actor if tell else None)
    after = replace(state, value=value, moves=(*earlier, move)[-MOST_MOVES:], gone=False)
    day = value.day.isoformat() if value.day else "no date"
    return _told(after, standing, now, Entry(now, "moved", day, move.by))


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


def _told(
    after: CarrierState, standing: Iterable[Subject], now: datetime, entry: Entry
) -> Plan[CarrierState]:
    messages = tuple(Trigger(issue, CARRIER, at=now) for issue in standing if issue.kind == ISSUE)
    return Plan(after, ledger=(entry,), messages=messages)
