"""Send signed webhooks from one background thread: in the order things happened, each once, or as told.

GitHub: https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers
Jira: https://developer.atlassian.com/cloud/jira/platform/webhooks/
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import queue
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import requests

from automation.sandbox.world import Json, World

TIMEOUT = (2.0, 10.0)
"""Seconds to connect, and to wait for an answer: GitHub waits 10."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook as it was sent. ``status`` is the answer's, 0 where nobody answered."""

    id: str
    system: str
    event: str
    headers: Mapping[str, str]
    body: bytes
    url: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class _Target:
    url: str
    secret: str


class Hooks:
    """The senders of both systems. ``deliveries`` are those made so far, oldest first; ``held`` those
    that wait for ``release``."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.deliveries: list[Delivery] = []
        self.held: list[Delivery] = []
        self._holding = False
        self._known: dict[str, Delivery] = {}
        self._targets: dict[str, _Target] = {}
        self._queue: queue.Queue[Delivery | None] = queue.Queue()
        self._waiting = 0
        self._idle = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="sandbox-hooks", daemon=True)
        self._thread.start()

    def point(self, system: str, url: str, secret: str) -> None:
        """Send the webhooks of ``system`` to ``url`` from now on, signed with ``secret``."""
        self._targets[system] = _Target(url, secret)

    def send(self, system: str, event: str, payload: Json, headers: Mapping[str, str]) -> None:
        """Queue a webhook; without a target it is not sent at all, as nobody subscribed."""
        if system in self._targets:
            body = json.dumps(payload, separators=(",", ":")).encode()
            delivery = Delivery(self.world.next_guid(), system, event, headers, body)
            with self._idle:
                if self._holding:
                    self.held.append(delivery)
                    return
            self._put(delivery)

    def hold(self) -> None:
        """Keep webhooks back from now on, in ``held``, until ``release``."""
        self._holding = True

    def release(self, order: Sequence[int] | None = None) -> None:
        """Send what is held, and hold no longer. ``order`` has places in ``held``: one named twice is
        sent twice, and one that is missing is lost, as if nobody had answered. None: all as they are.
        """
        with self._idle:
            held, self.held, self._holding = self.held, [], False
        places = range(len(held)) if order is None else order
        for place, delivery in enumerate(held):
            if place not in places:
                self._made(delivery)
        for place in places:
            self._put(held[place])

    def redeliver(self, delivery_id: str) -> None:
        """Send a delivery again under its old id, to where its system's webhooks go now.

        Raise LookupError for an id that was never sent.
        """
        self._put(self._known[delivery_id])

    def drain(self, timeout: float = 10.0) -> bool:
        """Wait up to ``timeout`` seconds until everything queued was sent; tell whether it was."""
        with self._idle:
            return self._idle.wait_for(lambda: self._waiting == 0, timeout)

    def stop(self) -> None:
        """Send what is queued, then end the thread."""
        self._queue.put(None)
        self._thread.join(timeout=sum(TIMEOUT))

    def _put(self, delivery: Delivery) -> None:
        with self._idle:
            self._waiting += 1
        self._queue.put(delivery)

    def _run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while (delivery := self._queue.get()) is not None:
                made = self._post(session, delivery)
                self._made(made)
                with self._idle:
                    self._waiting -= 1
                    self._idle.notify_all()

    def _made(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        self._known.setdefault(delivery.id, delivery)

    def _post(self, session: requests.Session, delivery: Delivery) -> Delivery:
        target = self._targets[delivery.system]
        headers = {
            **delivery.headers,
            "Content-Type": "application/json",
            **(_github if delivery.system == "github" else _jira)(delivery, target.secret),
        }
        try:
            answer = session.post(
                target.url, data=delivery.body, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
            status = answer.status_code
        except requests.RequestException:
            status = 0
        return dataclasses.replace(delivery, headers=headers, url=target.url, status=status)


def _github(delivery: Delivery, secret: str) -> dict[str, str]:
    return {
        "User-Agent": "GitHub-Hookshot/0a1b2c3",
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Delivery": delivery.id,
        "X-GitHub-Hook-ID": "1",
        "X-GitHub-Hook-Installation-Target-Type": "repository",
        "X-Hub-Signature-256": _signature(delivery.body, secret),
    }


def _jira(delivery: Delivery, secret: str) -> dict[str, str]:
    return {
        "User-Agent": "Atlassian Webhook HTTP Client",
        "X-Atlassian-Webhook-Identifier": delivery.id,
        "X-Atlassian-Webhook-Flow": "Primary",
        "X-Hub-Signature": _signature(delivery.body, secret),
    }


def _signature(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
