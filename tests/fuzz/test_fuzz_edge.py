"""Requests as no client would write them: whatever the headers and the body hold, the fault is not ours."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from automation.model import Delivery
from tests.fuzz.bending import ANYTHING, OBJECTS
from tests.sources import SCHEMES, SOURCES, edge_settings, sign, verify
from webhooks.app import create_app
from webhooks.body import DEEPEST, problem

SECRET = "a long random text"


class Inbox:
    """Remembers the last delivery, and that it can be shown."""

    def __init__(self) -> None:
        self.last: Delivery | None = None

    def accept(self, *deliveries: Delivery) -> list[bool]:
        [delivery] = deliveries
        for text in (delivery.id, delivery.event, *delivery.headers.values()):
            assert text.isascii() and text.isprintable() and " " not in text and len(text) <= 200
        self.last = delivery
        return [True]


INBOX = Inbox()
APP = create_app(edge_settings(dict.fromkeys(SOURCES, (SECRET,)), 10_000), INBOX, {})


def answer(environ: dict[str, Any], body: bytes) -> int:
    """Ask the application as a server does, and return the status."""
    said: list[str] = []
    whole = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/webhooks/github",
        "QUERY_STRING": "",
        "SERVER_NAME": "here",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    answered = APP(whole | environ, lambda status, headers, error=None: said.append(status))
    b"".join(answered)
    return int(said[-1].split()[0])


# Headers reach an application as Latin-1, whatever their bytes were: https://peps.python.org/pep-3333/
VALUE = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40) | st.sampled_from(
    [
        *(
            "",
            " ",
            "0",
            "-1",
            "1e3",
            "+5",
            "99999999999999999999",
            "5, 5",
            "chunked",
            "gzip",
            "identity, chunked",
        ),
        *(
            "application/json",
            "application/json;",
            "application/json; charset=\xff",
            "text/plain",
            "*/*",
            "a;b=;c",
        ),
        *("issues", "x" * 201, "sha256=", "sha256=" + 64 * "0", "[", "[::1", "a:b:c", "here:99999", "\xa0"),
    ]
)
HEADERS = [
    *(
        "CONTENT_TYPE",
        "CONTENT_LENGTH",
        "HTTP_HOST",
        "HTTP_TRANSFER_ENCODING",
        "HTTP_CONTENT_ENCODING",
        "HTTP_EXPECT",
    ),
    *("HTTP_X_GITHUB_EVENT", "HTTP_X_GITHUB_DELIVERY", "HTTP_X_GITHUB_HOOK_ID", "HTTP_X_HUB_SIGNATURE_256"),
    *(
        "HTTP_X_HUB_SIGNATURE",
        "HTTP_X_ATLASSIAN_WEBHOOK_IDENTIFIER",
        "HTTP_X_ATLASSIAN_WEBHOOK_FLOW",
        "HTTP_ACCEPT",
    ),
    *(
        "HTTP_COOKIE",
        "HTTP_AUTHORIZATION",
        "HTTP_X_FORWARDED_FOR",
        "HTTP_X_HTTP_METHOD_OVERRIDE",
        "HTTP_RANGE",
    ),
]
PATHS = st.sampled_from(["/webhooks/github", "/webhooks/jira", "/", "/livez", "/readyz", "/metrics"])
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "CONNECT", "", "G\xe9T", "get"])


@given(
    headers=st.dictionaries(st.sampled_from(HEADERS), VALUE, max_size=8),
    path=PATHS | VALUE | PATHS.flatmap(lambda path: VALUE.map(lambda value: path + value)),
    method=METHODS,
    query=VALUE,
    body=st.binary(max_size=100),
)
def test_whatever_a_stranger_sends_the_fault_is_not_ours(
    headers: dict[str, str], path: str, method: str, query: str, body: bytes
) -> None:
    INBOX.last = None
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, **headers}
    assert answer(environ, body) < 500
    assert INBOX.last is None


@given(
    source=st.sampled_from(sorted(SOURCES)),
    headers=st.dictionaries(st.sampled_from(HEADERS), VALUE, max_size=8),
    body=st.binary(max_size=100) | (OBJECTS | ANYTHING).map(lambda value: json.dumps(value).encode()),
)
def test_whatever_a_source_sends_is_stored_as_it_came_or_refused(
    source: str, headers: dict[str, str], body: bytes
) -> None:
    INBOX.last = None
    genuine = {
        "PATH_INFO": f"/webhooks/{source}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_GITHUB_EVENT": "issues",
        "HTTP_X_GITHUB_DELIVERY": "1",
    }
    scheme = SCHEMES[source]
    signature = {f"HTTP_{scheme.header.upper().replace('-', '_')}": sign(scheme, SECRET, body)}
    status = answer(genuine | headers | signature, body)
    assert status in {202, 400, 401, 413, 415}
    assert (status == 202) == (INBOX.last is not None)
    if INBOX.last:
        assert INBOX.last.body == body and problem(body) == ""


@given(body=st.binary(max_size=200) | (OBJECTS | ANYTHING).map(lambda value: json.dumps(value).encode()))
def test_a_body_that_is_let_in_can_be_read_again_and_kept_anywhere(body: bytes) -> None:
    if problem(body):
        return
    value = json.loads(body)
    assert isinstance(value, dict)
    again = json.dumps(value, ensure_ascii=False, allow_nan=False)
    assert "\\u0000" not in again
    again.encode()


@given(levels=st.integers(1, 3 * DEEPEST), kinds=st.integers(0, 2**600))
def test_how_deep_a_body_may_be_does_not_depend_on_what_nests_in_it(levels: int, kinds: int) -> None:
    opening, closing = "{", "}"
    for level in range(levels - 1):
        inside = ('"a":' if opening.endswith("{") else "") + "[{"[kinds >> level & 1]
        opening, closing = opening + inside, "]}"[kinds >> level & 1] + closing
    assert bool(problem((opening + closing).encode())) == (levels > DEEPEST)


@given(
    body=st.binary(max_size=100),
    claimed=st.text() | st.none(),
    secrets=st.lists(st.text(min_size=1), max_size=3),
)
def test_only_a_signature_by_one_of_the_secrets_passes(
    body: bytes, claimed: str | None, secrets: list[str]
) -> None:
    for scheme in SCHEMES.values():
        right = [sign(scheme, secret, body) for secret in secrets]
        assert verify(scheme, secrets, claimed or "", body) == (claimed in right)
        assert all(verify(scheme, secrets, one, body) for one in right)
