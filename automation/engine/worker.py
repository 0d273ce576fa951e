"""Threads that claim jobs and see them through; the only place that retries."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from itertools import takewhile

import structlog
from pydantic import ValidationError

from automation.domain.fields import spoken_of
from automation.engine.credentials import Credentials
from automation.engine.executor import Executor
from automation.engine.performing import Performing
from automation.model import Effect, SetDeadline
from automation.ports import (
    DONE,
    GIVEN_UP,
    KEEP_EVERY,
    MOST_TRIES,
    READ_LAG,
    Closed,
    Counters,
    Ending,
    Job,
    Lane,
    LeaseLost,
    Outbox,
    Queue,
    Refused,
    Unavailable,
    Wakes,
)
from automation.ports import OUTAGE_LONGEST_WAIT as OUTAGE_WAIT

log = structlog.get_logger("handshake")

DECIDERS = 3
"""Threads that read deliveries and look at issues. One more for each system performs effects, so that
writes leave in order and at its pace, and one that is shut does not stop the other."""
FIRST_WAIT = 5.0
LONGEST_WAIT = 600.0
MOST_UNANSWERED = MOST_TRIES + 300
"""Tries, every five minutes in the end, of what gets no answer while all else does: a part of a system can
be out for a day. Deadlines are given up after MOST_TRIES, since people have to hear soon that one could not
be set."""
REST = 30.0
"""Seconds for which a thread rests that nobody wakes. Somebody does where anything is due: Database.watch."""
EFFECTS = ("set", "tell")
TOGETHER = ("delivery",)
"""Kinds of job that ask nothing of the outside: those claimed at one time are seen through at once."""
MOST_CLAIMED = 32
"""Jobs claimed at one time, in one transaction, for all deciders."""
AT_HAND = 0.1
"""Seconds that a job should wait for its turn at most once it is claimed: while systems are slow to answer,
others who share the database are to have it."""


def backoff(tries: int, asked: float | None, chance: float) -> float:
    """Return how many seconds to wait before trying again: doubling, with jitter, and never less
    than the other side asked for."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (tries - 1)) * (0.75 + chance / 2)
    return max(wait, asked or 0.0)


class Worker:
    """Sees jobs through on threads, until it is told to stop.

    ``deciding`` carries out the kinds of job that write nothing outside; for the kinds of TOGETHER, several
    at once.
    """

    def __init__(
        self,
        database: Wakes,
        queue: Queue,
        outbox: Outbox,
        deciding: Mapping[str, Callable[..., None]],
        effects: Executor | Performing,
        limiters: Iterable[Lane],
        counters: Counters,
        credentials: Credentials,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._queue = queue
        self._outbox = outbox
        self._deciding = deciding
        self._effects = effects
        self._limiters = {limiter.system: limiter for limiter in limiters}
        self._counters = counters
        self._chance = chance
        self._stopping = threading.Event()
        self._claiming = threading.Lock()
        self._at_hand = deque[Job]()
        self._takes = AT_HAND  # seconds, for one job, of late
        self._threads = [
            *(threading.Thread(target=self._work, args=(self._decide_some,)) for _ in range(DECIDERS)),
            *(
                threading.Thread(target=self._work, args=(self._perform_next, name))
                for name in self._limiters
            ),
            threading.Thread(target=self._repeat, args=(credentials.prove,)),
            # Started last, since it says that all of us are alive.
            threading.Thread(target=self._repeat, args=(self._keep,)),
        ]

    def start(self) -> None:
        self._database.watch(self._queue.anything_due)
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    def stop(self, timeout: float) -> None:
        """Finish what is being done, or give it back after ``timeout`` seconds."""
        self._stopping.set()
        self._database.wake_up()
        until = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        try:
            if left := self._taken_from_hand(len(self._at_hand)):
                self._queue.put_back(*left)
            self._queue.give_back()
        except Exception as error:  # no database any more: its leases end by themselves
            log.error("worker", error=f"{type(error).__name__}: {error}")

    def problem(self) -> str | None:
        """Say what is wrong with the worker, or None."""
        return None if all(thread.is_alive() for thread in self._threads) else "the worker has stopped"

    def run_next(self, words: bool = True) -> bool:
        """Claim one job and see it through, deadlines first and ``words``, if at all, last. Return False
        where none was due."""
        if any(self._perform_next(name, ("set",)) for name in self._limiters) or self.decide_next():
            return True
        return words and any(self._perform_next(name, ("tell",)) for name in self._limiters)

    def decide_next(self, most: int = 1, together: int = 1) -> bool:
        """See through a job that writes nothing outside, or several that can be seen through at once, of
        those at hand. Where there are none, claim up to ``most``, or up to ``together`` of those kinds.
        Return False where none was due."""
        with self._claiming:
            if not self._at_hand:
                self._at_hand.extend(self._claimed(most, together))
                if len(self._at_hand) > 1:
                    self._database.wake_up()
            alike = list(takewhile(lambda job: job.kind in TOGETHER, self._at_hand))
            jobs = self._taken_from_hand(len(alike) or 1)
        if len(jobs) < 2 or not self._seen_through_at_once(jobs):
            for job in jobs:
                self._see_through(job)
        return bool(jobs)

    def _decide_some(self) -> bool:
        most = int(AT_HAND * DECIDERS / max(self._takes, 1e-6))
        return self.decide_next(max(1, min(MOST_CLAIMED, most)), MOST_CLAIMED)

    def _claimed(self, most: int, together: int) -> list[Job]:
        if together > most:
            kinds = [kind for kind in TOGETHER if kind in self._deciding]
            if kinds and (claimed := self._queue.claim_several(kinds, together)):
                return claimed
        return self._queue.claim_several(tuple(self._deciding), most)

    def _taken_from_hand(self, number: int) -> list[Job]:
        """Return so many of the jobs at hand, or what is left of them."""
        taken = list[Job]()
        with suppress(IndexError):
            while len(taken) < number:
                taken.append(self._at_hand.popleft())
        return taken

    def _seen_through_at_once(self, jobs: list[Job]) -> bool:
        """Return False where that failed, as a whole: each by itself then shows whose fault it was."""
        try:
            self._deciding[jobs[0].kind](*jobs)
        except Exception as error:
            log.info("one by one", jobs=len(jobs), why=type(error).__name__)
            return False
        return True

    def _perform_next(self, system: str, kinds: Collection[str] = EFFECTS) -> bool:
        """Perform what the system's limits allow now: nothing, deadlines only, or words too."""
        if not self._queue.waits(kinds, system):
            return False
        limiter = self._limiters[system]
        allowed = [kind for kind in kinds if limiter.wait_for_turn(urgent=kind == "set")]
        return bool(allowed) and self._see_next_through(allowed, system)

    def _see_next_through(self, kinds: Collection[str], system: str) -> bool:
        job = self._queue.claim(kinds, system)
        if job is not None:
            self._see_through(job)
        return job is not None

    def _see_through(self, job: Job) -> None:
        began = time.monotonic()
        try:
            self._attempt(job)
        except LeaseLost as lost:
            log.info("taken over", job=job.id, kind=job.kind, why=str(lost))
            self._queue.retry(job, str(lost), 0.0)
        if job.kind not in (*EFFECTS, *TOGETHER):
            self._takes += (time.monotonic() - began - self._takes) / 4

    def _work(self, next_one: Callable[..., bool], *about: str) -> None:
        while not self._stopping.is_set():
            seen = self._database.writes
            try:
                worked = next_one(*about)
            except Exception as error:  # a full or locked disk must not end the thread
                log.error("worker", error=f"{type(error).__name__}: {error}")
                worked = False
            if not worked and not self._stopping.is_set():
                self._database.wait(seen, REST)

    def _repeat(self, task: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                task()
            except Exception as error:  # as above: the next time may go well
                log.error("worker", error=f"{type(error).__name__}: {error}")
            self._stopping.wait(KEEP_EVERY)

    def _keep(self) -> None:
        if self.problem() is None:
            self._queue.keep()
        if wrong := self._database.clock_problem(self._queue.now):
            log.warning("clock", text=wrong)

    def _attempt(self, job: Job) -> None:
        try:
            if job.kind in EFFECTS:
                self._perform(job)
            else:
                self._deciding[job.kind](job)
        except LeaseLost:
            raise
        except Closed as closed:  # nothing was done, so it is no failure of the job
            self._queue.retry(job, str(closed), closed.retry_after or FIRST_WAIT, counts=False)
        except Unavailable as error:
            self._unanswered(job, error)
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
        self._count(effect, ending, job)
        level = log.warning if ending.how == GIVEN_UP else log.info
        level(
            "effect",
            do=type(effect.intent).__name__,
            target=spoken_of(effect.target),
            issue=spoken_of(effect.issue),
            how=ending.how,
            text=ending.text,
        )

    def _count(self, effect: Effect, ending: Ending, job: Job) -> None:
        self._counters.add("effects", type(effect.intent).__name__, ending.how)
        if ending.how != DONE or not isinstance(effect.intent, SetDeadline) or effect.intent.why != "restore":
            return
        waited = self._outbox.waited(job)
        if waited is not None:
            self._counters.took("restore", waited)

    def _unanswered(self, job: Job, error: Unavailable) -> None:
        """Try again. It counts only where the system has answered others since: else it is not the job's
        fault, however often that happens, and it waits for the system as long as it takes."""
        mine = error.in_a_row <= 1
        most = MOST_TRIES if job.kind == "set" else MOST_UNANSWERED
        if mine and not MOST_TRIES <= job.tries < most:
            self._again(job, str(error), error.retry_after)
            return
        tries = MOST_TRIES if mine else min(error.in_a_row, MOST_TRIES)
        wait = max(min(backoff(tries, None, self._chance()), OUTAGE_WAIT), error.retry_after or 0.0)
        if job.kind in EFFECTS:
            wait = max(wait, READ_LAG)
        log.warning("again", job=job.id, kind=job.kind, wait=round(wait, 1), error=str(error))
        self._queue.retry(job, str(error), wait, forgives=not mine)

    def _again(self, job: Job, error: str, asked: float | None) -> None:
        if job.tries >= MOST_TRIES:
            self._give_up(job, f"{error} (tried {job.tries} times)")
            return
        wait = backoff(job.tries, asked, self._chance())
        if job.kind in EFFECTS:  # what was written may have arrived, and must be seen before it is repeated
            wait = max(wait, READ_LAG)
        log.warning("again", job=job.id, kind=job.kind, tries=job.tries, wait=round(wait, 1), error=error)
        self._queue.retry(job, error, wait)

    def _give_up(self, job: Job, error: str) -> None:
        """Park the job, visible, with its error; an effect gets its receipt too."""
        log.error("parked", job=job.id, kind=job.kind, error=error)
        if job.kind in EFFECTS:
            self._outbox.end(self._queue, job, Ending(GIVEN_UP, error))
            return
        with self._database.write() as connection:
            self._queue.park(connection, job, error)
