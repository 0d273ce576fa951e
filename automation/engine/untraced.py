"""Who moved a date of which its tracker keeps no history: the signed delivery that told it knows, and nobody
else. So it is with the dates of GitHub's projects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from automation.engine.sight import PATIENCE, age
from automation.model import FieldState, Gap, History, Issue, IssueState, Move, Trigger, Value

LONG_AGO = datetime.min.replace(tzinfo=UTC)


def history(name: str, truth: Value, known: FieldState | None, triggers: Sequence[Trigger]) -> History:
    """Return the move to what a field holds, by the newest delivery that tells of it. What it held before is
    what should have stood. Where none tells of it the history is one that is not there yet."""
    last, at = (known.last, known.last_at) if known else ("", None)
    if known is None or not _is_news(truth, known):
        return History((), last or "0", at)
    told = [(one.at, one.actor) for one in _about(name, triggers) if one.held == truth and one.at]
    fresh = [(when, by) for when, by in told if at is None or when >= at]
    if not fresh:
        return History((), last or "0", at, known.standing)
    when, by = fresh[-1]
    move = Move(f"{when.isoformat()} {truth.ref}", when, by, known.standing, truth)
    return History((move,), move.id, when, truth)


def unread(state: IssueState, issue: Issue, triggers: Sequence[Trigger], now: datetime) -> list[Gap]:
    """Return the dates that deliveries tell of and that are not to be seen on the issue yet. After a minute
    the date is taken to be another one again, of which a delivery was lost."""
    gaps = []
    for field in issue.fields:
        if not field.untraced:
            continue
        known = state.fields.get(field.id)
        taken = known.last_at if known else None  # what is older is taken into account already
        told = [t for t in _about(field.id, triggers) if taken is None or (t.at or LONG_AGO) >= taken]
        if told and told[-1].held != issue.deadlines[field.id] and age(told[-1], now) < PATIENCE:
            gaps.append(Gap(f"the {field.label} of {issue.subject.key}", told[-1], told[-1].at))
    return gaps


def _is_news(truth: Value, known: FieldState) -> bool:
    under_way = known.pending is not None and truth == known.pending.expect
    return truth not in (known.standing, known.contested) and not under_way


def _about(name: str, triggers: Sequence[Trigger]) -> list[Trigger]:
    """Return the deliveries about a field, or about all that hangs on what holds it, in order."""
    about = [t for t in triggers if t.held is not None and any(_means(one, name) for one in t.changed)]
    return sorted(about, key=lambda t: t.at or LONG_AGO)


def _means(changed: str, name: str) -> bool:
    return changed == name or name.startswith(f"{changed}.")
