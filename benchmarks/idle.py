"""Starting, doing nothing, and memory: what Handshake costs when nobody asks for anything."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks.house import House, prepared
from benchmarks.load import Order, requests
from benchmarks.place import SQLITE, Place
from benchmarks.processes import family, memory, processor
from benchmarks.table import Row, times
from tests.crash.processes import SECRET, command
from tests.crash.stories import REPO

RESTS = 30.0
DELIVERIES = 5000
OURS = 10
"""One delivery in so many is about a repository that is looked after, and leads to a look at the issue."""
PATIENCE = 60.0

LIBRARIES = """
import json, alembic, babel, cel_expr_python, click, flask, github, granian, jira, liquid, markdown_it
import prometheus_client, psycopg, pydantic_settings, rich, sqlalchemy, structlog
lines = open("/proc/self/smaps_rollup").read().splitlines()[1:]
print(json.dumps({line.split(":")[0]: int(line.split()[1]) for line in lines}))
"""


def rows(place: Place) -> Iterator[Row]:
    seconds, rss = _libraries()
    with ExitStack() as stack:
        houses = {kind: stack.enter_context(prepared(place, kind)) for kind in place.kinds}
        for kind, house in houses.items():
            answered, ready = _start(house)
            yield Row(
                f"{kind}: from exec to the first 202, and to a /readyz that says yes",
                f"**{answered:.2f} s**, **{ready:.2f} s**",
                f"the libraries alone, in one process: {seconds:.2f} s",
                times(answered, seconds),
            )
        for house in houses.values():
            house.settle()
        time.sleep(5)  # what a start leaves to do is done
        for kind, used in _rest(houses, place.count(int(RESTS))):
            yield Row(f"{kind}: processor while idle", f"**{used:.2%}** of a core", "", "", "< 0.5 %")
        libraries = f"the libraries alone: {rss / 2**20:.0f} MB"
        for kind, house in houses.items():
            yield Row(f"{kind}: memory at the start, RSS (PSS)", _sizes(house), libraries)
        house, count = houses[SQLITE], place.count(DELIVERIES)
        house.load(count // OURS)
        house.load(count - count // OURS, repository="acme/elsewhere")
        house.settle()
        yield Row(f"{SQLITE}: memory after {count:,} deliveries", _sizes(house), libraries)


def _libraries() -> tuple[float, int]:
    """Return the seconds until a process has started and imported all libraries, and its bytes (RSS)."""
    words = [sys.executable, "-c", LIBRARIES]
    subprocess.run(words, check=True, capture_output=True)  # noqa: S603 - once before, so that files are at hand
    began = time.perf_counter()
    told = subprocess.run(words, check=True, capture_output=True)  # noqa: S603
    return time.perf_counter() - began, json.loads(told.stdout)["Rss"] * 1024


def _start(house: House) -> tuple[float, float]:
    """Start it, and return the seconds until it took a delivery and until it was ready."""
    (delivery,) = requests(Order(house.service.port, SECRET, 1, 0, repository=REPO))
    head, _, content = delivery.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    began = time.perf_counter()
    house.service.start()
    _until(house, "POST", "/webhooks/github", 202, headers, content)
    answered = time.perf_counter() - began
    house.sent, house.acks = 1, 1
    _until(house, "GET", "/readyz", 200, {}, b"")
    return answered, time.perf_counter() - began


def _until(house: House, verb: str, path: str, wanted: int, headers: dict[str, str], content: bytes) -> None:
    until = time.monotonic() + PATIENCE
    status = 0
    while status != wanted:
        if time.monotonic() > until or not house.service.alive():
            raise TimeoutError(f"{path} answers {status}; see {house.service.log}")
        connection = http.client.HTTPConnection("127.0.0.1", house.service.port, timeout=PATIENCE)
        try:
            connection.request(verb, path, content, headers)
            status = connection.getresponse().status
        except OSError:
            time.sleep(0.005)
        finally:
            connection.close()


def _rest(houses: dict[str, House], seconds: int) -> Iterator[tuple[str, float]]:
    """Let all of them do nothing for so long, and give the share of a core that each used."""
    pids = {kind: family(house.service.pid) for kind, house in houses.items()}
    before = {kind: processor(found) for kind, found in pids.items()}
    began = time.perf_counter()
    time.sleep(seconds)
    passed = time.perf_counter() - began
    for kind, found in pids.items():
        yield kind, (processor(found) - before[kind]) / passed


def _sizes(house: House) -> str:
    """Say how large each process is."""
    found = {_role(pid): memory(pid) for pid in family(house.service.pid)}
    total = sum(each.pss for each in found.values())
    each = ", ".join(f"{name} {one.rss / 2**20:.0f} ({one.pss / 2**20:.0f})" for name, one in found.items())
    return f"{each} MB; **{total / 2**20:.0f} MB** in all"


def _role(pid: int) -> str:
    """Return what a process does: Python itself starts a small one that tidies up after the others."""
    words = command(pid)
    return (
        "receiver" if "spawn_main" in words else "Python's tracker" if "resource_tracker" in words else "main"
    )
