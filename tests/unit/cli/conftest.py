"""A folder of one's own to stand in, with the shipped rules, and no settings but those of the test."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from automation.cli import main
from tests import databases

SHIPPED = Path(__file__).parents[3] / "rules"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in: a ``.env`` of whoever runs the tests is not read."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def rules(here: Path) -> Path:
    """A copy of the shipped rules."""
    shutil.copytree(SHIPPED, here / "rules")
    return here / "rules"


@pytest.fixture
def served(here: Path) -> None:
    """The default database, as the first start makes it."""
    databases.default().close()


@pytest.fixture
def handshake(here: Path) -> Iterator[Callable[..., Result]]:
    """Call ``handshake`` with arguments; settings are given by name."""
    stopping = signal.getsignal(signal.SIGTERM)

    def call(*arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(main, arguments, env=settings, prog_name="handshake")

    yield call
    signal.signal(signal.SIGTERM, stopping)
    structlog.reset_defaults()
