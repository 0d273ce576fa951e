"""How each source signs what it sends, and whether a signature is right. Bytes in, yes or no out."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scheme:
    """HMAC-SHA256 over the raw body, sent in ``header`` as ``prefix`` and lower-case hex."""

    header: str
    prefix: str


SCHEMES = {
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    "github": Scheme("X-Hub-Signature-256", "sha256="),
    # https://developer.atlassian.com/cloud/jira/platform/webhooks/ (and Data Center from 10 on)
    "jira": Scheme("X-Hub-Signature", "sha256="),
}


def verify(scheme: Scheme, secrets: Sequence[str], claimed: str, body: bytes) -> bool:
    """Tell whether ``claimed``, the value of the scheme's header, signs ``body`` with one of ``secrets``.

    Several secrets count while one replaces another. Whatever the header holds, the answer is
    yes or no. Raise ValueError for an empty secret, with which anybody could sign.
    """
    if not all(secrets):
        raise ValueError("A webhook secret is empty.")
    # Whole values are compared, as bytes, because compare_digest raises on text beyond ASCII. All
    # secrets are tried, so that the time taken does not tell which one was right.
    wanted = [sign(scheme, secret, body).encode() for secret in secrets]
    given = claimed.encode("utf-8", "replace")
    return sum(hmac.compare_digest(one, given) for one in wanted) > 0


def sign(scheme: Scheme, secret: str, body: bytes) -> str:
    """Return the value of the scheme's header that a source which knows ``secret`` sends."""
    return scheme.prefix + hmac.digest(secret.encode(), body, "sha256").hex()
