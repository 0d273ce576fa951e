"""The worker_app signs in as its settings say, at the addresses they say, and stops in good order."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator

import pytest
import requests
import responses
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from automation.app.settings import read_settings
from automation.app.worker_app import WorkerApp, build_worker_app
from automation.model import Subject, Trigger
from automation.store.inbox import put_reconciles

HUB = "https://github.example/api/v3"
SITE = "https://jira.example"
ON_GITHUB, ON_JIRA = Subject("github", "issue", "acme/shop#12"), Subject("jira", "issue", "PROD-7")
CONNECTED = {
    "HANDSHAKE_PORT": "0",
    "GITHUB_API_URL": HUB,
    "GITHUB_TOKEN": "ghp_of_tests",
    "GITHUB_WEBHOOK_SECRET": "a long random text",
    "JIRA_URL": SITE,
    "JIRA_EMAIL": "handshake@example.com",
    "JIRA_API_TOKEN": "a cloud token",
}

pytestmark = pytest.mark.usefixtures("rules")


@pytest.fixture(scope="module")
def key() -> str:
    """A private key, as GitHub gives one to an App."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    """GitHub and Jira, neither of which can answer now; only tokens of installations are to be had."""

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        if str(request.url).endswith("/app/installations/5/access_tokens"):
            return 201, {}, json.dumps({"token": "ghs_made", "expires_at": "2099-01-01T00:00:00Z"})
        return 503, {}, ""

    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        for verb in ("GET", "POST"):
            web.add_callback(verb, re.compile("https://.*"), answer)
        yield web


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., WorkerApp]]:
    built: list[WorkerApp] = []

    def build(**settings: str) -> WorkerApp:
        for name, value in {**CONNECTED, **settings}.items():
            monkeypatch.setenv(name, value)
        built.append(build_worker_app(read_settings()))
        return built[-1]

    yield build
    for worker_app in built:
        worker_app.database.close()


def look(worker_app: WorkerApp, subject: Subject) -> None:
    with worker_app.database.write() as connection:
        put_reconciles(connection, (Trigger(subject, "labeled"),))
    assert worker_app.worker.run_next()


def credentials(web: responses.RequestsMock) -> set[str | None]:
    return {call.request.headers.get("Authorization") for call in web.calls}


def test_to_start_asks_nobody_anything(build, web) -> None:
    build()

    assert len(web.calls) == 0


def test_github_is_asked_with_the_token(build, web) -> None:
    look(build(), ON_GITHUB)

    assert {call.request.url.partition("?")[0].replace(":443", "") for call in web.calls} == {
        f"{HUB.removesuffix('/v3')}/graphql"
    }
    assert credentials(web) == {"token ghp_of_tests"}


@pytest.mark.parametrize("lines", ["\n", "\\n"], ids=["on several lines", "on one line"])
def test_an_app_asks_with_the_token_of_its_installation(build, web, key, lines) -> None:
    worker_app = build(
        GITHUB_TOKEN="",
        GITHUB_APP_ID="1",
        GITHUB_APP_PRIVATE_KEY=key.replace("\n", lines),
        GITHUB_APP_INSTALLATION_ID="5",
    )

    look(worker_app, ON_GITHUB)

    assert web.calls[0].request.headers["Authorization"].startswith("Bearer ey"), "signed by the App's key"
    assert web.calls[-1].request.headers["Authorization"].endswith(" ghs_made")


def test_jira_cloud_is_asked_with_address_and_token(build, web) -> None:
    look(build(), ON_JIRA)

    typed = base64.b64encode(b"handshake@example.com:a cloud token").decode()
    assert credentials(web) == {f"Basic {typed}"}


def test_jira_data_center_is_asked_with_its_token_alone(build, web) -> None:
    look(build(JIRA_EMAIL="", JIRA_API_TOKEN="", JIRA_TOKEN="a server token"), ON_JIRA)

    assert credentials(web) == {"Bearer a server token"}


def test_a_key_that_is_no_key_makes_the_job_wait_and_is_not_shown(build, web, capsys) -> None:
    worker_app = build(
        GITHUB_TOKEN="",
        GITHUB_APP_ID="1",
        GITHUB_APP_PRIVATE_KEY="hunter2hunter2",
        GITHUB_APP_INSTALLATION_ID="5",
    )

    look(worker_app, ON_GITHUB)

    assert worker_app.queue.counts() == {"ready": 1}, "it waits for the right key, and nothing is lost"
    assert len(web.calls) == 0
    assert "hunter2" not in "".join(capsys.readouterr())


def test_a_house_that_was_started_stops_in_good_order(build) -> None:
    worker_app = build()
    worker_app.start()
    assert worker_app.worker.problem() is None

    worker_app.close()

    assert worker_app.worker.problem() == "the worker has stopped"


def test_the_house_keeps_its_markers_over_a_restart(build) -> None:
    assert build().database.secret("marker key") == build().database.secret("marker key")
