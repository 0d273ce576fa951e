"""Start and stop the stand-ins: one Werkzeug server each, on loopback, all in this process."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from automation.sandbox.github_access import GitHubApi
from automation.sandbox.github_person import GitHub
from automation.sandbox.hooks import Hooks
from automation.sandbox.jira import JiraApi
from automation.sandbox.jira_world import Jira
from automation.sandbox.wire import Api, Asked, Faults, Wire
from automation.sandbox.world import Clock, World

LOOPBACK = "127.0.0.1"


class _Quiet(WSGIRequestHandler):
    """Keeps requests out of the log; ``Sandbox.requests`` has them."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class _Server:
    """One stand-in's socket and thread. The address is known before the application is."""

    def __init__(self, port: int) -> None:
        self._http: BaseWSGIServer = make_server(
            LOOPBACK, port, _not_yet, threaded=True, request_handler=_Quiet
        )
        self.url = f"http://{LOOPBACK}:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def start(self, wire: Wire) -> None:
        self._http.app = wire
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def _not_yet(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Stand where the application comes when it knows its address; nothing is served before."""
    raise NotImplementedError


class Sandbox:
    """Both stand-ins, running; see the package's docstring for what can be done with them."""

    def __init__(self, clock: Clock | None = None, github_port: int = 0, jira_port: int = 0) -> None:
        self.world = World(clock)
        self.hooks = Hooks(self.world)
        self.requests: list[Asked] = []
        self._faults = Faults()
        hub, site = _Server(github_port), _Server(jira_port)
        self._servers = (hub, site)
        self.github_url, self.jira_url = hub.url, site.url
        self.github = GitHub(self.world, self.hooks, hub.url)
        self.jira = Jira(self.world, self.hooks, site.url)
        hub.start(self._wire(GitHubApi(self.github)))
        site.start(self._wire(JiraApi(self.jira)))

    def fail_next(self, method: str, path: str, how: str, times: int = 1, retry_after: int = 1) -> None:
        """Let the next ``times`` requests fail whose method is this and whose path the regex finds.

        ``how``: "502 before", "502 after" (the write is made), "drop before", "drop after" (the
        connection is closed without an answer), "429" (with Retry-After in seconds).
        """
        self._faults.order(method, path, how, times, retry_after)

    def stop(self) -> None:
        """Close both stand-ins; webhooks already queued are sent first."""
        for server in self._servers:
            server.stop()
        self.hooks.stop()

    def _wire(self, api: Api) -> Wire:
        return Wire(api, self.world, self._faults, self.requests)


@contextmanager
def sandbox(clock: Clock | None = None, github_port: int = 0, jira_port: int = 0) -> Iterator[Sandbox]:
    """Run both stand-ins for the length of a ``with``; port 0 takes any that is free."""
    box = Sandbox(clock, github_port, jira_port)
    try:
        yield box
    finally:
        box.stop()
