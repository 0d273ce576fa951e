"""Unit tests start no process, open no socket and need no PostgreSQL: what does stands in another folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

STARTS_A_PROCESS = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system")
"""https://docs.python.org/3/library/audit_events.html"""

_guarded = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            if item.get_closest_marker("postgres"):
                raise pytest.UsageError(f"{item.nodeid} needs PostgreSQL: move it out of tests/unit")
            item.add_marker(pytest.mark.disable_socket)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if _guarded and event in STARTS_A_PROCESS:
        raise AssertionError(f"a unit test starts no process ({event}): move it out of tests/unit")


sys.addaudithook(_refuse)


def pytest_runtest_setup() -> None:
    global _guarded
    _guarded = True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> object:
    global _guarded
    try:
        return (yield)
    finally:
        _guarded = False
