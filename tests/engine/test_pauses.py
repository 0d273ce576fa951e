"""A bulk edit of 1,000 issues: no more dates are set back than one person may cause, and none is lost."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from automation.model import Issue, Subject, Trigger, Value
from automation.store.inbox import put_reconciles
from automation.store.open_proposals import waiting
from automation.store.pauses import Pauses
from tests.engine.test_worker import counters, inbox, limiters, worker
from tests.factories import SPRING, WINTER, state
from tests.fakes import FakeTracker

__all__ = ["counters", "inbox", "limiters", "worker"]

SHIPPED = Path(__file__).parents[2] / "rules"
ISSUES = 1_000
CAP = 50
RULES = """
most_restores_per_hour: 50
rules:
  - name: dates wait
    when: deadline.changed
    if: size(issue.deals) > 0
    then:
      - hold: {until: product}
"""


@dataclass
class Many(FakeTracker):
    """A tracker with as many issues as are asked for, on all of which Lee has set the same date."""

    set_back: dict[Subject, Value] = field(default_factory=dict)

    def issue(self, subject: Subject) -> Issue | None:
        held = super().issue(subject)
        value = self.set_back.get(subject, SPRING)
        return held and replace(held, subject=subject, deadlines={"milestone": value})

    def set_deadline(self, subject: Subject, field: str, value: Value) -> None:
        self._note("set_deadline", subject, field, value.name)
        self.set_back[subject] = value


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/handshake.db"


@pytest.fixture
def tracker() -> FakeTracker:
    return Many()


@pytest.fixture
def bulk_edit(folder, know, database):
    """All issues are linked, their date stood at winter, and there is news of each."""
    text = (folder / "rules.yaml").read_text().replace("rules: []", "")
    (folder / "rules.yaml").write_text(text + RULES)
    shutil.copytree(SHIPPED / "messages", folder / "messages", dirs_exist_ok=True)
    subjects = [Subject("github", "issue", f"acme/shop#{number}") for number in range(ISSUES)]
    for subject in subjects:
        know(replace(state(WINTER), subject=subject))
    with database.write() as connection:
        for subject in subjects:
            put_reconciles(connection, (Trigger(subject, "milestoned"),))
    return subjects


def run_all(worker) -> None:
    while worker.run_next():
        pass


@pytest.mark.simulation
def test_a_bulk_edit_of_1000_issues_is_set_back_as_far_as_the_cap_goes_and_asked_about_once(
    bulk_edit, worker, tracker, crm, database, clock
) -> None:
    run_all(worker)

    assert tracker.asked.count("set_deadline") == CAP
    assert len(tracker.posted) == 1 and len(crm.posted) == 1, "people are asked once"
    [(_, asked)] = tracker.posted.values()
    assert "Too many dates had to be set back within the hour because of somebody" in asked
    left = waiting(database)
    assert (len(left), sum(one.paused for one in left)) == (ISSUES, ISSUES - CAP), "nothing is lost"

    [pause] = Pauses(database).now(clock.now)
    assert Pauses(database).release(pause.name, clock.now) == ISSUES - CAP
    run_all(worker)

    assert tracker.asked.count("set_deadline") == ISSUES
    assert set(tracker.set_back.values()) == {WINTER}
    assert not any(one.paused for one in waiting(database))
