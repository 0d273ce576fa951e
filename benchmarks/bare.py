"""What bounds the acknowledgements: the same two rows put into the same tables by the drivers alone, and
the same server with an application that does nothing."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from multiprocessing.process import BaseProcess
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import psycopg
from sqlalchemy.engine import make_url

from automation.store.database import Database
from benchmarks.load import CONNECTIONS, Order, body
from benchmarks.place import SQLITE, Place
from tests.ports import free_port
from webhooks import serve
from webhooks.app import EdgeSettings

TOGETHER = CONNECTIONS
"""Deliveries to a commit: as many as are on their way at one time."""

DELIVERY = (
    "INSERT INTO deliveries (source, id, event, headers_json, body, received_at, reading, reason) "
    "VALUES (?, ?, ?, ?, ?, ?, '', '')"
)
JOB = (
    "INSERT INTO jobs (kind, system, ordering, cause, payload_json, priority, state, due_at, tries, owner, "
    "lease_until, error, put_at) VALUES ('delivery', '', '', ?, ?, 1, 'ready', 0.0, 0, '', 0.0, '', ?)"
)
Rows = tuple[tuple[Any, ...], tuple[Any, ...]]
"""The values of a delivery and of its job."""


def rows(count: int) -> list[Rows]:
    """Make the rows of so many deliveries, each as large as those that are sent."""
    order = Order(0, "", count, 0)
    headers = json.dumps({"x-github-hook-id": "1", "x-github-hook-installation-target-type": "repository"})
    made = []
    for number in range(count):
        id, now = f"72d3162e-cc78-11e3-81ab-{number:012d}", time.time()
        about = json.dumps({"source": "github", "id": id})
        delivery = ("github", id, "issues", headers, body(order, number), now)
        made.append((delivery, (f"github:{id}", about, now)))
    return made


def inserts(place: Place, kind: str, made: list[Rows]) -> float:
    """Return how many deliveries a second the driver alone can put there, each durable."""
    return len(made) / sum(_put(place, kind, made, TOGETHER))


def commits(place: Place, kind: str, made: list[Rows]) -> list[float]:
    """Return the seconds that each commit takes of one delivery by itself."""
    return list(_put(place, kind, made, 1))


def _put(place: Place, kind: str, made: list[Rows], together: int) -> Iterator[float]:
    """Put the rows, so many to a commit, into a new database; give the seconds that each commit took."""
    url = place.database(kind)
    Database(url).close()
    with closing(_sqlite(url) if kind == SQLITE else psycopg.connect(url, autocommit=True)) as connection:
        cursor: Any = connection.cursor()
        begin, mark = ("BEGIN IMMEDIATE", "?") if kind == SQLITE else ("BEGIN", "%s")
        into = [statement.replace("?", mark) for statement in (DELIVERY, JOB)]
        for start in range(0, len(made), together):
            began = time.perf_counter()
            cursor.execute(begin)
            for statement, values in zip(
                into, zip(*made[start : start + together], strict=True), strict=True
            ):
                cursor.executemany(statement, values)
            cursor.execute("COMMIT")
            yield time.perf_counter() - began


def _sqlite(url: str) -> sqlite3.Connection:
    connection = sqlite3.connect(str(make_url(url).database), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


class Nothing:
    """An application that reads what came and says yes."""

    def __init__(self) -> None:
        self.config = {"MAX_CONTENT_LENGTH": EdgeSettings({}, {}).max_body}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"].read()
        start_response("202 ACCEPTED", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]


@contextmanager
def server() -> Iterator[int]:
    """Serve ``Nothing`` just as Handshake is served; give the port."""
    there = multiprocessing.get_context("spawn")
    port, ready = free_port(), there.Event()
    process: BaseProcess = there.Process(target=_serve, args=(port, ready))
    process.start()
    try:
        ready.wait(20)
        yield port
    finally:
        process.terminate()
        process.join()


def _serve(port: int, ready: Any) -> None:
    serve.serve("benchmarks.bare:Nothing", "127.0.0.1", port, ready.set, lambda: None)
