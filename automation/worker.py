"""Threads that claim jobs and see them through; the only place that retries."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import structlog
from pydantic import ValidationError

from automation.effects import Effects
from automation.engine import Engine
from automation.ports import Refused, Unavailable
from automation.store.database import Database
from automation.store.outbox import GIVEN_UP, Ending, Outbox
from automation.store.queue import LEASE_SECONDS, MOST_TRIES, Job, LeaseLost, Queue

log = structlog.get_logger("handshake")

DECIDERS = 3
"""Threads that read deliveries and look at issues. One more performs effects, so that writes
to the outside leave in order and at their pace."""
FIRST_WAIT = 5.0
LONGEST_WAIT = 600.0
IDLE_POLL = 1.0
"""Seconds between looks at the queue while nothing happens in this process."""


def backoff(tries: int, asked: float | None, chance: float) -> float:
    """Return how many seconds to wait before trying again: doubling, with jitter, and never less
    than the other side asked for."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (tries - 1)) * (0.75 + chance / 2)
    return max(wait, asked or 0.0)


class Worker:
    """Runs the engine and the effects on threads, until it is told to stop."""

    def __init__(
        self,
        database: Database,
        queue: Queue,
        outbox: Outbox,
        engine: Engine,
        effects: Effects,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._queue = queue
        self._outbox = outbox
        self._effects = effects
        self._chance = chance
        self._stopping = threading.Event()
        self._threads = [
            *(threading.Thread(target=self._work, args=(("delivery", "look"),)) for _ in range(DECIDERS)),
            threading.Thread(target=self._work, args=(("set", "tell"),)),
            threading.Thread(target=self._keep),
        ]
        self._carry_out: dict[str, Callable[[Job], None]] = {
            "delivery": engine.deliver,
            "look": engine.look,
            "set": self._perform,
            "tell": self._perform,
        }

    def start(self) -> None:
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    def stop(self, timeout: float) -> None:
        """Finish what is being done, or give it back after ``timeout`` seconds."""
        self._stopping.set()
        self._database.wake_up()
        for thread in self._threads:
            thread.join(timeout / len(self._threads))
        self._queue.give_back()

    def problem(self) -> str | None:
        """Say what is wrong with the worker, or None (for the readiness check)."""
        return None if all(thread.is_alive() for thread in self._threads) else "the worker has stopped"

    def run_next(self, kinds: tuple[str, ...] = ("set", "delivery", "look", "tell")) -> bool:
        """Claim one job and see it through. Return False where none was due."""
        job = self._queue.claim(kinds)
        if job is None:
            return False
        self._see_through(job)
        return True

    def _work(self, kinds: tuple[str, ...]) -> None:
        while not self._stopping.is_set():
            seen = self._database.writes
            try:
                worked = self.run_next(kinds)
            except Exception as error:  # a full or locked disk must not end the thread
                log.error("worker", error=f"{type(error).__name__}: {error}")
                worked = False
            if not worked and not self._stopping.is_set():
                self._database.wait(seen, IDLE_POLL)

    def _keep(self) -> None:
        while not self._stopping.wait(LEASE_SECONDS / 3):
            try:
                self._queue.keep()
            except Exception as error:  # as above: the next time may go well
                log.error("worker", error=f"{type(error).__name__}: {error}")

    def _see_through(self, job: Job) -> None:
        try:
            self._attempt(job)
        except LeaseLost as lost:
            log.info("taken over", job=job.id, kind=job.kind, why=str(lost))
            self._queue.retry(job, str(lost), 0.0)

    def _attempt(self, job: Job) -> None:
        try:
            self._carry_out[job.kind](job)
        except LeaseLost:
            raise
        except Unavailable as error:
            self._again(job, str(error), error.retry_after)
        except Refused as error:
            self._give_up(job, str(error))
        except ValidationError as error:  # its own text would quote what people wrote
            self._again(job, f"{error.error_count()} stored values of {error.title} cannot be read", None)
        except Exception as error:  # a poisonous job stops nobody else
            self._again(job, f"{type(error).__name__}: {error}", None)

    def _perform(self, job: Job) -> None:
        effect = self._outbox.get(job.payload["effect"])
        ending = self._effects.perform(effect, job.tries)
        self._outbox.end(self._queue, job, ending)
        level = log.warning if ending.how == GIVEN_UP else log.info
        level(
            "effect",
            do=type(effect.intent).__name__,
            target=effect.target.key,
            issue=effect.issue.key,
            how=ending.how,
            text=ending.text,
        )

    def _again(self, job: Job, error: str, asked: float | None) -> None:
        if job.tries >= MOST_TRIES:
            self._give_up(job, f"{error} (tried {job.tries} times)")
            return
        wait = backoff(job.tries, asked, self._chance())
        log.warning("again", job=job.id, kind=job.kind, tries=job.tries, wait=round(wait, 1), error=error)
        self._queue.retry(job, error, wait)

    def _give_up(self, job: Job, error: str) -> None:
        """Park the job, visible, with its error; an effect gets its receipt too."""
        log.error("parked", job=job.id, kind=job.kind, error=error)
        if job.kind in ("set", "tell"):
            self._outbox.end(self._queue, job, Ending(GIVEN_UP, error))
            return
        with self._database.write() as connection:
            self._queue.park(connection, job, error)
