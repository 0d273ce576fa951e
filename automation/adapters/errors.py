"""What the other side's refusals mean: wait for the limit (Closed), look at the settings (Unauthorized),
worth another try (Unavailable), or not (Refused).

Messages name the call, the status and what the other side said in one short line; they never
contain headers, so no token can be in them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from automation.adapters.shapes import at, text_or_empty
from automation.ports import Closed, Refused, Relocated, Unauthorized, Unavailable, no_answer

LONGEST_WAIT = 86_400.0
DEFAULT_WAIT = 60.0
CREDENTIALS_WAIT = 60.0
"""Seconds until it is tried again whether credentials that were not accepted are now."""

BARRED = ("bad credentials", "login attempts", "suspended", "ip allow list")
"""What GitHub says with a 403 that concerns the account and not the one thing asked for.
https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api#failed-login-limit"""
HURRIED = ("rate limit", "abuse detection", "submitted too quickly")
"""What GitHub says where a limit is hit, whatever the status: 403, 422 for too many comments, or 200 with
``errors`` by GraphQL.
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#rate-limit-errors"""
HURRIED_CODES = frozenset({"abuse", "rate_limit", "rate_limited"})
"""The same, in an error's ``code`` or ``type``."""
EXPLAINED = ("rate-limits", "#rate-limiting")
"""Parts of the addresses that such answers point to in ``documentation_url``."""


MOVED_TO = "x-moved-to"
"""The header in which a redirect's address is kept from clients that would follow it by themselves."""


class Rejected(Refused):
    """An answer that says no for good. ``status`` is its HTTP status, ``said`` what stood in it, in short."""

    def __init__(self, message: str, status: int = 0, said: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.said = said


class Missing(Rejected):
    """404 or 410: what was asked for is not there, or must not be seen."""


class Gone(Missing):
    """410: what was asked for was there, and was deleted."""


class Moved(Relocated):
    """A redirect: what was asked for has another address now, ``to``. Only the reading of an issue follows
    it: private words could end up in a public place."""

    def __init__(self, message: str, to: str) -> None:
        super().__init__(message)
        self.to = to


def rejected(
    call: str,
    status: int,
    headers: Mapping[str, str],
    said: str,
    now: float,
    hints: Mapping[int, str] | None = None,
    body: object = None,
) -> Unavailable | Refused:
    """Turn an answer that is no success into the exception to raise.

    ``call`` is what was tried (``GitHub: PATCH /repos/…``), ``headers`` have lower-case names,
    ``now`` is in seconds since 1970, ``hints`` say by status which setting to check; that of 401 stands
    for all answers that concern the credentials. ``body``: the answer's JSON, where more than ``said`` may
    tell of a limit.

    A 503 with Retry-After is no limit: whether a write arrived is as unclear as with any other 5xx.
    """
    words = " ".join(said.split())[:200]
    message = f"{call} was answered {status}" + (f": {words}" if words else "")
    if _barred(status, headers, words):
        return unauthorized(message, (hints or {}).get(401, ""))
    if _limited(status, headers, words, body):
        return limited(message, headers, now)
    if no_answer(status):
        return Unavailable(message, _wait(headers, now))
    if status < 400:
        to = headers.get(MOVED_TO, "")
        return Moved(f"{call} was answered {status}: it has another address now", to)
    hint = (hints or {}).get(status, "")
    message = f"{message}. {hint}" if hint else message
    if status == 410:
        return Gone(message, status, words)
    kind = Missing if status == 404 else Rejected
    return kind(message, status, words)


def limited(message: str, headers: Mapping[str, str], now: float) -> Closed:
    """Say that a limit is reached, for as long as the headers ask for."""
    return Closed(f"{message}. Waiting, as asked.", _wait(headers, now) or DEFAULT_WAIT)


def unauthorized(message: str, hint: str) -> Unauthorized:
    """Say that our credentials are not accepted, and which setting to check."""
    return Unauthorized(f"{message.rstrip('.')}. {hint}", CREDENTIALS_WAIT)


def stranger(headers: Mapping[str, str]) -> bool:
    """Tell whether Jira answered as to somebody it does not know: as if nothing existed.

    https://developer.atlassian.com/server/jira/platform/basic-authentication/
    """
    return "AUTHENTICAT" in headers.get("x-seraph-loginreason", "")


def unreachable(call: str, error: Exception) -> Unavailable:
    """Say that no answer came. The error's own text stays out: it may quote the request."""
    return Unavailable(f"{call} got no answer ({type(error).__name__})")


def unreadable(call: str) -> Unavailable:
    """Say that an answer came, but not one that can be read: whether a write took is unclear."""
    return Unavailable(f"{call} got an answer that could not be read")


def hurried(body: object) -> bool:
    """Tell whether GitHub's JSON speaks of a limit: in its message, in one of its ``errors``, or by the
    page it points to."""
    errors = at(body, "errors")
    parts = [body, *(errors if isinstance(errors, list) else ())]
    words = [part if isinstance(part, str) else text_or_empty(part, "message") for part in parts]
    codes = {text_or_empty(part, name).lower() for part in parts for name in ("code", "type")}
    return (
        any(hint in word.lower() for word in words for hint in HURRIED)
        or bool(codes & HURRIED_CODES)
        or any(part in text_or_empty(body, "documentation_url") for part in EXPLAINED)
    )


def told(body: object) -> str:
    """Return what GitHub says of an error: its message, and what is wrong with which field."""
    errors = at(body, "errors")
    parts = [text_or_empty(body, "message")]
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, str):
            parts.append(error)
            continue
        what = text_or_empty(error, "message") or text_or_empty(error, "code")
        field = text_or_empty(error, "field")
        parts.append(f"{field}: {what}" if field and what else what)
    return ", ".join(part for part in parts if part)


def _barred(status: int, headers: Mapping[str, str], said: str) -> bool:
    """Tell whether an answer concerns our credentials, and so every call."""
    if status == 401 or (status < 500 and status != 429 and stranger(headers)):
        return True
    # https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api
    return status == 403 and (
        headers.get("x-github-sso", "").startswith("required")
        or "x-authentication-denied-reason" in headers
        or any(words in said.lower() for words in BARRED)
    )


def _limited(status: int, headers: Mapping[str, str], said: str, body: object) -> bool:
    # GitHub says 403 as well as 429 when a limit is hit:
    # https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    # Jira says 429: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
    if status == 429:
        return True
    if status == 403 and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"):
        return True
    return status in (403, 422) and (hurried(body) or any(hint in said.lower() for hint in HURRIED))


def _wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds to wait that the headers ask for, or None where they ask for none."""
    asked = _seconds(headers.get("retry-after", ""), now)
    if asked is None and headers.get("x-ratelimit-remaining") == "0":
        asked = resets_in(headers, now)
    return None if asked is None else min(max(asked, 1.0), LONGEST_WAIT)


def resets_in(headers: Mapping[str, str], now: float) -> float | None:
    """Return in how many seconds GitHub gives new calls, a day at most, or None where it does not say."""
    reset = headers.get("x-ratelimit-reset", "")
    return min(float(reset) - now, LONGEST_WAIT) if reset.isascii() and reset.isdigit() else None


def _seconds(retry_after: str, now: float) -> float | None:
    """Read a Retry-After header: seconds or an HTTP date (RFC 9110, section 10.2.3)."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return seconds if math.isfinite(seconds) else None
