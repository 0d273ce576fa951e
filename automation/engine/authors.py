"""Finds the deals that an issue's words name, and asks who wrote those words, through the ports."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from automation.domain.credits import credits, present
from automation.domain.edits import edits, up_to_date, with_an_unknown_one
from automation.model import Edit, Evidence, Issue, IssueState, News, ScopeChange, Subject
from automation.ports import Crm, Tracker, Unavailable, Unseen
from automation.text.visible import visible

MOST_NAMED = 60
"""How many of the deals that the words name are looked at: so few are read in one call."""
WORDS = ("title", "body")


def mentioned_in(issue: Issue, crm: Crm) -> tuple[Subject, ...]:
    """Find the deals that stand in the words for people to read, in order, those of the title first."""
    found = dict.fromkeys([*_named("title", issue.title, crm), *_named("body", issue.body, crm)])
    return tuple(found)[:MOST_NAMED]


def _named(part: str, words: str, crm: Crm) -> Sequence[Subject]:
    return crm.named_in(visible(words) if part == "body" else words)


@dataclass(frozen=True, slots=True)
class Authors:
    """Who wrote the words: who put deals in that are new there, or took them out, who wrote title and body
    last, how they came to be, and what of this cannot be read yet."""

    credits: Mapping[Subject, Evidence]
    evidence: dict[str, Evidence]
    edits: tuple[Edit, ...] = ()
    unread: tuple[str, ...] = ()


def authors(
    state: IssueState,
    issue: Issue,
    mentioned: Collection[Subject],
    news: News,
    weighed: bool,
    tracker: Tracker,
    crm: Crm,
) -> Authors:
    """Ask who put in, or took out, the deals that are news; and who wrote the words, where they are. Where
    these are to be ``weighed``, as a date was agreed for them or may be, each of their edits is asked for."""
    now, before = set(mentioned), set(state.mentioned)
    if now == before and not weighed:
        return _latest(issue, news.scope, tracker)
    try:
        wordings = tracker.wordings(issue.subject)
    except Unseen as error:
        if now != before:
            raise Unavailable(f"the history of {issue.subject.key} cannot be read yet") from error
        return Authors({}, {}, with_an_unknown_one((), issue), ("words",))

    def named(part: str, words: str) -> Sequence[Subject]:
        return _named(part, words, crm)

    credited: Mapping[Subject, Evidence] = {}
    if now != before:
        taken_out = before - {*named("title", issue.title), *named("body", issue.body)}
        seen = present(wordings, named)
        if seen is not None and (now - seen or taken_out & seen):
            raise Unavailable(f"the history of {issue.subject.key} does not show its present words yet")
        credited = credits(wordings, now - before, taken_out, named)
    latest = {part: history[0] for part, history in wordings.items() if history}
    wrote = {part: Evidence(last.by, last.at) for part, last in latest.items() if last.by is not None}
    if not weighed:
        return Authors(credited, wrote)
    made = edits(wordings)
    if up_to_date(made, issue):
        return Authors(credited, wrote, made)
    return Authors(credited, wrote, with_an_unknown_one(made, issue), ("words",))


def _latest(issue: Issue, scope: ScopeChange | None, tracker: Tracker) -> Authors:
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
    return Authors({}, found, unread=tuple(unread))
