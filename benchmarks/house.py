"""The real ``handshake serve`` beside a sandbox, on an empty database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import NullPool, create_engine, func, select
from sqlalchemy.engine import make_url

from automation.app.settings import Settings
from automation.sandbox import Sandbox, sandbox
from automation.store.database import Database
from automation.store.inbox import Inbox
from automation.store.schema import deliveries, jobs
from benchmarks.load import Heard, Order, send
from benchmarks.place import Place
from tests.crash import stories
from tests.crash.processes import SECRET, Service, environment
from tests.ports import free_port
from webhooks.app import EdgeSettings, create_app

SUBJECTS = 1000


class Lost(Exception):
    """An acknowledged delivery is not in the database: no figure counts then."""


@dataclass
class House:
    """The service and its sandbox. ``sent`` numbers the deliveries."""

    service: Service
    box: Sandbox
    url: str
    sent: int = 0
    acks: int = 0

    def load(self, count: int, rate: float = 0.0, repository: str = stories.REPO) -> Heard:
        """Send so many deliveries, and make sure that all that were acknowledged are stored."""
        heard = send(Order(self.service.port, SECRET, count, self.sent, rate, repository, SUBJECTS))
        self.sent += count
        self.acks += heard.acks
        stored = self.stored()
        if heard.acks != count or stored != self.acks:
            raise Lost(f"{count} sent, answered {dict(heard.answers)}; {stored} stored of {self.acks}")
        return heard

    def stored(self) -> int:
        return _count(self.url, select(func.count()).select_from(deliveries))

    def waiting(self) -> int:
        """Return how many jobs are due now, or run."""
        due = (jobs.c.state == "running") | ((jobs.c.state == "ready") & (jobs.c.due_at <= time.time()))
        return _count(self.url, select(func.count()).select_from(jobs).where(due))

    def settle(self, seconds: float = 120.0) -> None:
        """Wait until nothing is due."""
        until = time.monotonic() + seconds
        while self.waiting():
            if time.monotonic() > until:
                raise TimeoutError(f"{self.waiting()} jobs are still to be done; see {self.service.log}")
            time.sleep(0.1)


def app(settings: Settings, database: Database) -> Flask:
    """Return what receives, to be served in this process."""
    sources = {system.name: system.source for system in settings.all_systems}
    return create_app(EdgeSettings(settings.webhook_secrets(), sources), Inbox(database), {})


def _count(url: str, count: object) -> int:
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(address, poolclass=NullPool)
    with engine.connect() as connection:
        return int(connection.scalar(count) or 0)  # type: ignore[call-overload]


@contextmanager
def prepared(place: Place, kind: str, only: str = "") -> Iterator[House]:
    """Give a house that is not started yet, with an issue on GitHub for each subject of the load."""
    folder, url = place.new(), place.database(kind)
    with sandbox() as box:
        stories.people(box)
        for number in range(SUBJECTS):
            box.github.add_issue(stories.REPO, f"Report {number}", stories.BODY, author="lee")
        settings = environment(box.github_url, box.jira_url, folder, free_port(), url)
        house = House(Service(settings, folder, only), box, url)
        try:
            yield house
        finally:
            house.service.clear_away()


@contextmanager
def serving(place: Place, kind: str, only: str = "") -> Iterator[House]:
    """Give a house that answers."""
    with prepared(place, kind, only) as house:
        house.service.start()
        house.service.wait_until_it_answers()
        yield house
