"""The real service is killed and stopped under load: nothing is lost, nothing is said twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.ordeal import SHORT, prepared
from tests.crash.processes import STOPS_WITHIN

pytestmark = pytest.mark.crash


def test_what_was_acknowledged_is_done_once_whatever_is_killed(tmp_path: Path) -> None:
    with prepared(SHORT, 1, tmp_path) as ordeal:
        outcome = ordeal.go()

    assert outcome.wrong == []
    assert outcome.kills.total() == SHORT.kills
    assert outcome.acknowledged >= SHORT.deliveries
    assert len(outcome.stops) == SHORT.sigterms + 1
    assert max(outcome.stops) <= STOPS_WITHIN
