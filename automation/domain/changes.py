"""What happened to an issue: the stored snapshot compared with the truth, and what was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from automation.domain.commitments import confirm
from automation.domain.fields import diff, inherited
from automation.domain.plan_builder import PlanBuilder
from automation.domain.scope import SHIPPED, ScopeWords, compare, items
from automation.model import (
    NOTHING,
    Change,
    Event,
    FieldState,
    History,
    Issue,
    IssueState,
    Kind,
    Move,
    Receipt,
    ScopeChange,
    Status,
    Value,
    Words,
)


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


def collect_receipts(
    state: IssueState, receipts: Mapping[str, Receipt]
) -> tuple[IssueState, dict[str, Receipt]]:
    """Take the ended writes out of ``pending``. Return also the fields whose write was given up."""
    fields = dict(state.fields)
    given_up = {}
    for name, known in state.fields.items():
        receipt = receipts.get(known.pending.effect) if known.pending else None
        if receipt is not None and known.pending is not None:
            contested = known.contested if receipt.done else known.pending.expect
            fields[name] = replace(known, pending=None, contested=contested)
            if not receipt.done:
                given_up[name] = receipt
    return replace(state, fields=fields), given_up


def since_then(moves: Iterable[Move], known: FieldState | None, start: datetime | None) -> History:
    """Take from a field's history (newest first) what is not taken into account yet.

    Of a field that was never seen, what was done from ``start`` on counts. Of one that was seen, what
    came after the entry seen last, or where none was, after it last held the value that stands. A change
    whose first half was seen last is news by its second.
    """
    found: list[Move] = []
    newest: Move | None = None
    for move in moves:
        if newest is None and _half_of_ours(move, known):
            continue
        newest = newest or move
        if known is None and (start is None or move.at < start.replace(microsecond=0)):
            break
        if known and (move.id == known.last if known.last else move.new == known.standing):
            break
        found.append(move)
        if known and (move.also == known.last if known.last else move.old == known.standing):
            break
    return History(tuple(reversed(found)), newest.id, newest.at, newest.new) if newest else History()


def _half_of_ours(move: Move, known: FieldState | None) -> bool:
    """Tell whether the newest entry may be the first half of our own write: out of the value it replaces. If
    it is somebody's wish, it is still there to be seen once our write has ended."""
    if known is None or known.pending is None or not known.wrote or not known.wrote[-1]:
        return False
    return move.new == NOTHING and move.old == known.pending.expect


def look(builder: PlanBuilder) -> list[Event]:
    """Compare snapshot and truth: adopt first sights, confirm what stands, and return what people did
    since the last look in the order they did it, by the tracker's clock."""
    facts, before = builder.facts, builder.state
    for name, truth in facts.issue.deadlines.items():
        known = before.fields.get(name)
        if name in facts.gone:
            builder.set_field(name, contested=None)  # what was given up is to be thought over
        if known is None:
            builder.adopt(name, inherited(_stood(builder, name, truth)))
        elif truth == known.standing:
            builder.set_field(name, standing=truth, contested=None)
            confirm(builder, name)
        elif known.standing.day is None and truth.day is None:
            builder.set_field(name, standing=truth, status=Status.INHERITED if truth else Status.EMPTY)
    done = [
        Event(
            f"command.{'near' if w.command.near else w.command.word}",
            builder.now,
            actor=w.author,
            written=w,
            done_at=w.at,
        )
        for w in facts.written
        # Trackers give times by the second.
        if w.comment not in before.handled and w.at >= builder.since.replace(microsecond=0)
    ]
    if set(before.mentioned) != set(facts.mentioned):
        # By the first of several who changed what is named: a date that changes after that is held.
        named = [found.at for found in facts.credits.values() if facts.rights_of(found.actor).may_link]
        done.insert(0, Event("tracker.words", builder.now, done_at=min(named, default=builder.now)))
    done += [event for name in facts.history for event in _moves(builder, name)]
    # Of what was done in one second words come first: a date that changes then is held, if in doubt.
    return sorted(done, key=lambda event: event.done_at or builder.now)


def _stood(builder: PlanBuilder, name: str, truth: Value) -> Value:
    """Return what stood when the issue first became our business."""
    moves = builder.facts.history.get(name, History()).moves
    if not moves:
        return truth
    if moves[0].old is None:
        # The milestone that stood has another name now, or is gone: no date is safer than an unsigned one.
        builder.record("unknown", f"{name}: what stood before cannot be told any more")
    return moves[0].old or NOTHING


def others(state: IssueState, name: str, history: History) -> tuple[Move, ...]:
    """Return the moves of a field that others made: not those that we meant to make."""
    known = state.fields.get(name, FieldState())
    # Without an entry seen last, the history begins after all that we wrote.
    ours = list(known.wrote) if known.last else []
    found = []
    for move in history.moves:
        if move.new in ours:
            ours.remove(move.new)
        else:
            found.append(move)
    return tuple(found)


def _moves(builder: PlanBuilder, name: str) -> list[Event]:
    """Return the changes of a field that others made, and note that they are taken into account."""
    history, known = builder.facts.history[name], builder.field(name)
    found = []
    theirs = others(builder.state, name, history)
    for move in history.moves:
        if move.new is not None:
            change = Change(name, Kind.OTHER, move.old or NOTHING, move.new)
            # What looks like a write of ours may be somebody's own, to the same value.
            kind = "tracker.move" if move in theirs else "tracker.echo"
            found.append(Event(kind, builder.now, actor=move.by, change=change, done_at=move.at))
    # What is not in the history by now was never written, unless it still is to be.
    wrote = known.wrote[-1:] if known.pending else ()
    builder.set_field(name, last=history.newest, last_at=history.newest_at, wrote=wrote)
    return found


def news(builder: PlanBuilder, event: Event) -> Event | None:
    """Make of somebody's change what it means by now, or nothing where it leaves what stands."""
    if event.change is None:
        return None
    known = builder.field(event.change.field)
    change = diff(event.change.field, known.standing, event.change.new)
    return (
        replace(event, name="deadline.changed", change=change, commitment=known.commitment)
        if change
        else None
    )


def unexplained(builder: PlanBuilder) -> list[Event]:
    """Return the changes that the tracker's history does not tell of, or not yet: held, if in doubt."""
    found = []
    for change in moved(builder.state, builder.facts.issue):
        evidence = builder.facts.evidence.get(change.field)
        by, at = (evidence.actor, evidence.at) if evidence else (None, None)
        commitment = builder.field(change.field).commitment
        found.append(
            Event("deadline.changed", builder.now, change=change, actor=by, done_at=at, commitment=commitment)
        )
    return found


def reworded(
    state: IssueState, issue: Issue, mentioned: Iterable[str], words: ScopeWords = SHIPPED
) -> ScopeChange | None:
    """Return what differs in the scope of an issue that deals depend on, or None. Lines that name
    one of the deals ``mentioned`` are left out: they make or end links, and are no other deal's business."""
    if state.words is None or not state.concerned():
        return None
    before = items(state.words.title, state.words.body, words)
    change = compare(before, items(issue.title, issue.body, words))
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


def remember_words(builder: PlanBuilder) -> None:
    """Keep title and body for the next look to compare with, as long as deals depend on the issue.

    Where nothing of substance changed the old ones stay, lest a requirement be changed letter by letter.
    """
    issue, known, words = builder.facts.issue, builder.state.words, builder.scope_words
    if not builder.state.concerned():
        builder.state = replace(builder.state, words=None)
    elif known is None or compare(
        items(known.title, known.body, words), items(issue.title, issue.body, words)
    ):
        builder.state = replace(builder.state, words=Words(issue.title, issue.body))


def look_at_end(builder: PlanBuilder) -> None:
    """Tell that an issue which deals depend on was closed, ended otherwise, or is open again. What was closed
    when it first became their business is no news."""
    before, issue = builder.state.standing, builder.facts.issue
    if not before or before == issue.standing or not builder.state.concerned():
        return
    builder.emit(
        Event(
            "issue.reopened" if issue.open else "issue.closed",
            builder.now,
            commitment=builder.state.commitment(),
            done_at=issue.updated_at,
            standing=issue.standing,
            release=issue.release,
        )
    )
    builder.record("reopened" if issue.open else "closed", issue.outcome or issue.standing)


def remember_end(builder: PlanBuilder) -> None:
    """Keep how the issue stands for the next look to compare with, as long as deals depend on it."""
    standing = builder.facts.issue.standing if builder.state.concerned() else ""
    if standing != builder.state.standing:
        builder.state = replace(builder.state, standing=standing)


def look_at_scope(builder: PlanBuilder, before: IssueState) -> None:
    """Tell what is to be built by now, where deals depend on it and it is another thing than ``before``."""
    changed = reworded(before, builder.facts.issue, builder.facts.mentioned, builder.scope_words)
    if changed is None or not builder.state.concerned():
        return
    evidence = [builder.facts.evidence[part] for part in ("title", "body") if part in builder.facts.evidence]
    latest = max(evidence, key=lambda found: found.at, default=None)
    builder.emit(
        Event(
            "scope.changed",
            builder.now,
            actor=latest.actor if latest else None,
            commitment=before.commitment(),
            scope=changed,
        )
    )
