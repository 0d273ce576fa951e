"""Calls to GitHub through PyGithub: each is sent once, timed out, paced, and its errors named.

PyGithub is not safe to share between threads and repeats POSTs on its own accord, so there is
one client per thread, without its retries; whoever calls decides what to do again.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

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

from automation.adapters.errors import Missing, rejected, unreachable, unreadable
from automation.adapters.shapes import at, text_or_empty
from automation.ports import Refused, Unavailable

API_VERSION = "2022-11-28"
"""https://docs.github.com/en/rest/about-the-rest-api/api-versions"""

PAGE = 100
MOST_PAGES = 20

HINTS = {
    401: "Check GITHUB_TOKEN, or the GITHUB_APP_ settings: GitHub does not accept them.",
    403: "Check what the token may do: it lacks a right for this.",
}
APP_HINT = "Check GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY and GITHUB_APP_INSTALLATION_ID."


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. ``last``: the number of the last page, 0 where GitHub does not say;
    ``next``: the query of the page after this, empty at the end."""

    items: tuple[object, ...]
    next: Mapping[str, str]
    last: int = 0


class Pace:
    """Keep ``interval`` seconds between writes, one at a time, over all threads.

    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#pause-between-mutative-requests
    """

    def __init__(
        self,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._free_at = clock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this write's turn, and hold it while the write is made."""
        with self._lock:
            wait = self._free_at - self._clock()
            if wait > 0:
                self._sleep(wait)
            try:
                yield
            finally:
                self._free_at = self._clock() + self._interval


class _Https(HTTPSRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _here(super().getresponse())


class _Http(HTTPRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _here(super().getresponse())


def _here(response: RequestsResponse) -> RequestsResponse:
    # PyGithub follows a 301 of any verb: a note meant for a private issue would be posted to the
    # public repository that the issue was transferred to. Without an address it cannot.
    response.headers.pop("location", None)
    return response


class Api:
    """GitHub's REST and GraphQL interfaces, for one token."""

    def __init__(
        self,
        url: str,
        auth: Callable[[], Auth.Auth],
        pace: Pace,
        timeout: int,
        clock: Callable[[], float],
    ) -> None:
        self._url = url.rstrip("/")
        self._auth = auth
        self._pace = pace
        self._timeout = timeout
        self._clock = clock
        self._mine = threading.local()
        # At DEBUG PyGithub logs every body, and with it customers' names: not even where it is asked to.
        logging.getLogger("github.Requester").setLevel(logging.INFO)

    def get(self, path: str) -> object:
        """GET one object. Raise Missing for 404 and 410."""
        return self._call("GET", path)[1]

    def send(self, verb: str, path: str, body: Mapping[str, object] | None = None) -> object:
        """Write, once. Raise Unavailable where it is unclear whether it arrived."""
        with self._pace.turn():
            return self._call(verb, path, body=body)[1]

    def page(self, path: str, query: Mapping[str, str]) -> Page:
        """GET one page of a list."""
        headers, items = self._call("GET", path, query={"per_page": str(PAGE), **query})
        if not isinstance(items, list):
            raise unreadable(f"GitHub: GET {path}")
        links = {link.get("rel"): link.get("url", "") for link in parse_header_links(headers.get("link", ""))}
        # Only the query is taken from the link, never its address: that one is ours to choose.
        following = dict(parse_qsl(urlsplit(links.get("next", "")).query))
        last = dict(parse_qsl(urlsplit(links.get("last", "")).query)).get("page", "")
        return Page(tuple(items), following, int(last) if last.isascii() and last.isdigit() else 0)

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

    def graphql(self, query: str, variables: Mapping[str, str | int]) -> object:
        """Ask GraphQL and return its ``data``. Raise Refused for errors other than a rate limit."""
        body = {"query": query, "variables": dict(variables)}
        answer = self._call("POST", self._client()[0].graphql_url, body=body)[1]
        errors = at(answer, "errors")
        if not errors:
            return at(answer, "data")
        if "RATE_LIMITED" in json.dumps(errors):
            raise Unavailable("GitHub's GraphQL limit is reached", 60.0)
        raise Refused("GitHub's GraphQL interface could not answer")

    def _client(self) -> tuple[Requester, _Http | _Https]:
        """Return this thread's client and connection."""
        if not hasattr(self._mine, "requester"):
            client = Github(
                auth=self._auth(),
                base_url=self._url,
                timeout=self._timeout,
                user_agent="handshake",
                retry=None,
                seconds_between_requests=0,
                seconds_between_writes=0,  # see Pace: PyGithub's own is per thread
                api_version=API_VERSION,
            )
            address = urlsplit(self._url)
            connection = _Http if address.scheme == "http" else _Https
            self._mine.requester = client.requester
            self._mine.connection = connection(address.hostname or "", address.port, timeout=self._timeout)
        return self._mine.requester, self._mine.connection

    def _call(
        self,
        verb: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> tuple[Mapping[str, str], object]:
        call = f"GitHub: {verb} {path}"
        requester, connection = self._client()
        self._sign_in(requester)
        try:
            status, headers, answer = requester.requestJson(
                verb, path, dict(query or {}), None, None if body is None else dict(body), connection
            )
        except requests.RequestException as error:
            raise unreachable(call, error) from error
        parsed = _parse(answer)
        if status >= 300:
            raise rejected(call, status, headers, text_or_empty(parsed, "message"), self._clock(), HINTS)
        if parsed is None and answer:
            raise unreadable(call)
        return headers, parsed

    def _sign_in(self, requester: Requester) -> None:
        """Fetch an App's token where it is due, so that a 404 for it is never read as a missing issue."""
        if not isinstance(requester.auth, Auth.AppInstallationAuth):
            return
        call = "GitHub: a token for the App"
        try:
            _ = requester.auth.token
        except GithubException as error:
            said = text_or_empty(error.data, "message")
            hints = dict.fromkeys((401, 403, 404), APP_HINT)
            problem = rejected(call, error.status, error.headers or {}, said, self._clock(), hints)
            raise (Refused(str(problem)) if isinstance(problem, Missing) else problem) from error
        except requests.RequestException as error:
            raise unreachable(call, error) from error
        except (PyJWTError, ValueError, TypeError) as error:
            raise Refused(f"{call} could not be asked for. {APP_HINT}") from error


def _parse(answer: str) -> object:
    try:
        return json.loads(answer) if answer else None
    except ValueError:
        return None
