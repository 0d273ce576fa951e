"""The mode is the off switch: what was planned before it was switched, and waits, is not written either."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from automation.model import Mode
from tests.end_to_end.conftest import SPRING, Town, both
from tests.end_to_end.test_outages import WRITES, pass_by

tracker = both


@pytest.fixture
def mode() -> None:
    """It is what the rules say."""


def switch(town: Town, rules: Path, mode: Mode) -> None:
    settings = rules / "handshake.yaml"
    settings.write_text(re.sub(r"(?m)^mode: .*$", f"mode: {mode}", settings.read_text()))
    town.clock.forward(seconds=2)
    town.settle()


@pytest.fixture
def waiting(town: Town, rules: Path, tracker: str) -> Town:
    """A date is to be set back, and words are to be said, but the tracker takes nothing."""
    switch(town, rules, Mode.ENFORCE)
    town.comment("sam", f"/link {town.deal}")
    town.box.out(tracker, methods=WRITES)
    town.ask("lee", SPRING)
    return town


def test_in_observe_nothing_is_written_that_waited(waiting: Town, rules: Path, tracker: str) -> None:
    switch(waiting, rules, Mode.OBSERVE)
    waiting.box.back(tracker)
    before = len(waiting.writes())
    pass_by(waiting, minutes=30)

    assert (len(waiting.writes()), waiting.place.day()) == (before, SPRING)
    assert "parked" not in waiting.worker_app.queue.counts()
    switch(waiting, rules, Mode.ENFORCE)
    pass_by(waiting, minutes=30)
    assert waiting.place.day() == SPRING, "it stands as it was when this mode began"


def test_in_tell_a_date_is_not_set_back_that_waited(waiting: Town, rules: Path, tracker: str) -> None:
    switch(waiting, rules, Mode.TELL)
    waiting.box.back(tracker)
    pass_by(waiting, minutes=30)

    assert waiting.place.day() == SPRING
    assert "stays" not in waiting.on_issue()[-1], "nothing is told that was not done"
