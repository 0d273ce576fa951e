"""Reads what people set to answer, a label, a status or a field, and who did, through the ports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from automation.engine import sight
from automation.model import (
    LABEL,
    STATUS,
    Called,
    Command,
    Gap,
    Issue,
    IssueState,
    Mark,
    Subject,
    Trigger,
    Way,
    Written,
    called,
)
from automation.ports import Tracker, Unseen

Ways = Mapping[Way, datetime]
"""How people may answer beside words by the rules, and since when that is so."""


@dataclass(frozen=True, slots=True)
class Marked:
    """The answers that are news, what nobody is known to have set, and what cannot be read yet."""

    written: tuple[Written, ...] = ()
    unclaimed: tuple[Mark, ...] = ()
    gaps: tuple[Gap, ...] = ()


NOTHING = Marked()


def read(
    state: IssueState,
    issue: Issue,
    ways: Ways,
    triggers: Sequence[Trigger],
    tracker: Tracker,
    now: datetime,
) -> Marked:
    """Return what was answered on ``issue`` by what was set on it, and not handled yet. Asks only where the
    like is there, or was just now."""
    since = {way.called: at for way, at in ways.items()}
    standing = {one.called: one for one in issue.shown() if one.called in since}
    told = [trigger for trigger in triggers if _tells(trigger, since)]
    if not (standing or told):
        return NOTHING
    reminder = sight.reminder(issue, triggers, now)
    try:
        history = tracker.marks(issue.subject, tuple(ways), min(since.values()))
    except Unseen:
        return Marked(gaps=(Gap(f"who answered {issue.subject.key}", reminder, passing=True),))
    young = sight.age(reminder, now) < sight.PATIENCE
    if young and (issue.updated_at is None or any(_since_made(issue.updated_at, one) for one in history)):
        # Who set it just now is not who made the issue, even where the history lags behind.
        history = [one for one in history if not (one.made and _fresh(one, since, state))]
    # A status that was told of can be another one than those that are answers.
    awaited = [
        trigger for trigger in told if trigger.what == LABEL or called(STATUS, issue.status) in standing
    ]
    gaps = [
        Gap("who set what answers", trigger, told_at, passing=trigger.updated is not None)
        for trigger in awaited
        if (told_at := trigger.updated or _while_young(trigger, now))
        and all(mark.at + sight.APART < told_at for mark in history)
    ]
    fresh = [mark for mark in _set(history) if _fresh(mark, since, state)]
    unclaimed = [mark for mark in fresh if mark.by is None and mark.called in standing]
    for key in standing.keys() - _holding(history):
        # It is there, and nobody set it: the history lags behind, or does not tell.
        held = standing[key]
        mark = Mark("", held.value, now, None, kind=held.kind, field=held.field)
        if young:
            gaps.append(Gap(f"who set the {mark.kind} {mark.title}", reminder, passing=True))
        elif not mark.stays:
            unclaimed.append(mark)
    words = {way.called: way.word for way in ways}
    said = [one for mark in fresh if (one := _said(mark, words[mark.called])) is not None]
    return Marked(tuple(sorted(said, key=_order)), tuple(unclaimed), tuple(gaps))


def answered(on: Subject, key: str, ways: Ways, tracker: Tracker) -> Written | None:
    """Return what was said to something else by what was set on the issue ``on``, by its ``key``; None where
    that is no answer any more. Raise Unseen."""
    words = {way.called: way.word for way in ways}
    history = tracker.marks(on, tuple(ways), min(ways.values())) if ways else ()
    mark = next((one for one in _set(history) if one.key == key), None)
    return _said(mark, words[mark.called], on) if mark else None


def _tells(trigger: Trigger, since: Mapping[Called, datetime]) -> bool:
    """Tell whether a delivery says that something was set which answers, or that the status is another one
    where any answers."""
    by_status = STATUS in trigger.changed and any(kind == STATUS for kind, _, _ in since)
    return (trigger.what == LABEL and bool(since)) or by_status


def _while_young(trigger: Trigger, now: datetime) -> datetime | None:
    """Return when something was set that changed no issue, so that nothing else tells that it cannot be seen
    yet: for as long as it is waited for."""
    return trigger.at if sight.age(trigger, now) < sight.PATIENCE else None


def _fresh(mark: Mark, since: Mapping[Called, datetime], state: IssueState) -> bool:
    """Tell whether something was set since the rules name it, and is not handled yet."""
    return mark.at >= since[mark.called].replace(microsecond=0) and mark.key not in state.handled


def _since_made(updated: datetime, mark: Mark) -> bool:
    """Tell whether an issue was changed after it was made, with this."""
    return mark.made and updated > mark.at + sight.APART


def _set(history: Sequence[Mark]) -> Iterator[Mark]:
    """Yield what was set, newest first, without what the same person took back."""
    after: dict[Called, Mark] = {}
    for mark in history:
        then, after[mark.called] = after.get(mark.called), mark
        taken_back = then is not None and not then.on and mark.by is not None and then.by == mark.by
        if mark.on and not taken_back:
            yield mark


def _holding(history: Sequence[Mark]) -> set[Called]:
    """Return what is set still, as far as the history tells."""
    latest: dict[Called, Mark] = {}
    for mark in history:
        latest.setdefault(mark.called, mark)
    return {mark.called for mark in latest.values() if mark.on}


def _said(mark: Mark, word: str, on: Subject | None = None) -> Written | None:
    if mark.by is None:
        return None
    return Written(Command(word), "", mark.by, mark.at, issue=on, mark=mark)


def _order(written: Written) -> tuple[datetime, str, str]:
    """Of what was set at once, a no comes before a yes, which then answers nothing."""
    return written.at, written.command.word, written.id
