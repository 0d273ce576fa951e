"""Whatever is sent over HTTP is answered as docs/http.yaml says, and never with a fault of ours."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig

from automation.model import Delivery
from tests.sources import SCHEMES, SOURCES, edge_settings, sign
from webhooks.app import create_app
from webhooks.receiver import Dropped

DESCRIPTION = Path(__file__).parents[2] / "docs" / "http.yaml"
SECRET = "a long random text"


class Inbox:
    """Stores nothing; ``full`` is a disk that takes nothing."""

    def __init__(self, full: bool = False) -> None:
        self._full = full
        self._seen: set[str] = set()

    def accept(self, *deliveries: Delivery) -> list[bool]:
        if self._full:
            raise OSError("disk full")
        [id] = [delivery.id for delivery in deliveries]
        new = id not in self._seen
        self._seen.add(id)
        return [new]


def unreadable() -> Any:
    raise OSError("disk full")


def app(*, full: bool = False) -> Any:
    secrets = dict.fromkeys(SOURCES, (SECRET,))
    return create_app(
        edge_settings(secrets, 100_000),
        Inbox(full),
        {"database": lambda: "disk full" if full else None},
        **({"figures": unreadable} if full else {}),
        ruled_out=lambda _, event: Dropped.EVENT if event[:1] == "s" else None,
    )


class Signing:
    """Stands before the application and signs whatever comes, as a source would."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        scheme = SCHEMES.get(environ["PATH_INFO"].rpartition("/")[2])
        if scheme:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            environ[f"HTTP_{scheme.header.upper().replace('-', '_')}"] = sign(scheme, SECRET, body)
        return self._app(environ, start)


def described(app: Any, *, signing: bool) -> Any:
    """Return the description, to be tried on ``app``. Where ``signing``, signatures are left to it."""
    description = yaml.safe_load(DESCRIPTION.read_text())
    for operation in (one for path in description["paths"].values() for one in path.values() if signing):
        given = operation.get("parameters", [])
        operation["parameters"] = [one for one in given if one["name"] not in SIGNATURES]
    # A NUL in the body is refused, which JSON Schema has no words for.
    project = ProjectConfig(generation=GenerationConfig(allow_x00=False))
    schema = schemathesis.openapi.from_dict(
        description, config=SchemathesisConfig(projects=ProjectsConfig(default=project))
    )
    schema.app = app
    return schema


SIGNATURES = {scheme.header for scheme in SCHEMES.values()}
unsigned = described(app(), signing=False)
signed = described(Signing(app()), signing=True)
broken = described(Signing(app(full=True)), signing=True)
patiently = settings(
    # Schemathesis adds cases of its own for each part of the description.
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@unsigned.parametrize()
@patiently
def test_a_stranger_is_answered_as_described(case: schemathesis.Case) -> None:
    answer = case.call_and_validate()
    assert answer.status_code not in {202, 500}


@signed.parametrize()
@patiently
def test_a_source_is_answered_as_described(case: schemathesis.Case) -> None:
    answer = case.call_and_validate()
    assert answer.status_code != 401


@broken.parametrize()
@patiently
def test_where_nothing_can_be_stored_it_is_said_as_described(case: schemathesis.Case) -> None:
    answer = case.call_and_validate(excluded_checks=[not_a_server_error])
    assert answer.status_code < 500 or answer.status_code == 503
    assert answer.status_code != 202 or "stored" in answer.json()


def test_the_description_lists_what_is_served_and_nothing_else() -> None:
    served = {
        (rule.rule.replace("<source>", source), method)
        for rule in app().url_map.iter_rules()
        for source in (SOURCES if "<source>" in rule.rule else [""])
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    paths = yaml.safe_load(DESCRIPTION.read_text())["paths"]
    assert {(path, method.upper()) for path, methods in paths.items() for method in methods} == served
