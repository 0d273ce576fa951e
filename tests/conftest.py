"""What all tests share. That only this machine can be reached stands in pyproject.toml (pytest-socket)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import postgres_server

# No test may fail because the machine was busy.
settings.register_profile("handshake", deadline=None)
settings.load_profile("handshake")

OVER_AND_OVER = (
    "crash/",
    "fuzz/",
    "simulation/",
    "end_to_end/test_any_order.py",
    "end_to_end/test_faults.py",
    "end_to_end/test_storm.py",
    "postgres/test_two_workers.py",
    "unit/words/test_shipped_messages.py",
)
"""Tests that go over lines which others cover already; to measure them too takes twice their time."""

OURS = ("HANDSHAKE_", "GITHUB_", "JIRA_", "HUBSPOT_")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).as_posix().startswith(OVER_AND_OVER):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(autouse=True)
def _nobodys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the settings of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Server]:
    """A PostgreSQL server, one for all tests of a process."""
    try:
        with postgres_server.server() as server:
            yield server
    except postgres_server.NoServer as why:
        pytest.skip(str(why))


@pytest.fixture
def postgres_url(postgres: postgres_server.Server) -> str:
    """The address of an empty database on it."""
    postgres.empty()
    return postgres.url
