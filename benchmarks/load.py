"""Senders of signed deliveries, in one process with one thread, so that little is taken from those served.

Every body and signature is made before the first is sent. https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import json
import multiprocessing
import select
import socket
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from automation.adapters.github.system import SOURCE
from webhooks.signatures import Sent, sign

CONNECTIONS = 16
BODY_BYTES = 8 * 1024
PATIENCE = 60.0
"""Seconds without any answer after which it is given up."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to send. ``rate``: deliveries a second, 0 for as many as are answered. ``first`` numbers
    them: the ids of two orders must not meet."""

    port: int
    secret: str
    count: int
    first: int
    rate: float = 0.0
    repository: str = "acme/shop"
    subjects: int = 1000


@dataclass
class Heard:
    """What was answered: how often each status, the seconds it took in all, each wait, and the
    sender's own seconds of processor."""

    answers: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    seconds: float = 0.0
    processor: float = 0.0

    @property
    def acks(self) -> int:
        return self.answers[202]

    @property
    def rate(self) -> float:
        return self.acks / self.seconds


def send(order: Order) -> Heard:
    """Send all of it from a process of its own, and wait for the end."""
    there = multiprocessing.get_context("spawn")
    ours, theirs = there.Pipe(duplex=False)
    process = there.Process(target=_work, args=(order, theirs))
    process.start()
    theirs.close()
    try:
        heard: Heard = ours.recv()
    except EOFError:
        raise RuntimeError("the senders ended without a word") from None
    process.join()
    return heard


def body(order: Order, number: int) -> bytes:
    """Return what GitHub says of an edited issue, as long as it usually is."""
    issue = number % order.subjects + 1
    person = {"login": "lee", "id": 101, "type": "User", "site_admin": False}
    payload: dict[str, Any] = {
        "action": "edited",
        "issue": {
            "url": f"https://api.github.example/repos/{order.repository}/issues/{issue}",
            "id": 3_000_000_000 + number,
            "number": issue,
            "title": f"Single sign-on, part {number}",
            "user": person,
            "labels": [{"id": 1, "name": "bug", "color": "d73a4a", "default": True}],
            "state": "open",
            "comments": 4,
            "created_at": "2027-01-11T09:00:00Z",
            "updated_at": "2027-01-12T09:00:00Z",
        },
        "changes": {"title": {"from": f"Single sign-on, part {number - 1}"}},
        "repository": {"id": 1, "full_name": order.repository, "private": True, "owner": person},
        "sender": person,
    }
    left = BODY_BYTES - len(json.dumps(payload))
    words = f"{number}: one login for all tools, and out of all of them again.\n"
    payload["issue"]["body"] = (words * (left // len(words) + 1))[:left]
    return json.dumps(payload).encode()


def requests(order: Order) -> list[bytes]:
    """Return the requests, ready to be sent."""
    return [_request(order, number) for number in range(order.first, order.first + order.count)]


def _request(order: Order, number: int) -> bytes:
    content = body(order, number)
    lines = (
        "POST /webhooks/github HTTP/1.1",
        f"Host: 127.0.0.1:{order.port}",
        "User-Agent: GitHub-Hookshot/0000000",
        "Accept: */*",
        "Content-Type: application/json",
        "X-GitHub-Event: issues",
        f"X-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-{number:012d}",
        "X-GitHub-Hook-ID: 1",
        "X-GitHub-Hook-Installation-Target-ID: 1",
        "X-GitHub-Hook-Installation-Target-Type: repository",
        f"{SOURCE.scheme.header}: {sign(SOURCE.scheme, order.secret, Sent(content))}",
        f"Content-Length: {len(content)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + content


def _work(order: Order, back: Any) -> None:
    ready = requests(order)
    open_ones = [_Connection(order.port) for _ in range(CONNECTIONS)]
    before = time.process_time()
    heard = _send(ready, open_ones, order.rate)
    heard.processor = time.process_time() - before
    back.send(heard)


class _Connection:
    """A connection that is kept open, and the answer that is coming on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0
        self._come = b""

    def fileno(self) -> int:
        return self.socket.fileno()

    def begin(self, request: bytes, began: float) -> None:
        self.began, self._come = began, b""
        self.socket.sendall(request)

    def answer(self) -> int | None:
        """Read what has come. Return the status once all of the answer is there."""
        some = self.socket.recv(65536)
        if not some:
            raise RuntimeError("a connection was closed while an answer was due")
        self._come += some
        head, end, rest = self._come.partition(b"\r\n\r\n")
        if not end:
            return None
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        return int(head[9:12]) if len(rest) >= length else None


def _send(ready: Iterable[bytes], connections: list[_Connection], rate: float) -> Heard:
    """Send on whichever connection is free. With a rate, a wait counts from when it was due, and not from
    when a connection came free for it."""
    heard, free, busy = Heard(), deque(connections), set[_Connection]()
    left, sent = iter(ready), 0
    waiting = next(left, None)
    began = time.perf_counter()
    while waiting is not None or busy:
        due = began + sent / rate if rate else 0.0
        while waiting is not None and free and time.perf_counter() >= due:
            connection = free.popleft()
            connection.begin(waiting, due or time.perf_counter())
            busy.add(connection)
            sent, waiting = sent + 1, next(left, None)
            due = began + sent / rate if rate else 0.0
        pause = max(0.0, due - time.perf_counter()) if rate and waiting is not None and free else PATIENCE
        come, _, _ = select.select(busy, (), (), pause)
        if not come and pause == PATIENCE:
            raise RuntimeError(f"no answer for {PATIENCE:.0f} s")
        for connection in come:
            status = connection.answer()
            if status is not None:
                heard.waits.append(time.perf_counter() - connection.began)
                heard.answers[status] += 1
                busy.remove(connection)
                free.append(connection)
    heard.seconds = time.perf_counter() - began
    return heard
