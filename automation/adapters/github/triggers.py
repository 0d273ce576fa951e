"""Read GitHub's webhooks: which issue to look at, and who caused it. Pure.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
A payload is a hint. It can make us look, it can never make us do more than the truth allows.
"""

from __future__ import annotations

from collections.abc import Mapping

from automation.adapters.github.answers import milestone, value
from automation.adapters.shapes import Malformed, at, instant, instant_or_none, number, text, text_or_empty
from automation.domain.commands import heard
from automation.model import CARRIER, PLACE, Carrier, Person, Subject, Trigger
from automation.model.reading import Reading
from automation.text.markdown import clean, command_lines

ISSUE_ACTIONS = frozenset(
    {"opened", "edited", "milestoned", "demilestoned", "closed", "reopened", "transferred", "deleted"}
)
GONE = frozenset({"deleted", "transferred"})
CHANGED = {"milestoned": ("milestone",), "demilestoned": ("milestone",), "opened": ("title", "body")}
"""What an action says was changed; ``edited`` says it in the payload."""
NOT_YET = frozenset({("issues", "field_added"), ("issues", "field_removed"), ("milestone", "edited")})
"""What moves a date on GitHub but is not handled so far."""

TURNED_PUBLIC = frozenset({("public", ""), ("repository", "publicized")})
"""A repository turned public. GitHub says so twice, in events of two names; one is enough."""

HANDLED = frozenset({"issues", "issue_comment", "milestone", "repository", "public"})
EVENTS = HANDLED | {"label", "projects_v2", "projects_v2_item", "sub_issues"}
"""The names of all events that can matter: those that are handled, and those which tell of dates,
scope, labels and places but are not handled so far. Any other says nothing that we would look for."""


def triggers(event: str, body: Mapping[str, object], repositories: frozenset[str]) -> Reading:
    """Read one delivery. ``event`` is its ``X-GitHub-Event``, ``repositories`` are the configured
    ones (``owner/name``, compared without regard to case). Never raises for what a body holds."""
    if event == "ping":
        return Reading.ignored("a ping: the webhook works")
    if event not in HANDLED:
        return Reading.unsupported(f"events named {clean(event, 100)} are not handled")
    try:
        return _read(event, body, {name.lower(): name for name in repositories})
    except Malformed as error:
        return Reading.malformed(f"{event}: {error}")


def carrier(body: Mapping[str, object]) -> Carrier | None:
    """Read which milestone a delivery named ``milestone`` tells of, whatever happened to it."""
    try:
        when = instant(body, "milestone.updated_at")
        return Carrier(text(body, "repository.full_name"), value(at(body, "milestone")), when)
    except Malformed:
        return None


def _read(event: str, body: Mapping[str, object], repositories: Mapping[str, str]) -> Reading:
    claimed = text(body, "repository.full_name")
    repository = repositories.get(claimed.lower())
    if repository is None:
        return Reading.refused(f"{clean(claimed, 200)} is not among the repositories in the rules")
    action = "" if event == "public" else text(body, "action")
    if (event, action) in TURNED_PUBLIC:
        return Reading.of(Trigger(Subject("github", PLACE, repository), "public", _sender(body)))
    if (event, action) in NOT_YET or event == "repository":
        return Reading.unsupported(f"{event}/{action} is not handled yet")
    if event == "issues" and action in ISSUE_ACTIONS:
        return _of_issue(body, repository)
    if event == "issue_comment" and action in ("created", "deleted"):
        return _of_comment(body, repository, "gone" if action == "deleted" else "comment")
    if event == "milestone" and action == "deleted":
        return _of_milestone(body, repository)
    return Reading.ignored(f"{event}/{clean(action, 100)} changes nothing here")


def _of_issue(body: Mapping[str, object], repository: str) -> Reading:
    subject = _subject(body, repository)
    action = text(body, "action")
    updated = instant_or_none(body, "issue.updated_at")
    when = updated or instant_or_none(body, "issue.created_at")
    if action in GONE:
        return Reading.of(Trigger(subject, "gone", _sender(body), when))
    edits = at(body, "changes")
    edited = tuple(part for part in ("title", "body") if isinstance(edits, dict) and part in edits)
    changed = CHANGED.get(action, edited if action == "edited" else ())
    shows = _shown(body) if action in ("milestoned", "demilestoned") else None
    told = Trigger(subject, "issue", _sender(body), when, updated=updated, changed=changed, shows=shows)
    return Reading.of(told)


def _shown(body: Mapping[str, object]) -> str | None:
    """Return which milestone the issue has in a delivery, None where that is not said."""
    try:
        return milestone(at(body, "issue")).ref
    except Malformed:
        return None


def _of_milestone(body: Mapping[str, object], repository: str) -> Reading:
    """A milestone that is deleted leaves its issues without one, and no other delivery says so."""
    subject = Subject("github", CARRIER, f"{repository}#{number(body, 'milestone.number')}")
    return Reading.of(Trigger(subject, "gone", _sender(body), instant_or_none(body, "milestone.updated_at")))


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
    return Reading.of(Trigger(subject, what, _sender(body), when, comment))


def _subject(body: Mapping[str, object], repository: str) -> Subject:
    return Subject("github", "issue", f"{repository}#{number(body, 'issue.number')}")


def _sender(body: Mapping[str, object]) -> Person | None:
    """Return who caused the delivery; a hint too, so its absence is no fault."""
    try:
        return Person("github", str(number(body, "sender.id")), text(body, "sender.login"))
    except Malformed:
        return None
