"""Re-reads the truth through the ports: only what this look needs, and only by reading.

An unlinked label change costs one call (the issue); the rest is asked for when something is news.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from automation import commands
from automation.changes import moved, reworded
from automation.model import (
    Comment,
    Deal,
    Evidence,
    Facts,
    Issue,
    IssueState,
    Person,
    Rights,
    Trigger,
    Value,
    Written,
)
from automation.ports import Crm, Tracker

LINKING = ("link", "unlink", "ask", "withdraw")
"""Commands for whoever may link; the others are answers, for product."""
WORDS = ("title", "body")


def read(
    state: IssueState,
    triggers: Iterable[Trigger],
    tracker: Tracker,
    crm: Crm,
    policies: Collection[str],
) -> Facts | None:
    """Return the facts for one look, or None where the issue is gone. Raise Unavailable or Refused.

    ``state`` is as loaded, with ended writes already taken out of ``pending``.
    """
    issue = tracker.issue(state.subject)
    if issue is None:
        return None
    written = _written(state, triggers, tracker, crm)
    mentioned = _mentioned(issue, crm)
    evidence = _evidence(state, issue, mentioned, tracker)
    naming = set(mentioned) != set(state.mentioned)
    rights = _rights(issue, written, evidence, naming, tracker, policies)
    return Facts(
        issue=issue,
        written=written,
        rights=rights,
        evidence=evidence,
        deals=_deals(state, written, mentioned, rights, bool(evidence) or _news(state, issue), crm),
        mentioned=mentioned,
        carriers=_carriers(issue, written, rights, tracker),
    )


def _written(
    state: IssueState, triggers: Iterable[Trigger], tracker: Tracker, crm: Crm
) -> tuple[Written, ...]:
    """Read the comments that were pointed at, once each, and their commands. Our own have none."""
    found: list[Written] = []
    for id in dict.fromkeys(trigger.comment for trigger in triggers if trigger.comment):
        comment = None if id in state.handled else tracker.comment(state.subject, id)
        if comment is not None and not comment.own:
            found.extend(_commands(comment, crm))
    return tuple(sorted(found, key=lambda written: written.at))


def _commands(comment: Comment, crm: Crm) -> Iterable[Written]:
    for command in commands.parse(comment.lines):
        deal = crm.key_of(command.deal) if command.deal else None
        yield Written(
            command=replace(command, deal=deal or command.deal),
            comment=comment.id,
            author=comment.author,
            at=comment.written_at,
            edited=comment.edited,
        )


def _mentioned(issue: Issue, crm: Crm) -> dict[str, str]:
    """Find the deals that stand in the words, each with the part it stands in."""
    found = dict.fromkeys(crm.keys_in(issue.body), "body")
    return found | dict.fromkeys(crm.keys_in(issue.title), "title")


def _evidence(
    state: IssueState, issue: Issue, mentioned: dict[str, str], tracker: Tracker
) -> dict[str, Evidence]:
    """Ask the tracker's own history who made each change; a payload proves nothing."""
    asked = {
        change.field: tracker.changed_by(issue.subject, change.field, change.new)
        for change in moved(state, issue)
    }
    scope = reworded(state, issue, mentioned)
    linking = set(mentioned) != set(state.mentioned)
    if linking or (scope and scope.title):
        asked["title"] = tracker.written_by(issue.subject, "title")
    if linking or (scope and (scope.added or scope.removed or scope.changed)):
        asked["body"] = tracker.written_by(issue.subject, "body")
    return {name: evidence for name, evidence in asked.items() if evidence is not None}


def _rights(
    issue: Issue,
    written: tuple[Written, ...],
    evidence: dict[str, Evidence],
    naming: bool,
    tracker: Tracker,
    policies: Collection[str],
) -> dict[str, Rights]:
    """Check, live, what each author and actor may do; only what their doing asks for. ``naming``: the
    words name other deals than before."""
    linking = {w.author for w in written if w.command.word in LINKING}
    linking |= {evidence[part].actor for part in WORDS if part in evidence} if naming else set()
    answering = {w.author for w in written if w.command.word not in LINKING}
    acting = {found.actor for name, found in evidence.items() if name not in WORDS}

    def member(person: Person) -> frozenset[str]:
        return frozenset(policy for policy in policies if tracker.in_product(person, policy))

    product = {person: member(person) for person in answering | acting}
    return {
        person.id: Rights(
            may_link=(person in linking or (person in answering and not product[person]))
            and tracker.may_link(issue.subject, person),
            product=product.get(person, frozenset()),
        )
        for person in linking | answering | acting
    }


def _deals(
    state: IssueState,
    written: tuple[Written, ...],
    mentioned: dict[str, str],
    rights: dict[str, Rights],
    news: bool,
    crm: Crm,
) -> dict[str, Deal]:
    """Read, in one call, the deals concerned if something is news, and those that allowed people name."""
    allowed = [w for w in written if rights[w.author.id].may_link and w.command.deal]
    named = [w.command.deal for w in allowed if crm.key_of(w.command.deal)]
    if set(mentioned) - set(state.mentioned) and any(found.may_link for found in rights.values()):
        named += mentioned
    concerned = state.concerned() if news or written else ()
    keys = list(dict.fromkeys([*named, *concerned]))
    return dict(crm.deals(keys)) if keys else {}


def _news(state: IssueState, issue: Issue) -> bool:
    """Tell whether a commitment is about to be confirmed, which rules will hear of."""
    return any(
        known.commitment and not known.commitment.verified and issue.deadlines.get(name) == known.standing
        for name, known in state.fields.items()
    )


def _carriers(
    issue: Issue, written: tuple[Written, ...], rights: dict[str, Rights], tracker: Tracker
) -> dict[str, tuple[Value, ...]]:
    """For a date that is named by somebody who may, ask what could carry it."""
    found: dict[str, tuple[Value, ...]] = {}
    for w in written:
        may = rights[w.author.id].may_link if w.command.word == "ask" else rights[w.author.id].product
        if w.command.word not in ("signoff", "ask") or w.command.day is None or not may:
            continue
        for field in (w.command.field,) if w.command.field else issue.deadlines:
            found[field] = (*found.get(field, ()), *tracker.carriers(issue.subject, field, w.command.day))
    return found
