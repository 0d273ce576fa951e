"""What all tests share. That only this machine can be reached stands in pyproject.toml (pytest-socket)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import settings

from tests import databases, postgres_server

# No test may fail because the machine was busy.
settings.register_profile("few", deadline=None, max_examples=20)
settings.register_profile("many", deadline=None, max_examples=200)
settings.register_profile("long", deadline=None, max_examples=5000)
settings.load_profile("few")

OURS = ("HANDSHAKE_", "GITHUB_", "JIRA_", "HUBSPOT_")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough",
        action="store_true",
        help="each cell of each matrix, many examples of each property, and PostgreSQL",
    )
    parser.addoption("--everywhere", action="store_true", help="each cell of each matrix on PostgreSQL too")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--thorough") and not config.getoption("--hypothesis-profile"):
        settings.load_profile("many")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--everywhere"):
        return
    elsewhere = [item for item in items if item.get_closest_marker("thorough")]
    left_out = _more_than_once_through(elsewhere)
    if not config.getoption("--thorough"):
        left_out = {*elsewhere, *_more_than_once_through([item for item in items if item not in elsewhere])}
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]


def _more_than_once_through(items: Sequence[pytest.Item]) -> set[pytest.Item]:
    """Return those cells of the matrices in which no value of any parameter occurs for the first time."""
    seen: set[tuple[str, str, str]] = set()
    left_out: set[pytest.Item] = set()
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("matrix"):
            test = item.nodeid.partition("[")[0]
            values = {(test, name, repr(value)) for name, value in item.callspec.params.items()}
            if values <= seen:
                left_out.add(item)
            seen |= values
    return left_out


@pytest.fixture(autouse=True)
def _nobodys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the settings of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("durable"):
        yield
    else:
        with databases.unflushed():
            yield


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    with databases.compiled_once():
        yield


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
