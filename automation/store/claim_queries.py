"""Who is next: the questions by which the queue finds a job and takes it, made once.

A long line costs no more than a short one. Each search walks along the index jobs_by_turn, which meets
no job that is not due, and stops after a few. Where the front of the line is full of jobs that wait for
others of their orderings, as when one subject is very busy, the line is searched further on.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, literal, or_, select, tuple_, union_all, update

from automation.store.schema import jobs

PRIORITY = {"set": 0, "delivery": 1, "reconcile": 2, "tell": 3, "sweep": 4}
"""Writes of deadlines go first, words to people last."""
FRONT = 32
"""Jobs looked at from the front of a line, free or not."""
CHOICE = 8
"""Free jobs found of each kind where the front of the line is busy."""
MOST_FOLDED = 500
"""Reconciles that wait and are seen to together with others of their subjects."""

_RUNNING = jobs.alias("running")
_BUSY = select(_RUNNING.c.ordering).where(_RUNNING.c.state == "running", _RUNNING.c.ordering != "")


def _line(server: bool, kinds: tuple[str, ...], most: int, passed: Any, *where: Any) -> Any:
    """Return the first ``most`` jobs of each kind that are due, and of those that were put back or put
    for later and are due now: one search each, along the index jobs_by_turn, which meets none that is
    not due. SQLite wants the equation for that; PostgreSQL, given one, may walk along all ids instead."""
    at_once = and_(jobs.c.due_at == 0.0, jobs.c.id > passed)
    if server:
        at_once = and_(tuple_(jobs.c.due_at, jobs.c.id) > tuple_(0.0, passed), jobs.c.due_at <= 0.0)
    later = and_(jobs.c.due_at > 0.0, jobs.c.due_at <= bindparam("now"))
    parts = []
    for kind in kinds:
        ready = and_(jobs.c.state == "ready", jobs.c.kind == kind, jobs.c.system == bindparam("to"))
        for due in (at_once, later):
            part = select(jobs.c.id, literal(PRIORITY[kind]).label("priority"), jobs.c.ordering)
            parts.append(part.where(ready, due, *where).order_by(jobs.c.due_at, jobs.c.id).limit(most))
    return union_all(*(select(part.subquery()) for part in parts)).subquery()


@cache
def waiting(kinds: tuple[str, ...]) -> Select[Any]:
    """Return a job that is due, free or not."""
    due = and_(jobs.c.state == "ready", jobs.c.due_at <= bindparam("now"), jobs.c.system == bindparam("to"))
    return select(jobs.c.id).where(due, or_(*(jobs.c.kind == kind for kind in kinds))).limit(1)


@cache
def front(server: bool, kinds: tuple[str, ...]) -> Select[Any]:
    """Return the front of the line, free or not."""
    line = _line(server, kinds, FRONT, 0)
    busy = line.c.ordering.in_(_BUSY).label("busy")
    return select(line.c.id, line.c.ordering, busy).order_by(line.c.priority, line.c.id).limit(FRONT)


@cache
def free(server: bool, kinds: tuple[str, ...]) -> Select[Any]:
    """Return the free jobs that come first after those that are known to have been passed over."""
    passed = bindparam("passed", type_=jobs.c.id.type)
    line = _line(server, kinds, CHOICE, passed, jobs.c.ordering.not_in(_BUSY))
    return select(line.c.id, line.c.ordering).order_by(line.c.priority, line.c.id)


STATE = jobs.c.state.concat("")
"""No word of an index, so that SQLite looks up ids or orderings, and does not walk along the whole line."""
IS_READY = STATE == "ready"


def free_of(ids: Any) -> Select[Any]:
    """Return those of the jobs ``ids`` that are free still and that nobody else is taking now."""
    due = jobs.c.due_at <= bindparam("now")
    return (
        select(jobs.c.id)
        .where(jobs.c.id.in_(ids), IS_READY, due, jobs.c.ordering.not_in(_BUSY))
        .with_for_update(skip_locked=True)
    )


take = (
    update(jobs)
    .where(jobs.c.id.in_(free_of(bindparam("found", expanding=True))))
    .values(
        state="running",
        owner=bindparam("me"),
        lease_until=bindparam("until"),
        tries=jobs.c.tries + 1,
    )
    .returning(
        jobs.c.id,
        jobs.c.kind,
        jobs.c.payload_json,
        jobs.c.tries,
        jobs.c.cause,
        jobs.c.ordering,
        jobs.c.error,
        jobs.c.put_at,
    )
)
"""Makes the jobs ``found`` ours, as far as they are free. No two of them may have the same ordering."""

beside = (
    select(jobs.c.id, jobs.c.ordering, jobs.c.payload_json)
    .where(
        jobs.c.ordering.in_(bindparam("orderings", expanding=True)),
        jobs.c.kind == "reconcile",
        jobs.c.system == "",
        IS_READY,
        jobs.c.due_at <= bindparam("now"),
        jobs.c.tries == 0,
        jobs.c.error == "",
    )
    .order_by(jobs.c.id)
    .limit(MOST_FOLDED)
)
"""Finds the reconciles of subjects that are due, and have not failed or waited for anything."""
