"""The limits of each system, kept in the database, since all threads and machines share them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from automation.model.systems import Budget
from automation.ports import Closed, Unauthorized, Unavailable, no_answer
from automation.store import outages
from automation.store.counters import Counters
from automation.store.database import Database, upsert
from automation.store.outages import ASK, READ, WRITE, Silence
from automation.store.schema import systems, writes

log = structlog.get_logger("handshake")

HOUR = 3600.0
PATIENCE = 5.0
"""Seconds that a write waits for its turn; where it would take longer, its job is put back."""


_KNOWN = select(systems).where(systems.c.name == bindparam("to"))
_OURS = (writes.c.system == bindparam("to")) & (writes.c.at < bindparam("ahead"))
_LAST = select(func.max(writes.c.at)).where(_OURS)
_FIRST = select(writes.c.at).where(_OURS).order_by(writes.c.at.desc()).offset(bindparam("others")).limit(1)
_LEAVES = insert(writes).returning(writes.c.id)
_FORGET = delete(writes).where(writes.c.system == bindparam("to"), writes.c.at < bindparam("before"))

UNDECLARED = Budget(1.0)
"""For a system that declares no budget here, as where only what is known of it is read."""
NO_BUDGETS: Mapping[str, Budget] = {}


class RateLimiters:
    """What is open and what is shut."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], float],
        counters: Counters,
        interval: float | None = None,
        sleep: Callable[[float], None] = time.sleep,
        budgets: Mapping[str, Budget] = NO_BUDGETS,
    ) -> None:
        """``interval`` overrides the seconds between two writes; only a sandbox wants less. ``budgets``: what
        each system declares."""
        self._budgets = budgets
        self._database = database
        self._now = self.now = now
        self._counters = counters
        self._interval = interval
        self._sleep = sleep

    def to(self, system: str) -> RateLimiter:
        """Return the limiter before ``system``."""
        budget = self._budgets.get(system, UNDECLARED)
        if self._interval is not None:
            budget = replace(budget, interval=self._interval)
        return RateLimiter(self._database, self._now, self._counters, self._sleep, system, budget)

    def problem(self) -> str | None:
        """Say which system does not accept our credentials, or None (for the readiness check)."""
        with self._database.read() as connection:
            rows = connection.scalars(select(systems.c.name).where(systems.c.unauthorized))
            refused = sorted(rows)
        if not refused:
            return None
        return f"not accepted by {' and '.join(refused)}; the log says which setting to check"

    def silent(self, system: str) -> str | None:
        """Say since when the system does not answer, or None (for the details of the readiness check)."""
        with self._database.read() as connection:
            out = [one for one in outages.known(connection, self._now()) if one.system == system]
        return str(min(out, key=lambda one: (not one.shut, one.side))) if out else None


class RateLimiter:
    """The limiter before one system."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], float],
        counters: Counters,
        sleep: Callable[[float], None],
        system: str,
        budget: Budget,
    ) -> None:
        self._database = database
        self._now = now
        self._counters = counters
        self._sleep = sleep
        self.system = system
        self._budget = budget
        self._refused = False
        self._under_way = threading.local()
        self._silence = Silence(database, now, system)

    def enter(self, write: bool = False, urgent: bool = False) -> None:
        """See ports.RateLimiter."""
        self._under_way.side = WRITE if write else READ
        if not write:
            with self._database.read() as connection:
                self._check_open(connection)
                probing = self._silence.check(connection, READ)
            if probing:
                with self._database.write(wakes=False) as connection:
                    self._silence.probe(connection, READ)
            return
        with self._database.write() as connection:
            # Touched first, so that two machines cannot both take the same turn.
            known = upsert(connection, systems).values(name=self.system)
            connection.execute(
                known.on_conflict_do_update(index_elements=["name"], set_={"name": self.system})
            )
            self._check_open(connection)
            probing = self._silence.check(connection, WRITE)
            turn = self._turn(connection, urgent)
            wait = turn - self._now()
            if wait <= PATIENCE:
                if probing:
                    self._silence.probe(connection, WRITE)
                self._under_way.write = connection.scalar(_LEAVES, {"system": self.system, "at": turn})
                connection.execute(_FORGET, {"to": self.system, "before": self._now() - HOUR})
        if wait > PATIENCE:
            raise Closed(f"{self.system}: all writes of this hour are used up", wait)
        if wait > 0:
            self._sleep(wait)

    def wait_for_turn(self, urgent: bool = False) -> bool:
        """Wait until a write could leave. Return False where that takes longer than a few seconds.

        Whoever reads before writing waits here first, so that nothing changes in between.
        """
        wait = self.opens_in(urgent)
        if 0 < wait <= PATIENCE:
            self._sleep(wait)
        return wait <= PATIENCE

    def opens_in(self, urgent: bool = False) -> float:
        """Return in how many seconds a write could be let through, 0 for now."""
        with self._database.read() as connection:
            try:
                self._check_open(connection)
                for side in (READ, WRITE):  # whoever writes reads first
                    self._silence.check(connection, side)
            except Closed as closed:
                return closed.retry_after or 0.0
            return max(0.0, self._turn(connection, urgent) - self._now())

    def unauthorized(self) -> bool:
        """Tell whether the system did not accept our credentials when it was last asked."""
        refused = select(systems.c.unauthorized).where(systems.c.name == self.system)
        with self._database.read() as connection:
            return bool(connection.scalar(refused))

    def ask_at_once(self) -> None:
        """Let the next call through, although the credentials were refused a moment ago: we were started
        anew, perhaps with others. The refusal stands until something is accepted."""
        refused = (systems.c.name == self.system) & systems.c.unauthorized
        with self._database.write() as connection:
            connection.execute(update(systems).where(refused).values(closed_until=0.0))

    def shut(self, closed: Closed) -> None:
        """See ports.RateLimiter."""
        refused = isinstance(closed, Unauthorized)
        log.warning("shut", system=self.system, wait=closed.retry_after, error=str(closed))
        self._save(self._now() + (closed.retry_after or 0.0), str(closed), refused)

    def answered(self, verb: str, status: int, quota: int | None = None, resets_in: float = 0.0) -> None:
        """See ports.RateLimiter."""
        self._counters.add("calls", self.system, verb, str(status))
        self._write_ended()
        if not no_answer(status):
            self._silence.answered(self._side(verb))
        if quota is not None:
            self._counters.set("quota", quota, self.system)
        if self._refused and status < 400:
            log.info("open", system=self.system)
            self._save(0.0, "", False)
        if quota == 0 and resets_in > 0:
            self.shut(Closed(f"{self.system}: all calls of this hour are used up", resets_in))

    def unanswered(self, verb: str, call: str, problem: Unavailable) -> None:
        """See ports.RateLimiter."""
        self._write_ended()
        self._silence.failed(self._side(verb), call, problem)

    def _side(self, verb: str) -> str:
        """Tell what kind of call is being made on this thread."""
        side: str = getattr(self._under_way, "side", READ)
        return ASK if side == READ and verb != "GET" else side

    def _write_ended(self) -> None:
        """Let the next write wait from now on: this one may have left late, or taken long."""
        row, self._under_way.write = getattr(self._under_way, "write", None), None
        if row is not None and self._budget.interval:
            with self._database.write() as connection:
                connection.execute(update(writes).where(writes.c.id == row).values(at=self._now()))

    def _check_open(self, connection: Connection) -> None:
        row = connection.execute(_KNOWN, {"to": self.system}).one_or_none()
        self._refused = bool(row and row.unauthorized)
        if row and row.closed_until > self._now():
            kind = Unauthorized if row.unauthorized else Closed
            raise kind(row.why, row.closed_until - self._now())

    def _turn(self, connection: Connection, urgent: bool) -> float:
        """Return when the next write may leave."""
        now = self._now()
        # What lies further ahead was written before the clock was set back.
        ours = {"to": self.system, "ahead": now + PATIENCE + self._budget.interval}
        last = connection.scalar(_LAST, ours)
        turn = now if last is None else max(now, last + self._budget.interval)
        if not self._budget.hourly:
            return turn
        most = self._budget.hourly if urgent else int(self._budget.hourly * (1 - self._budget.reserve))
        first = connection.scalar(_FIRST, {**ours, "others": most - 1})  # of as many as an hour may hold
        return turn if first is None else max(turn, first + HOUR)

    def _save(self, until: float, why: str, unauthorized: bool) -> None:
        row = {"closed_until": until, "why": why, "unauthorized": unauthorized}
        with self._database.write() as connection:
            connection.execute(
                upsert(connection, systems)
                .values(name=self.system, **row)
                .on_conflict_do_update(index_elements=["name"], set_=row)
            )
