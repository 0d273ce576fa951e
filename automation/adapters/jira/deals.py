"""Deals that are issues of a Jira project."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from automation.adapters.errors import unreadable
from automation.adapters.jira import answers
from automation.adapters.jira.comments import Comments
from automation.adapters.jira.connection import CLOUD, Connection
from automation.adapters.shapes import Malformed, many, text, text_or_empty
from automation.model import Deal
from automation.ports import Gate, Refused

FIELDS = ["summary", "status", "duedate", "assignee", "project"]
MOST_KEYS = 100
"""https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-bulkfetch-post"""

_ADDRESS = re.compile(r"https?://[^\s<>()\[\]{}|\"']+", re.IGNORECASE)


class JiraDeals(Comments):
    """The ``Crm`` port on a Jira project. ``sign_in``: see ``Connection``."""

    def __init__(
        self,
        url: str,
        sign_in: tuple[str, str] | str,
        project: str,
        marker_key: bytes,
        gate: Gate,
        timeout: int = 15,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(Connection(url, sign_in, gate, timeout, clock), marker_key)
        self._project = project.upper()
        self._key = re.compile(rf"{re.escape(self._project)}-[1-9][0-9]{{0,17}}", re.ASCII | re.IGNORECASE)
        self._named = re.compile(
            rf"{_ADDRESS.pattern}|(?<![\w-]){re.escape(self._project)}-[1-9][0-9]{{0,17}}(?![\w-])", re.ASCII
        )

    def key_of(self, text: str) -> str | None:
        """Read ``SALES-7``, ``…/browse/SALES-7`` or ``…?selectedIssue=SALES-7``, in any case."""
        words = text.strip()
        named = words if self._key.fullmatch(words) else self._key_in_url(words)
        return named.upper() if named and self._key.fullmatch(named) else None

    def keys_in(self, text: str) -> Sequence[str]:
        """Find keys as Jira writes them, in capitals, and addresses of our site; not those of another's."""
        found = (self.key_of(one[0].rstrip(".,;:!?")) for one in self._named.finditer(text))
        return list(dict.fromkeys(key for key in found if key))

    def deals(self, keys: Sequence[str]) -> Mapping[str, Deal]:
        """Return the deals of our project. A key that moved to another project is left out."""
        found: dict[str, Deal] = {}
        wanted = sorted({key for key in keys if self._key.fullmatch(key)})
        for start in range(0, len(wanted), MOST_KEYS):
            path, body = self._question(wanted[start : start + MOST_KEYS])
            answer = self._jira.call("POST", path, body=body, reads=True)
            try:
                deals = [self._deal(issue) for issue in many(answer, "issues")]
            except Malformed as error:
                raise unreadable(f"Jira: POST {path}") from error
            found.update({deal.key: deal for deal in deals if deal is not None})
        if wanted and not found:  # they are unknown, or no deal at all can be seen
            self._see(self._project, Refused("none of its issues can be read"))
        return found

    def _question(self, keys: Sequence[str]) -> tuple[str, Mapping[str, object]]:
        """Return path and body of the request that reads these issues and leaves out those it cannot.

        Data Center has no bulkfetch; its search refuses keys that do not exist, unless told not to.
        https://developer.atlassian.com/server/jira/platform/rest/v10000/api-group-search/
        """
        if self._jira.version == CLOUD:
            return "issue/bulkfetch", {"issueIdsOrKeys": keys, "fields": FIELDS}
        jql = f"key in ({', '.join(keys)})"
        return "search", {"jql": jql, "validateQuery": False, "fields": FIELDS, "maxResults": MOST_KEYS}

    def _deal(self, issue: object) -> Deal | None:
        key = text(issue, "key")
        if not self._key.fullmatch(key) or text(issue, "fields.project.key") != self._project:
            return None
        return Deal(
            key=key,
            name=text_or_empty(issue, "fields.summary"),
            url=self._jira.page(key),
            open=text(issue, "fields.status.statusCategory.key") != "done",
            closes=answers.day(issue, "fields.duedate"),
            owner=text_or_empty(issue, "fields.assignee.displayName"),
        )

    def _key_in_url(self, url: str) -> str:
        if not self._jira.same_site(url):
            return ""
        parts = urlsplit(url)
        selected = parse_qs(parts.query).get("selectedIssue", [])
        if selected:
            return selected[0]
        before, _, key = parts.path.rstrip("/").rpartition("/browse/")
        return key if before == urlsplit(self._jira.url).path else ""
