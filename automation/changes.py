"""What happened to an issue: the stored snapshot compared with the truth, and what was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from automation.deadlines import diff, inherited
from automation.draft import Draft
from automation.model import Change, Event, Issue, IssueState, Receipt, Status
from automation.signoffs import confirm


def moved(state: IssueState, issue: Issue) -> list[Change]:
    """Return the deadline changes that are news: not ours under way, not given up on before."""
    found = []
    for name, truth in issue.deadlines.items():
        known = state.fields.get(name)
        if known is None or truth in (known.standing, known.contested):
            continue
        if known.pending and truth == known.pending.expect:
            continue
        change = diff(name, known.standing, truth)
        if change:
            found.append(change)
    return found


def collect_receipts(state: IssueState, receipts: Mapping[str, Receipt]) -> tuple[IssueState, list[str]]:
    """Take the ended writes out of ``pending``. Return also the fields whose write was given up."""
    fields = dict(state.fields)
    given_up = []
    for name, known in state.fields.items():
        receipt = receipts.get(known.pending.effect) if known.pending else None
        if receipt is not None and known.pending is not None:
            contested = known.contested if receipt.done else known.pending.expect
            fields[name] = replace(known, pending=None, contested=contested)
            if not receipt.done:
                given_up.append(name)
    return replace(state, fields=fields), given_up


def look(draft: Draft, now: datetime) -> None:
    """Compare snapshot and truth: adopt first sights, and emit what is news as events."""
    facts, before = draft.facts, draft.state
    for name, truth in facts.issue.deadlines.items():
        known = before.fields.get(name)
        if known is None:
            draft.adopt(name, inherited(truth))
        elif truth == known.standing:
            draft.set_field(name, standing=truth, contested=None)
            confirm(draft, name)
        elif known.standing.day is None and truth.day is None:
            draft.set_field(name, standing=truth, status=Status.INHERITED if truth else Status.EMPTY)
    for change in moved(before, facts.issue):
        evidence = facts.evidence.get(change.field)
        draft.emit(
            Event(
                "deadline.changed",
                now,
                change=change,
                actor=evidence.actor if evidence else None,
                commitment=before.fields[change.field].commitment,
            )
        )
    for written in facts.written:
        if written.comment not in before.handled:
            draft.emit(Event(f"command.{written.command.word}", now, actor=written.author, written=written))
