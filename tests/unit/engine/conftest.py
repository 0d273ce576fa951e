"""The real store, an own rules folder with short messages, and a stand-in on each side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from automation.model import IssueState, Plan
from automation.store import queue
from automation.store.database import Database
from automation.store.queue import Queue
from automation.store.state import States
from tests.databases import with_tables
from tests.fakes import Clock, FakeCrm, FakeTracker

RULES = """\
trackers:
  github: {repositories: [acme/shop]}
deals: {system: jira, project: SALES}
sign_off:
  product:
    github_teams: [acme/product]
  legal:
    github_teams: [acme/legal]
rules: []
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A rules folder without rules and messages, to be filled."""
    folder = tmp_path / "rules"
    (folder / "messages").mkdir(parents=True)
    (folder / "rules.yaml").write_text(RULES)
    return folder


@pytest.fixture
def message(folder: Path) -> Callable[..., None]:
    """Write a message for one audience."""

    def write(text: str, audience: str = "issue", name: str = "date-held") -> None:
        (folder / "messages" / f"{name}.{audience}.liquid").write_text(text)

    return write


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/handshake.db"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(with_tables(url))
    yield database
    database.close()


@pytest.fixture
def jobs(database: Database, clock: Clock) -> Queue:
    return Queue(database, clock.seconds)


@pytest.fixture
def states(database: Database) -> States:
    return States(database)


@pytest.fixture
def know(database: Database, jobs: Queue, states: States) -> Callable[..., None]:
    """Commit what is known of an issue, and what is planned with it."""

    def know(state: IssueState, **planned: object) -> None:
        with database.write() as connection:
            queue.put(connection, queue.new("reconcile", {}))
        before, _ = states.load(state.subject)
        states.commit(jobs, jobs.claim(("reconcile",)), before, Plan(state, **planned), "enforce", "digest")

    return know


@pytest.fixture
def tracker() -> FakeTracker:
    return FakeTracker()


@pytest.fixture
def crm() -> FakeCrm:
    return FakeCrm()
