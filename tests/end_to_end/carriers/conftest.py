"""What moves its own date, on both trackers: a milestone, and a version."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.carried import KINDS, Carried
from tests.end_to_end.conftest import Town


@pytest.fixture
def tracker(both: str) -> str:
    return both


@pytest.fixture
def kind(tracker: str) -> Carried:
    return KINDS[tracker]


@pytest.fixture
def rules(rules: Path) -> Path:
    (rules / "dates.yaml").write_text("deadline_fields: {jira: [fixVersions]}\n", "utf-8")
    return rules


@pytest.fixture
def town(town: Town, kind: Carried) -> Town:
    kind.prepare(town)
    return town
