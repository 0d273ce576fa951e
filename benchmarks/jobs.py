"""The queue by itself: put, claim and done, each durable, and how soon a job is taken up that was put."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
from sqlalchemy.engine import make_url

from automation.store import queue
from automation.store.database import Database
from automation.store.queue import Queue
from benchmarks.place import SQLITE, Place
from benchmarks.table import Row, share, waits

CYCLES = 1000
PUTS = 100
THREADS = 1, 4
GAP = 0.037
"""Seconds between two jobs that are put one by one: no multiple of how often anybody looks."""

PUT = (
    "INSERT INTO jobs (kind, system, ordering, cause, payload_json, priority, state, due_at, tries, owner, "
    "lease_until, error, put_at) VALUES ('look', '', %s, '', '{}', 2, 'ready', 0.0, 0, '', 0.0, '', 0.0)"
)
CLAIM = (
    "UPDATE jobs SET state = 'running', owner = 'me', tries = tries + 1 WHERE id = "
    "(SELECT id FROM jobs WHERE state = 'ready' AND kind = 'look' ORDER BY id LIMIT 1{}) RETURNING id"
)
DONE = "DELETE FROM jobs WHERE id = %s"


def rows(place: Place) -> Iterator[Row]:
    for kind in place.kinds:
        for threads in THREADS:
            most = _bare(place, kind, place.count(CYCLES), threads)
            how = "to a commit" if kind == SQLITE else "at a time"
            rate = _cycles(place, kind, place.count(CYCLES), threads)
            yield Row(
                f"{kind}: put, claim and done, {threads} thread{'s' * (threads > 1)}",
                f"**{rate:,.0f}/s**",
                f"the same by the driver, {threads} {how}: {most:,.0f}/s",
                share(rate, most),
            )
        yield Row(
            f"{kind}: from put in one process to claimed in another that is idle",
            f"**{waits(_taken_up(place, kind, place.count(PUTS)), 0.5, 0.99)}**",
        )


def _cycles(place: Place, kind: str, count: int, threads: int) -> float:
    """Return how many jobs a second go through, each put and done by the same thread."""
    database = Database(place.database(kind))
    jobs = Queue(database, time.time)

    def work(mine: int) -> None:
        for number in range(mine):
            with database.write() as connection:
                queue.put(connection, queue.new("reconcile", {}, f"{threading.get_ident()} {number}"))
            job = jobs.claim(("reconcile",))
            if job is None:
                raise LookupError("there is a job for everybody")
            with database.write() as connection:
                jobs.done(connection, job)

    seconds = together(work, count, threads)
    database.close()
    return count / seconds


def together(work: Callable[[int], None], count: int, threads: int) -> float:
    """Share out ``count`` among threads, and return the seconds until the last has ended."""
    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        working = [pool.submit(work, count // threads) for _ in range(threads)]
        for one in working:
            one.result()
        return time.perf_counter() - began


def claimed(place: Place, kind: str, count: int, subjects: int, threads: int) -> float:
    """Return how many jobs a second are claimed and done that were put before."""
    database = Database(place.database(kind))
    jobs = Queue(database, time.time)
    with database.write() as connection:
        for number in range(count):
            queue.put(connection, queue.new("reconcile", {}, f"subject {number % subjects}"))

    def work(_: int) -> None:
        while job := jobs.claim(("reconcile",)):
            with database.write() as connection:
                jobs.done(connection, job)

    seconds = together(work, count, threads)
    database.close()
    return count / seconds


def _taken_up(place: Place, kind: str, count: int) -> list[float]:
    """Put jobs one by one where nobody works, and let somebody elsewhere wait for them as a worker does."""
    url = place.database(kind)
    there, here = Database(url), Database(url)
    jobs, seen, ended = Queue(here, time.time), list[float](), threading.Event()

    def wait() -> None:
        while not ended.is_set():
            writes = here.writes
            job = jobs.claim(("reconcile",))
            if job is None:
                here.wait(writes, 1.0)
                continue
            seen.append(time.time() - job.payload["at"])
            with here.write() as connection:
                jobs.done(connection, job)

    here.watch(jobs.anything_due)
    worker = threading.Thread(target=wait)
    worker.start()
    for number in range(count):
        time.sleep(GAP)
        with there.write() as connection:
            queue.put(connection, queue.new("reconcile", {"at": time.time()}, f"subject {number}"))
    while len(seen) < count:
        time.sleep(0.01)
    ended.set()
    here.wake_up()
    worker.join()
    there.close()
    here.close()
    return seen


def _bare(place: Place, kind: str, count: int, threads: int) -> float:
    """Return how often a second the drivers alone put a job, claim one and end it, each durable."""
    url = place.database(kind)
    Database(url).close()
    if kind == SQLITE:
        began = time.perf_counter()
        _on_sqlite(url, count // threads, threads)
        return count / (time.perf_counter() - began)
    return count / together(lambda mine: _on_postgres(url, mine), count, threads)


def _on_sqlite(url: str, rounds: int, group: int) -> None:
    with closing(sqlite3.connect(str(make_url(url).database), isolation_level=None)) as file:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            file.execute(f"PRAGMA {pragma}")
        for _ in range(rounds):
            file.execute("BEGIN IMMEDIATE")
            for number in range(group):
                file.execute(PUT.replace("%s", "?"), (f"subject {number}",))
            file.execute("COMMIT")
            file.execute("BEGIN IMMEDIATE")
            found = [file.execute(CLAIM.format("")).fetchone() for _ in range(group)]
            file.execute("COMMIT")
            file.execute("BEGIN IMMEDIATE")
            for one in found:
                file.execute(DONE.replace("%s", "?"), one)
            file.execute("COMMIT")


def _on_postgres(url: str, count: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(count):
            connection.execute(PUT.encode(), (f"{threading.get_ident()} {number}",))
            found = None
            while found is None:  # the first that is free may be taken just now
                found = connection.execute(CLAIM.format(" FOR UPDATE SKIP LOCKED").encode()).fetchone()
            connection.execute(DONE.encode(), found)
