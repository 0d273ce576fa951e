"""What happened to an issue: the stored snapshot compared with the truth and its history. Compares and
returns: nothing is written here, neither outside nor into the state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from automation.domain.fields import diff
from automation.domain.scope import SHIPPED, ScopeWords, compare, items
from automation.model import (
    NOTHING,
    Change,
    Event,
    Facts,
    FieldState,
    History,
    Issue,
    IssueState,
    Kind,
    Move,
    News,
    ScopeChange,
    Subject,
    Value,
    Words,
)

FILLED = "tracker.filled"
"""The name of the event that an issue says something else for the checklist of discovery."""
UNCLAIMED = "tracker.unclaimed"
"""The name of the event that an issue has labels or a status of which nobody can tell who set them."""
MOVED = "issue.moved"
"""The name of the event that an issue has another address, or none that we can see."""
RESCOPED = "scope.changed"
"""The name of the event that the words of an issue ask for something else."""


def news(
    state: IssueState, issue: Issue, mentioned: Iterable[Subject], scope_words: ScopeWords = SHIPPED
) -> News:
    """Return what differs from what was seen last; ``scope_words`` are those that are no scope. Asked once
    for each look; who made the moves is added when the histories were read (``moves_of_others``)."""
    scope = None
    if state.words is not None and state.words != Words(issue.title, issue.body):
        before = items(state.words.title, state.words.body, scope_words)
        scope = compare(before, items(issue.title, issue.body, scope_words))
    others = without_deals(state, scope, mentioned) if scope and state.concerned() else None
    return News(changes=tuple(left_over(state, issue)), scope=others, reworded=scope is not None)


def left_over(state: IssueState, issue: Issue) -> Iterator[Change]:
    """Yield where a field holds another date than the one that stands: not ours under way, not given up on
    before, and not moved with what carries it, which is dealt with there. At first that is what is news, and
    in the end what no history told of."""
    for name, truth in issue.deadlines.items():
        field_state = state.fields.get(name)
        if field_state is None or truth in (field_state.standing, field_state.contested):
            continue
        if field_state.pending and truth == field_state.pending.expect:
            continue
        if field_state.standing.moved_along(truth):
            continue
        change = diff(name, field_state.standing, truth)
        if change:
            yield change


def since_then(moves: Iterable[Move], field_state: FieldState | None, start: datetime | None) -> History:
    """Take from a field's history (newest first) what is not taken into account yet.

    Of a field that was never seen, what was done from ``start`` on counts. Of one that was seen, what
    came after the entry seen last, or where none was, after it last held the value that stands. A change
    whose first half was seen last is news by its second.
    """
    moved: list[Move] = []
    newest: Move | None = None
    for move in moves:
        if newest is None and _half_of_ours(move, field_state):
            continue
        newest = newest or move
        if field_state is None and (start is None or move.at < start.replace(microsecond=0)):
            break
        if field_state and (
            move.id == field_state.last if field_state.last else _same_carrier(move.new, field_state.standing)
        ):
            break
        moved.append(move)
        if field_state and (
            move.also == field_state.last
            if field_state.last
            else _same_carrier(move.old, field_state.standing)
        ):
            break
    return History(tuple(reversed(moved)), newest.id, newest.at, newest.new) if newest else History()


def _half_of_ours(move: Move, field_state: FieldState | None) -> bool:
    """Tell whether the newest entry may be the first half of our own write: out of the value it replaces. If
    it is somebody's wish, it is still there to be seen once our write has ended."""
    if (
        field_state is None
        or field_state.pending is None
        or not field_state.wrote
        or not field_state.wrote[-1]
    ):
        return False
    return move.new == NOTHING and _same_carrier(move.old, field_state.pending.expect)


def _same_carrier(told: Value | None, value: Value) -> bool:
    """Compare what a history tells with a value: histories name carriers, and the day that one promises now
    may not be the one that it promised then."""
    return told is not None and told.ref == value.ref


def moves_of_others(state: IssueState, histories: Mapping[str, History]) -> dict[str, tuple[Move, ...]]:
    """Return the moves of each field that others made: not those that we meant to make."""
    return {name: _of_others(state.fields.get(name), history) for name, history in histories.items()}


def _of_others(field_state: FieldState | None, history: History) -> tuple[Move, ...]:
    # Without an entry seen last, the history begins after all that we wrote.
    ours = [value.ref for value in field_state.wrote] if field_state and field_state.last else []
    theirs = []
    for move in history.moves:
        if move.new is not None and move.new.ref in ours:
            ours.remove(move.new.ref)
        else:
            theirs.append(move)
    return tuple(theirs)


def happened(state: IssueState, facts: Facts, now: datetime, since: datetime) -> list[Event]:
    """Return what people did since the last look in the order they did it, by the tracker's clock. ``since``:
    when the mode came into force; commands from before are not carried out."""
    done = [
        Event(
            f"command.{'near' if w.command.near else w.command.word}",
            now,
            actor=w.author,
            written=w,
            done_at=w.at,
            move=w.mark.id if w.mark else "",
        )
        for w in facts.written
        # Trackers give times by the second.
        if w.id not in state.handled and w.at >= since.replace(microsecond=0)
    ]
    if set(state.mentioned) != set(facts.mentioned):
        # By the first of several who changed what is named: a date that changes after that is held.
        named = [one.at for one in facts.credits.values() if facts.rights_of(one.actor).may_link]
        done.insert(0, Event("tracker.words", now, done_at=min(named, default=now)))
    if set(state.filled) != set(facts.filled):  # before a deal is linked, which asks for what is missing
        done.insert(
            0, Event(FILLED, now, done_at=min((one.at for one in facts.filled if one.at), default=now))
        )
    if facts.unclaimed:
        done.append(Event(UNCLAIMED, now))
    done += [event for name in facts.history for event in _moves(facts, name, now)]
    # Of what was done in one second words come first: a date that changes then is held, if in doubt.
    return sorted(done, key=lambda event: event.done_at or now)


def _moves(facts: Facts, field: str, now: datetime) -> Iterator[Event]:
    theirs = facts.news.moves.get(field, ())
    for move in facts.history[field].moves:
        if move.new is not None:
            change = Change(field, Kind.OTHER, move.old or NOTHING, move.new)
            # What looks like a write of ours may be somebody's own, to the same value.
            kind = "tracker.move" if move in theirs else "tracker.echo"
            yield Event(kind, now, actor=move.by, change=change, done_at=move.at, move=move.id)


def stood(facts: Facts, field: str) -> Value:
    """Return what stood when the issue first became our business: no date where that cannot be told any more,
    as the milestone that stood has another name now, or is gone."""
    moves = facts.history.get(field, History()).moves
    return moves[0].old or NOTHING if moves else facts.issue.deadlines[field]


def untold(facts: Facts, field: str) -> bool:
    """Tell whether what stood before cannot be told any more."""
    moves = facts.history.get(field, History()).moves
    return bool(moves) and moves[0].old is None


def by_now(event: Event, field_state: FieldState) -> Event | None:
    """Make of somebody's change what it means by now, or nothing where it leaves what stands, whichever day
    that promises."""
    if event.change is None:
        return None
    if field_state.standing.moved_along(event.change.new):
        return None
    change = diff(event.change.field, field_state.standing, event.change.new)
    if change is None:
        return None
    return replace(event, name="deadline.changed", change=change, commitment=field_state.commitment)


def unexplained(state: IssueState, facts: Facts, now: datetime) -> list[Event]:
    """Return the changes that the tracker's history does not tell of, or not yet: held, if in doubt.
    ``state`` is as all that it does tell of has left it."""
    events = []
    for change in left_over(state, facts.issue):
        evidence = facts.evidence.get(change.field)
        by, at = (evidence.actor, evidence.at) if evidence else (None, None)
        commitment = state.fields[change.field].commitment
        events.append(
            Event("deadline.changed", now, change=change, actor=by, done_at=at, commitment=commitment)
        )
    return events


def without_deals(state: IssueState, change: ScopeChange, mentioned: Iterable[Subject]) -> ScopeChange | None:
    """Leave out the lines that name one of the deals ``mentioned``: they make or end links, and are no other
    deal's business."""
    deals = {*mentioned, *state.mentioned}

    def ours(text: str) -> bool:
        return not any(deal.key in text for deal in deals)

    left = ScopeChange(
        added=tuple(filter(ours, change.added)),
        removed=tuple(filter(ours, change.removed)),
        changed=tuple(pair for pair in change.changed if all(map(ours, pair))),
        title=change.title if change.title and all(map(ours, change.title)) else None,
    )
    return left if left != ScopeChange() else None


def ended(state: IssueState, facts: Facts, now: datetime) -> Event | None:
    """Tell that an issue which deals depend on was closed, ended otherwise, or is open again. What was closed
    when it first became their business is no news."""
    before, issue = state.standing, facts.issue
    if not before or before == issue.standing or not state.concerned():
        return None
    return Event(
        "issue.reopened" if issue.open else "issue.closed",
        now,
        commitments=state.commitments(),
        done_at=issue.updated_at,
        standing=issue.standing,
        release=issue.release,
    )


def relocated(before: IssueState, facts: Facts, now: datetime) -> Event | None:
    """Tell, once, that an issue which deals depend on has another address, and whether that is out of reach;
    or that it cannot be seen any more, which only deals can be told, and that it can be again. Another
    spelling is no other address."""
    if not (before.concerned() or before.answerable()):
        return None
    key, known = facts.issue.subject.key, before.commitments()
    if facts.lost:
        lost = Event(MOVED, now, commitments=known, lived=key, away=True, gone=True, aside=True)
        return None if before.lost else lost
    if before.lost:
        return Event(MOVED, now, commitments=known, lived=key, away=facts.away, found=True)
    if not before.lives or before.lives.lower() == key.lower():
        return None
    return Event(MOVED, now, commitments=known, lived=before.lives, away=facts.away)


def rescoped(
    by_now: IssueState, facts: Facts, now: datetime, asked: Mapping[str, ScopeChange]
) -> Event | None:
    """Tell what is to be built by now, where it is another thing than before. ``asked``: the fields whose
    date product has to agree to anew, and how it differs from what was agreed: then that is told."""
    scope = next(iter(asked.values()), facts.news.scope)
    if scope is None:
        return None
    evidence = [facts.evidence[part] for part in ("title", "body") if part in facts.evidence]
    latest = max(evidence, key=lambda one: one.at, default=None)
    return Event(
        RESCOPED,
        now,
        actor=latest.actor if latest else None,
        commitments=by_now.commitments(),
        scope=scope,
        plans=tuple(Change(name, Kind.SET, NOTHING, by_now.fields[name].standing) for name in asked),
    )
