"""Marks that let us find our own notices again and that nobody else can make.

A mark is a digest of the effect's key and an HMAC-SHA256 over it, bound to the issue or deal the notice
stands on, by its stable id or one that it had before: it survives another name and another place, and
copied elsewhere it is worth nothing.
"""

from __future__ import annotations

import hashlib
import hmac

from automation.model import Subject

_LENGTH = 32


class Marks:
    """Make and check marks with one secret key."""

    def __init__(self, key: bytes) -> None:
        if not key:
            raise ValueError("the key for marks must not be empty")
        self._key = key

    def token(self, subject: Subject, marker: str) -> str:
        """Return the mark of a notice, of the form ``digest.hmac`` (lower-case hex)."""
        digest = hashlib.sha256(marker.encode("utf-8", "replace")).hexdigest()[:_LENGTH]
        return f"{digest}.{self._mac(str(subject), digest)}"

    def authentic(self, subject: Subject, token: str) -> bool:
        """Tell whether ``token`` was made by us for a notice on ``subject``."""
        digest, _, mac = token.partition(".")
        given = mac.encode("utf-8", "replace")
        return any(hmac.compare_digest(given, self._mac(name, digest).encode()) for name in _names(subject))

    def same(self, subject: Subject, marker: str, token: str) -> bool:
        """Tell whether ``token`` is the mark of exactly this notice."""
        digest, _, _ = self.token(subject, marker).partition(".")
        theirs = token.partition(".")[0].encode("utf-8", "replace")
        return hmac.compare_digest(theirs, digest.encode()) and self.authentic(subject, token)

    def _mac(self, name: str, digest: str) -> str:
        # Keys of deals are the same in any case.
        bound = f"{name.lower()}\n{digest}".encode("utf-8", "replace")
        return hmac.new(self._key, bound, hashlib.sha256).hexdigest()[:_LENGTH]


def _names(subject: Subject) -> list[str]:
    """Return all that a subject was ever known as, what it is known as now first."""
    return [f"{subject.system}:{subject.kind}:{id}" for id in (subject.id, *subject.former)]
