"""The real ``handshake serve``: started, killed without warning, stopped, and looked at from outside."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

SECRET = "a secret for the crash test"
BOT = "handshake-bot"
STOPS_WITHIN = 25.0
"""Seconds that a stop by SIGTERM may take."""
ENDS_WITHIN = 20.0
"""Seconds in which the rest of the service has to follow a part that was killed."""
VICTIMS = ("main", "receiver", "both")


def environment(github: str, jira: str, folder: Path, port: int, database: str = "") -> dict[str, str]:
    """Return all that ``handshake`` reads, with the addresses of both trackers; nobody's own settings are
    among it."""
    rules = folder / "rules"
    if not rules.exists():
        shutil.copytree(Path(__file__).parents[2] / "rules", rules)
        # One person changes all dates there, thousands of them.
        (rules / "cap.yaml").write_text("most_restores_per_hour: 1000000\n")
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "HANDSHAKE_DATABASE_URL": database or f"sqlite:///{folder}/handshake.db",
        "HANDSHAKE_RULES": str(rules),
        "HANDSHAKE_MODE": "enforce",
        "HANDSHAKE_PORT": str(port),
        "GITHUB_API_URL": github,
        "GITHUB_TOKEN": BOT,
        "GITHUB_WEBHOOK_SECRET": SECRET,
        "JIRA_URL": jira,
        "JIRA_EMAIL": "bot@example.com",
        "JIRA_API_TOKEN": BOT,
        "JIRA_WEBHOOK_SECRET": SECRET,
    }


class Service:
    """``handshake serve`` in processes of its own. Without ``only`` it is a main process and a receiver."""

    def __init__(self, environment: Mapping[str, str], folder: Path, only: str = "") -> None:
        self.environment = dict(environment)
        self.port = int(environment["HANDSHAKE_PORT"])
        self.log = folder / "handshake.log"
        self._folder = folder
        self._only = ("--only", only) if only else ()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = Path(sys.executable).with_name("handshake")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [program, "serve", *self._only],
                env=self.environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def answers(self) -> bool:
        """Tell whether somebody answers there now."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return b" 200 " in connection.recv(100)
        except OSError:
            return False

    def wait_until_it_answers(self, seconds: float = 60.0) -> None:
        """Wait for it. Raise AssertionError where it ends instead, or takes too long."""
        until = time.monotonic() + seconds
        while not self.answers():
            assert self.alive(), f"it ended with {self.code()} instead of serving; see {self.log}"
            assert time.monotonic() < until, f"it does not answer; see {self.log}"
            time.sleep(0.05)

    def receiver(self) -> int | None:
        """Return the process that receives, if it is there yet."""
        return next((pid for pid in children(self.pid) if "spawn_main" in command(pid)), None)

    def kill(self, victim: str) -> str:
        """End a part of it by SIGKILL, and wait until all of it has ended. Return which part it was: before
        there is a receiver, only the main process can be killed."""
        receiver = self.receiver() if victim != "main" else None
        if receiver is None:
            victim = "main"
        rest = [self.pid, *children(self.pid)]
        killed = {"main": (None, self.pid), "receiver": (receiver, None), "both": (receiver, self.pid)}
        for pid in filter(None, killed[victim]):
            with contextlib.suppress(ProcessLookupError):  # it had ended just before
                os.kill(pid, signal.SIGKILL)
        assert self._process is not None
        self._process.wait(ENDS_WITHIN)
        until = time.monotonic() + ENDS_WITHIN
        while any(command(pid) for pid in rest):
            assert time.monotonic() < until, "a part of it lives on after the main process was killed"
            time.sleep(0.02)
        return victim

    def ask_to_stop(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    def stop(self) -> tuple[int, float]:
        """Ask it to stop, as a supervisor does. Return its exit code and the seconds it took. Raise
        subprocess.TimeoutExpired."""
        assert self._process is not None
        began = time.monotonic()
        self.ask_to_stop()
        return self._process.wait(STOPS_WITHIN), time.monotonic() - began

    def code(self) -> int | None:
        return self._process.poll() if self._process else None

    def clear_away(self) -> None:
        """End whatever is left of it."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def children(parent: int) -> list[int]:
    """Return the children of a process. https://man7.org/linux/man-pages/man5/proc_pid_task.5.html"""
    found = []
    for path in Path(f"/proc/{parent}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(pid) for pid in path.read_text().split()]
    return found


def command(pid: int) -> str:
    """Return the command line of a process, empty where there is none or it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
