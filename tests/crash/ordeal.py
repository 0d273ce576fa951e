"""The ordeal: the real service is killed and stopped at random moments while people and trackers go on."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from automation.sandbox import Sandbox, sandbox
from tests.crash import checks, stories, workload
from tests.crash.checks import Books
from tests.crash.processes import SECRET, STOPS_WITHIN, VICTIMS, Service, environment
from tests.crash.stories import Story
from tests.crash.workload import Crowd, Load
from tests.ports import free_port

BACKLOG = 300
"""Jobs that may wait before the crowd holds its breath, so that people's own doings are seen in time."""
SETTLES_WITHIN = 300.0
LATEST = 6.0
"""Seconds after it answers at which a kill comes at the latest."""
WHILE_STARTING, STARTS_WITHIN = 0.2, 4.0
"""The share of kills that come without waiting for that, and within how many seconds they come."""
WHILE_STOPPING = 0.15
"""The share of kills that come while it stops."""


@dataclass(frozen=True)
class Size:
    """How much is to be done: ``issues`` with a deal, and those of the crowd, on GitHub and on Jira. One
    more stop by SIGTERM comes at the end."""

    kills: int
    sigterms: int
    deliveries: int
    issues: tuple[int, int]
    crowd: tuple[int, int] = (200, 100)
    latest: float = LATEST


LONG = Size(kills=100, sigterms=50, deliveries=25_000, issues=(24, 60))
SHORT = Size(kills=6, sigterms=2, deliveries=1_500, issues=(3, 5), crowd=(20, 10), latest=1.5)


@dataclass
class Outcome:
    """What was done, and all that went wrong."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    stops: list[float] = field(default_factory=list)
    acknowledged: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def ends(self) -> int:
        return self.kills.total() + len(self.stops)


class Ordeal:
    """One ordeal, against one sandbox."""

    def __init__(self, size: Size, seed: int, folder: Path, database: str, box: Sandbox) -> None:
        self.size = size
        self.outcome = Outcome(seed)
        self.box = box
        self._chance = random.Random(seed)
        port = free_port()
        settings = environment(box.github_url, box.jira_url, folder, port, database)
        self.service = Service(settings, folder)
        self.books = Books(settings["HANDSHAKE_DATABASE_URL"])
        box.github.send_hooks_to(f"http://127.0.0.1:{port}/webhooks/github", SECRET)
        box.jira.send_hooks_to(f"http://127.0.0.1:{port}/webhooks/jira", SECRET)
        box.hooks.hold()
        stories.people(box)
        self.stories: list[Story] = stories.tell(box, size.issues, self._chance)
        self.crowd: Crowd = workload.crowd(box, size.crowd)
        self.load = Load(box, port, self.crowd, random.Random(seed + 1), self._room)
        self.backlog = 0
        self._dead: set[str] = set()
        self._over = threading.Event()
        self._people = threading.Thread(target=self._live, daemon=True)

    # ------------------------------------------------------------ what goes on meanwhile

    def progress(self) -> float:
        return self.outcome.ends / max(1, self.size.kills + self.size.sigterms)

    def _room(self) -> int:
        """Return how many deliveries the crowd may have made by now."""
        if self.backlog > BACKLOG:
            return 0
        return int(self.size.deliveries * min(1.1, 0.05 + self.progress() * 1.05))

    def _live(self) -> None:
        """Let people do the next thing, once they have read what came of the last."""
        while not self._over.is_set():
            begun = 1 + int(len(self.stories) * self.progress() / 0.9)
            for story in self.stories[:begun]:
                story.go_on()
            if self.service.alive():
                try:
                    self.backlog = self.books.standing().due
                except Exception:  # it is being made, or is just coming back
                    self.backlog = BACKLOG + 1
            self._over.wait(0.3)

    # ------------------------------------------------------------ ends

    def go(self) -> Outcome:
        """Do it all. Whatever happens, leave no process behind."""
        self._start()
        self.service.wait_until_it_answers()
        self.load.start()
        self._people.start()
        try:
            for _ in range(self.size.kills):
                self._kill()
            for _ in range(self.size.sigterms):
                self._stop()
                self._start()
            self._settle()
            self._check()
        finally:
            self._over.set()
            self.load.end()
            self.service.clear_away()
        return self.outcome

    def _kill(self) -> None:
        """Kill a random part at a random moment, and start again at once."""
        if self._chance.random() < WHILE_STARTING:
            time.sleep(self._chance.uniform(0, STARTS_WITHIN))
        else:
            self.service.wait_until_it_answers()
            time.sleep(self._chance.uniform(0, self.size.latest))
        victim = self._chance.choice(VICTIMS)
        if not self.service.alive():
            self._wrong(f"it ended by itself, with {self.service.code()}")
        elif self._chance.random() < WHILE_STOPPING:
            self.service.ask_to_stop()
            time.sleep(self._chance.uniform(0, 1.5))
            self.outcome.kills[f"{self.service.kill(victim)}, while stopping"] += 1
        else:
            self.outcome.kills[self.service.kill(victim)] += 1
        self._start()

    def _start(self) -> None:
        """Start it again. What the one before has not given back is the dead's."""
        self._dead = self.books.owners() if self.outcome.ends else set()
        self.service.start()

    def _stop(self) -> None:
        """Stop it: within 25 seconds, with code 0, and with nothing left in hand."""
        self.service.wait_until_it_answers()
        time.sleep(self._chance.uniform(0, 2))
        try:
            code, seconds = self.service.stop()
        except subprocess.TimeoutExpired:
            self._wrong(f"not stopped within {STOPS_WITHIN:.0f} s")
            self.service.kill("both")
            return
        self.outcome.stops.append(seconds)
        if code != 0:
            self._wrong(f"stopped with exit code {code}")
        if kept := self.books.owners() - self._dead:
            self._wrong(f"stopped, and kept the leases of {len(kept)}")

    def _wrong(self, what: str) -> None:
        self.outcome.wrong.append(what)

    def _settle(self) -> None:
        """Wait until enough was sent, and until all is done and told, or for too long."""
        until = time.monotonic() + SETTLES_WITHIN
        while len(self.load.acknowledged) < self.size.deliveries and time.monotonic() < until:
            time.sleep(0.5)
        self.load.taper()
        until = time.monotonic() + SETTLES_WITHIN
        while time.monotonic() < until:
            told = all(story.done == len(story.steps) and not story.missing() for story in self.stories)
            if told and self.load.idle() and self.books.standing().at_rest:
                break
            time.sleep(1)
        else:
            self._wrong(f"it has not come to rest within {SETTLES_WITHIN:.0f} s")

    def _check(self) -> None:
        self._stop()
        self.load.end()
        found, load, books = self.outcome, self.load, self.books
        found.acknowledged, found.answers = len(load.acknowledged), load.answers
        if found.acknowledged < self.size.deliveries:
            self._wrong(f"only {found.acknowledged} were acknowledged")
        found.wrong += load.wrong
        found.wrong += books.lost(load.acknowledged)
        found.wrong += books.stored(load.forged)
        found.wrong += books.left_over()
        found.wrong += books.damage()
        found.wrong += checks.of_stories(self.stories)
        found.wrong += checks.overwritten(self.box, self.stories, self.crowd)
        found.wrong += [str(violation) for violation in self.box.violations]


@contextmanager
def prepared(size: Size, seed: int, folder: Path, database: str = "") -> Iterator[Ordeal]:
    with sandbox() as box:
        yield Ordeal(size, seed, folder, database, box)
