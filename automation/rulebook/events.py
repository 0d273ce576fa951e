"""The events that rules react to, what each of them fills, and the variables with few possible values."""

from __future__ import annotations

from collections.abc import Mapping

from automation.model import DUE, UNCONFIRMED, Kind

EVENTS: Mapping[str, str] = {
    "deal.linked": "somebody who may link has linked a deal to the issue",
    "deal.unlinked": "somebody who may link has ended the link to a deal",
    "deadline.asked": "somebody who may link asked for a deadline by `/ask`, without changing the field",
    "deadline.changed": "somebody changed a deadline field in the tracker",
    "deadline.committed": "a signed deadline is in force, and was seen to stand in the tracker",
    DUE: "the day of an agreed deadline is near, or has passed, and the issue is open",
    UNCONFIRMED: "product did not say in time that such a deadline holds, or its day has passed",
    "deadline.overridden": "somebody whom `may_override` names let a deadline stand without product's yes,"
    " and it was seen to stand in the tracker",
    "proposal.declined": "product said no to a deadline that was asked for",
    "proposal.expired": "nobody answered a deadline that was asked for within `expires_after`",
    "proposal.overdue": "product has not answered by `answer_within`, and the policy names a `backup`",
    "proposal.withdrawn": "whoever asked for a deadline took that back",
    "issue.closed": "an issue that deals depend on was closed, or is said to have ended otherwise",
    "issue.reopened": "an issue that deals depend on was closed and is open again",
    "issue.moved": "an issue that deals depend on was moved or transferred, or its place has another name; or"
    " it cannot be seen any more, or can be again",
    "scope.changed": "the title or body of an issue that deals depend on says something else",
}
"""What ``when`` can say."""

_WITHOUT_A_DATE = {"deal.unlinked", "issue.closed", "issue.moved", "issue.reopened", "scope.changed"}

SOMETIMES: Mapping[str, frozenset[str]] = {
    "change": frozenset(EVENTS) - _WITHOUT_A_DATE,
    "proposal": frozenset(EVENTS) - _WITHOUT_A_DATE - {UNCONFIRMED},
    "scope": frozenset({"scope.changed"}),
    "moved": frozenset({"issue.moved"}),
    "reply": frozenset(),
}
"""The variables that are empty for most events, each with those events that can fill it."""

CLOSED: Mapping[str, tuple[str, ...]] = {
    "change.kind": (*(kind.value for kind in Kind), ""),
    "issue.system": ("github", "jira"),
    "issue.outcome": ("", "done", "dropped"),
    "event": (*EVENTS, "command.answered", "deadline.not_agreed"),
}
"""The variables that can have a few values only; to compare one with anything else is a mistake."""
