"""Time that passes, and what is left to do after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from automation.store.deliveries import Desk
from automation.store.schema import jobs
from tests.end_to_end.conftest import Town

TRACKERS = pytest.mark.parametrize("tracker", ["github", "jira"])


def live(town: Town, seconds: float) -> None:
    """Let time pass, and do what comes due on the way when it does."""
    until = town.clock.now + timedelta(seconds=seconds)
    town.settle()
    while town.clock.now < until:
        waiting = (jobs.c.state == "ready") & (jobs.c.due_at > town.clock.now.timestamp())
        with town.worker_app.database.read() as connection:
            due = connection.scalar(select(func.min(jobs.c.due_at)).where(waiting))
        at = datetime.fromtimestamp(due, UTC) + timedelta(milliseconds=1) if due else until
        town.clock.now = min(at, until)
        town.settle()


def undone(town: Town) -> list[tuple[str, str]]:
    """Return what `deliveries list` shows: the state and the trouble of each job."""
    items, _ = Desk(town.worker_app.database).undone("", 100)
    return [(task.state, task.error) for item in items for task in item.tasks]
