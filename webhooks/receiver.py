"""``POST /webhooks/<source>``: check that a delivery is genuine, store it as it came, answer 202.

Nothing is made of a delivery here. The body is read as JSON only to refuse what no source
sends, only after its signature was found right, and what was read is thrown away.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import structlog
from flask import Blueprint, Request, abort, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, ServiceUnavailable

from automation.model import Delivery
from automation.model.systems import Scheme, Signed, Source
from webhooks.body import problem
from webhooks.signatures import Sent, timely, verify

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
that word would be the stranger's), ``content type``, ``too large``, ``unsigned``, ``signature``, ``time``,
``header`` and ``malformed``."""

Clock = Callable[[], datetime]
"""Tells the time now, in UTC."""


@dataclass(frozen=True, slots=True)
class Served:
    """A source that is served: the ``secrets`` it may sign with, and the address it was given (``url``),
    which it may sign, too: never that of the request, which a proxy or a stranger chose."""

    source: Source
    secrets: tuple[str, ...] = field(repr=False)
    url: str = ""


# What a header may hold to be stored and shown: visible ASCII, and not much of it.
_PLAIN = re.compile(r"[!-~]{1,200}")


class _Refusal(Exception):
    """A delivery that is not taken: its status, a word to count it by, a sentence for its sender."""

    def __init__(self, status: int, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.reason, self.sentence = status, reason, sentence


def served(
    sources: Mapping[str, Source], secrets: Mapping[str, Sequence[str]], public_url: str
) -> dict[str, Served]:
    """Return the sources that have secrets, by name; the others are not served.

    Raise ValueError for a source that is not known, has no secret or an empty one, or signs an address that
    is not set.
    """
    for name, values in secrets.items():
        if name not in sources:
            raise ValueError(f"Webhooks from {name!r} are not known; known are: {', '.join(sources)}.")
        source = sources[name]
        if not values or not all(value.strip() for value in values):
            raise ValueError(
                f"The webhook secret for {source.name} is empty. Set {source.setting} "
                "to a long random text, and the same text in the webhook's settings."
            )
        if _signs_url(source.scheme) and not public_url:
            raise ValueError(
                f"{source.name} signs the address that it sends to. Set HANDSHAKE_PUBLIC_URL to what stands "
                f"before /webhooks/{name} in the webhook's settings, such as https://handshake.example.com"
            )
    return {
        name: Served(sources[name], tuple(values), f"{public_url.rstrip('/')}/webhooks/{name}")
        for name, values in secrets.items()
    }


def create_blueprint(
    sources: Mapping[str, Served],
    addresses: str,
    max_body: int,
    store: Store,
    ruled_out: RuledOut,
    count: Count,
    now: Clock,
) -> Blueprint:
    """Return the route for the sources that are served. ``addresses`` says, to who asks for another, which
    there are; ``now`` is what signed times are compared with."""
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
        known = sources.get(source)
        if known is None:
            count("refused", "", "source")
            abort(404, f"Nothing is received here. Check the address: {addresses}.")
        declared, received_at = known.source, now()
        try:
            body = _genuine(request, known, max_body, received_at.timestamp())
            event, id = _named(request.headers, declared)
            dropped = ruled_out(source, event)
            if dropped:
                count("dropped", source, dropped)
                if dropped is Dropped.PING:
                    hook = _kept(request.headers, declared).get(declared.hook.lower())
                    log.info("webhook works", source=source, id=id, hook=hook)
                else:
                    log.info("delivery dropped", source=source, id=id, what=event, reason=dropped)
                return {"accepted": True, "stored": False, "reason": _DROPPED[dropped]}, 202
            if wrong := problem(body, many=bool(declared.batch)):
                shape = "JSON list of events" if declared.batch else "JSON object"
                sentence = f"The body {wrong}. Please send the {shape} that {declared.name} sends."
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
        delivery = Delivery(source, id, event, body, received_at, _kept(request.headers, declared))
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


def _genuine(request: Request, known: Served, max_body: int, now: float) -> bytes:
    """Return the body of a request that its source has signed, just now where it signs the time. Raise
    _Refusal for any other."""
    source, scheme = known.source, known.source.scheme
    if request.mimetype != "application/json":
        raise _Refusal(
            415,
            "content type",
            f"Choose application/json as content type in {source.name}'s webhook settings.",
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
    stamp = request.headers.get(scheme.time, "") if scheme.time else ""
    if not claimed or (scheme.time and not stamp):
        raise _Refusal(
            401,
            "unsigned",
            f"This is not signed. Set a secret in {source.name}'s webhook settings, "
            f"and the same one in {source.setting}.",
        )
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    if not verify(scheme, known.secrets, claimed, Sent(body, request.method, known.url + query, stamp)):
        address = " The address there has to begin with HANDSHAKE_PUBLIC_URL." if _signs_url(scheme) else ""
        raise _Refusal(
            401,
            "signature",
            f"The signature does not match. Set the same secret in {source.name}'s webhook settings "
            f"and in {source.setting}.{address}",
        )
    if scheme.time and not timely(scheme, stamp, now):
        raise _Refusal(
            401,
            "time",
            f"This was signed more than {scheme.window / 60:g} minutes away from now. Check the clocks of "
            "both sides.",
        )
    return body


def _signs_url(scheme: Scheme) -> bool:
    return Signed.URL in scheme.over


def _named(headers: Headers, source: Source) -> tuple[str, str]:
    """Return a delivery's event (empty where the body alone names it) and its id. Raise _Refusal."""
    event = _plain(headers, source.event) if source.event else ""
    numbered = bool(source.id) and (source.always or source.id in headers)
    return event, _plain(headers, source.id) if numbered else str(uuid.uuid4())


def _plain(headers: Headers, name: str) -> str:
    value = headers.get(name, "")
    if not _PLAIN.fullmatch(value):
        raise _Refusal(400, "header", f"Please send the header {name}, up to 200 plain characters.")
    return value


def _kept(headers: Headers, source: Source) -> dict[str, str]:
    """Return the other headers that are worth keeping; an odd one is left out."""
    found = {name.lower(): headers.get(name, "") for name in source.keep}
    return {name: value for name, value in found.items() if _PLAIN.fullmatch(value)}


def _kinds(error: BaseException | None) -> str:
    """Return the names of an error and of what caused it: ``OperationalError from DiskFull``."""
    names: list[str] = []
    while error is not None and len(names) < 5:
        names.append(type(error).__name__)
        error = error.__cause__
    return " from ".join(names)
