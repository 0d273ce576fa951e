"""The receiving half: what a server's own process needs, and no more, so that it is small and starts soon."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from wsgiref.types import WSGIApplication

from automation.adapters.github.triggers import EVENTS
from automation.app import logs
from automation.app.settings import Settings, read_settings
from automation.rulebook.live import LiveRules, to_log
from automation.store import figures, waiting
from automation.store.counters import Counters
from automation.store.database import Database
from automation.store.inbox import Inbox
from automation.store.pins import Pins
from automation.store.queue import Queue
from automation.store.rate_limiter import RateLimiters
from automation.store.state import States
from automation.store.words import taken_back
from webhooks.app import EdgeSettings, create_app
from webhooks.receiver import Dropped

WEEK = 7 * 86_400.0
FAILED_LATELY = timedelta(days=1)
"""How long ``/readyz`` speaks of a condition that failed, unless the rules are changed before."""


def receiver() -> WSGIApplication:
    """Return the receiving half, as the environment says: the server's own process calls this."""
    settings = read_settings()
    logs.set_up(settings.secrets())
    database = Database(settings.database_url)
    counters = Counters(database)
    counters.start()
    atexit.register(counters.stop)
    return edge(
        settings,
        database,
        counters,
        LiveRules(settings.rules, settings.mode, to_log, lambda: datetime.now(UTC)),
    )


def edge(settings: Settings, database: Database, counters: Counters, rules: LiveRules) -> WSGIApplication:
    """Return the web application on a database that is open already."""

    def seconds() -> float:
        return datetime.now(UTC).timestamp()

    limiters = RateLimiters(database, seconds, counters)
    checks = {
        "database": database.problem,
        "clock": lambda: database.clock_problem(seconds),
        "worker": Queue(database, seconds).problem,
        "credentials": limiters.problem,
    }
    details: dict[str, Callable[[], str | None]] = {
        "rules": lambda: _together(
            rules.problem(),
            Pins(database, seconds).problem(rules.rulebook().names),
            _failing(rules, States(database)),
        ),
        "public": lambda: taken_back(database, seconds() - WEEK),
        "access": partial(waiting.for_access, database),
    }
    details |= {system: partial(limiters.silent, system) for system in settings.systems()}
    secrets = EdgeSettings(settings.webhook_secrets())
    for source in secrets.secrets:
        for outcome in ("received", "repeated", "not stored"):  # so that the first one is an increase
            counters.add(outcome, source, "", by=0)
    return create_app(
        secrets,
        Inbox(database),
        checks,
        lambda: figures.read(database, seconds()),
        partial(_ruled_out, rules),
        counters.add,
        details,
    )


def _together(*problems: str | None) -> str | None:
    return "; ".join(filter(None, problems)) or None


def _failing(rules: LiveRules, states: States) -> str | None:
    """Say that a condition of the rules as they are had no answer within the last day, or None. Which one
    it was is in the log, since strangers may read this."""
    at = states.modes.failed_rule(rules.rulebook().digest, datetime.now(UTC) - FAILED_LATELY)
    if at is None:
        return None
    return f"a rule's condition had no answer, last at {at:%Y-%m-%d %H:%M} UTC; the log says which"


def _ruled_out(rules: LiveRules, source: str, event: str) -> Dropped | None:
    """Return why no delivery with such headers can ever matter, or None. Jira's say nothing of it."""
    if source != "github":
        return None
    if event == "ping":
        return Dropped.PING
    if event not in EVENTS:
        return Dropped.EVENT
    return None if rules.rulebook().config.trackers.github.repositories else Dropped.PLACE
