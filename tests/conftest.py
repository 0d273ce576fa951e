"""What all tests share. That only this machine can be reached stands in pyproject.toml (pytest-socket)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import postgres_server

# No test may fail because the machine was busy.
settings.register_profile("handshake", deadline=None)
settings.load_profile("handshake")

OURS = ("HANDSHAKE_", "GITHUB_", "JIRA_", "HUBSPOT_")


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
