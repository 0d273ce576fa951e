"""An inbox that only remembers, and the application around it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from automation.model import Delivery
from tests.sources import SCHEMES, edge_settings, sign
from webhooks.app import create_app

SECRET = "a long random text"


class Remembering:
    """An inbox in memory. ``broken`` is raised when it should store; ``sizes`` are those of the batches."""

    def __init__(self) -> None:
        self.kept: list[Delivery] = []
        self.sizes: list[int] = []
        self.broken: Exception | None = None
        self.may_store = threading.Event()
        self.may_store.set()

    def accept(self, *deliveries: Delivery) -> list[bool]:
        self.sizes.append(len(deliveries))
        assert self.may_store.wait(10)
        if self.broken:
            raise self.broken
        return [self._keep(delivery) for delivery in deliveries]

    def _keep(self, delivery: Delivery) -> bool:
        new = delivery.id not in {one.id for one in self.kept}
        self.kept.append(delivery)
        return new


@pytest.fixture
def inbox() -> Remembering:
    return Remembering()


@pytest.fixture
def make_app(inbox: Remembering) -> Callable[..., Flask]:
    def make(*, secrets: tuple[str, ...] = (SECRET,), max_body: int = 1000, checks=None) -> Flask:
        return create_app(edge_settings({"github": secrets}, max_body), inbox, checks or {})

    return make


@pytest.fixture
def signed() -> Callable[..., dict[str, str]]:
    """Return the headers of a genuine delivery; an overridden one that is None is left out."""

    def headers(body: bytes, secret: str = SECRET, **changed: str | None) -> dict[str, str]:
        genuine = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "issues",
            "X-GitHub-Delivery": "6d9a0f60-0b3b-11ee-8f6e-0d7a3f0b7a11",
            "X-GitHub-Hook-ID": "12345",
            "X-Hub-Signature-256": sign(SCHEMES["github"], secret, body),
        }
        given = {name.replace("_", "-"): value for name, value in changed.items()}
        return {name: value for name, value in (genuine | given).items() if value is not None}

    return headers
