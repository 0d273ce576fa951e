"""What the edge promises of hostile senders: bounded memory, others are not kept waiting, quiet logs."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import io
import json
import logging
import os
import socket
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from flask import Flask

from automation.app import logs
from automation.model import Delivery
from tests.edge.conftest import SECRET
from tests.ports import free_port
from tests.sources import edge_settings
from webhooks.app import create_app
from webhooks.receiver import Dropped

ROOT = Path(__file__).parents[2]
GITHUB = "/webhooks/github"
BODY = b'{"action": "opened"}'
MEGABYTE = 2**20


# ---------------------------------------------------------------- replay


def test_the_same_body_under_two_ids_is_two_deliveries(make_app, inbox, signed) -> None:
    """Somebody who is added to a team, removed and added again repeats a body byte for byte."""
    client = make_app().test_client()
    for id in ("first", "second"):
        answer = client.post(GITHUB, data=BODY, headers=signed(BODY, X_GitHub_Delivery=id))
        assert answer.json == {"accepted": True, "repeated": False}
    assert [delivery.id for delivery in inbox.kept] == ["first", "second"]


# ---------------------------------------------------------------- bombs


def memory_for(work: Callable[[], object]) -> int:
    """Return the most bytes that ``work`` held at once."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_strangers_largest_body_costs_its_own_size_and_little_more(make_app, signed) -> None:
    body = b"[" * 25 * MEGABYTE
    client, headers = make_app(max_body=len(body)).test_client(), signed(body, secret="a guess")
    client.get("/livez")
    held = memory_for(
        lambda: client.post(GITHUB, input_stream=io.BytesIO(body), headers=sized(headers, body))
    )
    assert held < 3 * len(body)


def test_a_strangers_body_that_is_too_large_costs_nothing(make_app, signed) -> None:
    body = b"[" * 25 * MEGABYTE
    client, headers = make_app(max_body=len(body) - 2).test_client(), signed(body)
    client.get("/livez")
    held = memory_for(
        lambda: client.post(GITHUB, input_stream=io.BytesIO(body), headers=sized(headers, body))
    )
    assert held < MEGABYTE


@pytest.mark.parametrize(
    ("body", "status", "times"),
    [
        pytest.param(b'{"a": "' + 25 * MEGABYTE * b"x" + b'"}', 202, 5, id="one long text"),
        pytest.param(b'{"a": [' + MEGABYTE // 16 * b"[]," + b"[]]}", 202, 40, id="many lists"),
        pytest.param(b'{"a": [' + MEGABYTE // 16 * b"{}," + b"{}]}", 202, 40, id="many objects"),
        pytest.param(b'{"a": ' + MEGABYTE * b"[" + MEGABYTE * b"]" + b"}", 400, 5, id="deep"),
        pytest.param(b'{"a": ' + 25 * MEGABYTE * b"9" + b"}", 400, 5, id="a number of 25 million digits"),
        pytest.param(b'{"a": 0.' + 25 * MEGABYTE * b"9" + b"}", 202, 5, id="a fraction as long"),
        pytest.param(b'{"a": "' + MEGABYTE * b"\\ud83d\\ude00" + b'"}', 202, 10, id="many escapes"),
    ],
)
def test_the_memory_for_a_signed_bomb_is_bounded_by_its_size(make_app, signed, body, status, times) -> None:
    client, headers = make_app(max_body=len(body)).test_client(), signed(body)
    client.get("/livez")
    answers = []
    held = memory_for(
        lambda: answers.append(
            client.post(GITHUB, input_stream=io.BytesIO(body), headers=sized(headers, body)).status_code
        )
    )
    assert answers == [status]
    assert held < times * len(body)


def sized(headers: dict[str, str], body: bytes) -> dict[str, str]:
    return headers | {"Content-Length": str(len(body))}


def test_200_levels_are_stored_and_one_more_is_400(make_app, inbox, signed) -> None:
    client = make_app(max_body=MEGABYTE).test_client()
    for levels, status in [(200, 202), (201, 400), (100_000, 400)]:
        for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
            within = opening * (levels - 1) + (b"" if opening == b"[" else b"1") + closing * (levels - 1)
            body = b'{"a":' + within + b"}"
            headers = signed(body, X_GitHub_Delivery=f"{levels}-{opening.decode()[0]}")
            assert client.post(GITHUB, data=body, headers=headers).status_code == status
    assert len(inbox.kept) == 2


def test_a_body_with_many_brackets_side_by_side_is_stored(make_app, signed) -> None:
    body = json.dumps({"labels": [{"name": "bug"}] * 1000, "text": "[" * 1000}).encode()
    assert (
        make_app(max_body=MEGABYTE).test_client().post(GITHUB, data=body, headers=signed(body)).status_code
        == 202
    )


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", lambda body: b"\x8b\x00")],
)
def test_nothing_is_ever_unpacked(make_app, inbox, signed, encoding, pack) -> None:
    packed = pack(b'{"a": "' + 50 * MEGABYTE * b"x" + b'"}')
    client = make_app(max_body=MEGABYTE).test_client()
    for sent, signed_for, status in [
        (packed, packed, 400),  # what was signed is no JSON
        (pack(BODY), BODY, 401),  # what is in it was signed, and not what was sent
        (BODY, BODY, 202),  # the header alone changes nothing
    ]:
        headers = signed(signed_for, Content_Encoding=encoding)
        assert client.post(GITHUB, data=sent, headers=headers).status_code == status
    assert [delivery.body for delivery in inbox.kept] == [BODY]


# ---------------------------------------------------------------- slow senders


class Everything:
    """An inbox that takes everything and keeps nothing."""

    def accept(self, *deliveries: Delivery) -> list[bool]:
        return [True for _ in deliveries]


def served() -> Flask:
    """Make the application in the process that serves it. Nobody reads what that one would log."""
    logs.set_up([SECRET], Path(os.devnull).open("w"))  # noqa: SIM115
    return create_app(edge_settings({"github": (SECRET,)}), Everything(), {})


PROCESS = """
import sys
from webhooks.serve import serve
up = lambda: print("up", flush=True)
serve("tests.edge.test_edge_promises:served", "127.0.0.1", int(sys.argv[1]), up, lambda: None)
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a real server in its own process."""
    port = free_port()
    command = [sys.executable, "-c", PROCESS, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout and process.stdout.readline() == "up\n"
            yield port
        finally:
            process.terminate()
            process.wait(20)


def deliver(port: int, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with contextlib.closing(connection):
        connection.request("POST", GITHUB, body=BODY, headers=headers)
        return connection.getresponse().status


@contextlib.contextmanager
def many(port: int, how_many: int, said: bytes) -> Iterator[None]:
    """Keep connections open that have said this much and say nothing more."""
    with contextlib.ExitStack() as stack:
        for _ in range(how_many):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            slow.sendall(said)
        yield


HEAD = b"POST /webhooks/github HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"POST /web", id="half a line"),
        pytest.param(HEAD, id="headers without end"),
        pytest.param(HEAD + b"Content-Length: 900\r\n\r\n{", id="a body without end"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", id="a chunk without end"),
    ],
)
def test_senders_that_dawdle_keep_nobody_waiting(port, signed, said) -> None:
    with many(port, 150, said):
        assert deliver(port, signed(BODY)) == 202
    assert deliver(port, signed(BODY)) == 202  # they have hung up in the middle


# ---------------------------------------------------------------- quiet logs


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that is logged, by us and by every library, at DEBUG."""
    stream = io.StringIO()
    logs.set_up([SECRET], stream)
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)
    structlog.reset_defaults()


class DiskFull(Exception):
    pass


def test_no_way_to_fail_writes_a_secret_or_a_customer_into_the_log(inbox, signed, written) -> None:
    """Each canary stands where it could slip in: secret, signature, token, body, headers, errors."""
    body = json.dumps({"customer": "Canary Ltd", "nested": ["Canary Ltd"]}).encode()
    token = {"Authorization": "Bearer canary-token", "Cookie": "canary=1", "X-Odd": "Canary Ltd"}
    app = create_app(
        edge_settings({"github": (SECRET,)}, 1000),
        inbox,
        {},
        ruled_out=lambda _, event: Dropped.EVENT if event == "star" else None,
    )
    good = signed(body) | token
    bad_json = b'{"customer": "Canary Ltd"'
    answers = []

    def send(
        sent: bytes, headers: dict[str, str], status: int, path: str = GITHUB, method: str = "POST"
    ) -> None:
        answer = app.test_client().open(path, method=method, data=sent, headers=headers)
        assert answer.status_code == status
        answers.append(f"{answer.headers}{answer.text}")

    path = f"/canary/{SECRET}?token=canary-token"
    send(body, good, 404, path)
    send(body, good, 405, GITHUB, "PUT")
    send(body, good, 405, f"{GITHUB}?canary-token", "GET")
    send(body, good, 202)
    send(body, good, 202)
    send(body, signed(body, X_GitHub_Event="star") | token, 202)
    send(body, signed(body, secret="canary-guess") | token, 401)
    send(body, signed(body, X_Hub_Signature_256=None) | token, 401)
    send(body, signed(body, X_Hub_Signature_256="sha256=canary") | token, 401)
    send(body, signed(body, Content_Type="text/canary") | token, 415)
    send(body, signed(body, X_GitHub_Event="Canary Ltd") | token, 400)
    send(body, signed(body, X_GitHub_Delivery="Canary Ltd") | token, 400)
    send(bad_json, signed(bad_json) | token, 400)
    send(body * 50, signed(body * 50) | token, 413)
    inbox.broken = DiskFull(f"INSERT ... ({body.decode()}, {SECRET})")
    inbox.broken.__cause__ = OSError(f"Canary Ltd {SECRET}")
    send(body, good, 503)
    said = written.getvalue()
    assert (
        said.count("delivery refused") == 8 and "delivery not stored" in said and "delivery dropped" in said
    )
    for text in (said, *answers):
        assert "canary" not in text.lower()
        assert SECRET not in text
        assert good["X-Hub-Signature-256"].removeprefix("sha256=") not in text
