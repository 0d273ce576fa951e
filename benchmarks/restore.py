"""How long an unsigned date stands: from the moment its webhook is received until the old one is back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import requests
from sqlalchemy import NullPool, create_engine, select
from sqlalchemy.engine import make_url

from automation.app.settings import Settings
from automation.app.systems import SYSTEMS
from automation.app.worker_app import build_worker_app
from automation.sandbox.places import GitHubIssue, JiraIssue
from automation.sandbox.places import Place as Issue
from automation.store.schema import deliveries
from benchmarks.house import House, app, prepared
from benchmarks.place import POSTGRES, SQLITE, Place
from benchmarks.table import Row, at, times, waits
from tests.crash.processes import BOT, SECRET
from tests.crash.stories import BODY, DEALS, MILESTONES, PROJECT, REPO, SPRING
from webhooks.serve import Aside

ROUNDS = {SQLITE: 10, POSTGRES: 5}
"""Dates that are set on each tracker, each on an issue of its own: three in an hour are its limit."""
PATIENCE = 30.0
LOOKS = 0.002
"""Seconds between two looks at the tracker."""
GITHUB_WRITE: dict[str, object] = {"milestone": None}
JIRA_WRITE: dict[str, object] = {"fields": {"duedate": None}}
CALLS = 50
"""How often each call is made by itself, to know how long it takes."""


@dataclass
class Found:
    """The seconds each restore took, and the calls that were made up to the write."""

    seconds: list[float] = field(default_factory=list)
    reads: list[int] = field(default_factory=list)


def rows(place: Place) -> Iterator[Row]:
    for kind in place.kinds:
        with prepared(place, kind) as house:
            issues = _issues(house, min(ROUNDS[kind], 2) if place.short else ROUNDS[kind])
            _link(house, issues)
            house.service.start()
            house.service.wait_until_it_answers()
            _point(house)
            found = {"github": Found(), "jira": Found()}
            for each in issues:
                system = "github" if isinstance(each, GitHubIssue) else "jira"
                _round(house, each, found[system], system)
            house.service.clear_away()
            house.box.hooks.drain()
            for system, measured in found.items():
                read, write = _alone(house, system)
                reads = round(at(measured.reads, 0.5))
                limit = reads * read + write
                yield Row(
                    f"{kind}, {system}: an idle house restores a date, {len(measured.seconds)} times",
                    f"**{waits(measured.seconds, 0.5, 0.95)}**",
                    f"its {reads} reads and the write by themselves: {limit * 1e3:.0f} ms",
                    times(at(measured.seconds, 0.5), limit),
                )


def _issues(house: House, rounds: int) -> list[Issue]:
    """Make issues on both trackers, one of each in turn."""
    made: list[Issue] = []
    for number in range(rounds):
        one = house.box.github.add_issue(REPO, f"Single sign-on {number}", BODY, author="lee")
        other = house.box.jira.add_issue(PROJECT, f"Single sign-on {number}", BODY, reporter="lee")
        made += GitHubIssue(house.box, REPO, one, MILESTONES), JiraIssue(house.box, other)
    return made


def _point(house: House) -> None:
    url = f"http://127.0.0.1:{house.service.port}/webhooks"
    house.box.github.send_hooks_to(f"{url}/github", SECRET)
    house.box.jira.send_hooks_to(f"{url}/jira", SECRET)


def _link(house: House, issues: list[Issue]) -> None:
    """Link a deal to each, at once: the pace that trackers ask for is not what is measured."""
    settings = Settings(_env_file=None, **house.service.environment)  # type: ignore[arg-type]
    inside = build_worker_app(settings, write_interval=0.0)
    receiver = Aside(app(settings, inside.database), "127.0.0.1", house.service.port)
    receiver.start()
    _point(house)
    time.sleep(1.1)  # trackers give times by the second, and what was said before we came is not news
    for issue in issues:
        deal = house.box.jira.add_issue(DEALS, "Borealis Ltd", reporter="sam")
        issue.comment("sam", f"/link {deal}")
    while not house.box.hooks.drain() or inside.worker.run_next():
        pass
    receiver.close()
    inside.database.close()


def _round(house: House, issue: Issue, found: Found, system: str) -> None:
    """Set a date as somebody does who may not, and watch until it is gone again."""
    sent, asked = len(house.box.hooks.deliveries), len(house.box.requests)
    issue.ask("lee", SPRING)
    until = time.monotonic() + PATIENCE
    while issue.day() is not None:
        if time.monotonic() > until:
            raise TimeoutError(f"the date still stands; see {house.service.log}")
        time.sleep(LOOKS)
    ended = time.time()
    calls = [call for call in house.box.requests[asked:] if call.actor == BOT]
    found.reads.append(next(place for place, call in enumerate(calls) if call.method in ("PATCH", "PUT")))
    house.box.hooks.drain()
    found.seconds.append(ended - _received(house.url, house.box.hooks.deliveries[sent].id))
    house.settle()
    time.sleep(next(one.budget.interval for one in SYSTEMS if one.name == system) + 0.05)


def _received(url: str, id: str) -> float:
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        address = address.set(drivername="postgresql+psycopg")
    with create_engine(address, poolclass=NullPool).connect() as connection:
        return float(connection.scalars(select(deliveries.c.received_at).where(deliveries.c.id == id)).one())


def _alone(house: House, system: str) -> tuple[float, float]:
    """Return the usual seconds of one read and of one write, with nothing of ours around them."""
    with requests.Session() as session:
        session.trust_env = False
        if system == "github":
            session.headers["Authorization"] = f"Bearer {BOT}"
            url = f"{house.box.github_url}/repos/{REPO}/issues/1"
            verb, words = "PATCH", GITHUB_WRITE
        else:
            session.auth = (f"{BOT}@example.com", BOT)
            url = f"{house.box.jira_url}/rest/api/3/issue/{PROJECT}-1"
            verb, words = "PUT", JIRA_WRITE
        return _usual(session, "GET", url, None), _usual(session, verb, url, words)


def _usual(session: requests.Session, verb: str, url: str, words: object) -> float:
    took = []
    for _ in range(CALLS):
        began = time.perf_counter()
        session.request(verb, url, json=words, timeout=10).raise_for_status()
        took.append(time.perf_counter() - began)
    return at(took, 0.5)
