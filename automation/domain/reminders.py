"""What is due while a date waits for product: a reminder to the backup, and the end of a wish that nobody
answered. Each pass says when it has to be looked at next, so that restarts and modes lose nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from automation.domain.fields import diff
from automation.domain.plan_builder import PlanBuilder
from automation.domain.proposals import end
from automation.domain.reasoning import value_words
from automation.model import OVERDUE, Event, Mode, Policy, Proposal, ProposalState
from automation.text.dates import MORNING, working_days_after

TOMORROW = timedelta(days=1)
"""After what time that is looked at again which was due while the mode was observe."""


def look(builder: PlanBuilder) -> None:
    """Do what is due for the dates that wait. On a closed issue nothing is: it is looked at when it opens."""
    if not builder.facts.issue.open:
        return
    builder.at = builder.now
    for asked in builder.state.open_proposals():
        policy = builder.policies.get(asked.policy)
        if policy is None:
            continue
        ends = asked.asked_at + timedelta(days=policy.expires_after)
        if policy.expires_after and _may_expire(builder, asked) and _due(builder, ends):
            _expire(builder, asked, policy)
            continue
        if policy.backup and asked.reminded_at is None and _due(builder, _late_from(asked, policy)):
            _remind(builder, asked)


def _late_from(asked: Proposal, policy: Policy) -> datetime:
    """Return the morning of the working day after the one by which they should have answered."""
    days = (working_days_after(asked.answer_by, 1, each.calendar) for each in policy.each)
    return datetime.combine(max(days), MORNING)


def _due(builder: PlanBuilder, at: datetime) -> bool:
    """Tell whether something is due that was so from ``at`` on, and may be done; else look again then."""
    if builder.now < at:
        builder.reconcile_again(at)
        return False
    if builder.mode is Mode.OBSERVE:
        builder.reconcile_again(builder.now + TOMORROW)
        return False
    return True


def _may_expire(builder: PlanBuilder, asked: Proposal) -> bool:
    """Tell whether a wish may end because nobody answered it: not where somebody of product has agreed to
    it, nor where an agreed date is in doubt by it, or it stands without product's word: silence makes no date
    safe."""
    known = builder.field(asked.field)
    in_doubt = known.commitment is not None and known.commitment.at_risk
    return not (asked.people() or in_doubt or known.override)


def _remind(builder: PlanBuilder, asked: Proposal) -> None:
    reminded = replace(asked, reminded_at=builder.now)
    others = {one.id: one for one in builder.state.proposals} | {asked.id: reminded}
    builder.state = replace(builder.state, proposals=tuple(others.values()))
    builder.record("reminded", f"{asked.field}: {value_words(asked.value)} waits for {asked.policy}")
    known = builder.field(asked.field)
    builder.emit(
        Event(
            OVERDUE,
            builder.now,
            change=diff(asked.field, known.standing, asked.value),
            proposal=reminded,
            commitment=known.commitment,
        )
    )


def _expire(builder: PlanBuilder, asked: Proposal, policy: Policy) -> None:
    builder.why.done(f"nobody answered within {policy.expires_after} days")
    end(builder, asked, None, ProposalState.EXPIRED)
