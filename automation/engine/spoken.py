"""Reads the comments that may hold commands, through the ports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from automation.domain import commands
from automation.domain.fields import fields_known
from automation.model import (
    Command,
    Comment,
    DeadlineField,
    Gap,
    Issue,
    IssueState,
    Subject,
    Trigger,
    Written,
)
from automation.ports import Crm, Tracker, Unseen
from automation.text import typed_names

HELD_BACK = "…"
"""Stands for the words of a restricted comment."""


def written(
    state: IssueState,
    issue: Issue,
    pointed: Mapping[str, Trigger],
    since: datetime,
    tracker: Tracker,
    crm: Crm,
) -> tuple[tuple[Written, ...], list[Gap]]:
    """Read the comments with commands that were not handled yet, once each, and say which of those that are
    pointed at cannot be read. Our own have none."""
    found = {comment.id: comment for comment in tracker.comments(state.subject, since, state.handled)}
    unread = []
    for id in sorted(pointed.keys() - found.keys()):  # older, or not in the list yet, or gone
        try:
            comment = tracker.comment(state.subject, id)
        except Unseen:
            unread.append(Gap(f"comment {id} on {state.subject.key}", pointed[id], pointed[id].at))
            continue
        if comment is not None:
            found[id] = comment
    written = sorted(
        (comment for comment in found.values() if not comment.own),
        key=lambda comment: (
            comment.written_at,
            len(comment.id),
            comment.id,
        ),  # the ids are numbers that grow
    )
    fields = fields_known(state, issue)
    said = (commands_in(comment, issue.subject, fields, crm, here=True) for comment in written)
    return tuple(command for one in said for command in one), unread


def commands_in(
    comment: Comment, issue: Subject, fields: Sequence[DeadlineField], crm: Crm, here: bool = False
) -> Iterable[Written]:
    """Yield the commands of a comment on ``issue``; ``here``: that is what is looked at."""
    day = comment.written_at.date()
    for command in commands.parse(comment.lines, issue.system, day, fields):
        deal = crm.named(command.deal) if command.deal else None
        command = replace(command, deal=deal.key if deal else command.deal)
        yield Written(
            command=_kept_back(command) if comment.restricted else command,
            comment=comment.id,
            author=comment.author,
            at=comment.written_at,
            edited=comment.edited,
            restricted=comment.restricted,
            deal=deal,
            issue=None if here else issue,
            digest=comment.digest,
        )


def _kept_back(command: Command) -> Command:
    """Leave out what would repeat a restricted comment to more people than it was said to."""
    problem = "A part of it could not be understood." if command.problem else ""
    # A name for customers is meant to be read by more; who can be called, and what they said, is not.
    text = command.text
    if command.word == "problem" and text:
        text = HELD_BACK
    elif command.word == "user" and text:
        text = f"{HELD_BACK}, {HELD_BACK}" if typed_names.role_named(text) else HELD_BACK
    near = HELD_BACK if command.near else ""
    return replace(command, because="", problem=problem, near=near, text=text)
