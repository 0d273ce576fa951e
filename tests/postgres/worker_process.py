"""One worker process of those that share the work: ``python worker_process.py URL [jobs until it hangs]``.

Each look is noted in the ledger, with the times between which it ran. Leases are short, so that a
test of a takeover ends in seconds.
"""

from __future__ import annotations

import itertools
import json
import signal
import sys
import threading
import time
from datetime import UTC, datetime

from sqlalchemy import insert

from automation.engine import worker as worker_module
from automation.engine.credentials import Credentials
from automation.engine.executor import Executor
from automation.engine.rendering import Rendering
from automation.engine.worker import Worker
from automation.ports import Job
from automation.rulebook.rulebook import Rulebook
from automation.store import queue as queue_module
from automation.store.counters import Counters
from automation.store.database import Database
from automation.store.outbox import Outbox
from automation.store.queue import Queue
from automation.store.rate_limiter import RateLimiters
from automation.store.schema import ledger
from automation.store.state import States
from tests.fakes import FakeCrm


def no_rules() -> Rulebook:
    raise AssertionError("a look needs no rules here")


def main(url: str, hangs_after: int) -> None:
    queue_module.LEASE_SECONDS = 2.0
    worker_module.KEEP_EVERY = 0.5
    database = Database(url)
    queue, counters = Queue(database, time.time), Counters(database)
    numbers = itertools.count(1)

    def look(job: Job) -> None:
        began = time.time()
        if hangs_after and next(numbers) > hangs_after:
            threading.Event().wait()
        with database.write() as connection:
            entry = {"number": job.payload["number"], "by": queue.owner, "from": began, "to": time.time()}
            connection.execute(
                insert(ledger).values(subject=job.payload["subject"], entry_json=json.dumps(entry))
            )
            queue.done(connection, job)

    states, crm = States(database), FakeCrm()
    rendering = Rendering({}, crm, no_rules, states.known_names, lambda: datetime.now(UTC))
    worker = Worker(
        database,
        queue,
        Outbox(database, time.time),
        {"reconcile": look},
        Executor(states, {}, crm, no_rules, rendering),
        [],
        counters,
        Credentials({}, RateLimiters(database, time.time, counters)),
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    worker.start()
    print(queue.owner, flush=True)
    stop.wait()
    worker.stop(10)
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
