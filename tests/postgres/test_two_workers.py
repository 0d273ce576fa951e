"""Two machines share the work: order is kept, nothing is done twice, and the dead are replaced."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from automation.engine.worker import DECIDERS
from automation.store.claim_queries import PRIORITY
from automation.store.database import Database
from automation.store.schema import jobs, ledger

pytestmark = pytest.mark.postgres

SUBJECTS, EACH = 1000, 3
PATIENCE = 120.0


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    yield database
    database.close()


@pytest.fixture
def start(postgres_url: str) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a worker process."""
    started: list[subprocess.Popen[str]] = []

    def start(hangs_after: int = 0) -> subprocess.Popen[str]:
        command = [sys.executable, str(Path(__file__).with_name("worker_process.py"))]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in (*sys.path, ".") if path)}
        started.append(
            subprocess.Popen(
                [*command, postgres_url, str(hangs_after)], env=environment, stdout=subprocess.PIPE, text=True
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def put_all(database: Database, subjects: int = SUBJECTS) -> None:
    rows = [
        {
            "kind": "reconcile",
            "ordering": f"issue {subject}",
            "payload_json": json.dumps({"subject": f"issue {subject}", "number": number}),
            "priority": PRIORITY["reconcile"],
            "state": "ready",
            "due_at": 0.0,
            "put_at": 0.0,
        }
        for number in range(EACH)
        for subject in range(subjects)
    ]
    with database.write() as connection:
        connection.execute(insert(jobs), rows)


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def waiting(database: Database, **where: str) -> int:
    with database.read() as connection:
        asked = select(func.count()).select_from(jobs).filter_by(**where)
        return connection.scalars(asked).one()


def done(database: Database) -> dict[str, list[dict]]:
    """Return what was done for each subject, in order."""
    found = defaultdict(list)
    with database.read() as connection:
        for row in connection.execute(select(ledger).order_by(ledger.c.id)):
            found[row.subject].append(json.loads(row.entry_json))
    return found


def check(database: Database, subjects: int = SUBJECTS) -> set[str]:
    """Check that all was done once and in order, and return who did it."""
    lines = done(database)
    assert len(lines) == subjects
    for entries in lines.values():
        assert [entry["number"] for entry in entries] == list(range(EACH))
        assert all(before["to"] <= after["from"] for before, after in pairwise(entries))
    return {entry["by"] for entries in lines.values() for entry in entries}


def test_two_workers_share_the_work_and_keep_the_order(database, start) -> None:
    put_all(database)

    owners = {start().stdout.readline().strip() for _ in range(2)}

    wait_until(lambda: waiting(database) == 0)
    assert check(database) == owners


def test_the_work_of_a_worker_that_was_killed_is_taken_over(database, start) -> None:
    put_all(database)
    doomed = start(hangs_after=100)
    owner = doomed.stdout.readline().strip()
    start()
    wait_until(lambda: sum(e["by"] == owner for entries in done(database).values() for e in entries) == 100)
    wait_until(lambda: waiting(database, state="running", owner=owner) >= DECIDERS)  # or more, at hand
    wait_until(lambda: len(done(database)) > SUBJECTS / 2)

    doomed.kill()

    wait_until(lambda: waiting(database) == 0)
    assert len(check(database)) == 2


def test_a_worker_that_is_stopped_hands_its_work_on(database, start) -> None:
    put_all(database, 200)
    stopped, stays = start(), start()
    owners = {stopped.stdout.readline().strip(), stays.stdout.readline().strip()}
    wait_until(lambda: len(done(database)) > 20)

    stopped.terminate()

    assert stopped.wait(30) == 0
    wait_until(lambda: waiting(database) == 0)
    assert check(database, 200) == owners
