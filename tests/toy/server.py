"""What stands behind the toy: deals with notes over HTTP, and deliveries as it signs them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import requests
from flask import Flask, Response, abort, jsonify, request
from werkzeug.serving import make_server

from automation.model.systems import Scheme
from tests.toy.system import SCHEME
from webhooks.signatures import Sent, sign

TOKEN = "the toy's token"


@dataclass
class Toy:
    """A CRM. ``notes`` are by deal; ``requests`` are (verb, path), in order."""

    names: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def said(self, key: str) -> list[str]:
        return [note["text"] for note in self.notes.get(key, [])]

    def app(self) -> Flask:
        app = Flask("toy")

        @app.before_request
        def known() -> None:
            self.requests.append((request.method, request.path))
            if request.headers.get("Authorization") != f"Bearer {TOKEN}":
                abort(401)

        @app.get("/me")
        def me() -> Response:
            return jsonify({})

        @app.get("/deals")
        def deals() -> Response:
            keys = [key for key in request.args["keys"].split(",") if key in self.names]
            page = f"{self.url}/pages"
            return jsonify(
                [{"key": key, "name": self.names[key], "url": f"{page}/{key}", "open": True} for key in keys]
            )

        @app.get("/deals/<key>/notes")
        def notes(key: str) -> Response:
            return jsonify(self.notes.get(key, []))

        @app.post("/deals/<key>/notes")
        def note(key: str) -> Response:
            if key not in self.names:
                abort(404)
            written = self.notes.setdefault(key, [])
            written.append({**request.json, "id": str(len(written) + 1), "at": "2027-01-11T09:00:00+00:00"})
            return jsonify(written[-1])

        return app


@contextmanager
def toy_server() -> Iterator[Toy]:
    toy = Toy()
    server = make_server("127.0.0.1", 0, toy.app(), threaded=True)
    toy.url = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield toy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def deliver(
    to: str,
    body: object,
    at: datetime,
    secret: str,
    signed_for: str,
    scheme: Scheme = SCHEME,
    **changed: str,
) -> requests.Response:
    """Send ``body`` to the address ``to``, as the toy does which was given the address ``signed_for``."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = str(int(at.timestamp() * scheme.per_second))
    signature = sign(scheme, secret, Sent(raw, changed.get("method", "POST"), signed_for, stamp))
    headers = {"Content-Type": "application/json", scheme.header: signature, scheme.time: stamp}
    return requests.post(to, raw, headers=headers, timeout=5)
