"""Start and stop the stand-ins: one web server each, on loopback, all in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from automation.sandbox.connections import Server
from automation.sandbox.faults import Failure, Faults
from automation.sandbox.github_access import GitHubApi
from automation.sandbox.github_person import GitHub
from automation.sandbox.hooks import Hooks
from automation.sandbox.jira import JiraApi
from automation.sandbox.jira_person import Jira
from automation.sandbox.limits import Limits
from automation.sandbox.wire import Api, Asked, Wire
from automation.sandbox.world import COMMENTS, Clock, World


class Sandbox:
    """Both stand-ins, running; see the package's docstring for what can be done with them."""

    def __init__(self, clock: Clock | None = None, github_port: int = 0, jira_port: int = 0) -> None:
        self.world = World(clock)
        self.hooks = Hooks(self.world)
        self.requests: list[Asked] = []
        self._faults = Faults()
        hub, site = Server(github_port), Server(jira_port)
        self._servers = (hub, site)
        self.github_url, self.jira_url = hub.url, site.url
        self.github = GitHub(self.world, self.hooks, hub.url)
        self.jira = Jira(self.world, self.hooks, site.url)
        self.limits = Limits(self.world.seconds, self.github.quota)
        self.violations = self.limits.violations
        hub.start(self._wire(GitHubApi(self.github)))
        site.start(self._wire(JiraApi(self.jira)))

    def fail_next(
        self,
        method: str,
        path: str,
        how: str,
        times: int = 1,
        retry_after: int | None = 1,
        hold: float = 2.0,
    ) -> None:
        """Let the next ``times`` requests fail whose method is this and whose path the regex finds.

        ``how``: "502", "drop" (the connection is closed without an answer) or "timeout" (so, but
        only after ``hold`` seconds), each with " before" or " after" (the write is made); "429" or
        "403 limit" (GitHub's secondary limit), with Retry-After in seconds or none; "401"
        (credentials refused); "stranger" (answered as to one who may see nothing).
        """
        self._faults.order(method, path, Failure(how, retry_after, hold), times)

    def out(
        self, system: str, how: str = "502 before", methods: tuple[str, ...] = (), path: str = ""
    ) -> None:
        """Let ``system`` fail as in ``fail_next`` at every request of these ``methods`` (all, if empty)
        whose path the regex finds, until it is ``back``."""
        self._faults.go_out(system, methods, path, Failure(how, hold=0.0))

    def back(self, system: str) -> None:
        """Let ``system`` answer again."""
        self._faults.come_back(system)

    def lag(self, seconds: float, *kinds: str) -> None:
        """Let comments, or what is of these kinds of ``LAGS``, be read only once it is that old."""
        self.world.set_lag(seconds, kinds or COMMENTS)

    def enforce_limits(self) -> None:
        """Let GitHub refuse writes that violate its limits, and all requests over the quota."""
        self.limits.enforced = True

    def stop(self) -> None:
        """Close both stand-ins; webhooks already queued are sent first."""
        self._faults.close()
        for server in self._servers:
            server.stop()
        self.hooks.stop()

    def _wire(self, api: Api) -> Wire:
        return Wire(api, self.world, self._faults, self.limits, self.requests)


@contextmanager
def sandbox(clock: Clock | None = None, github_port: int = 0, jira_port: int = 0) -> Iterator[Sandbox]:
    """Run both stand-ins for the length of a ``with``; port 0 takes any that is free."""
    box = Sandbox(clock, github_port, jira_port)
    try:
        yield box
    finally:
        box.stop()
