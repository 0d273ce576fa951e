"""The HTTP side that both stand-ins share: who asks, what they are told, what was asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeVar
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from automation.sandbox.faults import Failure, Faults
from automation.sandbox.limits import LIMITED, PRIMARY, SECONDARY, SPENT, Limits
from automation.sandbox.world import Refusal, World

Handler = Callable[..., Response]


class Route(NamedTuple):
    """A path, as werkzeug's rules have it, and who answers there."""

    path: str
    method: str
    handler: Handler


U = TypeVar("U")
KEPT = 20_000
"""Requests whose bodies are kept."""
WENT_WRONG = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it could be "
    "a GitHub bug. Please include `0123:4567:89AB` when reporting this issue."
)
"""https://github.com/orgs/community/discussions/24631"""
# As GitHub sends them, seen in public reports of its clients: a limit has many words.
HURRIED: dict[str, tuple[int, dict[str, Any]]] = {
    "403 abuse": (
        403,
        {
            "message": "You have triggered an abuse detection mechanism. Please wait a few minutes.",
            "documentation_url": "https://developer.github.com/v3/#abuse-rate-limits",
        },
    ),
    "422 hurry": (
        422,
        {
            "message": "Validation Failed",
            "errors": [
                {
                    "resource": "IssueComment",
                    "code": "unprocessable",
                    "field": "data",
                    "message": "was submitted too quickly",
                }
            ],
            "documentation_url": "https://docs.github.com/rest/issues/comments#create-an-issue-comment",
        },
    ),
    "422 abuse": (
        422,
        {
            "message": "Validation Failed",
            "errors": [{"resource": "Issue", "code": "abuse", "field": "base"}],
        },
    ),
    "graphql limit": (
        200,
        {"data": None, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit already exceeded"}]},
    ),
}
TOO_MANY = "You have exceeded a rate limit. Please wait."


class Asked(NamedTuple):
    """A request that was made, and its answer. ``status`` is 0 where the connection was closed
    without one; ``actor`` the name whose credentials came with it, empty without or with unknown
    ones; ``sent_as`` and ``answered_as`` are the media types of the two bodies. Of all but the newest
    ``KEPT`` the bodies are empty."""

    method: str
    path: str
    status: int
    actor: str
    query: str = ""
    sent_as: str = ""
    sent: bytes = b""
    answered_as: str = ""
    answered: bytes = b""


class Api(Protocol):
    """One system's HTTP face."""

    system: str
    bad_credentials: str
    rules: list[Route]

    def who(self, request: Request) -> tuple[str, Any]:
        """Return the name and the person behind the credentials. Raise Refusal for unknown ones."""

    def path(self, request: Request, person: Any) -> str:
        """Return the path of what is asked for, by the names it has now. Raise Refusal."""

    def refuse(self, refusal: Refusal) -> Response:
        """Write a refusal as this system does."""

    def to_stranger(self, request: Request) -> Response:
        """Answer as to somebody who may see nothing."""


class Wire:
    """A WSGI application: one system's routes, behind the limits and the ordered faults."""

    def __init__(self, api: Api, world: World, faults: Faults, limits: Limits, asked: list[Asked]) -> None:
        self._api = api
        self._world = world
        self._faults = faults
        self._limits = limits
        self._asked = asked
        self._routes = _routes(tuple((route.path, route.method) for route in api.rules))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        # Read to the end at once: what is left unread would be taken for the next request.
        request.get_data()
        system = self._api.system
        try:
            actor, person = self._api.who(request)
        except Refusal as refusal:
            actor, person = "", refusal
        ordered = self._faults.take(system, request.method, request.path)
        failure = self._limits.arrived(system, actor, request.method, request.path) or ordered
        response = self._answer(request, person) if failure is None or failure.acts else Response()
        if failure and failure.silent:
            remember(self._asked, _asked(request, None, actor))
            self._faults.hold(failure)
            raise ConnectionAbortedError("closed without an answer, as ordered")
        if failure:
            response = self._failed(request, failure)
        elif system == "github" and request.method == "GET" and response.status_code == 200:
            response = _conditional(request, response, actor)
            if response.status_code == 304:
                self._limits.unchanged(system, actor)
        response.headers.update(self._limits.headers(system, actor))
        self._limits.answered(system, actor, response.status_code, response.headers)
        remember(self._asked, _asked(request, response, actor))
        return response(environ, start_response)

    def _answer(self, request: Request, person: Any) -> Response:
        """Do what is asked, and return what is told."""
        try:
            if isinstance(person, Refusal):
                raise person
            with self._world.lock:
                path = self._api.path(request, person)
                number, args = self._routes.bind_to_environ(request.environ).match(path)
                response: Response = self._api.rules[number].handler(person, request, **args)
            return response
        except Refusal as refusal:
            return self._api.refuse(refusal)
        except HTTPException as error:
            return self._api.refuse(Refusal(error.code or 500, error.name))

    def _failed(self, request: Request, failure: Failure) -> Response:
        """Write a failure as the system does."""
        how = failure.how
        if how.startswith("502"):
            return Response("Bad Gateway", 502)
        if how == "errors":
            return answer({"errors": [{"message": WENT_WRONG}]})
        if how == "stranger":
            return self._api.to_stranger(request)
        if how == "page":
            return Response("<h1>We are working on it</h1>", 200, content_type="text/html")
        if how in HURRIED:
            status, body = HURRIED[how]
            return answer(body, status)
        words = {"429": TOO_MANY, LIMITED: SECONDARY, SPENT: PRIMARY, "401": self._api.bad_credentials}
        response = self._api.refuse(Refusal(int(how[:3]), words[how]))
        if failure.retry_after is not None and how in {"429", LIMITED}:
            response.headers["Retry-After"] = str(failure.retry_after)
        return response


def _conditional(request: Request, response: Response, actor: str) -> Response:
    """Give an answer its ``ETag``, or say that it is as whoever asks has it; each asker has their own.
    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api"""
    etag = f'W/"{hashlib.sha256(actor.encode() + response.get_data()).hexdigest()}"'
    if request.headers.get("If-None-Match") == etag:
        response = Response(status=304)
    response.headers["ETag"] = etag
    return response


def remember(log: list[Asked], asked: Asked, kept: int = KEPT) -> None:
    """List a request, and forget the bodies of the one that is no longer among the newest ``kept``."""
    log.append(asked)
    old = len(log) - kept - 1
    if old >= 0:
        # By slices, since somebody may clear the list meanwhile.
        log[old : old + 1] = [each._replace(sent=b"", answered=b"") for each in log[old : old + 1]]


def _asked(request: Request, response: Response | None, actor: str) -> Asked:
    """Write down a request and its answer; None where none came."""
    return Asked(
        request.method,
        request.path,
        response.status_code if response else 0,
        actor,
        query=request.query_string.decode("latin-1"),
        sent_as=request.mimetype,
        sent=request.get_data(),
        answered_as=response.mimetype or "" if response else "",
        answered=response.get_data() if response else b"",
    )


def rule(path: str, method: str, handler: Handler) -> Route:
    return Route(path, method, handler)


@cache
def _routes(paths: tuple[tuple[str, str], ...]) -> Map:
    """Return where which of the routes answers, by its number. Made once for all worlds, as it takes long."""
    rules = (Rule(path, methods=[method], endpoint=number) for number, (path, method) in enumerate(paths))
    return Map(rules, merge_slashes=False)


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
