"""Words that waited to be said of an issue, and are not so any more by what it is now. Pure."""

from __future__ import annotations

from automation.model import Event, Issue


def outdated(event: Event, issue: Issue) -> str:
    """Return why nothing is left to say of an event, empty where it still is so."""
    if event.choice and not issue.has(event.choice):
        return "it has been taken back meanwhile"
    change = event.change
    if event.setback and change and issue.deadlines.get(change.field) == change.old:
        return "the date has been set right meanwhile"
    # A copy of it that is older than what was seen then tells nothing.
    then, now = event.done_at, issue.updated_at
    older = then and now and now < then
    if event.standing and event.standing != issue.standing and not older:
        return f"the issue is {issue.standing} by now"
    return ""
