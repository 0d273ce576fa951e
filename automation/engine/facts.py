"""Re-reads the truth through the ports: only what this look needs, and only by reading.

An edit of an issue without a deal costs one call (the issue), and once a minute another about its place;
the rest is asked for when something is news.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from automation.domain import changes
from automation.domain.changes import since_then
from automation.domain.commands import ANSWERING
from automation.domain.fields import by_id, fields_of
from automation.domain.offers import NAMING
from automation.domain.scope import SHIPPED, ScopeWords
from automation.domain.told import owed
from automation.engine import asking, authors, marks, spoken, untraced
from automation.engine.sight import lagging, reminder, stale, uncarried
from automation.model import (
    BEFORE,
    Carrier,
    Evidence,
    Facts,
    Gap,
    History,
    Issue,
    IssueState,
    News,
    Rights,
    Trigger,
    Value,
    Written,
)
from automation.ports import AGAIN, Crm, Tracker

LOOK_BACK = timedelta(days=3)
"""How much older than a delivery, or than now, a comment may be that nobody has pointed at yet: as long
as GitHub keeps deliveries that can be sent again."""
LONG_STOOD = timedelta(days=1)
"""How old an answer is that no delivery will tell of any more, on an issue that nobody has seen before."""
CATCH_UP = ("restored", "moved")
"""What a trigger says that makes us read all that was written lately."""
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""Nothing was said before; a delivery that says so, as one read long ago may, has no time to reckon with."""


def read(
    state: IssueState,
    triggers: Sequence[Trigger],
    tracker: Tracker,
    crm: Crm,
    policies: Collection[str],
    now: datetime,
    told: Callable[[], Collection[Carrier]] = tuple,
    scope_words: ScopeWords = SHIPPED,
    ways: marks.Ways = MappingProxyType({}),
) -> Facts | None:
    """Return the facts for one look, or None where the issue is gone. Raise Unavailable or Refused, and
    Unseen where the issue is not there.

    ``state`` is as loaded, with ended writes already taken out of ``pending``. Where something is news,
    all that was said and done since the last look is read, whichever delivery came first. ``told`` gives
    the carriers that deliveries told of lately; it is asked where one is missing. ``ways``: how people may
    answer beside words.
    """
    issue = tracker.issue(state.subject)
    if issue is None:
        return None
    if issue.subject != state.subject:  # it has another id, and all that is known of it has to follow
        return Facts(issue)
    state = replace(state, subject=issue.subject)  # asked by the key it has now
    if any(trigger.what == "public" for trigger in triggers):  # what is remembered of it is old
        issue = replace(issue, public=tracker.public(state.subject))
    mentioned = authors.mentioned_in(issue, crm)
    naming = set(mentioned) != set(state.mentioned)
    deleted = {trigger.comment for trigger in triggers if trigger.comment and trigger.what == "gone"}
    pointed = {
        trigger.comment: trigger
        for trigger in triggers
        if trigger.comment and trigger.comment not in deleted and trigger.comment not in state.handled
    }
    gaps = stale(issue, triggers) + untraced.unread(state, issue, triggers, now)
    named = (trigger.at for trigger in triggers if trigger.at and trigger.at >= EARLIEST)
    since = min([now, *named]) - LOOK_BACK
    news = changes.news(state, issue, mentioned, scope_words)
    history = _heard(state, issue, news, triggers, tracker)
    news = replace(news, moves=changes.moves_of_others(state, history))
    marked = marks.read(state, issue, ways, triggers, tracker, now)
    gaps += marked.gaps
    written: tuple[Written, ...] = ()
    unheard: tuple[Written, ...] = ()
    catching_up = any(trigger.what in CATCH_UP for trigger in triggers)
    acted = pointed or naming or marked.written or any(news.moves.values())
    if acted or state.version == 0 or catching_up:
        written, unread = spoken.written(state, issue, pointed, since, tracker, crm)
        unheard = _unheard(state, written, pointed, triggers, now)
        gaps += unread
    written = tuple(sorted((*written, *marked.written), key=lambda one: one.at))
    repeated = tuple(dict.fromkeys(w.id for w in written if w.heard in state.heard_before))
    passed_over = {*deleted, *repeated, *(w.comment for w in unheard)}
    written = tuple(w for w in written if w.id not in passed_over)
    ours = state.answerable() or naming or written
    said = authors.filled_in(issue, scope_words) if ours else state.filled
    weighed = _weighed(state, news, written)
    wrote = authors.authors(state, issue, mentioned, said, news, weighed, tracker, crm, scope_words)
    credited, evidence = wrote.credits, wrote.evidence
    filling = {one.by for one in wrote.filled if one.by is not None}
    passing = reminder(issue, triggers, now)
    gaps += [Gap(f"who wrote the {part}", passing, passing=True) for part in wrote.unread]
    words = {part: evidence[part].at for part in authors.WORDS if part in evidence}
    start = min([*(w.at for w in written), *(e.at for e in credited.values())], default=None)
    if start is not None:
        rest = (name for name in issue.deadlines if name not in history)
        history |= {name: _history(state, issue, name, start, triggers, tracker) for name in rest}
        news = replace(news, moves=changes.moves_of_others(state, history))
    gaps += lagging(state, issue, news, history, words, triggers, now)
    worded = bool(evidence)
    evidence |= _latest(issue, history)
    editing = {edit.by for edit in wrote.edits if edit.by is not None}
    rights = asking.rights(state, issue, written, credited, news, editing, filling, tracker, policies)
    to_be_told = worded or bool(filling) or _stirred(state, news, history) or _to_be_told(state, issue)
    deals = asking.deals(state, written, credited, rights, to_be_told, crm)
    unseen, unchecked = asking.unseen(state, written, mentioned, credited, rights, deals, crm)
    carriers = _carriers(issue, written, rights, tracker)
    gaps += uncarried(issue, written, carriers, triggers, told, now)
    return Facts(
        issue=issue,
        written=written,
        rights=rights,
        evidence=evidence,
        deals=deals,
        mentioned=mentioned,
        credits=credited,
        carriers=carriers,
        history=history,
        unseen=unseen,
        unchecked=unchecked,
        gone=_gone(state, issue, news, triggers, tracker),
        deleted=tuple(sorted(deleted)),
        gaps=tuple(gaps),
        repeated=repeated,
        news=news,
        edits=wrote.edits,
        filled=wrote.filled,
        unclaimed=marked.unclaimed,
        unheard=unheard,
    )


def _unheard(
    state: IssueState,
    written: Sequence[Written],
    pointed: Collection[str],
    triggers: Sequence[Trigger],
    now: datetime,
) -> tuple[Written, ...]:
    """Return the answers that had stood on an issue for long when it was first seen, and of which no delivery
    tells: it may have come from elsewhere with all that was said there, under the names and times of others.
    What is younger may be told of yet, and after a restore they are what was missed."""
    first = state.version == 0 and not any(trigger.what == AGAIN for trigger in triggers)
    return tuple(
        w
        for w in written
        if w.comment not in pointed
        and (
            f"{BEFORE}{w.comment}" in state.handled
            or (first and w.command.word in ANSWERING and now - w.at > LONG_STOOD)
        )
    )


def _weighed(state: IssueState, news: News, written: Sequence[Written]) -> bool:
    """Tell whether it matters for a sign-off how the words came to be what they are: they are others, or were
    never seen, and a date was agreed for them or may be just now; or one may be by the last of several yeses,
    which are not all of the same moment."""
    signs = any(w.command.word == "signoff" for w in written)
    if signs and not state.concerned():  # then no words were kept
        return True
    if news.reworded and (signs or state.commitments() or state.open_proposals()):
        return True
    said_before = any(proposal.people() for proposal in state.open_proposals())
    return said_before and (signs or any(news.moves.values()))


def _heard(
    state: IssueState, issue: Issue, news: News, triggers: Sequence[Trigger], tracker: Tracker
) -> dict[str, History]:
    """Ask the tracker's own history about the fields that moved; a payload proves nothing. Where dates
    matter also about one that is as it was: what came may have gone again before we looked."""
    asked = {change.field for change in news.changes}
    if state.answerable():
        heard = [trigger.at for trigger in triggers if trigger.what == "issue" and trigger.at]
        asked |= {
            name
            for name, known in state.fields.items()
            if any(known.last_at is None or at > known.last_at for at in heard)
        }
    names = (name for name in issue.deadlines if name in asked)
    return {name: _history(state, issue, name, None, triggers, tracker) for name in names}


def _gone(
    state: IssueState, issue: Issue, news: News, triggers: Sequence[Trigger], tracker: Tracker
) -> frozenset[str]:
    """Where a date was cleared, or could not be set back, ask whether what carried it can be set at all."""
    changed = {change.field for change in news.changes}
    carried = {field.id for field in fields_of(issue) if field.carrier}
    written = any(trigger.what == "receipt" for trigger in triggers)
    asked = {
        name: known.standing
        for name, known in state.fields.items()
        if known.standing
        and name in carried
        and (
            (name in changed and not issue.deadlines[name])
            or (known.contested and (written or name in changed))
        )
    }
    return frozenset(name for name, value in asked.items() if tracker.gone(issue.subject, name, value))


def _history(
    state: IssueState,
    issue: Issue,
    name: str,
    start: datetime | None,
    triggers: Sequence[Trigger],
    tracker: Tracker,
) -> History:
    """Read what happened to one field; if it was never seen, from ``start`` on."""
    known = state.fields.get(name)
    if by_id(fields_of(issue))[name].untraced:
        return untraced.history(name, issue.deadlines[name], known, triggers)
    values = [
        issue.deadlines[name],
        *([known.standing] if known else ()),
        *(p.value for p in state.proposals),
    ]
    return since_then(tracker.moves(issue.subject, name, values), known, start)


def _latest(issue: Issue, history: Mapping[str, History]) -> dict[str, Evidence]:
    """Tell who gave each field the value it has. A history that lags behind lends nobody its place."""
    last = {name: past.moves[-1] for name, past in history.items() if past.moves}
    return {
        name: Evidence(move.by, move.at)
        for name, move in last.items()
        if move.by is not None and move.new == issue.deadlines[name]
    }


def _to_be_told(state: IssueState, issue: Issue) -> bool:
    """Tell whether rules will hear of its end, or that a commitment is about to be confirmed, or told to
    deals."""
    return state.standing not in ("", issue.standing) or any(
        known.commitment
        and not known.commitment.in_doubt
        and issue.deadlines.get(name) == known.standing
        and (not known.commitment.verified or owed(state, name))
        for name, known in state.fields.items()
    )


def _stirred(state: IssueState, news: News, history: Mapping[str, History]) -> bool:
    """Tell whether a field was given a value that it is not to have, or may have been: our own writes of the
    one that stands are no news."""
    return bool(news.changes) or any(
        name not in state.fields
        or move.new != state.fields[name].standing
        or move in news.moves.get(name, ())
        for name, past in history.items()
        for move in past.moves
    )


def _carriers(
    issue: Issue, written: tuple[Written, ...], rights: dict[str, Rights], tracker: Tracker
) -> dict[str, tuple[Value, ...]]:
    """For a date that is named by somebody who may, ask what could carry it."""
    found: dict[str, tuple[Value, ...]] = {}
    for w in written:
        theirs = rights[w.author.id]
        may = {"ask": theirs.may_link, "override": theirs.override}.get(w.command.word, theirs.product)
        naming = w.command.word in NAMING and not w.command.near
        if not naming or w.command.day is None or not may:
            continue
        for field in (w.command.field,) if w.command.field else issue.deadlines:
            found[field] = (*found.get(field, ()), *tracker.carriers(issue.subject, field, w.command.day))
    return found
