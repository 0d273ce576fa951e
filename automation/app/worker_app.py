"""Puts the working half together from its settings: the one place that knows all of its parts.

Two processes share the work through the database: one receives (see ``reception``), one works. On one
machine ``handshake serve`` starts both; several machines run as many of each as they like.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from automation.app.connections import Connections, budgets, carriers, readers
from automation.app.rules import live_rules
from automation.app.settings import Settings, SettingsError
from automation.engine import namesakes
from automation.engine.credentials import Credentials
from automation.engine.namesakes import Namesakes
from automation.engine.performing import Performing
from automation.engine.preview import Preview
from automation.engine.reader import Readers
from automation.engine.reconcile import Reconciler
from automation.engine.rendering import Rendering
from automation.engine.worker import Worker
from automation.rulebook.diagnostics import Diagnostic
from automation.rulebook.live import LOOK_EVERY, LiveRules, to_log
from automation.store import seals
from automation.store.counters import Counters
from automation.store.database import Database
from automation.store.inbox import Inbox
from automation.store.outbox import Outbox
from automation.store.pins import Pins
from automation.store.queue import Queue
from automation.store.rate_limiter import RateLimiters
from automation.store.repeating import Repeating
from automation.store.restored import settle
from automation.store.state import States
from automation.store.sweeper import Sweeper

log = structlog.get_logger("handshake")

STOP_SECONDS = 15.0
"""Seconds that the worker gets to finish what it is doing."""


@dataclass(frozen=True, slots=True)
class WorkerApp:
    """The working half: it reads, decides and writes."""

    database: Database
    queue: Queue
    states: States
    rules: LiveRules
    worker: Worker
    counters: Counters
    namesakes: Namesakes
    watch: Repeating
    sealing: Repeating
    credentials: Credentials

    def start(self) -> None:
        """Work on threads."""
        self.worker.start()
        self.counters.start()
        self.namesakes.start()
        self.watch.start()
        self.sealing.start()

    def close(self) -> None:
        """Stop what ``start`` started, and give back what is not finished."""
        self.namesakes.stop()
        self.watch.stop()
        self.sealing.stop()
        self.worker.stop(STOP_SECONDS)
        self.counters.stop()
        self.namesakes.join(1.0)
        self.database.close()


def ask_live(settings: Settings, folder: Path, accept: Sequence[str]) -> list[Diagnostic]:
    """Ask GitHub and Jira for the names in the rules of ``folder``, and return what is wrong with them.
    Before that, let the names of ``accept`` mean whoever has them now.

    Raise RulesError, StoreError, SettingsError, or ValueError for a name that cannot be accepted.
    """

    def seconds() -> float:
        return datetime.now(UTC).timestamp()

    rules = live_rules(settings, to_log, lambda: datetime.now(UTC), folder=folder)
    rulebook = rules.rulebook()
    needless = ("WEBHOOK", "HANDSHAKE_PUBLIC_URL")  # to ask, nothing need be received
    missing = settings.missing(rulebook.config)
    if missing := [line for line in missing if not any(name in line for name in needless)]:
        raise SettingsError("Names can be asked for once Handshake is connected.\n" + "\n".join(missing))
    with closing(Database(settings.database_url, make=False)) as database:
        pins, limiters = Pins(database, seconds), RateLimiters(database, seconds, Counters(database))
        marker_key = database.secret("marker key")
        trackers = Connections(settings, rules, marker_key, limiters, pins, seconds).trackers()
        known = {name: trackers[name] for name in settings.systems() if name in trackers}
        for name in accept:
            namesakes.accept(name, rulebook, known, pins)
        return namesakes.diagnostics(rulebook, known, pins)


def build_worker_app(
    settings: Settings,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    write_interval: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
    report: Callable[[str], None] = to_log,
    until_changed: bool = False,
) -> WorkerApp:
    """Put the working half together. Raise RulesError, StoreError or ValueError, each with words that
    say what to do.

    ``write_interval``: seconds between two writes to one system; only a sandbox wants less. ``sleep``
    waits for the turn of a write. ``report`` hears of the rules; ``until_changed`` lets their mode count
    once somebody changes it there, whatever the settings say: see LiveRules.
    """
    systems = settings.all_systems
    lanes = frozenset(system.name for system in systems)
    rules = live_rules(settings, report, clock, until_changed)
    with ExitStack() as undo:
        database = Database(settings.database_url)
        undo.callback(database.close)
        if exposed := database.exposed():
            log.warning("database", text=exposed)
        settle(database, clock())
        states = States(database, lanes)

        def notice_mode() -> None:
            known = rules.in_force()
            states.modes.in_force_since(known.mode.value, known.noticed, clock())
            states.modes.ways_since(known.rulebook.config.ways, known.read)

        notice_mode()
        marker_key = database.secret("marker key")

        def seconds() -> float:
            return clock().timestamp()

        queue, inbox, outbox = Queue(database, seconds), Inbox(database), Outbox(database, seconds, lanes)
        counters = Counters(database)
        for refused in outbox.refuse_unwritten():
            log.error("parked", kind="tell", error=refused)
        limiters = RateLimiters(database, seconds, counters, write_interval, sleep, budgets(systems))
        pins = Pins(database, seconds)
        connections = Connections(settings, rules, marker_key, limiters, pins, seconds)
        trackers, crm = connections.trackers(), connections.deals()
        rendering = Rendering(trackers, crm, rules.rulebook, states.known_names, clock)
        preview = Preview(rendering, trackers)
        passes = Readers(trackers, crm, states.words.ready, seconds)
        engine = Reconciler(
            queue,
            inbox,
            states,
            readers(systems, rules, states.subjects.places),
            trackers,
            passes,
            rules,
            clock,
            counters,
            preview,
            carriers(systems),
        )
        sweeper = Sweeper(
            database,
            queue,
            lambda: rules.rulebook().config.retention.span,
            seconds,
            lambda: rules.rulebook().config.retention.long_span,
        )
        sweeper.schedule()
        credentials = Credentials(connections.checks(trackers), limiters)
        worker = Worker(
            database,
            queue,
            outbox,
            {"delivery": engine.deliver, "reconcile": engine.reconcile, "sweep": sweeper.sweep},
            Performing(states, passes, rules.in_force, rendering),
            [limiters.to(name) for name in sorted(lanes)],
            counters,
            credentials,
        )
        known = {name: trackers[name] for name in settings.systems() if name in trackers}
        asking = Namesakes(rules.rulebook, known, pins, seconds)
        # A change of the mode is noticed also while nothing else happens.
        watch = Repeating("rules", LOOK_EVERY.total_seconds(), notice_mode)
        sealing = Repeating("ledger", seals.EVERY, lambda: seals.seal(database))
        undo.pop_all()
    return WorkerApp(database, queue, states, rules, worker, counters, asking, watch, sealing, credentials)
