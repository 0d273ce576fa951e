"""Whether a signature is right, by the scheme that its system declares. Bytes in, yes or no out."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from automation.model.systems import Scheme, Signed


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request is, as far as it can be signed. ``url`` is the address that its sender was given, with
    the query as it came; ``time`` the value of the scheme's header for it."""

    body: bytes
    method: str = "POST"
    url: str = ""
    time: str = ""


def verify(scheme: Scheme, secrets: Sequence[str], claimed: str, sent: Sent) -> bool:
    """Tell whether ``claimed``, the value of the scheme's header, signs what was sent by one of ``secrets``.

    Several secrets count while one replaces another. Whatever the header holds, the answer is
    yes or no. Raise ValueError for an empty secret, with which anybody could sign.
    """
    if not all(secrets):
        raise ValueError("A webhook secret is empty.")
    # Whole values are compared, as bytes, because compare_digest raises on text beyond ASCII. All
    # secrets are tried, so that the time taken does not tell which one was right.
    wanted = [sign(scheme, secret, sent).encode() for secret in secrets]
    given = claimed.encode("utf-8", "replace")
    return sum(hmac.compare_digest(one, given) for one in wanted) > 0


def sign(scheme: Scheme, secret: str, sent: Sent) -> str:
    """Return the value of the scheme's header that a source which knows ``secret`` sends."""
    digest = hmac.digest(secret.encode(), b"".join(_part(part, sent) for part in scheme.over), "sha256")
    return scheme.prefix + (base64.b64encode(digest).decode() if scheme.base64 else digest.hex())


def timely(scheme: Scheme, stamp: str, now: float) -> bool:
    """Tell whether a signed time is near ``now`` (seconds since 1970), before or after. What is no time at
    all is not."""
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 20):
        return False
    return abs(now - int(stamp) / scheme.per_second) <= scheme.window


def _part(part: Signed, sent: Sent) -> bytes:
    if part is Signed.BODY:
        return sent.body
    texts = {Signed.METHOD: sent.method, Signed.URL: sent.url, Signed.TIME: sent.time}
    return texts[part].encode("utf-8", "replace")
