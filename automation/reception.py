"""The receiving half: what a server's own process needs, and no more, so that it is small and starts soon."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from wsgiref.types import WSGIApplication

from automation import logs
from automation.adapters.github.triggers import EVENTS
from automation.live import LiveRules, to_log
from automation.settings import Settings, read_settings
from automation.store import figures, waiting
from automation.store.database import Database
from automation.store.gates import Gates
from automation.store.inbox import Inbox
from automation.store.queue import Queue
from automation.store.tally import Tally
from webhooks.app import EdgeSettings, create_app
from webhooks.receiver import Dropped


def receiver() -> WSGIApplication:
    """Return the receiving half, as the environment says: the server's own process calls this."""
    settings = read_settings()
    logs.set_up(settings.secrets())
    database = Database(settings.database_url)
    tally = Tally(database)
    tally.start()
    atexit.register(tally.stop)
    return edge(
        settings, database, tally, LiveRules(settings.rules, settings.mode, to_log, lambda: datetime.now(UTC))
    )


def edge(settings: Settings, database: Database, tally: Tally, rules: LiveRules) -> WSGIApplication:
    """Return the web application on a database that is open already."""

    def seconds() -> float:
        return datetime.now(UTC).timestamp()

    gates = Gates(database, seconds, tally)
    checks = {
        "database": database.problem,
        "clock": lambda: database.clock_problem(seconds),
        "worker": Queue(database, seconds).problem,
        "credentials": gates.problem,
    }
    details: dict[str, Callable[[], str | None]] = {
        "rules": rules.problem,
        "access": partial(waiting.for_access, database),
    }
    details |= {system: partial(gates.silent, system) for system in settings.systems()}
    secrets = EdgeSettings(settings.webhook_secrets())
    for source in secrets.secrets:
        for outcome in ("received", "repeated", "not stored"):  # so that the first one is an increase
            tally.add(outcome, source, "", by=0)
    return create_app(
        secrets,
        Inbox(database),
        checks,
        lambda: figures.read(database, seconds()),
        partial(_ruled_out, rules),
        tally.add,
        details,
    )


def _ruled_out(rules: LiveRules, source: str, event: str) -> Dropped | None:
    """Return why no delivery with such headers can ever matter, or None. Jira's say nothing of it."""
    if source != "github":
        return None
    if event == "ping":
        return Dropped.PING
    if event not in EVENTS:
        return Dropped.EVENT
    return None if rules.rulebook().settings.trackers.github.repositories else Dropped.PLACE
