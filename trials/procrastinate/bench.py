"""Our queue and Procrastinate's, on one server, in one run: ``python bench.py`` from the root
of the checkout, with Procrastinate 3.10 beside its libraries. Medians of three."""

from __future__ import annotations

import asyncio
import json
import statistics
import threading
import time

import procrastinate
import procrastinate_queue as theirs
import psycopg

from automation.store import queue as ours
from automation.store.database import Database
from automation.store.queue import Queue
from tests import postgres_server

JOBS, ROUNDS = 300, 3


class Ours:
    name = "ours"

    def __init__(self, server):
        self.url = server.url
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self.database = Database(self.url)

    put = staticmethod(ours.put)

    def queue(self):
        return Queue(self.database, time.time)

    def watch(self):
        self.database.watch()


class Theirs(Ours):
    name = "procrastinate"
    put = staticmethod(theirs.put)

    def __init__(self, server):
        super().__init__(server)
        theirs.create(self.database)

    def queue(self):
        return theirs.ProcrastinateQueue(self.database, time.time)

    def watch(self):
        theirs.watch(self.database, self.url)


def throughput(side, threads):
    queues = [side.queue() for _ in range(threads)]

    def work(number):
        jobs = queues[number]
        for n in range(JOBS // threads):
            with side.database.write() as connection:
                side.put(connection, "look", {}, f"issue {number}-{n}")
            while (job := jobs.claim(("delivery", "look"))) is None:
                pass
            with side.database.write() as connection:
                jobs.done(connection, job)

    running = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    began = time.perf_counter()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return JOBS / (time.perf_counter() - began)


def latency(side):
    """From the commit of a put to the claim, by LISTEN/NOTIFY, in ms: the median and the 99th percentile."""
    side.watch()
    jobs, database, waited, stop = side.queue(), side.database, [], threading.Event()
    other = Database(side.url)

    def claim():
        while not stop.is_set():
            seen = database.writes
            job = jobs.claim(("delivery", "look"))
            if job is None:
                database.wait(seen, 1.0)
                continue
            waited.append(time.perf_counter() - job.payload["at"])
            with database.write() as connection:
                jobs.done(connection, job)

    thread = threading.Thread(target=claim)
    thread.start()
    time.sleep(0.5)
    for _ in range(200):
        with other.write() as connection:
            side.put(connection, "look", {"at": time.perf_counter()})
        time.sleep(0.02)
    time.sleep(1)
    stop.set()
    database.wake_up()
    thread.join()
    other.close()
    waited.sort()
    return waited[len(waited) // 2] * 1e3, waited[int(len(waited) * 0.99)] * 1e3


def behind(side, ordering, due_at):
    """A claim behind 5,000 jobs that cannot be taken now, in ms."""
    with side.database.write() as connection:
        for _ in range(2 if ordering else 0):
            side.put(connection, "look", {}, ordering)
    jobs = side.queue()
    if ordering:
        jobs.claim(("look",))
    with side.database.write() as connection:
        for n in range(5000):
            side.put(connection, "look", {}, ordering or f"later {n}", due_at)
        for n in range(40):
            side.put(connection, "look", {}, f"free {n} {due_at}")
    with psycopg.connect(side.url, autocommit=True) as connection:
        connection.execute("ANALYZE")
    took = []
    for _ in range(40):
        began = time.perf_counter()
        assert jobs.claim(("delivery", "look"))
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1e3


def idle(side):
    """Transactions a second while three threads have nothing to do."""
    side.watch()
    stop = threading.Event()

    def loop(jobs):
        while not stop.is_set():
            seen = side.database.writes
            if jobs.claim(("delivery", "look")) is None:
                side.database.wait(seen, 1.0)

    jobs = side.queue()
    threads = [threading.Thread(target=loop, args=(jobs,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    before = transactions(side.url)
    time.sleep(5)
    found = (transactions(side.url) - before) / 5
    stop.set()
    side.database.wake_up()
    for thread in threads:
        thread.join()
    return found


def transactions(url):
    with psycopg.connect(url, autocommit=True) as connection:
        time.sleep(0.6)  # until backends have reported
        return connection.execute(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()[0]


def own_worker(side):
    """Jobs a second of Procrastinate's own asynchronous worker, four at a time, and empty tasks."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=side.url))

    @app.task(name="look", pass_context=False)
    async def look(**_):
        pass

    async def run():
        async with app.open_async():
            began = time.perf_counter()
            await app.run_worker_async(wait=False, concurrency=4, delete_jobs="always", install_signal_handlers=False)
            return JOBS / (time.perf_counter() - began)

    with side.database.write() as connection:
        for n in range(JOBS):
            side.put(connection, "look", {}, f"issue {n}")
    return asyncio.run(run())


def main():
    found: dict[str, list[float]] = {}

    def note(side, what, value):
        found.setdefault(f"{side.name}: {what}", []).append(value)

    with postgres_server.server() as server:
        for _ in range(ROUNDS):
            for kind in (Ours, Theirs):
                side = kind(server)
                note(side, "1 thread, put+claim+done/s", throughput(side, 1))
                note(side, "4 threads, put+claim+done/s", throughput(side, 4))
                p50, p99 = latency(side)
                note(side, "put to claim p50 ms", p50)
                note(side, "put to claim p99 ms", p99)
                note(side, "idle transactions/s", idle(side))
                note(side, "claim behind 5,000 of a busy subject, ms", behind(side, "busy", 0.0))
                note(side, "claim behind 5,000 reminders, ms", behind(side, "", time.time() + 9e6))
                side.database.close()
            side = Theirs(server)
            note(side, "its own worker, jobs/s (claim+done)", own_worker(side))
            side.database.close()
    for name, values in found.items():
        print(f"{name:58} {statistics.median(values):9.2f}   {json.dumps([round(v, 2) for v in values])}")


main()
