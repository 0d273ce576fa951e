"""Kill the real service at random moments under load, then check that nothing was lost or doubled.

``make crash`` is the long form; ``python -m tests.crash.run --help`` tells how to change it.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.crash import workload
from tests.crash.ordeal import LONG, Ordeal, Outcome, Size, prepared
from tests.crash.processes import STOPS_WITHIN


def report(ordeal: Ordeal, began: float) -> str:
    done, load = ordeal.outcome, ordeal.load
    told = sum(story.done for story in ordeal.stories)
    steps = sum(len(story.steps) for story in ordeal.stories)
    return (
        f"{time.monotonic() - began:4.0f} s  kills {done.kills.total()}  stops {len(done.stops)}  "
        f"acknowledged {len(load.acknowledged)}  steps {told} of {steps}  jobs waiting {ordeal.backlog}"
    )


def follow(ordeal: Ordeal, began: float, say: Callable[[str], None]) -> Outcome:
    """Do the run, and tell every few seconds how far it is."""
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(5):
            say(report(ordeal, began))

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        return ordeal.go()
    finally:
        ended.set()
        teller.join()


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked.add_argument("--kills", type=int, default=LONG.kills)
    asked.add_argument("--sigterms", type=int, default=LONG.sigterms)
    asked.add_argument("--deliveries", type=int, default=LONG.deliveries)
    asked.add_argument("--issues", type=int, nargs=2, default=LONG.issues, metavar=("GITHUB", "JIRA"))
    asked.add_argument("--database", default="", help="postgresql://…, else an SQLite file of its own")
    given = asked.parse_args()
    size = Size(given.kills, given.sigterms, given.deliveries, tuple(given.issues))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left running
    folder = Path(tempfile.mkdtemp(prefix="handshake-crash-"))
    began = time.monotonic()
    print(f"seed {given.seed}, in {folder}", flush=True)
    with prepared(size, given.seed, folder, given.database) as ordeal:
        outcome = follow(ordeal, began, lambda line: print(line, flush=True))
        print(table(ordeal))
    return 1 if outcome.wrong else 0


def table(ordeal: Ordeal) -> str:
    done = ordeal.outcome
    kinds = ", ".join(f"{victim} {count}" for victim, count in sorted(done.kills.items()))
    longest = max(done.stops, default=0.0)
    rows = {
        "seed": done.seed,
        "kill -9": f"{done.kills.total()} ({kinds})",
        "SIGTERM": f"{len(done.stops)}, the longest took {longest:.1f} s of {STOPS_WITHIN:.0f}",
        "acknowledged": f"{done.acknowledged} {dict(workload.told_of(ordeal.load.acknowledged))}",
        "answers": dict(done.answers),
        "refused as forged": len(ordeal.load.forged),
        "issues with a deal": len(ordeal.stories),
        "requests to the sandbox": len(ordeal.box.requests),
        "wrong": len(done.wrong),
    }
    lines = [f"{name:24} {value}" for name, value in rows.items()]
    return "\n".join(["", *lines, *(f"  {problem}" for problem in done.wrong[:50])])


if __name__ == "__main__":
    sys.exit(main())
