"""The carriers that an issue stands on, as far as a look at the issue needs them.

An issue reads its carriers' state and never writes it. A date that has moved with its carrier is the
carrier's business: where that does not know of it, it is asked to look for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from automation.domain.carriers import DOUBT, carrier_of
from automation.domain.fields import carried_by
from automation.domain.moved_carriers import follow
from automation.engine.sight import reminder
from automation.model import (
    CARRIER,
    Behind,
    CarrierState,
    Entry,
    Facts,
    FieldState,
    Gap,
    IssueState,
    Subject,
    Trigger,
    Value,
)

Read = Callable[[Subject], CarrierState]


def with_carriers(
    state: IssueState, seen: Facts, triggers: Sequence[Trigger], carrier: Read, now: datetime
) -> tuple[Facts, tuple[Trigger, ...]]:
    """Add to the facts what the carriers have that somebody may answer here; and return the messages to those
    carriers that do not know of the date which the issue shows."""
    doubts: list[Trigger] = []
    if any(trigger.what == CARRIER for trigger in triggers):
        other = list(_read_otherwise(state, seen, carrier))
        reason = reminder(seen.issue, triggers, now)
        gaps = tuple(Gap(f"the date of {about.key}", reason, passing=True) for about in other)
        seen = replace(seen, gaps=(*seen.gaps, *gaps))
        doubts += [Trigger(about, DOUBT, at=now) for about in other]
    for name, truth in seen.issue.deadlines.items():
        standing = state.fields.get(name, FieldState()).standing
        about = carrier_of(state.subject, standing) if standing.moved_along(truth) else None
        if about and not _accounts_for(carrier(about).value, standing, truth):
            doubts.append(Trigger(about, DOUBT, at=now))
    if seen.written:  # somebody may agree to what waits, here or there
        seen = replace(seen, carried=_by_now(state, carrier), behind=tuple(_behind(state, carrier)))
    return seen, tuple(dict.fromkeys(doubts))


def _accounts_for(known: Value | None, standing: Value, truth: Value) -> bool:
    """Tell whether what a carrier is ``known`` to hold accounts for what an issue shows in the place of what
    stood: its date, or that of another one of several."""
    if known is None:
        return False
    return known.day == truth.day if standing.moved_to(truth) else known.day != standing.day


def _read_otherwise(state: IssueState, seen: Facts, carrier: Read) -> Iterator[Subject]:
    """Yield the carriers of which the issue was read with another date than they are known to have: it may
    have been another copy of the data that answered."""
    for truth in seen.issue.deadlines.values():
        about = carrier_of(state.subject, truth)
        known = carrier(about) if about else None
        if about and known and (known.gone or (known.value is not None and known.value.day != truth.day)):
            yield about


def _by_now(state: IssueState, carrier: Read) -> dict[str, Value]:
    """Return what the carriers of values that wait for an answer hold, as far as is known."""
    waiting = {value for proposal in state.open_proposals() for value in proposal.values()}
    abouts = ((value, carrier_of(state.subject, value)) for value in waiting)
    known = ((value, carrier(about).value) for value, about in abouts if about)
    return {value.ref: replace(held, ref=value.ref) for value, held in known if held is not None}


def followed(state: IssueState, carrier: Read) -> tuple[IssueState, tuple[Entry, ...]]:
    """Return what an issue knows once it has heard what became of its carriers."""
    entries: tuple[Entry, ...] = ()
    for about in _carriers(state):
        state, more = follow(state, carrier(about))
        entries = (*entries, *more)
    return state, entries


def _carriers(state: IssueState) -> list[Subject]:
    found = (carrier_of(state.subject, known.standing) for known in state.fields.values())
    return list(dict.fromkeys(about for about in found if about))


def _behind(state: IssueState, carrier: Read) -> Iterator[Behind]:
    for about in _carriers(state):
        field, promise = carried_by(about.system).id, carrier(about).promise or IssueState(about)
        contested = promise.fields.get(field, FieldState()).contested
        yield Behind(about, field, promise.open_proposals(), contested)
