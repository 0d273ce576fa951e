"""A web server on loopback that keeps connections open, as both real systems do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from functools import partial
from http.server import HTTPServer
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

LOOPBACK = "127.0.0.1"
CLOSING = 5.0
"""Seconds that open connections may take to end."""


class Server:
    """One stand-in's socket and thread. The address is known before the application is."""

    def __init__(self, port: int) -> None:
        self._http = _Http(LOOPBACK, port, _not_yet, _Handler)
        self.url = f"http://{LOOPBACK}:{self._http.server_port}"
        self._thread = threading.Thread()

    def start(self, app: WSGIApplication) -> None:
        self._http.app = app
        # Werkzeug's own would close the socket at the end.
        serve = partial(HTTPServer.serve_forever, self._http, 0.02)
        self._thread = threading.Thread(target=serve, daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """Serve nobody, and close every connection; the address is kept."""
        self._http.shutdown()
        self._thread.join()
        self._http.close_connections()

    def stop(self) -> None:
        """Close the socket and every connection: a stand-in that was stopped answers nobody."""
        self.pause()
        self.close()

    def close(self) -> None:
        """Give the address up."""
        self._http.server_close()


def _not_yet(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Stand where the application comes when it knows its address; nothing is served before."""
    raise NotImplementedError


class _Http(ThreadedWSGIServer):
    """Knows its open connections."""

    def __init__(self, *args: Any) -> None:
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(*args)

    def opened(self, connection: socket.socket) -> None:
        with self._changed:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._changed:
            self._open.discard(connection)
            self._changed.notify_all()

    def close_connections(self) -> None:
        with self._changed:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the other side was quicker
            self._changed.wait_for(lambda: not self._open, CLOSING)


class _Handler(WSGIRequestHandler):
    """Werkzeug's own closes every connection, which costs more than most answers do."""

    server: _Http
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        super().finish()
        self.server.closed(self.connection)

    def run_wsgi(self) -> None:
        """Answer one request, in one piece. The application has read it to the end."""
        status, headers = "", list[tuple[str, str]]()

        def start(said: str, fields: list[tuple[str, str]], exc_info: object = None) -> Any:
            nonlocal status, headers
            status, headers = said, fields

        body = b"".join(self.server.app(self.make_environ(), start))
        lines = [f"{self.protocol_version} {status}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in headers]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Keep requests out of the log; ``Sandbox.requests`` has them."""
