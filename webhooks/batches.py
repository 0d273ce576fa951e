"""Deliveries that wait at the same time are stored in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from sqlalchemy.util.concurrency import await_, in_greenlet

from automation.model import Delivery

MOST = 64
"""Deliveries in a transaction at most, so that the first of them need not wait long."""


class Inbox(Protocol):
    """Where deliveries are kept until they are worked on."""

    def accept(self, *deliveries: Delivery) -> Sequence[bool]:
        """Store the deliveries durably, all or none. Return of each whether it is new.

        Raise any exception when they could not be stored: their senders are then asked to try again.
        """
        ...


class Batches:
    """Stores deliveries. Who stores one on the server's event loop, in a greenlet of its own, lets others
    go on meanwhile; what has come until the last transaction ended is the next one. On other threads each
    delivery has its own.

    A transaction that fails does so for all in it. None of them can spoil it for the others: what
    a stranger chose of a delivery was checked before, and is stored as it came.
    """

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._thread = ThreadPoolExecutor(1, "store")
        self._waiting: list[tuple[Delivery, asyncio.Future[bool]]] = []
        self._storing: asyncio.Task[None] | None = None

    def store(self, delivery: Delivery) -> bool:
        """Return whether the delivery is new, once it is stored. Raise what the inbox raises."""
        if not in_greenlet():
            return self._inbox.accept(delivery)[0]
        loop = asyncio.get_running_loop()
        stored: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((delivery, stored))
        if self._storing is None or self._storing.done():
            self._storing = loop.create_task(self._store())
        return await_(stored)

    async def _store(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            deliveries = [delivery for delivery, _ in batch]
            try:
                new = await loop.run_in_executor(self._thread, self._inbox.accept, *deliveries)
                for (_, stored), one in zip(batch, new, strict=True):
                    if not stored.done():  # its sender may have gone
                        stored.set_result(one)
            except Exception as error:
                for _, stored in batch:
                    if not stored.done():
                        stored.set_exception(error)
