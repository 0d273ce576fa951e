"""Read GitHub's webhooks: which issue to look at, and who caused it. Pure.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
A payload is a hint. It can make us look, it can never make us do more than the truth allows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from automation.adapters.github.answers import milestone, value
from automation.adapters.github.field_ids import id_of
from automation.adapters.shapes import Malformed, at, instant, instant_or_none, number, text, text_or_empty
from automation.domain.commands import heard
from automation.domain.fields import MILESTONE
from automation.model import (
    CARRIER,
    PLACE,
    Carrier,
    KnownPlaces,
    Located,
    Person,
    Subject,
    Trigger,
)
from automation.model.reading import Reading
from automation.text.markdown import clean, command_lines

CARRIED = MILESTONE.id
"""The deadline field whose carriers have deliveries of the same name."""
FIELD_ACTIONS = frozenset({"field_added", "field_removed"})
"""What tells of a field that people made: of a first value and of another one alike, and of none."""
ISSUE_ACTIONS = FIELD_ACTIONS | {
    *("opened", "edited", "milestoned", "demilestoned", "closed", "reopened", "transferred", "deleted")
}
LABELLED = "labeled"
GONE = frozenset({"deleted", "transferred"})
CHANGED = {"milestoned": (CARRIED,), "demilestoned": (CARRIED,), "opened": ("title", "body")}
"""What an action says was changed; ``edited`` says it in the payload."""
TURNED_PUBLIC = frozenset({("public", ""), ("repository", "publicized")})
"""A repository turned public. GitHub says so twice, in events of two names; one is enough."""

RENAMED = frozenset({"renamed", "transferred"})
"""What happens to a repository that gives it another name, or another owner."""

HANDLED = frozenset({"issues", "issue_comment", CARRIED, "repository", "public"})
EVENTS = HANDLED | {"label", "projects_v2", "projects_v2_item", "sub_issues"}
"""The names of all events that can matter: those that are handled, and those which tell of dates,
scope, labels and places but are not handled so far. Any other says nothing that we would look for."""


NOWHERE = KnownPlaces()


def triggers(
    event: str,
    body: Mapping[str, object],
    repositories: frozenset[str],
    known: KnownPlaces = NOWHERE,
    made: bool = True,
    labels: Collection[str] = (),
) -> Reading:
    """Read one delivery. ``event`` is its ``X-GitHub-Event``, ``repositories`` are the configured
    ones (``owner/name``, compared without regard to case), ``known`` what they are called by now, ``made``
    whether the rules name a date field that people made, ``labels`` those by which people may answer. Never
    raises for what a body holds."""
    if event == "ping":
        return Reading.ignored("a ping: the webhook works")
    if event not in HANDLED:
        return Reading.unsupported(f"events named {clean(event, 100)} are not handled")
    try:
        return _read(event, body, repositories, known, made, frozenset(map(str.casefold, labels)))
    except Malformed as error:
        return Reading.malformed(f"{event}: {error}")


def carrier(body: Mapping[str, object]) -> Carrier | None:
    """Read which milestone a delivery named ``milestone`` tells of, whatever happened to it."""
    try:
        when = instant(body, "milestone.updated_at")
        return Carrier(text(body, "repository.full_name"), value(at(body, CARRIED)), when)
    except Malformed:
        return None


def _read(
    event: str,
    body: Mapping[str, object],
    repositories: frozenset[str],
    known: KnownPlaces,
    made: bool,
    labels: frozenset[str],
) -> Reading:
    name = text(body, "repository.full_name")
    place = Located(_id(body, "repository.id"), name)
    if not known.named(place, repositories):
        return replace(_refused(event, body, place, repositories, known), place=place)
    return replace(_of(event, body, name, made, labels), place=place)


def _of(
    event: str, body: Mapping[str, object], repository: str, made: bool, labels: frozenset[str]
) -> Reading:
    action = "" if event == "public" else text(body, "action")
    all_of_it = Subject("github", PLACE, _id(body, "repository.id") or repository, repository)
    if (event, action) in TURNED_PUBLIC:
        return Reading.of(Trigger(all_of_it, "public", sender(body)))
    if event == "repository" and action in RENAMED:
        return Reading.of(Trigger(all_of_it, "moved", sender(body)))
    if event == "repository" and action == "unarchived":
        return Reading.of(Trigger(all_of_it, action, sender(body)))
    if event == "repository":
        return Reading.unsupported(f"{event}/{action} is not handled yet")
    if event == "issues" and action in FIELD_ACTIONS:
        if text(body, "issue_field.field_type") != "date":
            return Reading.ignored("a field that holds no date")
        if not made:  # which one it is, is looked up by its name: people may give it another one
            return Reading.unsupported("there is no field of issues among deadline_fields in the rules")
    if event == "issues" and action == LABELLED:
        return _of_label(body, repository, labels)
    if event == "issues" and action in ISSUE_ACTIONS:
        return _of_issue(body, repository)
    if event == "issue_comment" and action in ("created", "deleted"):
        return _of_comment(body, repository, "gone" if action == "deleted" else "comment")
    if event == CARRIED and action in ("edited", "deleted"):
        return _of_milestone(body, repository, action)
    return Reading.ignored(f"{event}/{clean(action, 100)} changes nothing here")


def _refused(
    event: str,
    body: Mapping[str, object],
    place: Located,
    repositories: frozenset[str],
    known: KnownPlaces,
) -> Reading:
    """Say why a repository is none of ours. An issue in it may be one that was: then it is looked for."""
    now = known.taken_from(place, repositories)
    reason = f"{clean(place.name, 200)} is not among the repositories in the rules"
    if now:
        reason = f"{clean(place.name, 200)} in the rules means the repository that is called {now} now"
    try:
        subject = _subject(body, clean(place.name, 80)) if event in ("issues", "issue_comment") else None
    except Malformed:
        subject = None
    found = (Trigger(subject, "moved", was=_old(body)),) if subject else ()
    return Reading.refused(reason, *found)


def _old(body: Mapping[str, object]) -> Subject | None:
    """Return what an issue was before it was transferred to where it was opened now."""
    id, number_ = _id(body, "changes.old_issue.id"), at(body, "changes.old_issue.number")
    repository = text_or_empty(body, "changes.old_repository.full_name")
    return Subject("github", "issue", id, f"{repository}#{number_}" if repository else "") if id else None


def _id(body: Mapping[str, object], path: str) -> str:
    try:
        return str(number(body, path))
    except Malformed:
        return ""


def _of_issue(body: Mapping[str, object], repository: str) -> Reading:
    subject = _subject(body, repository)
    action = text(body, "action")
    updated = instant_or_none(body, "issue.updated_at")
    when = updated or instant_or_none(body, "issue.created_at")
    if action == "transferred" and (new := _id(body, "changes.new_issue.id")):
        there = text_or_empty(body, "changes.new_repository.full_name")
        key = f"{there}#{at(body, 'changes.new_issue.number')}" if there else ""
        moved = Subject("github", "issue", new, key)
        return Reading.of(Trigger(moved, "moved", sender(body), when, was=subject))
    if action in ("deleted", "transferred"):
        return Reading.of(Trigger(subject, "gone", sender(body), when))
    edits = at(body, "changes")
    edited = tuple(part for part in ("title", "body") if isinstance(edits, dict) and part in edits)
    was = _old(body) if action == "opened" else None
    changed = CHANGED.get(action, edited if action == "edited" else ())
    if was:
        changed = ()  # its words were written where it was before
    shows = _shown(body) if action in ("milestoned", "demilestoned") else None
    if action in FIELD_ACTIONS:
        changed = (id_of(number(body, "issue_field.id")),)
    told = Trigger(subject, "moved" if was else "issue", sender(body), when, updated=updated, changed=changed)
    return Reading.of(replace(told, was=was, shows=shows))


def _of_label(body: Mapping[str, object], repository: str, labels: frozenset[str]) -> Reading:
    """One that people took off answers nothing; who put it on is in the history."""
    if text_or_empty(body, "label.name").casefold() not in labels:
        return Reading.ignored("no label by which people may answer, by the rules")
    updated = instant_or_none(body, "issue.updated_at")
    return Reading.of(Trigger(_subject(body, repository), "label", sender(body), updated, updated=updated))


def _shown(body: Mapping[str, object]) -> str | None:
    """Return which milestone the issue has in a delivery, None where that is not said."""
    try:
        return milestone(at(body, "issue")).ref
    except Malformed:
        return None


def _of_milestone(body: Mapping[str, object], repository: str, action: str) -> Reading:
    """A milestone that is deleted leaves its issues without one, and one that is given another date takes
    them along: no other delivery says so, and no history who did it.
    https://docs.github.com/en/webhooks/webhook-events-and-payloads#milestone"""
    key = f"{repository}#{number(body, 'milestone.number')}"
    subject = Subject("github", CARRIER, text(body, "milestone.node_id"), key)
    who, when = sender(body), instant_or_none(body, "milestone.updated_at")
    if action == "deleted":
        return Reading.of(Trigger(subject, "gone", who, when))
    edits = at(body, "changes")
    if not isinstance(edits, dict) or "due_on" not in edits:
        return Reading.ignored("its due date is as it was")
    held = value(at(body, "milestone"))
    return Reading.of(Trigger(subject, "moved", who, when, updated=when, changed=("due_on",), held=held))


def _of_comment(body: Mapping[str, object], repository: str, what: str) -> Reading:
    subject = _subject(body, repository)
    if at(body, "issue.pull_request") is not None:
        return Reading.ignored("a comment on a pull request")
    words = text_or_empty(body, "comment.body")
    # Most comments have none of these signs, and need not be read as Markdown.
    signed = any(sign in words for sign in "/@") or "handshake" in words.lower()
    if not signed or not heard(command_lines(words), "github", anybody=True):
        return Reading.ignored("a comment without a command")
    comment = str(number(body, "comment.id"))
    when = instant_or_none(body, "comment.created_at")
    return Reading.of(Trigger(subject, what, sender(body), when, comment))


def _subject(body: Mapping[str, object], repository: str) -> Subject:
    key = f"{repository}#{number(body, 'issue.number')}"
    return Subject("github", "issue", str(number(body, "issue.id")), key)


def sender(body: Mapping[str, object]) -> Person | None:
    """Return who caused the delivery; a hint too, so its absence is no fault."""
    try:
        return Person("github", str(number(body, "sender.id")), text(body, "sender.login"))
    except Malformed:
        return None
