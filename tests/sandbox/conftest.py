"""A sandbox with a few people in it, the real clients, and a place where webhooks arrive."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import requests
from github import Auth, Github
from jira import JIRA
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from automation.sandbox import Sandbox, sandbox

SECRET = "It's a Secret to Everybody"


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.time = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def tick(self, seconds: float = 60) -> datetime:
        self.time += timedelta(seconds=seconds)
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(clock: Clock) -> Iterator[Sandbox]:
    """acme/shop (private) with issue 1; deal SALES-1 and issue PROD-1. pia and dana are product's."""
    with sandbox(clock) as made:
        hub, site = made.github, made.jira
        for login in ("sam", "pia", "bot", "stranger"):
            hub.add_user(login)
        hub.add_team("acme", "product", members=["pia"], pending=["sam"])
        hub.add_repo("acme/shop", private=True, roles={"sam": "triage", "pia": "maintain", "bot": "write"})
        hub.add_repo("acme/docs")
        hub.add_milestone("acme/shop", "March", date(2027, 3, 1))
        hub.add_milestone("acme/shop", "April", date(2027, 4, 15))
        hub.add_issue("acme/shop", "Single sign-on", "Please.", author="sam")
        for name in ("dana", "eve", "ops"):
            site.add_user(name, display=name.title())
        site.add_group("product-managers", ["dana"])
        site.add_project("SALES", roles={"Administrators": ["ops", "product-managers"]})
        site.add_project("PROD")
        site.add_issue("SALES", "Contract for 40 seats", reporter="eve", due=date(2027, 1, 31))
        site.add_issue("PROD", "Single sign-on", "Please.", reporter="eve", labels=["login"])
        yield made


@pytest.fixture
def github(box: Sandbox) -> Iterator[Callable[[str], Github]]:
    """Return PyGithub as somebody."""
    made: list[Github] = []

    def client(login: str) -> Github:
        auth = Auth.Token(login)
        made.append(
            Github(
                base_url=box.github_url,
                auth=auth,
                retry=None,
                seconds_between_requests=0,
                seconds_between_writes=0,
            )
        )
        return made[-1]

    yield client
    for each in made:
        each.close()


@pytest.fixture
def jira(box: Sandbox) -> Iterator[Callable[[str], JIRA]]:
    """Return the ``jira`` client as somebody."""
    made: list[JIRA] = []

    def client(name: str) -> JIRA:
        options = {"rest_api_version": "3"}
        made.append(
            JIRA(
                box.jira_url,
                options=options,
                basic_auth=(f"{name}@example.com", name),
                max_retries=0,
                timeout=5,
            )
        )
        return made[-1]

    yield client
    for each in made:
        each.close()


@pytest.fixture
def curl(box: Sandbox) -> Iterator[Callable[..., requests.Response]]:
    """Ask GitHub's paths as a login, Jira's (under /rest) as a short name; nobody: without credentials."""
    with requests.Session() as session:

        def ask(who: str | None, method: str, path: str, **more: object) -> requests.Response:
            of_jira = path.startswith(("/rest", "/browse"))
            url = (box.jira_url if of_jira else box.github_url) + path
            headers = {} if of_jira or who is None else {"Authorization": f"token {who}"}
            auth = ("any@example.com", who) if of_jira and who else None
            return session.request(method, url, headers=headers, auth=auth, timeout=5, **more)

        yield ask


class Arrivals:
    """Where webhooks arrive: ``seen`` in order, each answered with ``status``."""

    def __init__(self) -> None:
        self.seen: list[Request] = []
        self.status = 202

    def __call__(self, environ: dict[str, object], start_response: object) -> object:
        request = Request(environ)
        request.get_data()
        self.seen.append(request)
        return Response("", self.status)(environ, start_response)

    def names(self) -> list[str]:
        """Return what arrived, as ``issues.milestoned`` or ``jira:issue_updated``."""
        bodies = [(request.headers.get("X-GitHub-Event"), request.get_json()) for request in self.seen]
        return [f"{event}.{body['action']}" if event else body["webhookEvent"] for event, body in bodies]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


@pytest.fixture
def arrivals(box: Sandbox) -> Iterator[Arrivals]:
    """Subscribe to both systems."""
    arrivals = Arrivals()
    server = make_server("127.0.0.1", 0, arrivals, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    for system in (box.github, box.jira):
        system.send_hooks_to(f"http://127.0.0.1:{server.server_port}/hooks", SECRET)
    yield arrivals
    box.hooks.drain()
    server.shutdown()
    thread.join()
    server.server_close()
