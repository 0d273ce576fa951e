"""Finds the deals that an issue's words name, and asks who wrote those words, through the ports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from automation.domain.credits import credits, present
from automation.model import Evidence, Issue, IssueState, ScopeChange, Subject
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


def authors(
    state: IssueState,
    issue: Issue,
    mentioned: Collection[Subject],
    scope: ScopeChange | None,
    tracker: Tracker,
    crm: Crm,
) -> tuple[dict[Subject, Evidence], dict[str, Evidence], list[str]]:
    """Ask who put in, or took out, the deals that are news; and who wrote the words, where they are
    (``scope``). Say also of which parts that cannot be read yet."""
    now, before = set(mentioned), set(state.mentioned)
    if now != before:
        try:
            wordings = tracker.wordings(issue.subject)
        except Unseen as error:
            raise Unavailable(f"the history of {issue.subject.key} cannot be read yet") from error

        def named(part: str, words: str) -> Sequence[Subject]:
            return _named(part, words, crm)

        taken_out = before - {*named("title", issue.title), *named("body", issue.body)}
        seen = present(wordings, named)
        if seen is not None and (now - seen or taken_out & seen):
            raise Unavailable(f"the history of {issue.subject.key} does not show its present words yet")
        latest = {part: history[0] for part, history in wordings.items() if history}
        wrote = {part: Evidence(last.by, last.at) for part, last in latest.items() if last.by is not None}
        return credits(wordings, now - before, taken_out, named), wrote, []
    parts: list[Literal["title", "body"]] = []
    if scope and scope.title:
        parts.append("title")
    if scope and (scope.added or scope.removed or scope.changed):
        parts.append("body")
    found: dict[str, Evidence] = {}
    unnamed: list[str] = []
    for part in parts:
        try:
            evidence = tracker.written_by(issue.subject, part)
        except Unseen:
            unnamed.append(part)
            continue
        if evidence is not None:
            found[part] = evidence
    return {}, found, unnamed
