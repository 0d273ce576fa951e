"""``POST /webhooks/<source>``: check that a delivery is genuine, store it as it came, answer 202.

Nothing is made of a delivery here. The body is read as JSON only to refuse what no source
sends, only after its signature was found right, and what was read is thrown away.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import structlog
from flask import Blueprint, Request, abort, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, ServiceUnavailable

from automation.model import Delivery
from webhooks.body import problem
from webhooks.signatures import SCHEMES, verify

log = structlog.get_logger(__name__)

RETRY_AFTER = 10
"""Seconds after which a sender may try again when storing failed."""


class Dropped(StrEnum):
    """Why a genuine delivery can never matter, so that it is not even stored."""

    PING = "ping"
    EVENT = "event"
    PLACE = "place"


_DROPPED = {
    Dropped.PING: "The webhook works.",
    Dropped.EVENT: "Nothing here follows events of this name. You can untick them in the webhook's settings.",
    Dropped.PLACE: "The rules name no place of this source yet.",
}

Store = Callable[[Delivery], bool]
"""Stores a delivery durably and tells whether it is new. May raise anything when it could not be stored:
the sender is then asked to try again."""

RuledOut = Callable[[str, str], Dropped | None]
"""Says of (source, event) why all such deliveries are dropped, or None where one may matter. The
event is empty where its source names it in the body only."""

Count = Callable[[str, str, str], None]
"""Told once of every POST to a source how it ended: (outcome, source, reason), all of them words of
ours, few in number. ``received`` (stored, and new), ``repeated`` and ``not stored`` (answered 503) have
no reason; ``dropped`` has one of ``Dropped``; ``refused`` has one of ``source`` (without a source, as
that word would be the stranger's), ``content type``, ``too large``, ``unsigned``, ``signature``,
``header`` and ``malformed``."""


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


class _Refusal(Exception):
    """A delivery that is not taken: its status, a word to count it by, a sentence for its sender."""

    def __init__(self, status: int, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.reason, self.sentence = status, reason, sentence


def create_blueprint(
    secrets: Mapping[str, Sequence[str]],
    max_body: int,
    store: Store,
    ruled_out: RuledOut,
    count: Count,
) -> Blueprint:
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
    def post(source: str) -> tuple[dict[str, object], int]:
        try:
            return receive(source)
        except HTTPException:
            raise
        except Exception as error:  # nobody thought of it; what came must not be lost for that
            log.error("delivery not stored", source=source, error=_kinds(error))
            raise _again() from None

    def receive(source: str) -> tuple[dict[str, object], int]:
        if source not in secrets:
            count("refused", "", "source")
            abort(404, f"Nothing is received here. Check the address: {_addresses()}.")
        try:
            body = _genuine(request, source, secrets[source], max_body)
            event, id = _named(request.headers, source)
            dropped = ruled_out(source, event)
            if dropped:
                count("dropped", source, dropped)
                if dropped is Dropped.PING:
                    log.info("webhook works", source=source, id=id, hook=_hook(request.headers, source))
                else:
                    log.info("delivery dropped", source=source, id=id, what=event, reason=dropped)
                return {"accepted": True, "stored": False, "reason": _DROPPED[dropped]}, 202
            if wrong := problem(body):
                name = SOURCES[source].name
                sentence = f"The body {wrong}. Please send the JSON object that {name} sends."
                raise _Refusal(400, "malformed", sentence)
        except _Refusal as refusal:
            count("refused", source, refusal.reason)
            log.warning(
                "delivery refused",
                source=source,
                status=refusal.status,
                reason=refusal.reason,
                text=refusal.sentence,
            )
            abort(refusal.status, refusal.sentence)
        delivery = Delivery(source, id, event, body, datetime.now(UTC), _kept(request.headers, source))
        try:
            new = store(delivery)
        except Exception as error:
            # Only its kind: the text of a database's error may quote the delivery.
            count("not stored", source, "")
            log.error("delivery not stored", source=source, id=id, error=_kinds(error))
            raise _again() from None
        count("received" if new else "repeated", source, "")
        log.info("delivery stored", source=source, id=id, what=event, repeated=not new)
        return {"accepted": True, "repeated": not new}, 202

    return blueprint


def _again() -> ServiceUnavailable:
    sentence = "The delivery could not be stored just now. Please send it again in a moment."
    return ServiceUnavailable(sentence, retry_after=RETRY_AFTER)


def _genuine(request: Request, source: str, secrets: Sequence[str], max_body: int) -> bytes:
    """Return the body of a request that its source has signed. Raise _Refusal for any other."""
    known, scheme = SOURCES[source], SCHEMES[source]
    if request.mimetype != "application/json":
        raise _Refusal(
            415,
            "content type",
            f"Choose application/json as content type in {known.name}'s webhook settings.",
        )
    # One byte above the limit is let in: a body without a stated length is cut there without a word.
    request.max_content_length = max_body + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        body = None
    if body is None or len(body) > max_body:
        raise _Refusal(413, "too large", f"Please send at most {max_body:,} bytes in one delivery.")
    claimed = request.headers.get(scheme.header, "")
    if not claimed:
        raise _Refusal(
            401,
            "unsigned",
            f"This is not signed. Set a secret in {known.name}'s webhook settings, "
            f"and the same one in {known.setting}.",
        )
    if not verify(scheme, secrets, claimed, body):
        raise _Refusal(
            401,
            "signature",
            f"The signature does not match. Set the same secret in {known.name}'s webhook settings "
            f"and in {known.setting}.",
        )
    return body


def _named(headers: Headers, source: str) -> tuple[str, str]:
    """Return a delivery's event (empty where the body alone names it) and its id. Raise _Refusal."""
    known = SOURCES[source]
    event = _plain(headers, known.event) if known.event else ""
    numbered = known.always or known.id in headers
    return event, _plain(headers, known.id) if numbered else str(uuid.uuid4())


def _plain(headers: Headers, name: str) -> str:
    value = headers.get(name, "")
    if not _PLAIN.fullmatch(value):
        raise _Refusal(400, "header", f"Please send the header {name}, up to 200 plain characters.")
    return value


def _kept(headers: Headers, source: str) -> dict[str, str]:
    """Return the other headers that are worth keeping; an odd one is left out."""
    found = {name.lower(): headers.get(name, "") for name in SOURCES[source].keep}
    return {name: value for name, value in found.items() if _PLAIN.fullmatch(value)}


def _hook(headers: Headers, source: str) -> str | None:
    """Return which webhook it is, where its source says so."""
    return _kept(headers, source).get("x-github-hook-id")


def _addresses() -> str:
    return " or ".join(f"/webhooks/{name} (once {source.setting} is set)" for name, source in SOURCES.items())


def _kinds(error: BaseException | None) -> str:
    """Return the names of an error and of what caused it: ``OperationalError from DiskFull``."""
    names: list[str] = []
    while error is not None and len(names) < 5:
        names.append(type(error).__name__)
        error = error.__cause__
    return " from ".join(names)
