"""What GitHub has answered before, to be asked whether it is still so: such an answer costs no quota.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

MOST = 500
LONGEST = 100_000
"""Characters of an answer that is kept."""
UNCHANGED = 304


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with its ``ETag``, and the ``Link`` to its neighbours where it is a page."""

    etag: str
    link: str
    text: str


class Etags:
    """The latest answers to GET. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Answered] = OrderedDict()

    def of(self, asked: str) -> Answered | None:
        with self._lock:
            if asked in self._known:
                self._known.move_to_end(asked)
            return self._known.get(asked)

    def keep(self, asked: str, headers: Mapping[str, str], text: str) -> None:
        """Keep an answer that can be asked after; forget the one before."""
        etag = headers.get("etag", "")
        with self._lock:
            self._known.pop(asked, None)
            if etag and len(text) <= LONGEST:
                self._known[asked] = Answered(etag, headers.get("link", ""), text)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
