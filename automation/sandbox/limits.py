"""What a good client never does, counted: too many writes, and any request while it should wait.

GitHub: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
Jira: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
"""

from __future__ import annotations

import math
import re
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Mapping
from typing import NamedTuple

from werkzeug.datastructures import Headers

from automation.sandbox.faults import Failure

LIMITED = "403 limit"
SPENT = "403 quota"
"""How GitHub refuses what is over a limit, and what is over the quota."""
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
PRIMARY = "API rate limit exceeded. Please wait until it is reset."
WAIT = 60
"""Seconds to wait where an answer does not say how long."""
HOUR = 3600.0
QUOTA = 5000
"""Requests an hour."""

_READS = ("/graphql", "/bulkfetch", "/search", "/search/jql")
"""Ends of the paths where a POST only reads."""
_ISSUE = re.compile(r"/rest/api/\d/issue/([^/]+)")


class _Window(NamedTuple):
    """No more than ``most`` writes in any ``seconds``."""

    most: int
    seconds: float
    what: str


_WINDOWS = {
    "github": (
        _Window(1, 1.0, "two writes in less than a second"),
        _Window(80, 60.0, "over 80 writes in a minute"),
        _Window(500, HOUR, "over 500 writes in an hour"),
    ),
    "jira": (
        _Window(20, 2.0, "over 20 writes to an issue in 2 seconds"),
        _Window(100, 30.0, "over 100 writes to an issue in 30 seconds"),
    ),
}
COOLING = "asked while cooling"


class Violation(NamedTuple):
    """A request that a good client would not have made then, and why."""

    system: str
    actor: str
    what: str
    method: str
    path: str


class Quota:
    """How many requests GitHub takes from each credential within an hour; ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left: dict[str, tuple[int, int, int]] = {}

    def set(self, actor: str, remaining: int) -> None:
        """Let ``remaining`` requests be left to somebody until the hour is over."""
        with self._lock:
            limit, _, reset = self._now(actor)
            self._left[actor] = max(limit, remaining), remaining, reset

    def spend(self, actor: str) -> bool:
        """Count a request; tell whether one was left for it."""
        with self._lock:
            limit, left, reset = self._now(actor)
            self._left[actor] = limit, max(left - 1, 0), reset
            return left > 0

    def give_back(self, actor: str) -> None:
        """Count a request less: what is as it was costs nothing.
        https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api"""
        with self._lock:
            limit, left, reset = self._now(actor)
            self._left[actor] = limit, min(left + 1, limit), reset

    def of(self, actor: str) -> tuple[int, int, int]:
        """Return the limit, what is left of it, and when it starts anew (seconds since 1970)."""
        with self._lock:
            return self._now(actor)

    def headers(self, actor: str) -> dict[str, str]:
        """Return what every answer tells of it."""
        limit, left, reset = self.of(actor)
        return {
            "x-ratelimit-limit": str(limit),
            "x-ratelimit-remaining": str(left),
            "x-ratelimit-reset": str(reset),
        }

    def _now(self, actor: str) -> tuple[int, int, int]:
        """Return the limit, what is left of it, and when it starts anew."""
        now = self._clock()
        limit, left, reset = self._left.get(actor, (QUOTA, QUOTA, 0))
        return (limit, left, reset) if now < reset else (limit, limit, math.ceil(now + HOUR))


class Limits:
    """Counts requests as they arrive, by system and credential; ``clock`` gives seconds.

    GitHub's limits are for all writes of a credential, Jira's for those to one issue, whoever makes
    them. Nothing is refused unless ``enforced``, and then only by GitHub.
    """

    def __init__(self, clock: Callable[[], float], quota: Quota) -> None:
        self.violations: list[Violation] = []
        self.enforced = False
        self._clock = clock
        self._quota = quota
        self._lock = threading.Lock()
        self._writes: defaultdict[Hashable, deque[float]] = defaultdict(deque)
        self._cool_until: dict[tuple[str, str], float] = {}

    def arrived(self, system: str, actor: str, method: str, path: str) -> Failure | None:
        """Count a request; return how it is to be refused, if it is."""
        write = method not in {"GET", "HEAD"} and not (method == "POST" and path.endswith(_READS))
        with self._lock:
            now = self._clock()
            cooling = now < self._cool_until.get((system, actor), now)
            found = [COOLING] if cooling else []
            if write:
                found += self._over(system, actor, path, now)
            self.violations += [Violation(system, actor, what, method, path) for what in found]
        if system != "github":
            return None
        left = not actor or self._quota.spend(actor)
        if self.enforced and write and found:
            return Failure(LIMITED, WAIT)
        return Failure(SPENT) if self.enforced and not left else None

    def headers(self, system: str, actor: str) -> Mapping[str, str]:
        """Return what each answer tells of what is left."""
        return self._quota.headers(actor) if system == "github" and actor else {}

    def unchanged(self, system: str, actor: str) -> None:
        """Take note of an answer that says no more than that all is as it was."""
        if system == "github" and actor:
            self._quota.give_back(actor)

    def answered(self, system: str, actor: str, status: int, headers: Headers) -> None:
        """Take note of an answer: one that tells of a limit begins a time of cooling."""
        spent = headers.get("x-ratelimit-remaining") == "0"
        if status == 429 or (status == 403 and ("Retry-After" in headers or spent)):
            with self._lock:
                now = self._clock()
                until = now + int(headers.get("Retry-After", WAIT))
                if spent and "Retry-After" not in headers:
                    until = int(headers["x-ratelimit-reset"])
                self._cool_until[system, actor] = max(until, self._cool_until.get((system, actor), now))

    def _over(self, system: str, actor: str, path: str, now: float) -> list[str]:
        """Count a write, and say which windows hold too many with it."""
        issue = _ISSUE.match(path)
        if system == "jira" and issue is None:
            return []
        whose = actor if issue is None else issue[1].upper()
        over = []
        for window in _WINDOWS[system]:
            times = self._writes[system, whose, window]
            times.append(now)
            while now - times[0] >= window.seconds:
                times.popleft()
            if len(times) > window.most:
                over.append(window.what)
        return over
