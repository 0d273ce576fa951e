"""What all tests share. That only this machine can be reached stands in pyproject.toml (pytest-socket)."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

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
