"""Calls to Jira through the ``jira`` library: each passes the limiter, is sent once, timed out, its errors
named.

The library repeats POSTs on its own accord and its session is not made for several threads, so
there is one client per thread, whose retries are passed by; whoever calls decides what to do again.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

import requests
from jira import JIRA

from automation.adapters.errors import (
    Rejected,
    rejected,
    stranger,
    unauthorized,
    unreachable,
    unreadable,
)
from automation.adapters.jira.markup import DIALECTS
from automation.adapters.jira.versions import CLOUD, DATA_CENTER
from automation.adapters.shapes import at
from automation.ports import Closed, RateLimiter, Refused, Unavailable

SECRETS = {CLOUD: "JIRA_EMAIL and JIRA_API_TOKEN", DATA_CENTER: "JIRA_TOKEN"}

PORTS = {"http": 80, "https": 443}

E = TypeVar("E", bound=Exception)

ME = "myself"
"""https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-myself/"""


class Connection:
    """One Jira site with one account. Safe to share between threads.

    ``sign_in`` is an e-mail address and its API token (Cloud), or a personal access token (Data
    Center). ``version`` is that of the REST API to speak, and all differences follow from it.
    """

    def __init__(
        self,
        url: str,
        sign_in: tuple[str, str] | str,
        limiter: RateLimiter,
        timeout: int = 15,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.url = url.rstrip("/")
        self.version = DATA_CENTER if isinstance(sign_in, str) else CLOUD
        self.dialect = DIALECTS[self.version]
        self._sign_in = sign_in
        self._limiter = limiter
        self._timeout = timeout
        self.clock = clock
        self._mine = threading.local()

    def call(
        self,
        verb: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        reads: bool = False,
        urgent: bool = False,
    ) -> object:
        """Ask or write once; ``path`` begins behind ``/rest/api/3/`` or ``/2/``. Return the JSON, or None.

        All but GET count as writes and wait for their turn, unless ``reads``: a POST that changes nothing.
        ``urgent`` where a deadline is written.

        Raise Missing for 404 and 410, and Unavailable where it is unclear whether a write arrived.
        """
        client = self._client()
        said = f"Jira: {verb} {path}"
        self._limiter.enter(verb != "GET" and not reads, urgent)
        try:
            # Not by the session's own ``request``, which repeats POSTs and stumbles over some answers.
            response = requests.Session.request(
                client._session,
                verb,
                client._get_url(path),
                params=dict(query or {}),
                data=None if body is None else json.dumps(body),
                timeout=self._timeout,
                allow_redirects=False,  # a redirect leads to a login page, or away with the token
            )
        except requests.RequestException as error:
            raise self._noted(unreachable(said, error), verb, said) from None
        answer, readable = _parse(response)
        if readable or response.status_code >= 300:
            self._limiter.answered(verb, response.status_code)
        problem = self._problem(said, response)
        if response.status_code == 401 and path != ME:
            # Jira says so also where we lack a right for just this: then it knows who we are all the same.
            # https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-roles/
            self.call("GET", ME)
            problem = Rejected(f"{said} was answered 401. {self._hints()[403]}", 401)
        if problem is not None:
            raise self._noted(problem, verb, said)
        if not readable:
            raise self._noted(unreadable(said), verb, said)
        return answer

    def _noted(self, problem: E, verb: str, call: str) -> E:
        """Shut the limiter where the problem concerns every call, and let it count what got no answer."""
        if isinstance(problem, Closed):
            self._limiter.shut(problem)
        elif isinstance(problem, Unavailable):
            self._limiter.unanswered(verb, call, problem)
        return problem

    def strangers_may_read(self, path: str) -> bool:
        """Tell whether ``path`` can be read without signing in; what is not clearly refused can.

        https://support.atlassian.com/jira-cloud-administration/docs/allow-anonymous-access-to-your-project/
        """
        said = f"Jira: GET {path} without credentials"
        self._limiter.enter()
        try:
            response = requests.get(
                self._client()._get_url(path),
                auth=_nobody,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise self._noted(unreachable(said, error), "GET", said) from None
        # Not told to the limiter as an answer: it would take it for a word about our credentials.
        status = response.status_code
        if status in (401, 403, 404):
            return False
        if status >= 400:
            problem = rejected(said, status, _lower(response.headers), _words(response), self.clock())
            if isinstance(problem, Unavailable):
                raise self._noted(problem, "GET", said)
        return True

    def page(self, key: str) -> str:
        """Return the address of an issue for people."""
        return f"{self.url}/browse/{key}"

    def version_page(self, project: str, id: str) -> str:
        """Return the address of a version for people."""
        return f"{self.url}/projects/{project}/versions/{id}"

    def same_site(self, url: str) -> bool:
        """Tell whether ``url`` is on this site, without asking anybody."""
        try:
            return urlsplit(url).scheme in PORTS and _host(self.url) == _host(url)
        except ValueError:
            return False

    def _problem(self, said: str, response: requests.Response) -> Unavailable | Refused | None:
        """Say what is wrong with an answer, if anything is."""
        status, headers = response.status_code, _lower(response.headers)
        hints = self._hints()
        if status >= 400:
            return rejected(said, status, headers, _words(response), self.clock(), hints)
        if stranger(headers):
            # With a token that has run out, Jira answers as to a stranger: as if nothing existed.
            return unauthorized(f"{said} was answered as to a stranger", hints[401])
        if status >= 300:
            return Refused(f"{said} was redirected. Check JIRA_URL.")
        return None

    def _hints(self) -> Mapping[int, str]:
        return {
            401: f"Check {SECRETS[self.version]}: Jira does not accept them.",
            403: f"Check what the account of {SECRETS[self.version]} may do: it lacks a right for this.",
        }

    def _client(self) -> JIRA:
        client: JIRA | None = getattr(self._mine, "client", None)
        if client is None:
            basic = None if isinstance(self._sign_in, str) else self._sign_in
            bearer = self._sign_in if isinstance(self._sign_in, str) else None
            client = self._mine.client = JIRA(
                server=self.url,
                basic_auth=basic,
                token_auth=bearer,
                options={"rest_api_version": self.version},
                get_server_info=False,
                logging=False,
            )
        return client


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Sign in as nobody: without this, a .netrc file would be asked."""
    return request


def _host(url: str) -> tuple[str | None, int | None]:
    """Return host and port; the scheme's own port is none, as people write the one or the other."""
    parts = urlsplit(url)
    return parts.hostname, None if parts.port == PORTS.get(parts.scheme) else parts.port


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _parse(response: requests.Response) -> tuple[object, bool]:
    """Return the JSON of an answer, None for an empty one, and whether it could be read."""
    try:
        return (response.json() if response.content else None), True
    except ValueError:
        return None, False


def _words(response: requests.Response) -> str:
    """Return what Jira says of an error; a page of HTML says nothing."""
    try:
        body = response.json()
    except ValueError:
        return ""
    messages, errors = at(body, "errorMessages"), at(body, "errors")
    words = [*messages] if isinstance(messages, list) else []
    words += [f"{field}: {text}" for field, text in errors.items()] if isinstance(errors, dict) else []
    return ", ".join(word for word in words if isinstance(word, str))
