"""Deals that are issues of a Jira Cloud project."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from urllib.parse import parse_qs, quote, urlsplit

from automation.adapters.errors import unreadable
from automation.adapters.jira import markup
from automation.adapters.jira.connection import Connection
from automation.adapters.marks import Marks
from automation.adapters.shapes import Malformed, at, many, text, text_or_empty
from automation.model import Deal, Person, Subject

FIELDS = ("summary", "status", "duedate", "assignee", "project")
MOST_KEYS = 100
"""https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-bulkfetch-post"""

LONGEST_COMMENT = 30_000
"""Characters; Jira's own limit is 32,767."""

PROPERTY = "handshake"
INTERNAL = {"key": "sd.public.comment", "value": {"internal": True}}
"""Keeps the customers of a service desk from reading along; means nothing in other projects.
https://developer.atlassian.com/cloud/jira/service-desk/jira-service-desk-comments/"""


class JiraDeals:
    """The ``Crm`` port on a Jira project."""

    def __init__(
        self,
        url: str,
        sign_in: tuple[str, str] | str,
        project: str,
        marker_key: bytes,
        timeout: int = 15,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._jira = Connection(url, sign_in, timeout, clock)
        self._project = project.upper()
        self._key = re.compile(rf"{re.escape(self._project)}-[1-9][0-9]{{0,17}}", re.ASCII | re.IGNORECASE)
        self._marks = Marks(marker_key)

    # ------------------------------------------------------------ words for people

    def encode(self, text: str) -> str:
        return markup.encode(text)

    def mention(self, person: Person) -> str:
        if person.system == "jira":
            return markup.mention(person.id, person.name)
        return markup.encode(person.name)

    def post(self, subject: Subject, markdown: str, marker: str) -> str:
        """Comment on a deal, marked by a comment property, inside only. Return the comment's id."""
        words = markdown if len(markdown) <= LONGEST_COMMENT else f"{markdown[: LONGEST_COMMENT - 1]}…"
        path = f"issue/{quote(subject.key, safe='')}/comment"
        mark = {"key": PROPERTY, "value": self._mark(subject, marker)}
        answer = self._jira.call(
            "POST", path, body={"body": markup.to_adf(words), "properties": [mark, INTERNAL]}
        )
        try:
            return text(answer, "id")
        except Malformed as error:
            raise unreadable(f"Jira: POST {path}") from error

    def find(self, subject: Subject, marker: str) -> str | None:
        """Look for our notice among the deal's hundred newest comments."""
        path = f"issue/{quote(subject.key, safe='')}/comment"
        query = {"expand": "properties", "orderBy": "-created", "maxResults": "100"}
        answer = self._jira.call("GET", path, query)
        wanted = self._mark(subject, marker)
        try:
            for comment in many(answer, "comments"):
                properties = at(comment, "properties")
                for one in properties if isinstance(properties, list) else []:
                    if at(one, "key") == PROPERTY and at(one, "value") == wanted:
                        return text(comment, "id")
        except Malformed as error:
            raise unreadable(f"Jira: GET {path}") from error
        return None

    # ------------------------------------------------------------ the truth

    def key_of(self, text: str) -> str | None:
        """Read ``SALES-7``, ``…/browse/SALES-7`` or ``…?selectedIssue=SALES-7``, in any case."""
        words = text.strip()
        named = words if self._key.fullmatch(words) else self._key_in_url(words)
        return named.upper() if named and self._key.fullmatch(named) else None

    def deals(self, keys: Sequence[str]) -> Mapping[str, Deal]:
        """Return the deals of our project. A key that moved to another project is left out."""
        found: dict[str, Deal] = {}
        wanted = sorted({key for key in keys if self._key.fullmatch(key)})
        for start in range(0, len(wanted), MOST_KEYS):
            body = {"issueIdsOrKeys": wanted[start : start + MOST_KEYS], "fields": list(FIELDS)}
            answer = self._jira.call("POST", "issue/bulkfetch", body=body)
            try:
                deals = [self._deal(issue) for issue in many(answer, "issues")]
            except Malformed as error:
                raise unreadable("Jira: POST issue/bulkfetch") from error
            found.update({deal.key: deal for deal in deals if deal is not None})
        return found

    def _deal(self, issue: object) -> Deal | None:
        key = text(issue, "key")
        if not self._key.fullmatch(key) or text(issue, "fields.project.key") != self._project:
            return None
        return Deal(
            key=key,
            name=text_or_empty(issue, "fields.summary"),
            url=self._jira.page(key),
            open=text(issue, "fields.status.statusCategory.key") != "done",
            closes=_day(issue, "fields.duedate"),
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

    def _mark(self, subject: Subject, marker: str) -> dict[str, str]:
        digest, _, mac = self._marks.token(subject, marker).partition(".")
        return {"marker": digest, "hmac": mac}


def _day(issue: object, path: str) -> date | None:
    """Read ``2027-03-01``; a field that is empty or not on the project's screens has none."""
    if at(issue, path) is None:
        return None
    try:
        return date.fromisoformat(text(issue, path))
    except ValueError as error:
        raise Malformed(path) from error
