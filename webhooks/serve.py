"""Serve the application over HTTP with waitress: one process, eight threads."""

from __future__ import annotations

import contextlib
import errno
import select
import socket
import threading
import time
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore

THREADS = 8
DRAIN = 10.0
"""Seconds that requests under way get to finish once the server was asked to stop."""

_HEADERS = 64 * 1024
"""Bytes that the headers of one request may take."""

_ABOVE_BODY = 64 * 1024
"""Bytes above the application's own limit where waitress cuts in: up to there the application can
answer in its own words, and what is announced or sent beyond is not even read."""


class CannotListen(Exception):
    """The address cannot be used; the message says what to do."""


class PortTaken(CannotListen):
    """Another program listens there already."""


class Server:
    """A bound server: it accepts connections once ``run`` is called. ``port`` is the real one."""

    def __init__(self, app: Flask, listening: socket.socket) -> None:
        self.host, self.port = listening.getsockname()[:2]
        self._stop = threading.Event()
        self._turning = threading.Lock()
        self._sockets: dict[int, Any] = {}
        self._waitress = create_server(
            app,
            map=self._sockets,
            sockets=[listening],
            threads=THREADS,
            ident="handshake",
            max_request_header_size=_HEADERS,
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"] + _ABOVE_BODY,
        )

    def run(self) -> None:
        """Serve until ``close`` or Ctrl-C, then let requests under way finish, up to ``DRAIN`` seconds."""
        with self._turning:
            try:
                while not self._stop.is_set():
                    self._turn(1.0)
            except KeyboardInterrupt:
                self._stop.set()
            self._drain()

    def close(self) -> None:
        """Stop, from any thread or signal handler. Returns at once; ``run`` returns when all is done."""
        self._stop.set()
        if self._turning.acquire(blocking=False):
            try:
                self._drain()
            finally:
                self._turning.release()
        else:
            with contextlib.suppress(OSError):  # all may be closed by now
                self._waitress.pull_trigger()

    def _turn(self, seconds: float) -> None:
        # poll, where there is one: select cannot see file descriptors above 1023.
        wasyncore.loop(timeout=seconds, use_poll=hasattr(select, "poll"), map=self._sockets, count=1)

    def _drain(self) -> None:
        if not self._sockets:
            return
        # No new connections from here on.
        self._waitress.del_channel()
        self._waitress.socket.close()
        until = time.monotonic() + DRAIN
        while self._busy() and time.monotonic() < until:
            self._turn(0.1)
        self._waitress.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets)

    def _busy(self) -> bool:
        return any(
            channel.requests or channel.request or channel.total_outbufs_len
            for channel in self._waitress.active_channels.values()
        )


def serve(app: Flask, host: str, port: int) -> Server:
    """Bind ``host`` and ``port`` (0: any free one) and return the server. Raise PortTaken or CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"Port {port} is taken. Stop the other program or set HANDSHAKE_PORT.") from None
        raise CannotListen(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Set HANDSHAKE_HOST or HANDSHAKE_PORT."
        ) from None
    return Server(app, listening)
