"""The statuses of a Jira site, and which of those in the rules are none of them.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-workflow-statuses/#api-rest-api-3-status-get
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from automation.adapters.errors import unreadable
from automation.adapters.field_names import there_are
from automation.adapters.jira.connection import Connection
from automation.adapters.shapes import Malformed, text_or_empty


class Statuses:
    """``named`` gives what the rules call them."""

    def __init__(self, jira: Connection, named: Callable[[], Collection[str]]) -> None:
        self._jira = jira
        self._named = named

    def wrong(self) -> Mapping[str, str]:
        """Return what is wrong with the names in the rules, by name. Asks only where there are some."""
        named = self._named()
        if not named:
            return {}
        answer = self._jira.call("GET", "status")
        if not isinstance(answer, list):
            raise unreadable("Jira: GET status") from Malformed("a list of statuses")
        there = list(dict.fromkeys(filter(None, (text_or_empty(one, "name") for one in answer))))
        known, hint = {name.casefold() for name in there}, there_are(there)
        return {
            name: f"“{name}” is no status in Jira that Handshake's account can see. {hint}".rstrip()
            for name in named
            if name.casefold() not in known
        }
