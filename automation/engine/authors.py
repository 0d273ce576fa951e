"""Finds the deals that an issue's words name, and what it says of users, and asks who wrote this, through the
ports."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from automation.domain.credits import credits, present
from automation.domain.edits import edits, up_to_date, with_an_unknown_one
from automation.domain.filled import filled, in_body, in_field
from automation.domain.scope import ScopeWords
from automation.model import Edit, Evidence, Filled, Issue, IssueState, News, ScopeChange, Subject
from automation.ports import Crm, Tracker, Unavailable, Unseen
from automation.text.visible import visible

MOST_NAMED = 60
"""How many of the deals that the words name are looked at: so few are read in one call."""
WORDS = ("title", "body")


def mentioned_in(issue: Issue, crm: Crm) -> tuple[Subject, ...]:
    """Find the deals that stand in the words for people to read, in order, those of the title first."""
    found = dict.fromkeys([*_named("title", issue.title, crm), *_named("body", issue.body, crm)])
    return tuple(found)[:MOST_NAMED]


def filled_in(issue: Issue, words: ScopeWords) -> tuple[Filled, ...]:
    """Find what the issue itself says of users."""
    return filled(issue.body, issue.answers, words)


def _named(part: str, words: str, crm: Crm) -> Sequence[Subject]:
    return crm.named_in(visible(words) if part == "body" else words)


@dataclass(frozen=True, slots=True)
class Authors:
    """Who wrote the words: who put deals in that are new there, or took them out, who wrote title and body
    last, how they came to be, and what of this cannot be read yet; and what the issue says of users, with who
    wrote what is new, or took out what is gone."""

    credits: Mapping[Subject, Evidence]
    evidence: dict[str, Evidence]
    filled: tuple[Filled, ...]
    edits: tuple[Edit, ...] = ()
    unread: tuple[str, ...] = ()


def authors(
    state: IssueState,
    issue: Issue,
    mentioned: Collection[Subject],
    said: tuple[Filled, ...],
    news: News,
    weighed: bool,
    tracker: Tracker,
    crm: Crm,
    words: ScopeWords,
) -> Authors:
    """Ask who put in, or took out, the deals that are news, and what is ``said`` of users; and who wrote the
    words, where they are. Where these are to be ``weighed``, as a date was agreed for them or may be, each of
    their edits is asked for."""
    now: set[Subject | Filled] = {*mentioned, *said}
    before: set[Subject | Filled] = {*state.mentioned, *state.filled}
    if now == before and not weighed:
        return _latest(issue, said, news.scope, tracker)
    try:
        wordings = tracker.wordings(issue.subject)
    except Unseen as error:
        if now != before:
            raise Unavailable(f"the history of {issue.subject.key} cannot be read yet") from error
        return Authors({}, {}, said, with_an_unknown_one((), issue), ("words",))

    def found(part: str, text: str) -> Sequence[Subject | Filled]:
        if part not in WORDS:
            return in_field(part, text, words)
        return (*_named(part, text, crm), *(in_body(text, words) if part == "body" else ()))

    credited: Mapping[Subject | Filled, Evidence] = {}
    if now != before:
        taken_out = before - {*found("title", issue.title), *found("body", issue.body), *said}
        seen = present(wordings, found)
        if seen is not None and (now - seen or taken_out & seen):
            raise Unavailable(f"the history of {issue.subject.key} does not show its present words yet")
        credited = credits(wordings, now - before, taken_out, found)
    deals = {one: evidence for one, evidence in credited.items() if isinstance(one, Subject)}
    gone = (replace(_by(one, credited.get(one)), digest="") for one in _emptied(state, said))
    filled = (*(_by(one, credited.get(one)) for one in said), *gone)
    wordings = {part: wordings[part] for part in WORDS if part in wordings}
    latest = {part: history[0] for part, history in wordings.items() if history}
    wrote = {part: Evidence(last.by, last.at) for part, last in latest.items() if last.by is not None}
    if not weighed:
        return Authors(deals, wrote, filled)
    made = edits(wordings)
    if up_to_date(made, issue):
        return Authors(deals, wrote, filled, made)
    return Authors(deals, wrote, filled, with_an_unknown_one(made, issue), ("words",))


def _emptied(state: IssueState, said: Collection[Filled]) -> Sequence[Filled]:
    places = {one.place for one in said}
    return [one for one in state.filled if one.place not in places]


def _by(one: Filled, evidence: Evidence | None) -> Filled:
    """Say who wrote it, or took it out."""
    return replace(one, by=evidence.actor, at=evidence.at) if evidence else one


def _latest(issue: Issue, said: tuple[Filled, ...], scope: ScopeChange | None, tracker: Tracker) -> Authors:
    """Ask who wrote last what has changed."""
    parts: list[Literal["title", "body"]] = []
    if scope and scope.title:
        parts.append("title")
    if scope and (scope.added or scope.removed or scope.changed):
        parts.append("body")
    found: dict[str, Evidence] = {}
    unread: list[str] = []
    for part in parts:
        try:
            evidence = tracker.written_by(issue.subject, part)
        except Unseen:
            unread.append(part)
            continue
        if evidence is not None:
            found[part] = evidence
    return Authors({}, found, said, unread=tuple(unread))
