"""An agreed date that comes near, or has passed, while its issue is not done: product is asked, once and in
time, and where nobody answers, deals are asked not to repeat it. And whether it was kept, in the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from automation.domain import told
from automation.domain.plan_builder import PlanBuilder
from automation.domain.reasoning import value_words
from automation.model import (
    DUE,
    ISSUE,
    NOTHING,
    UNCONFIRMED,
    Change,
    Commitment,
    Event,
    Kind,
    Policy,
)
from automation.text.dates import MORNING, answer_by

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Times:
    """When a date is spoken of: ``asks`` are when product is asked, the earliest first, and ``unanswered`` is
    when deals hear of it, None as long as that depends on when product was asked."""

    asks: tuple[datetime, ...]
    unanswered: datetime | None


def times(commitment: Commitment, day: date, policy: Policy | None) -> Times:
    """Return them for an agreed ``day``. Product is asked so many days before as the policy says, and once
    the day has passed. Deals hear once product has let pass the time that it has for an answer to the last
    question before that day, and in any case when it has passed."""
    over = _start(day + DAY)
    if policy is None:
        return Times((over,), over)
    near = _start(day - timedelta(days=policy.warn_days)) if policy.warn_days else None
    early = _start(day - timedelta(days=policy.reconfirm_days)) if policy.reconfirm_days else None
    asks = tuple(sorted({at for at in (early, near, over) if at}))
    asked = commitment.asked_at
    if near is None or (commitment.signed_at >= near and not commitment.overdue):
        return Times(asks, over)
    if asked is None or asked < near:
        return Times(asks, None)
    return Times(asks, min(_start(answer_by(asked.date(), policy) + DAY), over))


def look_ahead(builder: PlanBuilder) -> Iterator[Event]:
    """Note what is due by now, yield what people are to hear of it, and plan the next look."""
    if builder.state.subject.kind != ISSUE:
        return  # a carrier's date is that of its issues, each of which asks whether it can be kept
    if not builder.facts.issue.open or not builder.state.concerned():
        return
    for field, commitment in builder.state.commitments().items():
        day = commitment.value.day
        if day is None or builder.field(field).override:
            continue
        policy = builder.policies.get(commitment.policy)
        due = max((at for at in times(commitment, day, policy).asks if at <= builder.now), default=None)
        if due and commitment.signed_at < due and (commitment.asked_at is None or commitment.asked_at < due):
            commitment = replace(commitment, asked_at=builder.now, again=())
            builder.set_field(field, commitment=commitment)
            builder.record("due", f"{field}: {day.isoformat()}")
            builder.why.done(
                "an agreed date is due, and the issue is open: product is asked", *_date(commitment)
            )
            yield _event(builder, DUE, field, commitment)
        coming = times(commitment, day, policy)
        silent = coming.unanswered is not None and coming.unanswered <= builder.now
        if silent and not commitment.overdue:
            new = builder.newly_linked()  # they hear how things stand as it is
            relying = told.relying(builder.state, field, builder.now.date())
            hearing = tuple(deal for deal in relying if deal not in new)
            commitment = replace(commitment, overdue=True)
            builder.set_field(field, commitment=commitment, telling={})
            builder.record("unconfirmed", f"{field}: {day.isoformat()}")
            builder.why.done(
                "product has not said that it holds: deals are not to repeat it", *_date(commitment)
            )
            yield replace(_event(builder, UNCONFIRMED, field, commitment), deals=hearing)
        ahead = [at for at in (*coming.asks, coming.unanswered) if at and at > builder.now]
        if ahead:
            builder.reconcile_again(min(ahead))


def settle(builder: PlanBuilder, ended: Event) -> None:
    """Record whether each agreed date was kept by an issue that has ended."""
    done_on = (ended.done_at or builder.now).date()
    for field, commitment in builder.state.commitments().items():
        day = commitment.value.day
        if day is None or ended.standing not in ("done", "dropped"):
            continue
        late = (done_on - day).days
        promised = f"{field}: {day.isoformat()}"
        if ended.standing == "dropped":
            builder.record("missed", f"{promised}, dropped")
        elif late > 0:
            builder.record("missed", f"{promised}, done {late} {'day' if late == 1 else 'days'} late")
        else:
            builder.record("kept", f"{promised}, done on {done_on.isoformat()}")


def _event(builder: PlanBuilder, name: str, field: str, commitment: Commitment) -> Event:
    return Event(
        name,
        builder.now,
        change=Change(field, Kind.SET, NOTHING, commitment.value),
        commitment=commitment,
        standing=builder.facts.issue.standing,
        done_at=builder.facts.issue.updated_at,
    )


def _date(commitment: Commitment) -> tuple[tuple[str, str], ...]:
    return (("date", value_words(commitment.value)),)


def _start(day: date) -> datetime:
    return datetime.combine(day, MORNING)
