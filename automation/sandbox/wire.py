"""The HTTP side that both stand-ins share: who asks, which faults were ordered, what was asked."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from automation.sandbox.world import Refusal, World

Handler = Callable[..., Response]
U = TypeVar("U")
FAULTS = ("502 before", "502 after", "drop before", "drop after", "429")


class Asked(NamedTuple):
    """A request that was made, and its answer. ``status`` is 0 where the connection was closed
    without one; ``actor`` the name whose credentials came with it, empty without or with unknown
    ones; ``sent_as`` and ``answered_as`` are the media types of the two bodies."""

    method: str
    path: str
    status: int
    actor: str
    query: str = ""
    sent_as: str = ""
    sent: bytes = b""
    answered_as: str = ""
    answered: bytes = b""


@dataclass(slots=True)
class _Fault:
    method: str
    path: re.Pattern[str]
    how: str
    left: int
    retry_after: int


class Faults:
    """Failures ordered for requests to come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[_Fault] = []

    def order(self, method: str, path: str, how: str, times: int, retry_after: int) -> None:
        """Let the next ``times`` requests fail that have this method and whose path matches."""
        if how not in FAULTS:
            raise ValueError(f"how is one of {', '.join(FAULTS)}, not {how!r}")
        with self._lock:
            self._faults.append(_Fault(method, re.compile(path), how, times, retry_after))

    def take(self, method: str, path: str) -> _Fault | None:
        with self._lock:
            for fault in self._faults:
                if fault.left and fault.method == method and fault.path.search(path):
                    fault.left -= 1
                    return fault
            return None


class Api(Protocol):
    """One system's HTTP face."""

    rules: list[Rule]

    def who(self, request: Request) -> tuple[str, Any]:
        """Return the name and the person behind the credentials. Raise Refusal for unknown ones."""

    def refuse(self, refusal: Refusal) -> Response:
        """Write a refusal as this system does."""


class Wire:
    """A WSGI application: one system's routes, behind the ordered faults."""

    def __init__(self, api: Api, world: World, faults: Faults, asked: list[Asked]) -> None:
        self._api = api
        self._world = world
        self._faults = faults
        self._asked = asked
        self._routes = Map(api.rules, merge_slashes=False)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        # Read to the end at once: what is left unread would be taken for the next request.
        request.get_data()
        fault = self._faults.take(request.method, request.path)
        how, _, when = fault.how.partition(" ") if fault else ("", "", "")
        actor, response = self._answer(request, act=not fault or when == "after")
        if fault and how == "502":
            response = Response("Bad Gateway", 502)
        if fault and how == "429":
            response = self._api.refuse(Refusal(429, "You have exceeded a rate limit. Please wait."))
            response.headers["Retry-After"] = str(fault.retry_after)
        status = 0 if how == "drop" else response.status_code
        self._asked.append(_asked(request, response, status, actor))
        if how == "drop":
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError("dropped, as ordered")
        return response(environ, start_response)

    def _answer(self, request: Request, act: bool) -> tuple[str, Response]:
        """Return who asked and what they are told; ``act`` says whether what they ask is done."""
        actor = ""
        try:
            actor, person = self._api.who(request)
            if not act:
                return actor, Response()
            handler, args = self._routes.bind_to_environ(request.environ).match()
            with self._world.lock:
                return actor, handler(person, request, **args)
        except Refusal as refusal:
            return actor, self._api.refuse(refusal)
        except HTTPException as error:
            return actor, self._api.refuse(Refusal(error.code or 500, error.name))


def _asked(request: Request, response: Response, status: int, actor: str) -> Asked:
    return Asked(
        request.method,
        request.path,
        status,
        actor,
        query=request.query_string.decode("latin-1"),
        sent_as=request.mimetype,
        sent=request.get_data(),
        answered_as=response.mimetype or "",
        answered=response.get_data() if status else b"",
    )


def rule(path: str, method: str, handler: Handler) -> Rule:
    return Rule(path, methods=[method], endpoint=handler)


def answer(data: Any, status: int = 200) -> Response:
    """Answer with JSON."""
    body = json.dumps(data) if status != 204 else ""
    return Response(body, status, content_type="application/json; charset=utf-8")


def sent(request: Request) -> dict[str, Any]:
    """Return the JSON object that came. Raise Refusal where there is none."""
    try:
        data = json.loads(request.get_data() or b"{}")
    except ValueError:
        raise Refusal(400, "Problems parsing JSON") from None
    if not isinstance(data, dict):
        raise Refusal(400, "Body should be a JSON object")
    return data


def number(request: Request, name: str, default: int) -> int:
    """Return a whole number of the query, ``default`` where it is missing or none."""
    return max(request.args.get(name, default, type=int), 0)
