"""``POST /webhooks/<source>``: check that a delivery is genuine, store it as it came, answer 202.

Nothing is made of a delivery here. The body is read as JSON only to refuse what no source
sends, only after its signature was found right, and what was read is thrown away.
"""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, Protocol

import structlog
from flask import Blueprint, abort, request
from werkzeug.exceptions import RequestEntityTooLarge, ServiceUnavailable

from automation.model import Delivery
from webhooks.signatures import SCHEMES, verify

log = structlog.get_logger(__name__)

RETRY_AFTER = 10
"""Seconds after which a sender may try again when storing failed."""


class Inbox(Protocol):
    """Where deliveries are kept until they are worked on."""

    def accept(self, delivery: Delivery) -> bool:
        """Store the delivery durably. Return False where it was stored before.

        Raise any exception when it could not be stored: the sender is then asked to try again.
        """
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """What a source calls its headers, what people call the source, and where its secret is set.

    ``event`` is empty where the event is named in the body only. ``always`` says whether every
    delivery has an ``id``; one without gets an id of its own. That is harmless, as a delivery only
    makes us look: told twice, we look twice and find nothing new, and a command counts once.
    """

    name: str
    setting: str
    event: str
    id: str
    keep: tuple[str, ...]
    always: bool = True


SOURCES = {
    # https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers
    "github": Source(
        name="GitHub",
        setting="GITHUB_WEBHOOK_SECRET",
        event="X-GitHub-Event",
        id="X-GitHub-Delivery",
        keep=(
            "X-GitHub-Hook-ID",
            "X-GitHub-Hook-Installation-Target-ID",
            "X-GitHub-Hook-Installation-Target-Type",
        ),
    ),
    # https://developer.atlassian.com/cloud/jira/platform/webhooks/; Data Center sends no id.
    "jira": Source(
        name="Jira",
        setting="JIRA_WEBHOOK_SECRET",
        event="",
        id="X-Atlassian-Webhook-Identifier",
        keep=("X-Atlassian-Webhook-Flow", "X-Atlassian-Webhook-Retry"),
        always=False,
    ),
}

# What a header may hold to be stored and shown: visible ASCII, and not much of it.
_PLAIN = re.compile(r"[!-~]{1,200}")
# An escaped NUL or half of a surrogate pair; only bodies with one are searched value by value.
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_REFUSED_TEXT = re.compile("[\0\ud800-\udfff]")


def create_blueprint(secrets: Mapping[str, Sequence[str]], max_body: int, inbox: Inbox) -> Blueprint:
    """Return the route for the sources that have secrets; the others are not served.

    Raise ValueError for a source that is not known, has no secret or an empty one.
    """
    for source, values in secrets.items():
        if source not in SOURCES:
            raise ValueError(f"Webhooks from {source!r} are not known; known are: {', '.join(SOURCES)}.")
        if not values or not all(value.strip() for value in values):
            raise ValueError(
                f"The webhook secret for {SOURCES[source].name} is empty. Set {SOURCES[source].setting} "
                "to a long random text, and the same text in the webhook's settings."
            )
    blueprint = Blueprint("webhooks", __name__)

    @blueprint.post("/webhooks/<source>")
    def receive(source: str) -> tuple[dict[str, bool], int]:
        if source not in secrets:
            abort(404, f"Nothing is received here. Check the address: {_addresses()}.")
        delivery = _read(source, secrets[source], max_body)
        try:
            new = inbox.accept(delivery)
        except Exception as error:
            # Only its kind: the text of a database's error may quote the delivery.
            log.error("delivery not stored", source=source, id=delivery.id, error=_kinds(error))
            raise ServiceUnavailable(
                "The delivery could not be stored just now. Please send it again in a moment.",
                retry_after=RETRY_AFTER,
            ) from None
        log.info("delivery stored", source=source, id=delivery.id, what=delivery.event, repeated=not new)
        return {"accepted": True, "repeated": not new}, 202

    return blueprint


def _read(source: str, secrets: Sequence[str], max_body: int) -> Delivery:
    """Return the delivery that the request is, or refuse the request."""
    known, scheme = SOURCES[source], SCHEMES[source]
    if request.mimetype != "application/json":
        _refuse(source, 415, f"Choose application/json as content type in {known.name}'s webhook settings.")
    # One byte above the limit is let in: a body without a stated length is cut there without a word.
    request.max_content_length = max_body + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        body = None
    if body is None or len(body) > max_body:
        _refuse(source, 413, f"Please send at most {max_body:,} bytes in one delivery.")
    claimed = request.headers.get(scheme.header, "")
    if not claimed:
        _refuse(
            source,
            401,
            f"This is not signed. Set a secret in {known.name}'s webhook settings, "
            f"and the same one in {known.setting}.",
        )
    if not verify(scheme, secrets, claimed, body):
        _refuse(
            source,
            401,
            f"The signature does not match. Set the same secret in {known.name}'s webhook settings "
            f"and in {known.setting}.",
        )
    event = _header(source, known.event) if known.event else ""
    numbered = known.always or known.id in request.headers
    id = _header(source, known.id) if numbered else str(uuid.uuid4())
    if problem := _json_problem(body):
        _refuse(source, 400, f"The body {problem}. Please send the JSON object that {known.name} sends.")
    return Delivery(
        source=source,
        id=id,
        event=event,
        body=body,
        received_at=datetime.now(UTC),
        headers={
            name.lower(): request.headers[name]
            for name in known.keep
            if _PLAIN.fullmatch(request.headers.get(name, ""))
        },
    )


def _header(source: str, name: str) -> str:
    value = request.headers.get(name, "")
    if not _PLAIN.fullmatch(value):
        _refuse(source, 400, f"Please send the header {name}, up to 200 plain characters.")
    return value


def _json_problem(body: bytes) -> str:
    """Say what is wrong with ``body`` as a JSON object, or return an empty text."""
    try:
        value = json.loads(body.decode(), parse_constant=_number, parse_float=_number)
    except UnicodeDecodeError:
        return "is not UTF-8"
    except RecursionError:
        return "is nested too deeply"
    except ValueError:
        return "is not JSON"
    if not isinstance(value, dict):
        return "is not a JSON object"
    if _SUSPECT.search(body) and any(_REFUSED_TEXT.search(text) for text in _texts(value)):
        return "holds text that is no Unicode text"
    return ""


def _number(written: str) -> float:
    """Read a number as Python does, but no NaN and nothing infinite: JSON has neither."""
    number = float(written)
    if not math.isfinite(number):
        raise ValueError(written)
    return number


def _texts(value: Any) -> list[str]:
    """Return every text in ``value``, keys too, without recursion."""
    found, left = [], [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            left.extend(one)
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
    return found


def _refuse(source: str, status: int, sentence: str) -> NoReturn:
    log.warning("delivery refused", source=source, status=status, reason=sentence)
    abort(status, sentence)


def _addresses() -> str:
    return " or ".join(f"/webhooks/{name} (once {source.setting} is set)" for name, source in SOURCES.items())


def _kinds(error: BaseException | None) -> str:
    """Return the names of an error and of what caused it: ``OperationalError from DiskFull``."""
    names: list[str] = []
    while error is not None and len(names) < 5:
        names.append(type(error).__name__)
        error = error.__cause__
    return " from ".join(names)
