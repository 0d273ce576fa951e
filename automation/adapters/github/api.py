"""Calls to GitHub through PyGithub: each passes the limiter, is sent once, timed out, its errors named.

PyGithub is not safe to share between threads and repeats POSTs on its own accord, so there is
one client per thread, without its retries; whoever calls decides what to do again.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from github import Auth, Github, GithubException
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
    RequestsResponse,
)
from jwt import PyJWTError
from requests.utils import parse_header_links

from automation.adapters.errors import (
    MOVED_TO,
    Missing,
    Moved,
    hurried,
    limited,
    rejected,
    resets_in,
    told,
    unauthorized,
    unreachable,
    unreadable,
)
from automation.adapters.github.etags import UNCHANGED, Etags
from automation.adapters.github.graph_errors import FOR_GOOD, UNPROCESSABLE, problem
from automation.adapters.shapes import at
from automation.ports import Closed, RateLimiter, Refused, Unauthorized, Unavailable

E = TypeVar("E", bound=Exception)

API_VERSION = "2022-11-28"
"""https://docs.github.com/en/rest/about-the-rest-api/api-versions"""

MOST_DIGITS = 16
"""Of a number that can be one."""
PAGE = 100
MOST_PAGES = 20
MOST_REDIRECTS = 4
"""From one address to the next: renamed, and transferred more than once."""

HINTS = {
    401: "Check GITHUB_TOKEN, or the GITHUB_APP_ settings: GitHub does not accept them.",
    403: "Check what the token may do: it lacks a right for this.",
}
GRAPHQL = "/graphql"
SIGNED_IN = 50 * 60.0
"""Seconds that an App's token is used; GitHub takes it for an hour.
https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app"""

APP_HINT = "Check GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY and GITHUB_APP_INSTALLATION_ID."


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. ``last``: the number of the last page, 0 where GitHub does not say;
    ``next``: the query of the page after this, empty at the end."""

    items: tuple[object, ...]
    next: Mapping[str, str]
    last: int = 0


class _Https(HTTPSRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _here(super().getresponse())


class _Http(HTTPRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _here(super().getresponse())


def _here(response: RequestsResponse) -> RequestsResponse:
    # PyGithub follows a 301 of any verb: a note meant for a private issue would be posted to the
    # public repository that the issue was transferred to. Without an address it cannot.
    to = response.headers.pop("location", None)
    if to:
        response.headers[MOVED_TO] = to
    return response


class Api:
    """GitHub's REST and GraphQL interfaces, for one token."""

    def __init__(
        self,
        url: str,
        auth: Callable[[], Auth.Auth],
        limiter: RateLimiter,
        timeout: int,
        clock: Callable[[], float],
    ) -> None:
        self._url = url.rstrip("/")
        self._auth = auth
        self._limiter = limiter
        self._timeout = timeout
        self._clock = clock
        self._mine = threading.local()
        self._etags = Etags()
        # At DEBUG PyGithub logs every body, and with it customers' names: not even where it is asked to.
        logging.getLogger("github.Requester").setLevel(logging.INFO)

    def get(self, path: str) -> object:
        """GET one object. Raise Missing for 404 and 410."""
        return self._call("GET", path)[1]

    def follow(self, path: str) -> tuple[object, str]:
        """GET one object, wherever it is by now. Return also the id of the repository where it was found by
        another address, else nothing. An address is one of this server, whatever a redirect says."""
        repository = ""
        for _ in range(MOST_REDIRECTS):
            try:
                return self.get(path), repository
            except Moved as moved:
                base, _, rest = moved.to.partition("/repositories/")
                if not rest or base.lower() != self._url.lower():
                    raise
                path, repository = f"/repositories/{rest}", rest.partition("/")[0]
        raise Missing(f"GitHub: GET {path} leads in a circle")

    def send(
        self, verb: str, path: str, body: Mapping[str, object] | None = None, urgent: bool = False
    ) -> object:
        """Write, once, when the limiter gives it its turn; ``urgent`` where it is a deadline.

        Raise Unavailable where it is unclear whether it arrived.
        """
        return self._call(verb, path, body=body, write=True, urgent=urgent)[1]

    def page(self, path: str, query: Mapping[str, str]) -> Page:
        """GET one page of a list."""
        headers, items = self._call("GET", path, query={"per_page": str(PAGE), **query})
        if not isinstance(items, list):
            raise unreadable(f"GitHub: GET {path}")
        links = {link.get("rel"): link.get("url", "") for link in parse_header_links(headers.get("link", ""))}
        # Only the query is taken from the link, never its address: that one is ours to choose.
        following = dict(parse_qsl(urlsplit(links.get("next", "")).query))
        last = dict(parse_qsl(urlsplit(links.get("last", "")).query)).get("page", "")
        known = last.isascii() and last.isdigit() and len(last) < MOST_DIGITS
        return Page(tuple(items), following, int(last) if known else 0)

    def all(self, path: str, query: Mapping[str, str]) -> Iterator[object]:
        """Yield the items of a list, page after page, up to 2,000."""
        for _ in range(MOST_PAGES):
            page = self.page(path, query)
            yield from page.items
            if not page.next:
                return
            query = {**query, **page.next}

    def newest_first(self, path: str) -> Iterator[object]:
        """Yield the items of a list that GitHub gives oldest first from its end, up to 2,000."""
        first = self.page(path, {})
        for number in range(first.last, max(1, first.last - MOST_PAGES), -1):
            yield from reversed(self.page(path, {"page": str(number)}).items)
        yield from reversed(first.items)

    def graphql(self, query: str, variables: Mapping[str, str | int | bool | None]) -> object:
        """Ask GraphQL and return its ``data``. Raise Missing or Refused where each error says that something
        is not there or not for us, Undefined where its schema does not have what was asked for, and
        Unavailable for any other: it may be none the next time."""
        return self._graphql(query, variables, FOR_GOOD)

    def mutate(self, query: str, variables: Mapping[str, str]) -> object:
        """Write through GraphQL, once, when the limiter gives it its turn, and as what is urgent: only
        deadlines are written so. Raises as ``graphql`` does."""
        return self._graphql(query, variables, FOR_GOOD | {UNPROCESSABLE}, write=True)

    def _graphql(
        self,
        query: str,
        variables: Mapping[str, str | int | bool | None],
        for_good: frozenset[str],
        write: bool = False,
    ) -> object:
        body = {"query": query, "variables": dict(variables)}
        headers, answer = self._call("POST", GRAPHQL, body=body, write=write, urgent=write)
        errors = at(answer, "errors")
        if not errors:
            if not isinstance(at(answer, "data"), dict):
                raise unreadable("GitHub: GraphQL")
            return at(answer, "data")
        if hurried(answer):
            raise self._noted(limited("GitHub's GraphQL limit is reached", headers, self._clock()))
        raise problem(errors, for_good)

    def _client(self) -> tuple[Requester, _Http | _Https]:
        """Return this thread's client and connection; an App's are made anew before its token runs out."""
        if self._clock() >= getattr(self._mine, "until", float("-inf")):
            client = Github(
                auth=self._auth(),
                base_url=self._url,
                timeout=self._timeout,
                user_agent="handshake",
                retry=None,
                seconds_between_requests=0,
                seconds_between_writes=0,  # the limiter keeps limits: PyGithub's own are per thread
                api_version=API_VERSION,
            )
            until = self._sign_in(client.requester)
            address = urlsplit(self._url)
            connection = _Http if address.scheme == "http" else _Https
            self._mine.requester = client.requester
            self._mine.connection = connection(address.hostname or "", address.port, timeout=self._timeout)
            self._mine.until = until
        return self._mine.requester, self._mine.connection

    def _call(
        self,
        verb: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        write: bool = False,
        urgent: bool = False,
    ) -> tuple[Mapping[str, str], object]:
        call = f"GitHub: {verb} {path}"
        requester, connection = self._client()
        asked = f"{path}?{urlencode(sorted((query or {}).items()))}" if verb == "GET" else ""
        before = self._etags.of(asked) if asked else None
        self._limiter.enter(write, urgent)
        try:
            status, headers, answer = requester.requestJson(
                verb,
                requester.graphql_url if path == GRAPHQL else path,
                dict(query or {}),
                {"If-None-Match": before.etag} if before else None,
                None if body is None else dict(body),
                connection,
            )
        except requests.RequestException as error:
            raise self._noted(unreachable(call, error), verb, call) from error
        if before and status == UNCHANGED:
            status, answer, headers = 200, before.text, {**headers, "etag": before.etag, "link": before.link}
        now = self._clock()
        # GraphQL has a count of its own, and to a stranger GitHub tells that of our network address.
        known = path != GRAPHQL and status != 401
        parsed = _parse(answer)
        if status >= 300 or parsed is not None or not answer:
            left = _left(headers) if known else None
            self._limiter.answered(verb, status, left, resets_in(headers, now) or 0.0)
        if status >= 300:
            raise self._noted(rejected(call, status, headers, told(parsed), now, HINTS, parsed), verb, call)
        if parsed is None and answer:
            raise self._noted(unreadable(call), verb, call)
        if asked and status == 200:
            self._etags.keep(asked, headers, answer)
        return headers, parsed

    def _sign_in(self, requester: Requester) -> float:
        """Fetch an App's token, so that a 404 for it is never read as a missing issue.

        Return until when it may be used, in seconds since 1970.
        """
        if not isinstance(requester.auth, Auth.AppInstallationAuth):
            return float("inf")
        call = "GitHub: a token for the App"
        self._limiter.enter()
        now = self._clock()
        try:
            _ = requester.auth.token
        except GithubException as error:
            self._limiter.answered("POST", error.status)
            hints, headers, body = {401: APP_HINT}, error.headers or {}, error.data
            problem = rejected(call, error.status, headers, told(body), now, hints, body)
            if isinstance(problem, Refused):
                problem = unauthorized(str(problem), APP_HINT)
            raise self._noted(problem, "GET", call) from error
        except requests.RequestException as error:
            raise self._noted(unreachable(call, error), "GET", call) from error
        except (PyJWTError, ValueError, TypeError) as error:
            raise self._noted(unauthorized(f"{call} could not be asked for", APP_HINT)) from error
        self._limiter.answered("POST", 201)
        return now + SIGNED_IN

    def _noted(self, problem: E, verb: str = "", call: str = "") -> E:
        """Shut the limiter where the problem concerns every call, and let it count what got no answer."""
        if isinstance(problem, Closed):
            self._limiter.shut(problem)
        elif isinstance(problem, Unavailable):
            self._limiter.unanswered(verb, call, problem)
        if isinstance(problem, Unauthorized):
            self._mine.until = float("-inf")  # an App asks for another token then
        return problem


def _left(headers: Mapping[str, str]) -> int | None:
    left = headers.get("x-ratelimit-remaining", "")
    return int(left) if left.isascii() and left.isdigit() and len(left) < MOST_DIGITS else None


def _parse(answer: str) -> object:
    try:
        return json.loads(answer) if answer else None
    except ValueError:
        return None
