"""The vendors' own descriptions of their APIs, and what in requests, answers and webhooks is not in them.

The folder is named by ``HANDSHAKE_CONTRACTS`` and holds ``github.json`` and ``jira-v3.json``:
https://github.com/github/rest-api-description and https://developer.atlassian.com/cloud/jira/platform/swagger-v3.v3.json
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from jsonschema.exceptions import ValidationError, best_match
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from automation.sandbox import Asked

# Read when tests are collected: while they run, nobody's settings are there.
FOLDER = os.environ.get("HANDSHAKE_CONTRACTS", "")
NAMES = {"github": "github.json", "jira": "jira-v3.json"}

needs_contracts = pytest.mark.skipif(
    not all((Path(FOLDER) / name).is_file() for name in NAMES.values()),
    reason=(
        f"HANDSHAKE_CONTRACTS names {FOLDER}, where github.json and jira-v3.json are not both"
        if FOLDER
        else "HANDSHAKE_CONTRACTS does not name a folder with github.json and jira-v3.json"
    ),
)

Json = dict[str, Any]

TEAM_BY_IDS = re.compile(r"^/organizations/(\d+)/team/(\d+)(?=$|/)")
"""A team by the ids of its organisation and its own: GitHub describes these addresses in words only, with
each operation on ``/orgs/{org}/teams/{team_slug}``, as another way to the same."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is not as described. ``where`` is a described operation, else the method and path as they were."""

    side: str
    where: str
    text: str


class Contract:
    """One description. The 7 MB are read once, and of them only what is asked for is followed."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._api = OpenAPI.from_dict(document, config=Config(spec_validator_cls=None))
        self._server = document.get("servers", [{"url": "/"}])[0]["url"]
        self._shapes = {
            path: re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path))) for path in document["paths"]
        }

    def faults(self, asked: Asked) -> Iterator[Fault]:
        """Yield what in a request and its answer is not described."""
        asked = asked._replace(path=TEAM_BY_IDS.sub(r"/orgs/\1/teams/\2", asked.path))
        path = self._described(asked.method, asked.path)
        where = f"{asked.method} {path or asked.path}"
        if path is None:
            yield Fault("request", where, "is not described")
            return
        query = parse_qsl(asked.query, keep_blank_values=True)
        known = {parameter["name"] for parameter in self._parameters(asked.method, path)}
        for name in sorted({name for name, _ in query} - known):
            yield Fault("request", where, f"the parameter {name} is not described")
        request = MockRequest(
            self._server,
            asked.method,
            asked.path,
            args=dict(query),
            headers={"Authorization": "Basic"},
            data=asked.sent,
            content_type=asked.sent_as,
        )
        for error in self._api.iter_request_errors(request):
            yield from _told("request", where, error)
        answer = MockResponse(asked.answered, asked.status, content_type=asked.answered_as)
        described = self._operation(asked.method, path)["responses"].get(str(asked.status))
        if asked.answered and described and not {"$ref", "content"} & described.keys():
            yield Fault("answer", where, f"{asked.status} has a body")
        for error in self._api.iter_response_errors(request, answer):
            yield from _told("answer", where, error)

    def webhook_faults(self, name: str, headers: Mapping[str, str], body: Json) -> Iterator[Fault]:
        """Yield what in a webhook (``issues-milestoned``) is not described."""
        if f"/{name}" not in self._shapes:
            yield Fault("webhook", name, "is not described")
            return
        request = MockRequest(
            self._server, "POST", f"/{name}", headers=dict(headers), data=json.dumps(body).encode()
        )
        for error in self._api.iter_request_errors(request):
            yield from _told("webhook", name, error)

    def _described(self, method: str, path: str) -> str | None:
        """Return the path as it is described, the one with the fewest parameters where several fit."""
        fits = [
            known
            for known, shape in self._shapes.items()
            if shape.fullmatch(path) and method.lower() in self._document["paths"][known]
        ]
        return min(fits, key=lambda known: known.count("{"), default=None)

    def _operation(self, method: str, path: str) -> Json:
        operation: Json = self._document["paths"][path][method.lower()]
        return operation

    def _parameters(self, method: str, path: str) -> Iterator[Json]:
        of_path = self._document["paths"][path].get("parameters", [])
        for parameter in [*of_path, *self._operation(method, path).get("parameters", [])]:
            if "$ref" in parameter:
                parameter = self._document["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
            yield parameter


def _told(side: str, where: str, error: Exception) -> Iterator[Fault]:
    """Say each single thing that an error of openapi-core is about."""
    causes: list[BaseException] = [error]
    while causes[-1].__cause__ is not None:
        causes.append(causes[-1].__cause__)
    for cause in causes:
        schema_errors: tuple[ValidationError, ...] = getattr(cause, "schema_errors", ())
        if schema_errors:
            for wrong in schema_errors:
                deepest = best_match([wrong]) or wrong
                place = "/".join("*" if isinstance(part, int) else part for part in deepest.absolute_path)
                yield Fault(side, where, f"{place}: {deepest.message}"[:200])
            return
    yield Fault(side, where, f"{type(causes[-1]).__name__}: {causes[-1]}"[:200])


@cache
def github() -> Contract:
    return Contract(_read("github"))


@cache
def jira() -> Contract:
    return Contract(_read("jira"))


@cache
def github_webhooks() -> Contract:
    """GitHub describes its webhooks as operations without a path; here each has its name for one."""
    document = _read("github")
    return Contract(_without_servers(document))


@cache
def parts_of_github_webhooks() -> Contract:
    """The same for bodies that hold a part of what GitHub sends: nothing in them is required."""
    return Contract(_optional(_without_servers(_read("github"))))


def _without_servers(document: Json) -> Json:
    return {
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": {f"/{name}": hook for name, hook in document["x-webhooks"].items()},
        "components": document["components"],
    }


def _optional(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_optional(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        # Without what is required, a body can be of several kinds at once.
        "anyOf" if key == "oneOf" else key: _optional(part)
        for key, part in schema.items()
        if not (key == "required" and isinstance(part, list))
    }


@cache
def _read(system: str) -> Json:
    document: Json = json.loads((Path(FOLDER) / NAMES[system]).read_bytes())
    return document
