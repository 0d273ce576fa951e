"""Where nothing can be stored the sender is asked to try again, and once it can be, it is stored.

A genuine delivery is never refused for a fault of ours, and never acknowledged without being stored.
"""

from __future__ import annotations

import itertools
import random
import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests import postgres_server
from tests.crash.checks import Books
from tests.crash.processes import Service, environment
from tests.crash.workload import Letter, Sender
from tests.ports import free_port

pytestmark = pytest.mark.crash

BODY = b'{"action": "edited", "note": "%s"}' % (b"so much to say " * 300)
NOBODY = "http://127.0.0.1:9"
"""Where no tracker is: a receiver asks none."""
RECOVERS_WITHIN = 15.0
_numbers = itertools.count(1)


class Tracker:
    """Sends deliveries to a receiver, and knows which were acknowledged."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._sender = Sender(service.port)
        self._books = Books(service.environment["HANDSHAKE_DATABASE_URL"])
        self.acknowledged: list[tuple[str, str]] = []

    def restart(self, before: Callable[[], None]) -> None:
        """Stop the receiver, do something, start it again, and connect to it anew."""
        assert self.service.stop()[0] == 0
        self._sender.close()
        before()
        self.service.start()
        self.service.wait_until_it_answers()

    def leave(self) -> None:
        self._sender.close()
        self.service.clear_away()

    def send(self) -> int:
        letter = Letter("github", f"delivery-{next(_numbers)}", "issues", BODY)
        status = self._sender.post(letter)
        if status == 202:
            self.acknowledged.append((letter.source, letter.id))
        return status

    def send_until(self, status: int, most: int = 200) -> set[int]:
        """Send deliveries until one is answered so. Return the other answers."""
        answers: set[int] = set()
        for _ in range(most):
            answer = self.send()
            if answer == status:
                return answers
            answers.add(answer)
        raise AssertionError(f"never answered {status}, but {answers}")

    def recovers(self) -> bool:
        """Tell whether the receiver takes deliveries again before long, and until then asks to try again."""
        until = time.monotonic() + RECOVERS_WITHIN
        while (status := self.send()) == 503 and time.monotonic() < until:
            time.sleep(0.2)
        return status == 202

    def lost(self) -> list[str]:
        return [line for line in self._books.lost(self.acknowledged) if line.startswith("acknowledged")]


Receive = Callable[[str], Tracker]
"""Starts a receiver on a database, and returns a tracker that sends to it."""


@pytest.fixture
def receive(tmp_path: Path) -> Iterator[Receive]:
    trackers: list[Tracker] = []

    def start(database: str) -> Tracker:
        service = Service(environment(NOBODY, NOBODY, tmp_path, free_port(), database), tmp_path, "receiver")
        trackers.append(Tracker(service))
        service.start()
        service.wait_until_it_answers()
        return trackers[-1]

    yield start
    for tracker in trackers:
        tracker.leave()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Give a disk of one megabyte."""
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], capture_output=True)
    if made.returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk(receive: Receive, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        tracker = receive(f"sqlite:///{disk}/handshake.db")
        (disk / "ballast").write_bytes(bytes(300_000))

        assert tracker.send_until(503) <= {202}
        assert {tracker.send() for _ in range(10)} == {503}
        (disk / "ballast").unlink()

        assert tracker.recovers()
        assert tracker.lost() == []


def test_a_file_that_may_not_grow(receive: Receive, tmp_path: Path) -> None:
    tracker = receive(f"sqlite:///{tmp_path}/handshake.db")
    assert tracker.send() == 202
    receiver = tracker.service.receiver()
    assert receiver is not None
    before = resource.prlimit(receiver, resource.RLIMIT_FSIZE)
    resource.prlimit(receiver, resource.RLIMIT_FSIZE, (100_000, before[1]))

    assert tracker.send_until(503) <= {202}
    assert {tracker.send() for _ in range(10)} == {503}
    resource.prlimit(receiver, resource.RLIMIT_FSIZE, before)

    assert tracker.recovers()
    assert tracker.lost() == []


def test_a_file_that_has_become_read_only(receive: Receive, tmp_path: Path) -> None:
    tracker = receive(f"sqlite:///{tmp_path}/handshake.db")
    assert tracker.send() == 202
    files = [f"{tmp_path}/handshake.db", f"{tmp_path}/handshake.db-wal"]
    # Root may write to a file whatever its mode is, and so may whoever has it open.
    made = shutil.which("chattr") and subprocess.run(["chattr", "+i", *files], capture_output=True)
    if not made or made.returncode:
        pytest.skip("only root can make an open file read-only, on some file systems")
    try:
        assert {tracker.send() for _ in range(10)} == {503}
    finally:
        subprocess.run(["chattr", "-i", *files], check=True)

    assert tracker.recovers()
    assert tracker.lost() == []


@pytest.mark.parametrize("what", ["handshake.db", "handshake.db-wal"])
def test_a_file_that_is_taken_away(receive: Receive, tmp_path: Path, what: str) -> None:
    tracker = receive(f"sqlite:///{tmp_path}/handshake.db")
    assert tracker.send() == 202
    (tmp_path / what).unlink()

    assert {tracker.send() for _ in range(10)} == {503}


def test_a_lock_that_is_held_for_longer_than_we_wait(receive: Receive, tmp_path: Path) -> None:
    tracker = receive(f"sqlite:///{tmp_path}/handshake.db")
    assert tracker.send() == 202

    with closing(sqlite3.connect(tmp_path / "handshake.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert tracker.send() == 503
        other.execute("ROLLBACK")

    assert tracker.recovers()
    assert tracker.lost() == []


def test_a_corrupt_file_until_it_is_restored(receive: Receive, tmp_path: Path) -> None:
    file, backup = tmp_path / "handshake.db", tmp_path / "backup.db"
    tracker = receive(f"sqlite:///{file}")
    assert tracker.send() == 202
    with closing(sqlite3.connect(file, isolation_level=None)) as one, closing(sqlite3.connect(backup)) as two:
        one.backup(two)
        one.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = one.execute("PRAGMA page_size").fetchone()
        damage(file, size)
        one.execute("PRAGMA user_version = 1")  # another writes, so that nobody trusts what was read before

    def restore() -> None:
        for old in tmp_path.glob("handshake.db*"):
            old.unlink()
        shutil.copy(backup, file)

    assert {tracker.send() for _ in range(10)} == {503}

    tracker.restart(before=restore)
    assert tracker.recovers()
    assert tracker.lost() == []


def damage(file: Path, page: int) -> None:
    """Flip bytes in every page but the first."""
    content = bytearray(file.read_bytes())
    chance = random.Random(1)
    for start in range(page, len(content), page):
        for place in [*chance.sample(range(page), 64), *range(16)]:
            content[start + place] ^= 0xFF
    with file.open("r+b") as opened:
        opened.write(content)


@pytest.mark.postgres
def test_a_postgresql_that_is_away_for_a_while(
    receive: Receive, postgres: postgres_server.Server, postgres_url: str
) -> None:
    if postgres.data is None:
        pytest.skip("the server that HANDSHAKE_TEST_POSTGRES names is not ours to stop")
    tracker = receive(postgres_url)
    assert tracker.send() == 202

    postgres.stop()
    assert {tracker.send() for _ in range(3)} == {503}
    postgres.start()

    assert tracker.recovers()
    assert tracker.lost() == []
