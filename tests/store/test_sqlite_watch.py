"""What other processes write to a SQLite file is heard of soon, and a burst of it seldom."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.store.sqlite_watch import REST, FileWatch, follow

COMMITS = 300


class Follower:
    """Follows a file on a thread; ``heard`` are the rows that were there each time."""

    def __init__(self, file: Path) -> None:
        self.heard: list[int] = []
        self._file, self._closed = file, threading.Event()
        self._files = FileWatch(file)
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def _follow(self) -> None:
        with sqlite3.connect(self._file) as connection:

            def heard() -> None:
                self.heard.append(connection.execute("SELECT count(*) FROM rows").fetchone()[0])

            follow(connection, self._files, heard, self._closed.is_set, time.monotonic)
        connection.close()

    def sees(self, rows: int) -> bool:
        until = time.monotonic() + 5.0
        while time.monotonic() < until:
            if self.heard and self.heard[-1] == rows:
                return True
            time.sleep(0.002)
        return False

    def stop(self) -> None:
        self._closed.set()
        self._files.stop()
        self._thread.join()
        self._files.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "some.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY)")
    connection.close()
    return file


@pytest.fixture
def follower(file: Path) -> Iterator[Follower]:
    follower = Follower(file)
    yield follower
    follower.stop()


def write(file: Path, rows: int) -> None:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA synchronous=OFF")
    for _ in range(rows):
        with connection:
            connection.execute("INSERT INTO rows DEFAULT VALUES")
    connection.close()


def test_what_is_written_last_is_heard_of_also_right_after_other_news(file, follower) -> None:
    for rows in range(1, 20):
        write(file, 1)
        assert follower.sees(rows)


def test_a_burst_of_commits_wakes_once_in_a_while_and_its_end_is_seen(file, follower) -> None:
    began = time.monotonic()
    write(file, COMMITS)
    assert follower.sees(COMMITS)
    took = time.monotonic() - began
    assert len(follower.heard) <= took / REST + 5
