"""Serve the application over HTTP: with granian in a process of its own, or on threads of this one."""

from __future__ import annotations

import atexit
import errno
import gc
import importlib
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import resource_tracker
from typing import Any
from wsgiref.types import WSGIApplication

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.mp import MPServer
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from webhooks.bridge import Bridge

DRAIN = 5
"""Seconds that requests under way get to finish once the receiver was asked to stop."""

_HEADERS = 64 * 1024
"""Bytes that the headers of one request may take; besides, granian takes at most 100 of them."""

_HEADER_SECONDS = 10
"""How long headers may take to come, and how long a connection may be idle."""

_CONNECTIONS = 512
"""Connections that are open at one time, half of the 1,024 files that a process may usually open.
More wait in the backlog."""

_BACKLOG = 1024

_FREED_WITHIN = 1.0
"""Seconds in which the port of a Handshake that was killed comes free."""


class CannotListen(Exception):
    """The address cannot be used; the message says what to do."""


class PortTaken(CannotListen):
    """Another program listens there already."""


class ReceiverDied(Exception):
    """The receiving process ended though nobody had asked it to."""


def serve(
    target: str, host: str, port: int, started: Callable[[], None], stopped: Callable[[], None]
) -> None:
    """Serve the Flask application that ``target`` ("module:factory") makes, in a process of its own.

    Return after SIGTERM or Ctrl-C, once requests under way are answered or ``DRAIN`` seconds are over.
    Raise PortTaken or CannotListen before anything is started, and ReceiverDied when the process ends by
    itself or cannot begin. To be called on the main thread, as it handles those signals.

    ``started`` is called when the port is open: who connects from then on is answered as soon as the
    receiver is up. ``stopped`` is called after the receiver has ended, however it did.
    """
    with _listen(host, port) as listening:
        kept = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)}
        granian = _Granian(target, listening)
        granian.on_startup(lambda: signal.signal(signal.SIGHUP, kept[signal.SIGHUP]))  # not to reload
        granian.on_startup(started)
        # A fork would inherit locks that other threads hold just then.
        method = multiprocessing.get_start_method(allow_none=True)
        multiprocessing.set_start_method("spawn", force=True)
        try:
            granian.run()
        finally:
            multiprocessing.set_start_method(method, force=True)
            try:
                stopped()
            finally:
                for number, handler in kept.items():
                    signal.signal(number, handler)


class _Granian(MPServer):
    """Granian's parent process, around a socket that is open before the child is there.

    Left to itself granian opens the port in the child, and so that other programs can share it unseen.
    """

    def __init__(self, target: str, listening: socket.socket) -> None:
        super().__init__(
            target,
            interface=Interfaces.RSGI,
            http=HTTPModes.http1,
            websockets=False,
            backlog=_BACKLOG,
            backpressure=_CONNECTIONS,
            http1_settings=HTTP1Settings(
                header_read_timeout=_HEADER_SECONDS * 1000, max_buffer_size=_HEADERS
            ),
            workers_kill_timeout=DRAIN,
            log_enabled=False,
        )
        self._listening = listening

    def run(self) -> None:
        """Serve until a signal comes. Raise ReceiverDied."""
        try:
            self.serve(target_loader=partial(_load, self.target), wrap_loader=False)
        except SystemExit:
            if not self.interrupt_signal:
                raise ReceiverDied(
                    "The receiving process ended by itself. Handshake stops; please start it again."
                ) from None

    def _init_shared_socket(self) -> None:
        backlog = (_BACKLOG,) if sys.platform in ("linux", "freebsd") else ()
        self._ssp, self._sso = None, self._listening
        self._shd: Any = SocketHolder(self._listening.fileno(), False, *backlog)  # type: ignore[call-arg]

    def _spawn_workers(self, *args: Any) -> None:
        # A terminal sends Ctrl-C to both processes, and the child would complain while it starts. It
        # inherits that it does not hear it: this process tells it to stop.
        resource_tracker.ensure_running()  # before, because it unblocks them
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP, signal.SIGINT})
        try:
            super()._spawn_workers(*args)  # type: ignore[no-untyped-call]
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _load(target: str) -> Any:
    """Make the application. This runs in the child."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Registered first and so called last. Granian's threads do not survive what Python does after that.
    atexit.register(_leave)
    module, factory = target.split(":")
    bridge = Bridge(getattr(importlib.import_module(module), factory)())
    # All that is there now stays. To look through it for what could be freed takes 60 ms each time.
    gc.collect()
    gc.freeze()
    return bridge


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(1)


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


class Aside:
    """A server on threads of this process, for a demo or a test. ``port`` is the real one."""

    def __init__(self, app: WSGIApplication, host: str, port: int) -> None:
        with _listen(host, port) as listening:
            self.host, self.port = listening.getsockname()[:2]
            self._http = _Http(self.host, self.port, app, _Handler, fd=listening.fileno())
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Close the port, let requests under way finish, and return."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()


class _Http(ThreadedWSGIServer):
    daemon_threads = False  # so that closing waits for them


class _Handler(WSGIRequestHandler):
    timeout = 5  # seconds that a client may keep quiet

    def log_request(self, *args: Any) -> None:
        """Keep requests out of the log."""


def _listen(host: str, port: int) -> socket.socket:
    """Open ``port`` (0: any free one). Raise PortTaken or CannotListen."""
    until = time.monotonic() + _FREED_WITHIN
    while True:
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            return socket.create_server((host, port), family=family, backlog=_BACKLOG)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotListen(
                    f"Cannot listen on {host}, port {port}: {error.strerror}. "
                    "Set HANDSHAKE_HOST or HANDSHAKE_PORT."
                ) from None
            if time.monotonic() > until:
                raise PortTaken(
                    f"Port {port} is taken. Stop the other program or set HANDSHAKE_PORT."
                ) from None
        time.sleep(0.1)
