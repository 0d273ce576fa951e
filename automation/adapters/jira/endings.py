"""How a Jira issue that is closed ended, and what it came with. Pure."""

from __future__ import annotations

from automation.adapters.shapes import at, text_or_empty

DONE = frozenset(
    {
        *("done", "fixed", "resolved", "complete", "completed", "implemented", "finished"),
        *("released", "shipped", "delivered", "deployed", "live"),
    }
)
DROPPED = frozenset(
    {
        *("won't do", "wont do", "will not do", "won't fix", "wont fix", "will not fix", "not planned"),
        *("duplicate", "declined", "rejected", "cancelled", "canceled", "abandoned", "dropped", "obsolete"),
        *("cannot reproduce", "can't reproduce", "invalid", "not a bug", "out of scope"),
    }
)
"""What sites call a resolution or a status, in small letters."""


def outcome(issue: object) -> str:
    """Return ``done`` or ``dropped``, empty where neither name says it.

    A resolution is a name that sites choose, and some workflows set none, or "Done" for whatever ends:
    a status called "Won't do" counts more than that.
    https://support.atlassian.com/jira-cloud-administration/docs/what-are-issue-statuses-priorities-and-resolutions/
    """
    names = {_folded(issue, "fields.resolution.name"), _folded(issue, "fields.status.name")}
    if names & DROPPED:
        return "dropped"
    resolved = _folded(issue, "fields.resolution.name")
    return "done" if resolved in DONE or (not resolved and names & DONE) else ""


def release(issue: object) -> str:
    """Return the names of the fix versions that are released, empty where there are none."""
    versions = at(issue, "fields.fixVersions")
    shipped = (one for one in (versions if isinstance(versions, list) else ()) if at(one, "released") is True)
    return ", ".join(name for one in shipped if (name := text_or_empty(one, "name")))


def _folded(issue: object, path: str) -> str:
    return " ".join(text_or_empty(issue, path).replace("’", "'").casefold().split())
