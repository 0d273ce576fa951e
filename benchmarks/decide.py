"""Deliveries a second through the real worker, engine, rules and store, where the outside costs nothing."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select

from automation.adapters.github import triggers as github
from automation.engine import facts
from automation.engine.credentials import Credentials
from automation.engine.performing import Performing
from automation.engine.plan import plan
from automation.engine.preview import Preview
from automation.engine.reader import Readers
from automation.engine.reconcile import Reconciler
from automation.engine.rendering import Rendering
from automation.engine.worker import DECIDERS, Worker
from automation.model import Delivery, Mode, Subject, Trigger
from automation.rulebook.live import LiveRules
from automation.store.counters import Counters
from automation.store.database import Database
from automation.store.inbox import Inbox
from automation.store.outbox import Outbox
from automation.store.queue import Queue
from automation.store.rate_limiter import RateLimiters
from automation.store.schema import effects, jobs
from automation.store.state import States
from benchmarks.free import SPRING, FreeCrm, FreeTracker
from benchmarks.jobs import claimed
from benchmarks.load import Order, body
from benchmarks.place import SQLITE, Place
from benchmarks.table import Row, ms, share
from tests.factories import DEAL, LEE, SAM

SUBJECTS = 500
REPO = "acme/shop"
RULES = Path(__file__).parents[1] / "rules"
OF_SQLITE = 0.6
"""How much of what SQLite does a second a server should do, to which each statement is a journey."""
TIMES = 300
"""How often the pure part is repeated."""


@dataclass(frozen=True)
class Scene:
    """What somebody does to every issue; ``effects`` that must come of it for each; deliveries a second
    that are ``wanted`` on SQLite."""

    name: str
    do: Callable[[FreeTracker], dict[str, Any]]
    effects: int
    wanted: float


def _link(tracker: FreeTracker) -> dict[str, Any]:
    comment = tracker.say(SAM, f"/link {DEAL.key}")
    written = {"id": int(comment), "body": f"/link {DEAL.key}", "created_at": "2027-01-12T09:00:00Z"}
    return {"action": "created", "comment": written}


def _ask(tracker: FreeTracker) -> dict[str, Any]:
    tracker.move(LEE, SPRING)
    return {"action": "milestoned"}


SCENES = (
    Scene("somebody links a deal", _link, 4, 250.0),
    Scene("nothing new", lambda _: {"action": "edited"}, 0, 400.0),
    Scene("a date is asked for and held", _ask, 4, 250.0),
)


class Study:
    """The working half, without threads that write outside."""

    def __init__(self, url: str, rules: Path) -> None:
        self.database = Database(url)
        self.tracker, self.crm = FreeTracker(), FreeCrm()
        self.rules = LiveRules(rules, Mode.ENFORCE, lambda _: None, _now)
        self.queue = Queue(self.database, time.time)
        self.inbox, self.states = Inbox(self.database), States(self.database)
        self.since = self.states.modes.in_force_since(Mode.ENFORCE.value, _now())
        self._counters = Counters(self.database)
        readers = {"github": lambda event, body: github.triggers(event, body, frozenset({REPO}))}
        trackers = {"github": self.tracker}
        rendering = Rendering(trackers, self.crm, self.rules.rulebook, self.states.known_names, _now)
        passes = Readers(trackers, self.crm, self.states.words.ready, time.time)
        self._engine = Reconciler(
            self.queue,
            self.inbox,
            self.states,
            readers,
            trackers,
            passes,
            self.rules,
            _now,
            self._counters,
            Preview(rendering, trackers),
        )
        self._effects = Performing(self.states, passes, self.rules.in_force, rendering)

    def put(self, payload: dict[str, Any], count: int) -> None:
        """Store a delivery about each issue."""
        event = "issue_comment" if "comment" in payload else "issues"
        order = Order(0, "", count, 0, subjects=count)
        for number in range(count):
            content = json.dumps({**json.loads(body(order, number)), **payload}).encode()
            id = f"{payload['action']}-{number}"
            self.inbox.accept(Delivery("github", id, event, content, _now()))

    def work(self) -> None:
        """Let a worker see it all through."""
        worker = Worker(
            self.database,
            self.queue,
            Outbox(self.database, time.time),
            {"delivery": self._engine.deliver, "reconcile": self._engine.reconcile},
            self._effects,
            [],
            self._counters,
            Credentials({}, RateLimiters(self.database, time.time, self._counters)),
        )
        worker.start()
        while self._left():
            time.sleep(0.02)
        worker.stop(10.0)

    def _left(self) -> int:
        ours = jobs.c.kind.in_(("delivery", "reconcile")) & (jobs.c.due_at <= time.time())
        with self.database.read() as connection:
            return int(connection.scalar(select(func.count()).select_from(jobs).where(ours)) or 0)

    def intended(self) -> int:
        """Return how many effects there are by now."""
        with self.database.read() as connection:
            return int(connection.scalar(select(func.count()).select_from(effects)) or 0)

    def alone(self, count: int) -> float:
        """Return the seconds that plan() takes for one of the issues, the facts being there."""
        subject, now, rulebook = Subject("github", "issue", f"{REPO}#1"), _now(), self.rules.rulebook()
        before, receipts = self.states.load(subject)
        told = (Trigger(subject, "issue", LEE, now),)
        seen = facts.read(before, told, self.tracker, self.crm, rulebook.policies, now)
        if seen is None:
            raise LookupError("the issue is there")
        began = time.perf_counter()
        for _ in range(count):
            plan(before, receipts, seen, rulebook, Mode.ENFORCE, now, self.since)
        return (time.perf_counter() - began) / count


def rows(place: Place) -> Iterator[Row]:
    subjects = place.count(SUBJECTS)
    for kind in place.kinds:
        most = claimed(place, kind, 2 * subjects, subjects, DECIDERS)
        with TemporaryDirectory() as folder:
            rules = Path(folder) / "rules"
            shutil.copytree(RULES, rules)
            # One person changes all dates here.
            (rules / "cap.yaml").write_text("most_restores_per_hour: 1000000\n")
            study = Study(place.database(kind), rules)
            for scene in SCENES:
                yield _played(study, scene, kind, subjects, most)
            study.database.close()


def _played(study: Study, scene: Scene, kind: str, subjects: int, most: float) -> Row:
    payload = scene.do(study.tracker)
    study.put(payload, subjects)
    pure = study.alone(TIMES)
    had, before = study.intended(), time.process_time()
    began = time.perf_counter()
    study.work()
    seconds, cost = time.perf_counter() - began, time.process_time() - before
    if study.intended() - had != scene.effects * subjects:
        raise LookupError(f"{scene.name}: {study.intended() - had} effects for {subjects} issues")
    rate = subjects / seconds
    return Row(
        f"{kind}: {scene.name}, {scene.effects} effects each, {DECIDERS} threads",
        f"**{rate:,.0f} deliveries/s**; {ms(cost / subjects)} of processor each",
        f"plan(): {ms(pure)}, {1 / pure:,.0f}/s; both jobs claimed and done alone: {most / 2:,.0f}/s",
        f"{share(rate, 1 / pure)} of plan()",
        f"≥ {scene.wanted * (1.0 if kind == SQLITE else OF_SQLITE):,.0f}/s",
    )


def _now() -> datetime:
    return datetime.now(UTC)
