"""Deals that are issues of a Jira project."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qs, unquote, urlsplit

from automation.adapters.errors import unreadable
from automation.adapters.jira import answers, values
from automation.adapters.jira.comments import Comments
from automation.adapters.jira.connection import Connection
from automation.adapters.jira.versions import CLOUD
from automation.adapters.shapes import Malformed, at, many, text, text_or_empty
from automation.domain.fields import DUEDATE
from automation.model import DEAL, Deal, Person, Subject
from automation.ports import RateLimiter, Refused
from automation.ports.recent import Recent

CLOSES = DUEDATE.id
"""The field of a deal that holds its expected close date."""
FIELDS = ["summary", "status", CLOSES, "assignee", "project", "security"]
MOST_KEYS = 100
"""https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-bulkfetch-post"""

BROWSE_PEOPLE = "USER_PICKER"
"""What Jira calls the global permission “Browse users and groups”."""
MOST_PEOPLE = 1000
"""Jira cuts the list of all people before it searches it, and never looks further than this."""
MINUTE = 60.0

_ADDRESS = r"(?i:(?<![\w.+-])(?:[a-z][a-z0-9+.-]{0,30}://|(?<![@/])(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}(?::\d+)?/))[^\s<>|\"']+"
"""An address in running text, also one without its scheme."""
_AFTER = ".,;:!?)]}*_~”’»…"
"""What may stand after an address without being part of it."""


class JiraDeals(Comments):
    """The ``Crm`` port on a Jira project. ``sign_in``: see ``Connection``."""

    def __init__(
        self,
        url: str,
        sign_in: tuple[str, str] | str,
        project: str,
        marker_key: bytes,
        limiter: RateLimiter,
        timeout: int = 15,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(Connection(url, sign_in, limiter, timeout, clock), marker_key)
        self._asks: Recent[str, bool] = Recent(MINUTE, clock)
        self._project = project.upper()
        self._key = re.compile(rf"{re.escape(self._project)}-[1-9][0-9]{{0,17}}", re.ASCII | re.IGNORECASE)
        # Part of an e-mail address, of a host's name or of a longer word it is no key.
        self._named = re.compile(
            rf"{_ADDRESS}|(?<![\w@-])(?<![\w-]\.){re.escape(self._project)}-[1-9][0-9]{{0,17}}(?![\w@-]|\.\w)",
            re.ASCII,
        )

    def named(self, text: str) -> Subject | None:
        """Read ``SALES-7``, or an address of our site that shows it, in any case."""
        words = text.strip()
        named = words if self._key.fullmatch(words) else self._key_in_url(words)
        return Subject("jira", DEAL, named.upper()) if named and self._key.fullmatch(named) else None

    def named_in(self, text: str) -> Sequence[Subject]:
        """Find keys as Jira writes them, in capitals, and addresses of our site; not those of another's."""
        found = (self.named(one[0].rstrip(_AFTER)) for one in self._named.finditer(text))
        return list(dict.fromkeys(deal for deal in found if deal))

    def deals(self, deals: Sequence[Subject]) -> Mapping[Subject, Deal]:
        """Return the deals of our project. A key that moved to another project is left out."""
        found: dict[Subject, Deal] = {}
        wanted = sorted({deal.key for deal in deals if self._key.fullmatch(deal.key)})
        for start in range(0, len(wanted), MOST_KEYS):
            path, body = self._question(wanted[start : start + MOST_KEYS])
            answer = self._jira.call("POST", path, body=body, reads=True)
            try:
                read = [self._deal(issue) for issue in many(answer, "issues")]
            except Malformed as error:
                raise unreadable(f"Jira: POST {path}") from error
            found.update({deal.subject: deal for deal in read if deal is not None})
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
            subject=Subject("jira", DEAL, key),
            name=text_or_empty(issue, "fields.summary"),
            url=self._jira.page(key),
            open=text(issue, "fields.status.statusCategory.key") != "done",
            closes=values.day(issue, f"fields.{CLOSES}"),
            owner=text_or_empty(issue, "fields.assignee.displayName"),
            secured=answers.secured(issue),
            owned_by=self._owner(issue),
        )

    def _owner(self, issue: object) -> Person | None:
        try:
            return answers.person(issue, "fields.assignee", self._jira.version)
        except Malformed:
            return None

    def may_see(self, person: Person, deal: Subject) -> bool | None:
        if person.system != "jira":
            return True
        if self._key.fullmatch(deal.key) and self._sees(person, deal.key):
            return True
        return False if self._asks.get("", self._may_ask) else None

    def _may_ask(self) -> bool:
        """Tell whether our account may ask who sees an issue: without this right the answer is empty, as
        if nobody did.

        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-permissions/#api-rest-api-3-mypermissions-get
        """
        try:
            answer = self._jira.call("GET", "mypermissions", {"permissions": BROWSE_PEOPLE})
        except Refused:
            return False
        return at(answer, f"permissions.{BROWSE_PEOPLE}.havePermission") is True

    def _sees(self, person: Person, key: str) -> bool:
        """Ask for those who may see the issue, of the one account (Cloud) or of all whose names begin
        like the username (Data Center).

        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-user-search/#api-rest-api-3-user-viewissue-search-get
        https://developer.atlassian.com/server/jira/platform/rest/v10000/api-group-user/
        """
        cloud = self._jira.version == CLOUD
        named = person.id if cloud else self._usernames.get(person.id, lambda: self._ask_username(person))
        if not named:
            return False
        query = {"accountId" if cloud else "username": named, "issueKey": key, "maxResults": str(MOST_PEOPLE)}
        try:
            found = self._jira.call("GET", "user/viewissue/search", query)
            people = many({"people": found}, "people")
            return any(text_or_empty(one, "accountId" if cloud else "key") == person.id for one in people)
        except Refused:
            return False
        except Malformed as error:
            raise unreadable("Jira: GET user/viewissue/search") from error

    def _key_in_url(self, url: str) -> str:
        """Return the key that an address of our site shows: one selected on a board, else a part of its
        path that is nothing but a key. There are too many pages to name each, and ever new ones."""
        url = url if "://" in url else f"https://{url}"
        if "\\" in url or not self._jira.same_site(url):
            return ""
        place, parts = urlsplit(self._jira.url).path, urlsplit(url)
        if not parts.path.startswith(f"{place}/"):
            return ""
        steps = [unquote(step) for step in parts.path.removeprefix(place).split("/")]
        if steps[1] == "wiki":
            return ""  # Confluence, whose pages may be called anything
        shown = [*parse_qs(parts.query).get("selectedIssue", []), *reversed(steps)]
        return next((key for key in shown if self._key.fullmatch(key)), "")
