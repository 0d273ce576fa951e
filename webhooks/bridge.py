"""Stands between granian and the application: reads requests whole before they cost anything."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol
from wsgiref.types import WSGIEnvironment

import structlog
from flask import Flask
from granian.rsgi import Scope
from sqlalchemy.util.concurrency import greenlet_spawn
from werkzeug.test import run_wsgi_app

log = structlog.get_logger("handshake")

THREADS = 8
"""Questions and long deliveries that are answered at one time; more of them wait."""

SHORT = 64 * 1024
"""Bytes of a delivery that is checked in a millisecond or two, like nearly all of them."""

BODY_SECONDS = 10.0
"""How long a body may take to come. GitHub itself gives up after 10 seconds:
https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks#respond-within-10-seconds"""

RETRY_AFTER = 10
"""Seconds after which a sender may try again."""

HELD = 200 * 2**20
"""Bytes of bodies, still coming or being worked on, that are in memory at one time."""

Answer = tuple[int, list[tuple[str, str]], bytes]


class Exchange(Protocol):
    """A request's body, in chunks as they come, and the way back for its answer."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


class _Full(Exception):
    """There is no room for more bodies."""


class Bridge:
    """Calls the application: for a short delivery on the event loop, for anything else on a thread.

    Granian could call it directly, but then each sender that dawdles takes up a thread, and eight of
    them would stop the receiver. https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md

    A delivery mostly waits until it is stored. In a greenlet it waits without a thread, and Python's
    threads cost more in each other's way than what they have to do here (ADR 4).
    """

    def __init__(self, app: Flask, body_seconds: float = BODY_SECONDS, held: int = HELD) -> None:
        self._app = app
        # The application says itself what is too long, so it has to see one byte too many.
        self._enough = app.config["MAX_CONTENT_LENGTH"] + 1
        self._body_seconds = body_seconds
        self._room = held
        self._threads = ThreadPoolExecutor(THREADS)

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        chunks: list[bytes] = []
        try:
            async with asyncio.timeout(self._body_seconds):
                await self._read(scope, exchange, chunks)
            body = b"".join(chunks)
            answer = await self._answered(scope, body)
        except TimeoutError:
            answer = _refusal(408, f"Please send a request within {self._body_seconds:g} seconds.")
        except _Full:
            answer = _refusal(503, "Too much is arriving at once. Please send it again in a moment.")
        finally:
            self._room += sum(map(len, chunks))
        exchange.response_bytes(*answer)

    async def _read(self, scope: Scope, exchange: Exchange, chunks: list[bytes]) -> None:
        """Read the body, or as much as shows that it is too long. Raise _Full."""
        announced = scope.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._enough:
            return
        read = 0
        async for chunk in exchange:
            chunks.append(chunk)
            self._room -= len(chunk)
            if self._room < 0:
                raise _Full
            read += len(chunk)
            if read >= self._enough:
                return

    async def _answered(self, scope: Scope, body: bytes) -> Answer:
        try:
            if scope.method == "POST" and len(body) <= SHORT:
                return await greenlet_spawn(self._answer, scope, body)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._answer, scope, body)
        except Exception as error:  # such as no thread to be had: the sender is to try again
            log.error("request", error=type(error).__name__)
            return _refusal(503, "This could not be answered just now. Please send it again in a moment.")

    def _answer(self, scope: Scope, body: bytes) -> Answer:
        chunks, status, headers = run_wsgi_app(self._app, _environ(scope, body), buffered=True)
        return int(status[:3]), [(name.lower(), value) for name, value in headers], b"".join(chunks)


def _environ(scope: Scope, body: bytes) -> WSGIEnvironment:
    """Describe a request in the application's terms: https://peps.python.org/pep-3333/#environ-variables"""
    host, port = scope.server.rsplit(":", 1)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rsplit(":", 1)[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,  # chunks have no stated length
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue  # it would pass for the header with a hyphen there
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def _refusal(status: int, sentence: str) -> Answer:
    headers = [("content-type", "application/json"), ("connection", "close")]
    if status == 503:
        headers.append(("retry-after", str(RETRY_AFTER)))
    return status, headers, json.dumps({"error": sentence}).encode()
