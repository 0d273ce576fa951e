"""What a delivery names and the tracker does not show yet: what waits for it, and for how long. Pure.

Trackers answer from copies that lag behind: a comment, an issue or a change can be told of by a webhook
before it can be read. So what is missing is looked for again, with growing waits. See docs/adr/0017.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from automation.model import Carrier, Facts, Gap, History, Issue, IssueState, News, Trigger, Value, Written

PATIENCE = timedelta(seconds=60)
"""For how long what was done later than something that cannot be seen yet is not decided on."""
GIVE_UP = timedelta(minutes=15)
"""For how long something is looked for from the first look on, before somebody has to look after it."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0
"""Seconds until the next look; as long as it has been looked for, between these."""
APART = timedelta(seconds=2)
"""How far apart the times may be that a tracker gives the same change in different places."""
AHEAD = timedelta(minutes=5)
"""How far a delivery's time may lie ahead of ours. One further ahead is no time that can be waited for."""
LAG = "lag"
"""What the trigger says that reminds us since when we wait for something that no delivery names."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether to decide now, and what has to be looked at again: ``again`` in ``wait`` seconds, since
    ``why`` cannot be seen, and ``missed`` no more, unless somebody wants it."""

    decide: bool = True
    again: tuple[Trigger, ...] = ()
    missed: tuple[Trigger, ...] = ()
    wait: float = FIRST_WAIT
    why: str = ""


def judge(state: IssueState, seen: Facts, own: Sequence[Trigger], now: datetime) -> Verdict:
    """Decide on a look from what it could not see; ``own`` are the triggers that it was made for.

    What was done before that is decided at once. What was done after it waits, so that it all ends as if
    everything had been seen at once; but for a minute only.
    """
    young = [gap for gap in seen.gaps if age(gap.trigger, now) < PATIENCE]
    if young and _later(state, seen, young):
        lags = tuple(gap.trigger for gap in young if gap.trigger.what == LAG and gap.trigger not in own)
        wait = max(age(gap.trigger, now) for gap in young)
        return Verdict(False, (*own, *lags), wait=pause(wait), why=_said(young))
    left = [gap for gap in seen.gaps if not gap.passing and gap.trigger in own]
    again = tuple(gap.trigger for gap in left if age(gap.trigger, now) < GIVE_UP)
    missed = tuple(gap.trigger for gap in left if gap.trigger not in again)
    wait = min((age(trigger, now) for trigger in again), default=timedelta())
    return Verdict(True, again, missed, pause(wait), _said(left))


def of_issue(state: IssueState, own: Sequence[Trigger], now: datetime, why: str) -> Verdict:
    """Decide on a look at an issue that is not there, though its place can be seen.

    One that was said to be deleted is gone, and so is one that was there before, unless it is there again
    within a minute. One that was never seen may be too new.
    """
    waited = max((age(trigger, now) for trigger in own), default=timedelta())
    why = f"not readable yet: {why}"
    if any(trigger.what == "gone" and not trigger.comment for trigger in own):
        return Verdict()
    if waited < (PATIENCE if state.version > 0 else GIVE_UP):
        return Verdict(False, tuple(own), wait=pause(waited), why=why)
    return Verdict() if state.version > 0 else Verdict(False, missed=tuple(own), why=why)


def age(trigger: Trigger, now: datetime) -> timedelta:
    """Return for how long something has been looked for. What time an outage took in between, when nobody
    could look, does not count."""
    passed = max(now - (trigger.named_at or now), timedelta())
    return passed if trigger.waited is None else min(passed, timedelta(seconds=trigger.waited))


def pause(waited: timedelta) -> float:
    """Return the seconds until the next look: 0.5, 0.5, 1, 2, 4 and so on."""
    return min(max(waited.total_seconds(), FIRST_WAIT), LONGEST_WAIT)


def stale(issue: Issue, triggers: Iterable[Trigger]) -> list[Gap]:
    """Return the changes of an issue that deliveries tell of and that are newer than what was read."""
    if issue.updated_at is None:
        return []
    return [
        Gap(f"what changed on {issue.subject.key}", trigger, trigger.updated)
        for trigger in triggers
        if trigger.updated is not None and trigger.updated > issue.updated_at and _timely(trigger)
    ]


def lagging(
    state: IssueState,
    issue: Issue,
    news: News,
    histories: Mapping[str, History],
    written: Mapping[str, datetime],
    triggers: Sequence[Trigger],
    now: datetime,
) -> list[Gap]:
    """Return where the history of an issue does not go as far as the issue itself, or as a delivery says.

    ``written``: when the title and the body got their present words, by the history. Such a gap is
    passing: in the end the history may just not tell.
    """
    found = []
    ends = {name: past.newest_at for name, past in histories.items()} | dict(written)
    for name, newest in ends.items():
        named = [t for t in triggers if name in t.changed and t.updated is not None and _timely(t)]
        late = [t for t in named if t.updated and (newest is None or newest + APART < t.updated)]
        found += [Gap(f"the history of the {name}", trigger, passing=True) for trigger in late]
    trigger = reminder(issue, triggers, now)
    changed = {change.field for change in news.changes}
    # Their dates change without the issue, which so does not say when: a look can come before the delivery.
    untraced = {field.id for field in issue.fields if field.untraced}
    for name, past in histories.items():
        truth, field = issue.deadlines[name], state.fields.get(name)
        latest = max(filter(None, (issue.updated_at, past.newest_at)), default=None)
        lately = issue.updated_at is not None and latest is not None and now - latest <= PATIENCE + AHEAD
        if not (lately or name in untraced):
            continue  # nothing happened lately that could be missing
        if past.newest == "0":
            behind = field is not None and name in changed and truth.ref != field.standing.ref
        else:
            behind = past.shows is not None and past.shows.ref != truth.ref
        # A name that nothing has (yet), of a change that was made just now.
        unknown = [move for move in past.moves if move.old is None or move.new is None]
        if behind or any(now - move.at < PATIENCE for move in unknown):
            found.append(Gap(f"the history of the {name}", trigger, passing=True))
    return found


def uncarried(
    issue: Issue,
    written: Iterable[Written],
    carriers: Mapping[str, Sequence[Value]],
    triggers: Sequence[Trigger],
    told: Callable[[], Collection[Carrier]],
    now: datetime,
) -> list[Gap]:
    """Return the dates of commands that nothing could carry but what a delivery told of just now."""
    found = []
    for w in written:
        day, offered = w.command.day, [v.day for values in carriers.values() for v in values]
        if day is None or not carriers or day in offered:
            continue
        place = issue.subject.key.partition("#")[0].lower()
        fitting = [c for c in told() if c.value.day == day and c.place.lower() == place]
        if any(carrier.at and abs(now - carrier.at) < PATIENCE for carrier in fitting):
            pointed = (trigger for trigger in triggers if trigger.comment == w.comment)
            found.append(
                Gap(f"what carries {day}", next(pointed, reminder(issue, triggers, now)), w.at, True)
            )
    return found


def reminder(issue: Issue, triggers: Iterable[Trigger], now: datetime) -> Trigger:
    """Return what tells since when we wait for something that no delivery names."""
    known = (trigger for trigger in triggers if trigger.what == LAG)
    return next(known, Trigger(issue.subject, LAG, named_at=now, waited=0.0))


def _timely(trigger: Trigger) -> bool:
    """Tell whether the time that a delivery gives is one that can have been."""
    return trigger.updated is not None and (
        trigger.named_at is None or trigger.updated <= trigger.named_at + AHEAD
    )


def _later(state: IssueState, seen: Facts, gaps: Sequence[Gap]) -> bool:
    """Tell whether anything is in sight that was done after what is not, or may have been."""
    times = [gap.at for gap in gaps if gap.at is not None]
    if len(times) < len(gaps) or (state.version == 0 and not seen.written):
        return True
    start = min(times).replace(microsecond=0)
    moves = [move.at for theirs in seen.news.moves.values() for move in theirs]
    done = [*(w.at for w in seen.written), *(e.at for e in seen.evidence.values()), *moves]
    if any(at >= start for at in done):
        return True
    if seen.news.changes and not moves:
        return True
    return set(seen.mentioned) != set(state.mentioned) and not seen.evidence


def _said(gaps: Iterable[Gap]) -> str:
    what = ", ".join(dict.fromkeys(gap.what for gap in gaps))
    return f"not readable yet: {what}" if what else ""
