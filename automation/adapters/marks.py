"""Marks that let us find our own notices again and that nobody else can make.

A mark is a digest of the effect's key and an HMAC-SHA256 over it, bound to the issue or deal
the notice stands on: copied elsewhere it is worth nothing.
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
        return f"{digest}.{self._mac(subject, digest)}"

    def authentic(self, subject: Subject, token: str) -> bool:
        """Tell whether ``token`` was made by us for a notice on ``subject``."""
        digest, _, mac = token.partition(".")
        expected = self._mac(subject, digest)
        return hmac.compare_digest(mac.encode("utf-8", "replace"), expected.encode())

    def same(self, subject: Subject, marker: str, token: str) -> bool:
        """Tell whether ``token`` is the mark of exactly this notice."""
        expected = self.token(subject, marker)
        return hmac.compare_digest(token.encode("utf-8", "replace"), expected.encode())

    def _mac(self, subject: Subject, digest: str) -> str:
        # Names of repositories and projects are the same in any case.
        bound = f"{str(subject).lower()}\n{digest}".encode("utf-8", "replace")
        return hmac.new(self._key, bound, hashlib.sha256).hexdigest()[:_LENGTH]
