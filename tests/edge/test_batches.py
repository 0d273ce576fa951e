"""Deliveries that wait together are stored together, and what befalls one batch is nothing to the next."""

from __future__ import annotations

import asyncio
import threading

import pytest
from sqlalchemy.util.concurrency import greenlet_spawn

from automation.model import Delivery
from tests.factories import NOW
from webhooks.batches import MOST, Batches


class Inbox:
    """Stores nothing until it may go on; ``broken`` are the batches that it cannot store, from 1."""

    def __init__(self, *broken: int) -> None:
        self.batches: list[list[str]] = []
        self.may_go_on = threading.Event()
        self._broken = broken

    def accept(self, *deliveries: Delivery) -> list[bool]:
        self.batches.append([delivery.id for delivery in deliveries])
        number = len(self.batches)
        assert self.may_go_on.wait(10)
        if number in self._broken:
            raise OSError(f"batch {number}")
        return [delivery.id != "old" for delivery in deliveries]


def delivery(id: str) -> Delivery:
    return Delivery("github", id, "issues", b"{}", NOW)


def told(inbox: Inbox, *ids: str, leaves: str = "") -> list[bool | str]:
    """Store deliveries that all come while the first of them is on its way. One sender may leave meanwhile.
    Return what each heard: whether it is new, or what went wrong."""

    async def come() -> list[bool | str]:
        batches = Batches(inbox)
        senders = {}
        async with asyncio.timeout(20):
            for id in ids:
                senders[id] = asyncio.ensure_future(greenlet_spawn(batches.store, delivery(id)))
                while not inbox.batches:
                    await asyncio.sleep(0.001)
            await asyncio.sleep(0)
            if leaves:
                senders[leaves].cancel()
            inbox.may_go_on.set()
            heard = await asyncio.gather(*senders.values(), return_exceptions=True)
        return [one if isinstance(one, bool) else str(one) or type(one).__name__ for one in heard]

    return asyncio.run(come())


def test_who_comes_while_something_is_stored_is_stored_with_the_others_that_do() -> None:
    inbox = Inbox()
    assert told(inbox, "first", "b", "old", "c") == [True, True, False, True]
    assert inbox.batches == [["first"], ["b", "old", "c"]]


def test_a_batch_has_an_end() -> None:
    inbox = Inbox()
    assert told(inbox, *map(str, range(2 * MOST + 2))) == (2 * MOST + 2) * [True]
    assert [len(batch) for batch in inbox.batches] == [1, MOST, MOST, 1]


@pytest.mark.parametrize(("broken", "heard"), [(1, ["no", True, True]), (2, [True, "no", "no"])])
def test_a_batch_that_fails_takes_no_other_with_it(broken, heard) -> None:
    answers = told(Inbox(broken), "first", "b", "c")
    assert answers == [f"batch {broken}" if one == "no" else one for one in heard]


def test_an_inbox_that_forgets_one_keeps_nobody_waiting() -> None:
    inbox = Inbox()
    inbox.accept, accept = lambda *deliveries: accept(*deliveries)[1:], inbox.accept
    [word] = told(inbox, "first")
    assert "shorter" in word


@pytest.mark.parametrize("broken", [(), (2,)])
def test_who_leaves_takes_nobody_with_them(broken) -> None:
    inbox = Inbox(*broken)
    _, left, stayed = told(inbox, "first", "b", "c", leaves="b")
    assert (left, stayed) == ("CancelledError", "batch 2" if broken else True)
    assert inbox.batches == [["first"], ["b", "c"]]


def test_on_a_thread_a_delivery_is_stored_by_itself() -> None:
    inbox = Inbox()
    inbox.may_go_on.set()
    batches = Batches(inbox)
    assert [batches.store(delivery(id)) for id in ("a", "old")] == [True, False]
    assert inbox.batches == [["a"], ["old"]]
