"""Where a run takes place: its folder, the databases it may use, how long it may take, the machine."""

from __future__ import annotations

import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from benchmarks.table import at, ms
from tests.postgres_server import NoServer, server

SQLITE, POSTGRES = "SQLite", "PostgreSQL"


@dataclass
class Place:
    """A folder of its own, and the address of a PostgreSQL server where there is one.

    ``short``: a tenth of everything, to try out whether it works; its figures mean little.
    """

    folder: Path
    server: str | None
    short: bool = False
    _made: int = field(default=0, repr=False)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of database that are there."""
        return (SQLITE, POSTGRES) if self.server else (SQLITE,)

    def count(self, full: int) -> int:
        return max(8, full // 10) if self.short else full

    def new(self) -> Path:
        """Make a folder that nothing else is in."""
        self._made += 1
        folder = self.folder / str(self._made)
        folder.mkdir()
        return folder

    def database(self, kind: str) -> str:
        """Make an empty database and return its address."""
        if kind == SQLITE:
            return f"sqlite:///{self.new()}/handshake.db"
        assert self.server is not None  # noqa: S101 - kinds has told
        self._made += 1
        name = f"bench_{self._made}"
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return make_url(self.server).set(database=name).render_as_string(hide_password=False)


@contextmanager
def place(short: bool) -> Iterator[Place]:
    """Make a place, and leave nothing behind."""
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="handshake-bench-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        try:
            address = stack.enter_context(server()).url
        except NoServer as reason:
            print(f"Without PostgreSQL: {reason}")
            address = None
        yield Place(folder, address, short)


def machine(place: Place) -> str:
    """Describe the machine and its software in a sentence."""
    postgres = "no PostgreSQL"
    if place.server:
        with psycopg.connect(place.server) as connection:
            number = connection.info.server_version
            postgres = f"PostgreSQL {number // 10000}.{number % 10000}"
    flushes = fsyncs(place.new() / "flushed")
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {_processor()}, {len(os.sched_getaffinity(0))} cores; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {postgres}; "
        f"8 KiB on the disk (fsync) p50 {ms(at(flushes, 0.5))}, p99 {ms(at(flushes, 0.99))}; "
        f"load before the run {os.getloadavg()[0]:.1f}."
    )


def fsyncs(path: Path, count: int = 300) -> list[float]:
    """Append 8 KiB to a file and flush it, and return the seconds that each took."""
    took = []
    with path.open("wb", buffering=0) as file:
        for _ in range(count):
            began = time.perf_counter()
            file.write(bytes(8192))
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return took


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
