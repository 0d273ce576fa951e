"""The real server on loopback: chunked bodies, sizes, a taken port, and an end without loss."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from webhooks.serve import CannotListen, PortTaken, Server, serve

BODY = b'{"action": "opened"}'


@contextlib.contextmanager
def running(app) -> Iterator[Server]:
    server = serve(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(timeout=20)
        assert not thread.is_alive()


def post(server: Server, body, headers: dict[str, str]) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("POST", "/webhooks/github", body=body, headers=headers)
        answer = connection.getresponse()
        assert answer.headers["Server"] == "handshake"
        return answer.status, json.loads(answer.read())


def test_a_delivery_in_chunks_is_stored_whole(make_app, inbox, signed) -> None:
    with running(make_app()) as server:
        answer = post(server, iter([BODY[:7], BODY[7:]]), signed(BODY))
    assert answer == (202, {"accepted": True, "repeated": False})
    assert inbox.kept[0].body == BODY


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_413(make_app, inbox, signed, chunked) -> None:
    body = b'{"a": "' + 2000 * b"x" + b'"}'
    with running(make_app()) as server:
        status, answer = post(server, iter([body]) if chunked else body, signed(body))
    assert status == 413
    assert "1,000 bytes" in answer["error"]
    assert inbox.kept == []


def first_line(server: Server, request: bytes) -> bytes:
    """Send ``request``, whole or not, and return the status line that comes back."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        return connection.makefile("rb").readline()


def test_an_announced_giant_is_413_before_any_of_it_is_sent(make_app) -> None:
    with running(make_app()) as server:
        line = first_line(
            server,
            b"POST /webhooks/github HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
            b"Content-Length: 99999999999\r\n\r\n",
        )
    assert line.startswith(b"HTTP/1.1 413 ")


def test_endless_chunks_are_413_before_they_end(make_app) -> None:
    chunk = b"10000\r\n" + 0x10000 * b"x" + b"\r\n"
    with running(make_app()) as server:
        line = first_line(
            server,
            b"POST /webhooks/github HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + 2 * chunk,
        )
    assert line.startswith(b"HTTP/1.1 413 ")


def test_headers_without_end_are_431(make_app) -> None:
    with running(make_app()) as server:
        line = first_line(server, b"GET / HTTP/1.1\r\nX-Long: " + 64 * 1024 * b"x")
    assert line.split()[1] == b"431"


def test_a_bad_signature_is_401_and_a_failing_store_503(make_app, inbox, signed) -> None:
    with running(make_app()) as server:
        assert post(server, BODY, signed(BODY, secret="a guess"))[0] == 401
        assert post(server, b"[]", signed(b"[]"))[0] == 400
        assert post(server, BODY, signed(BODY, Content_Type="text/plain"))[0] == 415
        inbox.broken = OSError("disk full")
        assert post(server, BODY, signed(BODY))[0] == 503


def test_a_taken_port_gets_a_plain_message(make_app) -> None:
    with running(make_app()) as server, pytest.raises(PortTaken) as caught:
        serve(make_app(), "127.0.0.1", server.port)
    assert str(caught.value) == (
        f"Port {server.port} is taken. Stop the other program or set HANDSHAKE_PORT."
    )


def test_an_address_of_another_machine_gets_a_plain_message(make_app) -> None:
    with pytest.raises(CannotListen, match=r"Cannot listen on 192\.0\.2\.1.*HANDSHAKE_HOST"):
        serve(make_app(), "192.0.2.1", 0)


def test_a_request_under_way_is_answered_when_the_server_is_told_to_stop(make_app, inbox, signed) -> None:
    storing, stopping = threading.Event(), threading.Event()
    accept = inbox.accept

    def slowly(delivery) -> bool:
        storing.set()
        assert stopping.wait(10)
        return accept(delivery)

    inbox.accept = slowly
    answers: list[tuple[int, dict[str, object]]] = []
    with running(make_app()) as server:
        sender = threading.Thread(target=lambda: answers.append(post(server, BODY, signed(BODY))))
        sender.start()
        assert storing.wait(10)
        server.close()
        stopping.set()
        sender.join(10)
    assert answers == [(202, {"accepted": True, "repeated": False})]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


PROCESS = """
import signal
from webhooks.app import EdgeSettings, create_app
from webhooks.serve import serve
server = serve(create_app(EdgeSettings({}), None, {}), "127.0.0.1", 0)
signal.signal(signal.SIGTERM, lambda *_: server.close())
print(server.port, flush=True)
server.run()
print("done", flush=True)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_good_order(sent) -> None:
    with subprocess.Popen([sys.executable, "-c", PROCESS], stdout=subprocess.PIPE, text=True) as process:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", int(process.stdout.readline()), timeout=10)
            with contextlib.closing(connection):
                connection.request("GET", "/livez")
                assert connection.getresponse().status == 200
            process.send_signal(sent)
            assert process.stdout.readline() == "done\n"
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


def test_a_server_that_never_ran_gives_its_port_back(make_app) -> None:
    server = serve(make_app(), "127.0.0.1", 0)
    server.close()
    server.close()
    serve(make_app(), "127.0.0.1", server.port).close()
