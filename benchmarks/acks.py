"""Durable acknowledgements: how many a second, and how long their senders wait."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import bare
from benchmarks.house import House, serving
from benchmarks.load import CONNECTIONS, Heard, Order, send
from benchmarks.place import Place
from benchmarks.processes import family, processor
from benchmarks.table import Row, ms, share, times, waits
from benchmarks.table import at as within

SATURATED, CALM, STEADY = 5000, 600, 100.0
"""Deliveries as fast as they are taken, and deliveries at so many a second."""
PARTS = 0.5, 0.99, 1.0
WARM = 400


def rows(place: Place) -> Iterator[Row]:
    with bare.server() as port:
        send(Order(port, "secret", WARM, 0))
        server = send(Order(port, "secret", place.count(SATURATED), 0))
    yield Row(
        f"the bare server: an application that only says yes, {CONNECTIONS} connections",
        f"{server.rate:,.0f}/s; {waits(server.waits, *PARTS)}",
    )
    for kind in place.kinds:
        made = bare.rows(place.count(SATURATED))
        most = bare.inserts(place, kind, made)
        alone = bare.commits(place, kind, made[: place.count(CALM)])
        for only, name in (("receiver", "receiver alone"), ("", "receiver and worker")):
            with serving(place, kind, only) as house:
                house.load(WARM if only else WARM // 4)
                if not only:
                    house.settle()
                calm, _ = _measured(house, place.count(CALM), STEADY)
                busy, cost = _measured(house, place.count(SATURATED))
            yield Row(
                f"{kind}, {name}: acks, {CONNECTIONS} connections",
                f"**{busy.rate:,.0f}/s**; {waits(busy.waits, *PARTS)}; {cost}",
                f"the two rows by the driver, {bare.TOGETHER} to a commit: {most:,.0f}/s",
                f"{share(busy.rate, most)} ({share(busy.rate, server.rate)} of the bare server)",
                "≥ 1,500/s, p99 ≤ 40 ms" if only else "≥ 1,000/s, p99 ≤ 40 ms",
            )
            yield Row(
                f"{kind}, {name}: acks at {STEADY:.0f}/s",
                f"**{waits(calm.waits, *PARTS)}**",
                f"the two rows by the driver, one commit each: {waits(alone, *PARTS)}",
                times(within(calm.waits, 0.5), within(alone, 0.5)),
                "p99 ≤ 15 ms",
            )


def _measured(house: House, count: int, rate: float = 0.0) -> tuple[Heard, str]:
    """Send, and say what an acknowledgement costs."""
    pids = family(house.service.pid)
    before = processor(pids)
    heard = house.load(count, rate)
    ours = (processor(pids) - before) / count
    return heard, f"{ms(ours)} of processor each, the senders' {ms(heard.processor / count)}"
