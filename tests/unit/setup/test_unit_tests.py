"""What the unit tests may not do fails in them, so that they stay quick and run anywhere."""

from __future__ import annotations

import os
import socket
import subprocess

import pytest


def test_a_unit_test_that_opens_a_socket_fails() -> None:
    with pytest.raises(Warning, match=r"tried to use socket"):  # a warning is an error here
        socket.create_server(("127.0.0.1", 0))


def test_a_unit_test_that_starts_a_process_fails() -> None:
    with pytest.raises(AssertionError, match="starts no process"):
        subprocess.run(["true"], check=True)
    with pytest.raises(AssertionError, match="starts no process"):
        os.posix_spawn("/bin/true", ["true"], {})
