"""Requests are read to their end before they cost a thread, and not at all where they are too long."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import flask
import pytest

from webhooks.bridge import SHORT, THREADS, Bridge

BODY = b'{"action": "opened"}'


class Headers:
    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def items(self) -> list[tuple[str, str]]:
        return self._pairs

    def get(self, name: str, default: str) -> str:
        return dict(self._pairs).get(name, default)


def request(headers: dict[str, str] | list[tuple[str, str]], method="POST", path="/webhooks/github"):
    pairs = list(headers.items()) if isinstance(headers, dict) else headers
    return SimpleNamespace(
        method=method,
        path=path,
        query_string="",
        scheme="http",
        http_version="1.1",
        server="127.0.0.1:8000",
        client="127.0.0.1:40000",
        headers=Headers([(name.lower(), value) for name, value in pairs]),
    )


@dataclass
class Sender:
    """Sends the chunks, then nothing for ever where it ``dawdles``; notes what was taken and answered."""

    chunks: tuple[bytes, ...] = (BODY,)
    dawdles: bool = False
    taken: int = 0
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            self.taken += 1
            yield chunk
        if self.dawdles:
            await asyncio.Event().wait()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.body = status, dict(headers), body

    @property
    def error(self) -> str:
        return json.loads(self.body)["error"]


def answered(bridge: Bridge, scope, sender: Sender) -> Sender:
    asyncio.run(bridge.__rsgi__(scope, sender))
    return sender


@pytest.fixture
def stored(inbox) -> Callable[[], list[bytes]]:
    return lambda: [delivery.body for delivery in inbox.kept]


def test_a_delivery_in_chunks_is_stored_whole(make_app, signed, stored) -> None:
    sender = answered(Bridge(make_app()), request(signed(BODY)), Sender((BODY[:7], BODY[7:])))
    assert sender.status == 202
    assert sender.headers["content-type"] == "application/json"
    assert stored() == [BODY]


def test_who_dawdles_is_told_so(make_app, signed, stored) -> None:
    bridge = Bridge(make_app(), body_seconds=0.02)
    sender = answered(bridge, request(signed(BODY)), Sender((BODY[:7],), dawdles=True))
    assert (sender.status, sender.error) == (408, "Please send a request within 0.02 seconds.")
    assert sender.headers["connection"] == "close"
    assert stored() == []


def test_those_who_dawdle_keep_nobody_waiting(make_app, signed, stored) -> None:
    bridge, prompt = Bridge(make_app(), body_seconds=600), Sender()

    async def meet() -> None:
        slow = [
            asyncio.ensure_future(bridge.__rsgi__(request(signed(BODY)), Sender((), dawdles=True)))
            for _ in range(2 * THREADS)
        ]
        await bridge.__rsgi__(request(signed(BODY)), prompt)
        for one in slow:
            one.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    asyncio.run(meet())
    assert prompt.status == 202
    assert stored() == [BODY]


def test_deliveries_that_are_stored_together_are_not_mixed_up(make_app, inbox, signed) -> None:
    app = make_app()
    app.after_request(
        lambda response: response.headers.set("X-Was", flask.request.headers["X-GitHub-Delivery"]) or response
    )
    bridge, ids = Bridge(app), [str(number) for number in range(50)]
    bodies = {id: f'{{"number": {id}}}'.encode() for id in ids}
    senders = {id: Sender((bodies[id],)) for id in ids}

    async def meet() -> None:
        requests = {id: request(signed(bodies[id], X_GitHub_Delivery=id)) for id in ids}
        await asyncio.gather(*(bridge.__rsgi__(requests[id], senders[id]) for id in ids))

    asyncio.run(meet())
    assert {delivery.id: delivery.body for delivery in inbox.kept} == bodies
    assert len(inbox.sizes) < 10
    for id, sender in senders.items():
        assert (sender.status, sender.headers["x-was"]) == (202, id)


@pytest.mark.parametrize("size", [SHORT, SHORT + 1], ids=["short", "long"])
def test_while_one_is_stored_all_else_is_answered(make_app, inbox, signed, size) -> None:
    bridge = Bridge(make_app(max_body=SHORT + 1))
    body = b'{"a": "' + (size - 9) * b"x" + b'"}'
    assert len(body) == size
    slow, forged, question = Sender((body,)), Sender(), Sender(())
    inbox.may_store.clear()

    async def meet() -> None:
        storing = asyncio.ensure_future(bridge.__rsgi__(request(signed(body)), slow))
        while not inbox.sizes:
            await asyncio.sleep(0.001)
        await bridge.__rsgi__(request(signed(BODY, secret="a guess")), forged)
        await bridge.__rsgi__(request({}, "GET", "/livez"), question)
        inbox.may_store.set()
        await storing

    asyncio.run(meet())
    assert [sender.status for sender in (forged, question, slow)] == [401, 200, 202]


def test_an_announced_giant_is_413_and_none_of_it_is_read(make_app, signed) -> None:
    headers = signed(BODY) | {"Content-Length": "99999999999"}
    sender = answered(Bridge(make_app()), request(headers), Sender())
    assert (sender.status, sender.taken) == (413, 0)
    assert "1,000 bytes" in sender.error


def test_endless_chunks_are_413_and_not_read_on(make_app, signed) -> None:
    sender = answered(Bridge(make_app()), request(signed(BODY)), Sender(500 * (100 * b"x",)))
    assert (sender.status, sender.taken) == (413, 11)


def test_a_body_at_the_limit_is_read(make_app, signed, stored) -> None:
    body = b'{"a": "' + 991 * b"x" + b'"}'
    assert len(body) == 1000
    headers = signed(body) | {"Content-Length": "1000"}
    assert answered(Bridge(make_app()), request(headers), Sender((body,))).status == 202
    assert stored() == [body]


def test_what_memory_cannot_hold_is_sent_again_later(make_app, signed, stored) -> None:
    bridge, body = Bridge(make_app(), held=len(BODY)), BODY + b" "
    first = answered(bridge, request(signed(body)), Sender((body,)))
    assert first.status == 503
    assert "send it again" in first.error
    assert stored() == []
    for _ in range(2):  # the room is given back, whether the body was taken or not
        assert answered(bridge, request(signed(BODY)), Sender()).status == 202


def test_a_header_with_an_underscore_does_not_pass_for_another(make_app, signed) -> None:
    headers = signed(BODY)
    headers["X_Hub_Signature_256"] = headers.pop("X-Hub-Signature-256")
    sender = answered(Bridge(make_app()), request(headers), Sender())
    assert (sender.status, "not signed" in sender.error) == (401, True)


def test_two_signatures_are_none(make_app, signed) -> None:
    headers = [("X-Hub-Signature-256", "sha256=0"), *signed(BODY).items()]
    assert answered(Bridge(make_app()), request(headers), Sender()).status == 401


def test_other_letters_in_a_path_arrive(make_app) -> None:
    app = make_app()
    app.add_url_rule("/<word>", view_func=lambda word: word, endpoint="word")
    sender = answered(Bridge(app), request({}, "GET", "/grüße"), Sender(()))
    assert (sender.status, sender.body.decode()) == (200, "grüße")
