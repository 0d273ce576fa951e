"""A label is one wish per issue: whatever fails, crashes or arrives late, the last one comes true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from automation.domain.plan_builder import PlanBuilder
from automation.engine.executor import Executor
from automation.engine.rendering import Rendering
from automation.model import Link, Mode, Plan, SetLabel, ShowDeal
from automation.ports import DONE, MOVED_ON, READ_LAG, Job, LeaseLost, Unavailable
from automation.rulebook.rulebook import Rulebook
from automation.store import queue
from automation.store.database import Database
from automation.store.outbox import Outbox
from automation.store.queue import LEASE_SECONDS, Queue
from automation.store.schema import labels
from automation.store.state import States
from tests.databases import with_tables
from tests.factories import DEAL, ISSUE, NOW, SAM, effect, facts, issue, state
from tests.fakes import Clock, FakeCrm, FakeTracker

LABEL = "waiting"
WRITES = ("tell",), "github"


def no_rules() -> Rulebook:
    raise AssertionError("a label needs no rules")


class Wall:
    """An issue and its one label, with the real store below and a tracker that may fail."""

    def __init__(self, database: Database) -> None:
        self.clock = Clock()
        self.database = database
        self.jobs = Queue(database, self.clock.seconds)
        self.states = States(database)
        self.outbox = Outbox(database, self.clock.seconds)
        self.tracker = FakeTracker()
        trackers, crm = {"github": self.tracker}, FakeCrm()
        rendering = Rendering(trackers, crm, no_rules, self.states.known_names, self.clock)
        self.effects = Executor(self.states, trackers, crm, no_rules, rendering)
        self.wanted = False
        self.late: list[Callable[[], None]] = []
        self.decide(state(), lambda _: None)

    def decide(self, known: object, how: Callable[[PlanBuilder], None]) -> Plan:
        """Look at the issue as it shows now, and commit what is decided."""
        before, _ = self.states.load(ISSUE)
        start = before if before.version else known
        shown = tuple(label for label, present in self.tracker.labels.items() if present)
        builder = PlanBuilder(start, facts(issue=issue(labels=shown)), Mode.ENFORCE, NOW, {})
        how(builder)
        made = builder.finish()
        with self.database.write() as connection:
            queue.put(connection, queue.new("reconcile", {}))
        self.states.commit(self.jobs, self.jobs.claim(("reconcile",)), before, made, "enforce", "digest")
        return made

    def wish(self, present: bool) -> None:
        self.wanted = present
        self.decide(None, lambda builder: builder.label(LABEL, present))

    def work(self) -> bool:
        return self._perform() is not None

    def fails(self, arrives: str) -> None:
        """Let a write get no answer: it was never made, was made at once, or is made a little later."""
        holds = dict(self.tracker.labels)
        self.tracker.fail("set_label", Unavailable("502"), after=arrives != "never")
        asked = len(self.tracker.calls)
        self._perform()
        self.tracker.forgive()
        if arrives == "late" and "set_label" in self.tracker.asked[asked:]:
            written, self.tracker.labels = self.tracker.labels, holds
            self.late.append(lambda: self.tracker.labels.update(written))

    def crash(self, after_the_write: bool) -> None:
        """Let the process end with a job in hand; another takes over when its lease is over."""
        job = self.jobs.claim(*WRITES)
        if job and after_the_write:
            self.effects.perform(self.outbox.get(job.payload["effect"]), job.tries)
        self.jobs = Queue(self.database, self.clock.seconds)
        self.forward(LEASE_SECONDS + 1)
        self.jobs.keep()

    def forward(self, seconds: float) -> None:
        """Let time pass: what was late has arrived by then."""
        self.clock.forward(seconds)
        while self.late:
            self.late.pop(0)()

    def settle(self) -> None:
        for _ in range(20):
            self.forward(READ_LAG)
            while self.work():
                pass

    def _perform(self) -> Job | None:
        job = self.jobs.claim(*WRITES)
        if job is None:
            return None
        try:
            ending = self.effects.perform(self.outbox.get(job.payload["effect"]), job.tries)
            self.outbox.end(self.jobs, job, ending)
        except Unavailable as error:
            self.jobs.retry(job, str(error), READ_LAG)
        except LeaseLost:
            self.jobs.retry(job, "", 0.0)
        return job


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Wall]:
    database = Database(f"sqlite:///{tmp_path}/labels.db")
    yield Wall(database)
    database.close()


STEPS = {
    "add": lambda wall: wall.wish(True),
    "remove": lambda wall: wall.wish(False),
    "work": lambda wall: wall.work(),
    "never arrives": lambda wall: wall.fails("never"),
    "arrives": lambda wall: wall.fails("at once"),
    "arrives late": lambda wall: wall.fails("late"),
    "crash": lambda wall: wall.crash(False),
    "crash after the write": lambda wall: wall.crash(True),
    "wait": lambda wall: wall.forward(READ_LAG),
}


@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=2, max_size=14))
@example(["add", "arrives late", "remove", "work", "wait"])
@example(["add", "crash after the write", "remove", "crash"])
@settings(max_examples=settings().max_examples // 5)
def test_whatever_happens_between_the_issue_ends_as_was_wished_last(steps: list[str]) -> None:
    with TemporaryDirectory() as folder:
        database = Database(with_tables(f"sqlite:///{folder}/labels.db"))
        try:
            wall = Wall(database)
            for step in steps:
                STEPS[step](wall)
            wall.settle()
            assert wall.tracker.labels.get(LABEL, False) == wall.wanted
            assert wall.jobs.counts() == {}, "nothing waits any more"
        finally:
            database.close()


def test_a_wish_taken_back_while_the_first_write_failed_leaves_no_label(wall: Wall) -> None:
    wall.wish(True)
    wall.fails("at once")
    wall.wish(False)
    wall.settle()

    assert wall.tracker.labels == {LABEL: False}


def test_a_wish_taken_back_before_anything_was_written_writes_it_not_first(wall: Wall) -> None:
    wall.wish(True)
    wall.wish(False)
    wall.settle()

    written = [call[2:] for call in wall.tracker.calls if call[0] == "set_label"]
    assert written == [(LABEL, "False")]


def test_each_issue_has_one_row_for_a_label(wall: Wall) -> None:
    for present in (True, False, True):
        wall.wish(present)

    with wall.database.read() as connection:
        rows = connection.execute(select(labels)).all()
    assert [tuple(row) for row in rows] == [(str(ISSUE), LABEL, True)]
    assert wall.states.load(ISSUE)[0].labels == {LABEL: True}


def test_what_people_take_off_stays_off_until_something_else_is_decided(wall: Wall) -> None:
    wall.wish(True)
    wall.settle()
    wall.tracker.labels[LABEL] = False

    made = wall.decide(None, lambda _: None)

    assert made.effects == ()


def test_a_label_that_is_as_wished_is_left_alone(wall: Wall) -> None:
    wall.tracker.labels[LABEL] = True

    made = wall.decide(None, lambda builder: builder.label(LABEL, True))

    assert made.effects == ()
    assert made.state.labels == {LABEL: True}


def test_what_an_earlier_version_planned_is_done_where_nothing_else_was_decided(wall: Wall) -> None:
    planned = effect(SetLabel(LABEL, True))

    assert wall.effects.perform(planned, tries=1).how == DONE
    assert wall.tracker.labels == {LABEL: True}

    wall.wish(False)

    assert wall.effects.perform(planned, tries=1).how == MOVED_ON
    assert wall.effects.perform(planned, tries=2).how == DONE
    assert wall.tracker.labels == {LABEL: False}


def test_a_deal_unlinked_while_showing_it_failed_is_not_shown_afterwards(wall: Wall) -> None:
    ended = Link(DEAL.subject, SAM, NOW, ended_at=NOW)
    wall.decide(None, lambda builder: builder.put_link(ended))

    assert wall.effects.perform(effect(ShowDeal(DEAL.subject, True)), tries=1).how == MOVED_ON
    wall.effects.perform(effect(ShowDeal(DEAL.subject, True)), tries=2)

    assert wall.tracker.shown == {DEAL.key: False}


def test_a_deal_that_is_linked_again_is_shown(wall: Wall) -> None:
    wall.effects.perform(effect(ShowDeal(DEAL.subject, False)), tries=2)

    assert wall.tracker.shown == {DEAL.key: True}
