"""What happened to an issue: the stored snapshot compared with the truth, and what was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from automation.commitments import confirm
from automation.deadlines import diff, inherited
from automation.draft import Draft
from automation.links import follow_text
from automation.model import Change, Event, Issue, IssueState, Receipt, ScopeChange, Status, Words
from automation.scope import compare, items


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


def look(draft: Draft) -> None:
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
                draft.now,
                change=change,
                actor=evidence.actor if evidence else None,
                commitment=before.fields[change.field].commitment,
            )
        )
    _look_at_words(draft, before)
    for written in facts.written:
        # Trackers give times by the second.
        late = written.at < draft.since.replace(microsecond=0)
        if written.comment not in before.handled and not late:
            draft.emit(
                Event(f"command.{written.command.word}", draft.now, actor=written.author, written=written)
            )


def reworded(state: IssueState, issue: Issue, mentioned: Iterable[str]) -> ScopeChange | None:
    """Return what differs in the scope of an issue that deals depend on, or None. Lines that name
    one of the deals ``mentioned`` are left out: they make or end links, and are no other deal's business."""
    if state.words is None or not state.concerned():
        return None
    change = compare(items(state.words.title, state.words.body), items(issue.title, issue.body))
    if change is None:
        return None
    deals = {*mentioned, *state.mentioned}

    def ours(text: str) -> bool:
        return not any(deal in text for deal in deals)

    left = ScopeChange(
        added=tuple(filter(ours, change.added)),
        removed=tuple(filter(ours, change.removed)),
        changed=tuple(pair for pair in change.changed if all(map(ours, pair))),
        title=change.title if change.title and all(map(ours, change.title)) else None,
    )
    return left if left != ScopeChange() else None


def remember_words(draft: Draft) -> None:
    """Keep title and body for the next look to compare with, as long as deals depend on the issue.

    Where nothing of substance changed the old ones stay, lest a requirement be changed letter by letter.
    """
    issue, known = draft.facts.issue, draft.state.words
    if not draft.state.concerned():
        draft.state = replace(draft.state, words=None)
    elif known is None or compare(items(known.title, known.body), items(issue.title, issue.body)):
        draft.state = replace(draft.state, words=Words(issue.title, issue.body))


def _look_at_words(draft: Draft, before: IssueState) -> None:
    """Follow title and body: the deals named in them, and what is to be built."""
    follow_text(draft)
    changed = reworded(before, draft.facts.issue, draft.facts.mentioned)
    if changed is None or not draft.state.concerned():
        return
    evidence = [draft.facts.evidence[part] for part in ("title", "body") if part in draft.facts.evidence]
    latest = max(evidence, key=lambda found: found.at, default=None)
    draft.emit(
        Event(
            "scope.changed",
            draft.now,
            actor=latest.actor if latest else None,
            commitment=before.commitment(),
            scope=changed,
        )
    )
