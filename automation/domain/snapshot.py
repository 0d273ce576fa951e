"""Takes into the state what was seen: first sights, what stands, how far a history was read, the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from automation.domain import overrides
from automation.domain.changes import stood, untold
from automation.domain.commitments import confirm
from automation.domain.fields import by_id, fields_of, inherited
from automation.domain.plan_builder import PlanBuilder
from automation.model import IssueState, Receipt, Status, Words


def collect_receipts(
    state: IssueState, receipts: Mapping[str, Receipt]
) -> tuple[IssueState, dict[str, Receipt]]:
    """Take the ended writes out of ``pending``. Return also the fields whose write was given up."""
    fields = dict(state.fields)
    given_up = {}
    for name, field_state in state.fields.items():
        receipt = receipts.get(field_state.pending.effect) if field_state.pending else None
        if receipt is not None and field_state.pending is not None:
            contested = field_state.contested if receipt.done else field_state.pending.expect
            fields[name] = replace(field_state, pending=None, contested=contested)
            if not receipt.done:
                given_up[name] = receipt
    return replace(state, fields=fields), given_up


def adopt_what_stands(builder: PlanBuilder) -> None:
    """Adopt the fields that are seen for the first time, and confirm those that hold what should stand."""
    facts, before = builder.facts, builder.state
    declared = by_id(fields_of(facts.issue))
    for name, truth in facts.issue.deadlines.items():
        field_state = before.fields.get(name)
        if name in facts.gone:
            builder.set_field(name, contested=None)  # what was given up is to be thought over
        if field_state is None:
            if untold(facts, name):
                builder.record("unknown", f"{name}: what stood before cannot be told any more")
            builder.adopt(name, replace(inherited(stood(facts, name)), label=declared[name].label))
        elif truth.promises(field_state.standing):
            builder.set_field(name, standing=truth, contested=None)
            confirm(builder, name)
            overrides.confirm(builder, name)
        elif field_state.standing.day is None and truth.day is None:
            builder.set_field(name, standing=truth, status=Status.INHERITED if truth else Status.EMPTY)


def note_histories(builder: PlanBuilder) -> None:
    """Note how far the histories of the fields are taken into account."""
    for name, history in builder.facts.history.items():
        field_state = builder.field(name)
        # What is not in the history by now was never written, unless it still is to be.
        wrote = field_state.wrote[-1:] if field_state.pending else ()
        builder.set_field(name, last=history.newest, last_at=history.newest_at, wrote=wrote)


def note_address(builder: PlanBuilder) -> None:
    """Note where the issue lives now, nowhere where that cannot be seen, and whether it is out of reach."""
    key, away = "" if builder.facts.lost else builder.facts.issue.subject.key, builder.facts.away
    if (builder.state.lives, builder.state.away) != (key, away):
        builder.state = replace(builder.state, lives=key, away=away)


def note_words(builder: PlanBuilder) -> None:
    """Keep title and body for the next look to compare with, as long as deals depend on the issue.

    Where nothing of substance changed the old ones stay, lest a requirement be changed letter by letter.
    """
    issue, words = builder.facts.issue, builder.state.words
    if not builder.state.concerned():
        builder.state = replace(builder.state, words=None)
    elif words is None or builder.facts.news.reworded:
        builder.state = replace(builder.state, words=Words(issue.title, issue.body))


def note_end(builder: PlanBuilder) -> None:
    """Keep how the issue stands for the next look to compare with, as long as deals depend on it."""
    standing = builder.facts.issue.standing if builder.state.concerned() else ""
    if standing != builder.state.standing:
        builder.state = replace(builder.state, standing=standing)
