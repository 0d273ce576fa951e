"""The receiving half: what a server's own process needs, and no more, so that it is small and starts soon."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from wsgiref.types import WSGIApplication

from automation.adapters.system import System
from automation.app import logs
from automation.app.rules import live_rules
from automation.app.settings import Settings, read_settings
from automation.rulebook.live import LiveRules, to_log
from automation.store import figures, waiting
from automation.store.counters import Counters
from automation.store.database import Database
from automation.store.inbox import Inbox
from automation.store.pauses import Pauses
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
        live_rules(settings, to_log, _now),
    )


def _now() -> datetime:
    return datetime.now(UTC)


def edge(
    settings: Settings,
    database: Database,
    counters: Counters,
    rules: LiveRules,
    clock: Callable[[], datetime] = _now,
) -> WSGIApplication:
    """Return the web application on a database that is open already. ``clock`` is what the times that
    deliveries are signed with are compared with."""

    def seconds() -> float:
        return _now().timestamp()

    systems = {system.name: system for system in settings.all_systems}

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
        "pauses": lambda: Pauses(database).problem(seconds()),
    }
    details |= {system: partial(limiters.silent, system) for system in settings.systems()}
    sources = EdgeSettings(
        settings.webhook_secrets(),
        {name: system.source for name, system in systems.items()},
        public_url=settings.public_url or "",
    )
    for source in sources.secrets:
        for outcome in ("received", "repeated", "not stored"):  # so that the first one is an increase
            counters.add(outcome, source, "", by=0)
    return create_app(
        sources,
        Inbox(database),
        checks,
        lambda: figures.read(database, seconds()),
        partial(_ruled_out, rules, systems),
        counters.add,
        details,
        clock,
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


def _ruled_out(
    rules: LiveRules, systems: Mapping[str, System[Any]], source: str, event: str
) -> Dropped | None:
    """Return why no delivery with such headers can ever matter, or None. Where only the body names the event,
    the headers say nothing of it."""
    system = systems[source]
    declared = system.source
    if declared.ping and event == declared.ping:
        return Dropped.PING
    if declared.events is not None and event not in declared.events:
        return Dropped.EVENT
    return None if system.named_in(rules.rulebook().config) else Dropped.PLACE
