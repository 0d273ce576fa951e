"""Who moved the date that an issue stands on: the carrier knows, from the delivery that told it.

An issue reads its carrier's state and never writes it. Where the two do not agree the carrier is asked to
look for itself, and the issue waits for its word, but for a minute only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from automation.domain.carriers import DOUBT, carrier_of
from automation.engine.sight import reminder
from automation.model import (
    CARRIER,
    CarrierState,
    Evidence,
    Facts,
    Gap,
    IssueState,
    Person,
    Rights,
    Subject,
    Trigger,
    Value,
)
from automation.ports import Tracker


def with_movers(
    state: IssueState,
    seen: Facts,
    triggers: Sequence[Trigger],
    carrier: Callable[[Subject], CarrierState],
    tracker: Tracker,
    policies: Collection[str],
    now: datetime,
    told: bool,
) -> tuple[Facts, tuple[Trigger, ...]]:
    """Add to the facts who moved the carriers of dates that are news, with what they may do; and return the
    messages to those carriers that do not know of the move. ``told``: deliveries of this tracker say who did
    it, so that they are waited for."""
    doubts: list[Trigger] = []
    if any(trigger.what == CARRIER for trigger in triggers):
        behind = list(_behind(state, seen, carrier))
        reason = reminder(seen.issue, triggers, now)
        gaps = tuple(Gap(f"the date of {about.key}", reason, passing=True) for about in behind)
        seen = replace(seen, gaps=(*seen.gaps, *gaps))
        doubts += [Trigger(about, DOUBT, at=now) for about in behind]
    for change in seen.news.changes:
        about = carrier_of(state.subject, change.new) if change.old.moved_to(change.new) else None
        if about is None:
            continue
        moves = carrier(about).moves
        last = moves[-1] if moves else None
        known = last is not None and last.value.day == change.new.day
        by = last.by if last is not None and known else None
        # The issue's own history knows nothing of it: whoever is last there did something else.
        evidence = {field: one for field, one in seen.evidence.items() if field != change.field}
        if last is not None and by is not None:
            evidence[change.field] = Evidence(by, last.at)
            seen = _with_rights(state, seen, by, tracker, policies)
        elif state.answerable() and (told or not known):
            gap = Gap(f"who moved the {change.field}", reminder(seen.issue, triggers, now), passing=True)
            seen = replace(seen, gaps=(*seen.gaps, gap))
        if not known and about not in {doubt.subject for doubt in doubts}:
            doubts.append(Trigger(about, DOUBT, at=now))
        seen = replace(seen, evidence=evidence)
    if seen.written:  # somebody may agree to what waits
        seen = replace(seen, carried=_by_now(state, carrier))
    return seen, tuple(doubts)


def _behind(state: IssueState, seen: Facts, carrier: Callable[[Subject], CarrierState]) -> Iterator[Subject]:
    """Yield the carriers of which the issue was read with another date than they are known to have: it may
    have been another copy of the data that answered."""
    for truth in seen.issue.deadlines.values():
        about = carrier_of(state.subject, truth)
        known = carrier(about) if about else None
        if about and known and (known.gone or (known.value is not None and known.value.day != truth.day)):
            yield about


def _by_now(state: IssueState, carrier: Callable[[Subject], CarrierState]) -> dict[str, Value]:
    """Return what the carriers of values that wait for an answer hold, as far as is known."""
    waiting = {value for proposal in state.open_proposals() for value in proposal.values()}
    abouts = ((value, carrier_of(state.subject, value)) for value in waiting)
    known = ((value, carrier(about).value) for value, about in abouts if about)
    return {value.ref: replace(held, ref=value.ref) for value, held in known if held is not None}


def _with_rights(
    state: IssueState, seen: Facts, by: Person, tracker: Tracker, policies: Collection[str]
) -> Facts:
    """Ask, live, whether the mover is of product, and if so whether those are still who agreed before."""

    def asked(person: Person) -> Rights:
        known = seen.rights_of(person)
        member = frozenset(
            policy for policy in policies if tracker.in_product(seen.issue.subject, person, policy)
        )
        return replace(known, product=known.product | member)

    rights = dict(seen.rights)
    rights[by.id] = asked(by)
    if rights[by.id].product:
        agreed = {person for proposal in state.open_proposals() for person in proposal.people()}
        rights |= {person.id: asked(person) for person in agreed if person.id not in rights}
    return replace(seen, rights=rights)
