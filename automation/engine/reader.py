"""The one reader of a pass: it asks nothing twice, and forgets what was written.

A pass is one reconcile, or the performing of the effects of one issue that are ready together. What may be
used twice, and for how long: an effect uses what was read *after* it was ready to be performed, and no more
than FRESH seconds ago. So nothing that happened while it waited is overlooked. What happens within these
seconds could as well have happened within the trackers' own read lag, which is longer; and whoever turns a
place public then is heard of by a delivery, which takes back what was said. Of deals an effect uses what any
pass has read within as many seconds: they decide nothing any more, they only lend words their names. Rights
are asked for live, in each pass. A deadline is always compared with a reading of its own, and what is tried
again reads anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping

from automation.engine.reader_ports import CrmReader, TrackerReader
from automation.model import Deal, Effect, SetDeadline, Subject
from automation.ports import Crm, Tracker
from automation.ports.recent import Recent

FRESH = 10.0
"""Seconds that what was read for one effect may be used for the others that were ready then: as long as the
trackers themselves may take to show what is so."""
MOST = 1000
"""Issues whose latest reader is kept."""


class Reader:
    """The trackers and the CRM for one pass. ``whole``: history and words are going to be asked for;
    ``edits``: also how the words came to be. ``lately``: deals that were read by other passes, which serve
    those that are not ``whole``."""

    def __init__(
        self,
        trackers: Mapping[str, Tracker],
        crm: Crm,
        whole: bool,
        edits: bool = False,
        lately: Recent[Subject, Deal] | None = None,
    ) -> None:
        self.trackers: Mapping[str, Tracker] = {
            name: TrackerReader(tracker, whole, edits) for name, tracker in trackers.items()
        }
        self.crm: Crm = CrmReader(crm, lately, anew=whole)


class Readers:
    """Makes the reader of each pass. ``ready`` gives the keys of the effects of an issue that are ready to
    be performed, ``now`` the seconds since 1970. Safe to share between threads."""

    def __init__(
        self,
        trackers: Mapping[str, Tracker],
        crm: Crm,
        ready: Callable[[Subject], Collection[str]],
        now: Callable[[], float],
    ) -> None:
        self._trackers = trackers
        self._crm = crm
        self._ready = ready
        self._now = now
        self._lock = threading.Lock()
        self._latest: dict[Subject, tuple[Reader, set[str], float]] = {}
        self._deals: Recent[Subject, Deal] = Recent(FRESH, now)

    def of_reconcile(self, subject: Subject, edits: bool = False) -> Reader:
        """Return the reader of a reconcile; ``edits`` where it will be asked how the words came to be. What
        it reads of trackers serves no effect: who may read a place, and what is there, is asked anew before
        anything is written. Nor does what was read before it serve a reconcile."""
        self.forget(subject)
        return Reader(self._trackers, self._crm, True, edits, self._deals)

    def of_effect(self, effect: Effect, tries: int) -> Reader:
        """Return the reader with which an effect is performed."""
        now = self._now()
        if tries > 1 or isinstance(effect.intent, SetDeadline):
            return Reader(self._trackers, self._crm, whole=False)
        with self._lock:
            reader, ready, since = self._latest.get(effect.issue, (None, set[str](), 0.0))
            if reader and effect.key in ready and 0 <= now - since < FRESH:
                ready.discard(effect.key)
                return reader
        return self._made(effect.issue, set(self._ready(effect.issue)) - {effect.key})

    def forget(self, subject: Subject) -> None:
        """Read anew for whatever comes next: something was written."""
        with self._lock:
            self._latest.pop(subject, None)

    def _made(self, subject: Subject, ready: set[str]) -> Reader:
        """Make a reader, and keep it for the effects that are ready by now. What is asked first is asked
        after that."""
        made = Reader(self._trackers, self._crm, whole=False, lately=self._deals)
        with self._lock:
            self._latest.pop(subject, None)
            if ready:
                self._latest[subject] = made, ready, self._now()
            while len(self._latest) > MOST:
                del self._latest[next(iter(self._latest))]
        return made
