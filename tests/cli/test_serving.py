"""``handshake serve``: one command for both processes, from the start to the end."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import threading

import pytest

from tests.ports import free_port
from tests.unit.cli.test_cli import CONNECTED, stopped_plainly


@pytest.mark.usefixtures("rules")
def test_a_taken_port_keeps_it_from_serving(handshake) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = stopped_plainly(handshake("serve", **CONNECTED, HANDSHAKE_PORT=str(port)))

    assert said == f"Port {port} is taken. Stop the other program or set HANDSHAKE_PORT.\n"


@pytest.mark.usefixtures("rules")
def test_it_serves_until_it_is_told_to_stop(handshake) -> None:
    port = free_port()
    answers: list[int] = []

    def ask_and_stop() -> None:
        try:
            answers.append(status(port, "/livez"))
            answers.append(status(port, "/readyz"))
        finally:  # else it would serve for ever
            os.kill(os.getpid(), signal.SIGTERM)

    asking = threading.Thread(target=ask_and_stop)
    asking.start()
    result = handshake("serve", **CONNECTED, HANDSHAKE_PORT=str(port))
    asking.join(20)

    assert result.exit_code == 0, result.output
    assert answers == [200, 200]
    assert "Handshake looks after acme/shop" in result.stdout
    assert f"http://127.0.0.1:{port} for /webhooks/github" in result.stdout
    assert "mode observe" in result.stdout
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def status(port: int, path: str) -> int:
    """Ask until all is well, and return the last status: receiver and worker start one after the other."""
    found = 0
    waiting = threading.Event()
    for _ in range(1000):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", path)
            found = connection.getresponse().status
        except (OSError, http.client.HTTPException):  # refused, cut off, or too slow to answer just now
            found = 0
        finally:
            connection.close()
        if found == 200:
            return found
        waiting.wait(0.02)
    return found
