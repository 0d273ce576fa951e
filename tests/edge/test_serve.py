"""The real server on loopback, in a process of its own: what it takes, and how it ends."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port
from webhooks.serve import Aside, CannotListen, PortTaken, serve

BODY = b'{"action": "opened"}'
ROOT = Path(__file__).parents[2]

# What the child serves: deliveries become lines of a file, a batch to a line, slowly where a body says so.
APP = """
import json, os, time
from pathlib import Path
import structlog
from tests.sources import edge_settings
from webhooks.app import create_app

structlog.configure(logger_factory=structlog.ReturnLoggerFactory())

class Lines:
    def accept(self, *deliveries):
        Path(os.environ["KEPT"] + " begun").touch()
        time.sleep(max(json.loads(delivery.body).get("seconds", 0) for delivery in deliveries))
        with Path(os.environ["KEPT"]).open("a") as file:
            file.write(" ".join(delivery.id for delivery in deliveries) + "\\n")
        return [True for _ in deliveries]

def make():
    app = create_app(edge_settings({"github": ("a long random text",)}, max_body=1000), Lines(), {})
    app.add_url_rule("/pid", view_func=lambda: str(os.getpid()), endpoint="pid")
    return app
"""
PROGRAM = """
import multiprocessing, sys
from webhooks.serve import ReceiverDied, serve

def say(word):
    print(word, flush=True)

if __name__ == "__main__":
    say("begun")
    target, port = sys.argv[1:]
    try:
        serve(target, "127.0.0.1", int(port), lambda: say("started"), lambda: say("stopped"))
    except ReceiverDied as died:
        print(died, file=sys.stderr)
        sys.exit(3)
    say(f"starts by {multiprocessing.get_start_method(allow_none=True)} as before")
"""


@dataclass
class Served:
    """A program that serves, in a process group of its own, and the file its deliveries go to."""

    port: int
    process: subprocess.Popen[str]
    file: Path

    def kept(self) -> list[str]:
        return self.file.read_text().split()

    def wait_until_it_stores(self) -> None:
        """Wait until a first delivery is being stored."""
        begun = Path(f"{self.file} begun")
        until = time.monotonic() + 20
        while not begun.exists():
            assert time.monotonic() < until, "nothing is stored"
            time.sleep(0.01)

    def batches(self) -> list[list[str]]:
        return [line.split() for line in self.file.read_text().splitlines()]

    def ask(self, method: str, path: str, body=None, headers=None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def post(self, body, headers: dict[str, str]) -> tuple[int, dict[str, object]]:
        status, answer = self.ask("POST", "/webhooks/github", body, headers)
        return status, json.loads(answer)

    def child(self) -> int:
        return int(self.ask("GET", "/pid")[1])

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def first_line(self, request: bytes) -> bytes:
        """Send ``request``, whole or not, and return the status line that comes back."""
        with self.connect() as connection:
            connection.sendall(request)
            return connection.makefile("rb").readline()

    def end(self) -> tuple[int, str, str]:
        """Wait for all its processes to be gone; return the exit code and what was said and complained."""
        said, complained = self.process.communicate(timeout=30)
        return self.process.wait(), said, complained


@contextlib.contextmanager
def running(folder: Path, target: str = "edge_app:make", port: int | None = None) -> Iterator[Served]:
    (folder / "edge_app.py").write_text(APP)
    (folder / "program.py").write_text(PROGRAM)
    kept = folder / "kept"
    kept.touch()
    port = port or free_port()
    with subprocess.Popen(
        [sys.executable, folder / "program.py", target, str(port)],
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "KEPT": str(kept)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout.readline() == "begun\n"
            assert process.stdout.readline() == "started\n"
            yield Served(port, process, kept)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    with running(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture
def delivery(signed) -> Callable[..., tuple[bytes, dict[str, str]]]:
    def make(seconds: float = 0) -> tuple[bytes, dict[str, str]]:
        body = json.dumps({"seconds": seconds}).encode()
        return body, signed(body, X_GitHub_Delivery=str(uuid.uuid4()))

    return make


def test_a_delivery_in_chunks_is_stored(served, signed) -> None:
    id = str(uuid.uuid4())
    answer = served.post(iter([BODY[:7], BODY[7:]]), signed(BODY, X_GitHub_Delivery=id))
    assert answer == (202, {"accepted": True, "repeated": False})
    assert id in served.kept()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_413(served, signed, chunked) -> None:
    body = b'{"a": "' + 2000 * b"x" + b'"}'
    status, answer = served.post(iter([body]) if chunked else body, signed(body))
    assert (status, "1,000 bytes" in answer["error"]) == (413, True)


POST = b"POST /webhooks/github HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
CHUNK = b"10000\r\n" + 0x10000 * b"x" + b"\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (POST + b"Content-Length: 99999999999\r\n\r\n", b"413"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + 2 * CHUNK, b"413"),
        (POST + b"Content-Length: 20\r\nExpect: 100-continue\r\n\r\n", b"100"),
        (b"GET /livez HTTP/1.1\r\nX-Long: " + 64 * 1024 * b"x", b"431"),
        (b"GET /livez HTTP/1.1\r\n" + 101 * b"X-Many: x\r\n" + b"\r\n", b"431"),
    ],
    ids=["announced giant", "endless chunks", "asks first", "endless header", "many headers"],
)
def test_a_request_is_answered_before_it_ends(served, request_, status) -> None:
    assert served.first_line(request_).split()[1] == status


def test_what_the_application_refuses_is_refused(served, signed) -> None:
    assert served.post(BODY, signed(BODY, secret="a guess"))[0] == 401
    assert served.post(b"[]", signed(b"[]"))[0] == 400
    assert served.post(BODY, signed(BODY, Content_Type="text/plain"))[0] == 415


def test_senders_that_dawdle_keep_nobody_waiting(served, delivery) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(16):
            slow = stack.enter_context(served.connect())
            slow.sendall(POST + b"Content-Length: 20\r\n\r\n{")
        assert served.post(*delivery())[0] == 202


def test_those_who_come_while_something_is_stored_are_stored_together(tmp_path, delivery) -> None:
    answers: list[tuple[int, bool]] = []

    def send(seconds: float = 0) -> None:
        body, headers = delivery(seconds)
        status, _ = served.post(body, headers)
        answers.append((status, headers["X-GitHub-Delivery"] in served.kept()))

    with running(tmp_path) as served:
        served.child()
        slow, *others = senders = [threading.Thread(target=send, args=(n,)) for n in (1, *[0] * 20)]
        slow.start()
        served.wait_until_it_stores()  # alone, as nobody else has sent anything
        for sender in others:
            sender.start()
        for sender in senders:
            sender.join()
    assert answers == 21 * [(202, True)]
    first, *later = map(len, served.batches())
    assert (first, sum(later)) == (1, 20)
    assert len(later) < 10


def test_a_taken_port_gets_a_plain_message_before_anything_starts() -> None:
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            serve("no:matter", "127.0.0.1", port, lambda: calls.append("on"), lambda: calls.append("off"))
    assert str(caught.value) == f"Port {port} is taken. Stop the other program or set HANDSHAKE_PORT."
    assert calls == []


def test_an_address_of_another_machine_gets_a_plain_message() -> None:
    with pytest.raises(CannotListen, match=r"Cannot listen on 192\.0\.2\.1.*HANDSHAKE_HOST"):
        serve("no:matter", "192.0.2.1", 0, lambda: None, lambda: None)


@pytest.mark.crash
def test_a_second_handshake_does_not_share_the_port(served) -> None:
    with pytest.raises(PortTaken):
        serve("no:matter", "127.0.0.1", served.port, lambda: None, lambda: None)


@pytest.mark.crash
def test_who_sends_before_the_receiver_is_up_waits_for_it(tmp_path, delivery) -> None:
    with running(tmp_path) as served:
        assert served.post(*delivery())[0] == 202


@pytest.mark.crash
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_told_to_stop_it_answers_all_that_it_stored(tmp_path, delivery, stop) -> None:
    answered: list[str] = []

    def send() -> None:
        body, headers = delivery(seconds=0.2)
        with contextlib.suppress(ConnectionError):
            assert served.post(body, headers)[0] == 202
            answered.append(headers["X-GitHub-Delivery"])

    with running(tmp_path) as served:
        senders = [threading.Thread(target=send) for _ in range(50)]
        for sender in senders:
            sender.start()
        served.wait_until_it_stores()
        while not served.kept():
            time.sleep(0.01)
        if stop is signal.SIGTERM:
            served.process.send_signal(stop)
        else:
            for _ in range(3):  # people press it again
                os.killpg(served.process.pid, stop)
        for sender in senders:
            sender.join()
        ending = served.end()
    assert len(answered) > 8
    assert sorted(answered) == sorted(served.kept())
    assert ending == (0, "stopped\nstarts by None as before\n", "")
    with pytest.raises(ConnectionRefusedError):
        served.connect()


@pytest.mark.crash
def test_ctrl_c_is_for_the_parent_alone(tmp_path, delivery) -> None:
    with running(tmp_path) as served:
        os.kill(served.child(), signal.SIGINT)  # as a terminal does, besides
        time.sleep(0.1)
        assert served.post(*delivery())[0] == 202
        served.process.send_signal(signal.SIGINT)
        assert served.end() == (0, "stopped\nstarts by None as before\n", "")


@pytest.mark.crash
def test_a_terminal_that_closes_ends_both(tmp_path) -> None:
    with running(tmp_path) as served:
        served.child()
        os.killpg(served.process.pid, signal.SIGHUP)
        assert served.end() == (-signal.SIGHUP, "", "")


@pytest.mark.crash
def test_told_to_stop_it_does_not_wait_for_ever(tmp_path, delivery) -> None:
    body, headers = delivery(seconds=600)
    with running(tmp_path) as served, served.connect() as connection:
        served.child()  # it is up
        lines = [f"{name}: {value}\r\n" for name, value in (headers | {"Content-Length": len(body)}).items()]
        head = "".join(["POST /webhooks/github HTTP/1.1\r\nHost: here\r\n", *lines, "\r\n"])
        connection.sendall(head.encode() + body)
        served.child()
        served.process.terminate()
        assert served.end() == (0, "stopped\nstarts by None as before\n", "")


@pytest.mark.crash
def test_when_the_parent_is_killed_the_child_ends_and_frees_the_port(tmp_path, delivery) -> None:
    with running(tmp_path) as served:
        served.child()
        served.process.kill()
        with running(tmp_path, port=served.port) as successor:
            assert successor.post(*delivery())[0] == 202
        assert served.end() == (-signal.SIGKILL, "", "")  # all ends of its pipes are closed


@pytest.mark.crash
def test_when_the_child_is_killed_the_parent_ends_in_good_order(tmp_path) -> None:
    with running(tmp_path) as served:
        os.kill(served.child(), signal.SIGKILL)
        code, said, complained = served.end()
    assert (code, said) == (3, "stopped\n")
    assert complained == "The receiving process ended by itself. Handshake stops; please start it again.\n"


@pytest.mark.crash
def test_an_application_that_cannot_be_made_ends_it_too(tmp_path) -> None:
    with running(tmp_path, target="edge_app:missing") as served:
        code, said, complained = served.end()
    assert (code, said) == (3, "stopped\n")
    assert "has no attribute 'missing'" in complained


@contextlib.contextmanager
def aside(app) -> Iterator[Aside]:
    server = Aside(app, "127.0.0.1", 0)
    server.start()
    try:
        yield server
    finally:
        server.close()


def post_aside(server: Aside, body, headers: dict[str, str]) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("POST", "/webhooks/github", body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def wait_until_refused(server: Aside) -> None:
    """Connect until the port is closed. Who was still to be let in at that moment is cut off instead."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            socket.create_connection((server.host, server.port), timeout=10).close()
        except ConnectionRefusedError:
            return
        except ConnectionResetError:
            continue
    raise AssertionError("the port is not closed")


def test_aside_a_delivery_in_chunks_is_stored_and_not_logged(make_app, inbox, signed, caplog) -> None:
    with aside(make_app()) as server:
        answer = post_aside(server, iter([BODY[:7], BODY[7:]]), signed(BODY))
    assert answer == (202, {"accepted": True, "repeated": False})
    assert inbox.kept[0].body == BODY
    assert caplog.messages == []


def test_aside_a_request_under_way_is_answered_at_the_end(make_app, inbox, signed) -> None:
    storing, closing = threading.Event(), threading.Event()
    accept = inbox.accept

    def slowly(*deliveries) -> list[bool]:
        storing.set()
        assert closing.wait(10)
        return accept(*deliveries)

    inbox.accept = slowly
    answers: list[tuple[int, dict[str, object]]] = []
    server = Aside(make_app(), "127.0.0.1", 0)
    server.start()
    sender = threading.Thread(target=lambda: answers.append(post_aside(server, BODY, signed(BODY))))
    closer = threading.Thread(target=server.close)
    sender.start()
    try:
        assert storing.wait(10)
        closer.start()
        wait_until_refused(server)
        closer.join(0.1)
        assert closer.is_alive()
    finally:  # whatever went wrong, nothing of it goes on in the next test
        closing.set()
        sender.join(10)
        server.close() if closer.ident is None else closer.join(10)
    assert answers == [(202, {"accepted": True, "repeated": False})]


def test_aside_a_taken_port_gets_a_plain_message(make_app) -> None:
    with aside(make_app()) as server, pytest.raises(PortTaken, match="HANDSHAKE_PORT"):
        Aside(make_app(), "127.0.0.1", server.port)


def test_aside_a_server_that_never_started_gives_its_port_back(make_app) -> None:
    server = Aside(make_app(), "127.0.0.1", 0)
    server.close()
    Aside(make_app(), "127.0.0.1", server.port).close()
