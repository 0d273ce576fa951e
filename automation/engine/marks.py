"""Reads the labels by which people answer, and who put them on, through the ports."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from automation.engine import sight
from automation.model import Command, Gap, Issue, IssueState, Mark, Subject, Trigger, Way, Written
from automation.ports import Tracker, Unseen

LABEL = "label"
"""What a trigger says of a label by which people answer: that it was put on."""

Ways = Mapping[Way, datetime]
"""How people may answer beside words by the rules, and since when that is so."""


@dataclass(frozen=True, slots=True)
class Marked:
    """The answers that are news, the labels of which nobody can tell who put them on, and what cannot be read
    yet."""

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
    """Return what was answered on ``issue`` by labels and not handled yet. Asks only where such a label is
    there, or was just now."""
    since = {way.label.casefold(): at for way, at in ways.items()}
    standing = {label.casefold(): label for label in issue.labels if label.casefold() in since}
    told = [trigger for trigger in triggers if trigger.what == LABEL]
    if not since or not (standing or told):
        return NOTHING
    reminder = sight.reminder(issue, triggers, now)
    try:
        history = tracker.marks(issue.subject, tuple(since), min(since.values()))
    except Unseen:
        return Marked(gaps=(Gap(f"who labelled {issue.subject.key}", reminder, passing=True),))
    gaps = [
        Gap("who put a label on", trigger, trigger.updated, passing=True)
        for trigger in told
        if trigger.updated and all(mark.at + sight.APART < trigger.updated for mark in history)
    ]
    fresh = [
        mark
        for mark in _put_on(history)
        if mark.at >= since[mark.name.casefold()].replace(microsecond=0) and mark.key not in state.handled
    ]
    unclaimed = [mark for mark in fresh if mark.by is None and mark.name.casefold() in standing]
    for name in standing.keys() - {mark.name.casefold() for mark in _latest(history) if mark.on}:
        # It is there, and nobody put it there: the history lags behind, or does not tell.
        if sight.age(reminder, now) < sight.PATIENCE:
            gaps.append(Gap(f"who put the label {standing[name]} on", reminder, passing=True))
        else:
            unclaimed.append(Mark("", standing[name], now, None))
    words = {way.label.casefold(): way.word for way in ways}
    said = [one for mark in fresh if (one := _said(mark, words[mark.name.casefold()])) is not None]
    return Marked(tuple(sorted(said, key=_order)), tuple(unclaimed), tuple(gaps))


def answered(on: Subject, key: str, ways: Ways, tracker: Tracker) -> Written | None:
    """Return what a label on the issue ``on`` said to something else, by its ``key``; None where it is not an
    answer any more. Raise Unseen."""
    words = {way.label.casefold(): way.word for way in ways}
    history = tracker.marks(on, tuple(words), min(ways.values())) if ways else ()
    mark = next((one for one in _put_on(history) if one.key == key), None)
    return _said(mark, words[mark.name.casefold()], on) if mark else None


def _put_on(history: Sequence[Mark]) -> Iterator[Mark]:
    """Yield when labels were put on, newest first, without those that the same person took off again."""
    after: dict[str, Mark] = {}
    for mark in history:
        name = mark.name.casefold()
        then, after[name] = after.get(name), mark
        taken_back = then is not None and not then.on and mark.by is not None and then.by == mark.by
        if mark.on and not taken_back:
            yield mark


def _latest(history: Sequence[Mark]) -> Collection[Mark]:
    latest: dict[str, Mark] = {}
    for mark in history:
        latest.setdefault(mark.name.casefold(), mark)
    return latest.values()


def _said(mark: Mark, word: str, on: Subject | None = None) -> Written | None:
    if mark.by is None:
        return None
    return Written(Command(word), "", mark.by, mark.at, issue=on, mark=mark)


def _order(written: Written) -> tuple[datetime, str, str]:
    """Of what was set at once, a no comes before a yes, which then answers nothing."""
    return written.at, written.command.word, written.id
