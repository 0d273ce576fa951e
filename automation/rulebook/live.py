"""The rules as they are on disk now; a mistake keeps the last good ones in force."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from automation.model import Mode
from automation.rulebook.diagnostics import RulesError
from automation.rulebook.folder import fingerprint
from automation.rulebook.rulebook import Rulebook, load
from automation.rulebook.schema import SHIPPED, RulesConfig, Vocabulary

log = structlog.get_logger("handshake")

LOOK_EVERY = timedelta(seconds=1)
"""Between two looks at the folder, each of which takes half a millisecond."""


def to_log(text: str) -> None:
    """Say it where operations looks."""
    for line in text.splitlines():
        log.warning("rules", text=line)


class NotConnected(Exception):
    """The rules name places that we have no credentials for; each line says what to set."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules of one moment. ``noticed``: when this process saw that the mode is this one, by its clock,
    and ``read`` when it read these files.
    What the files say of their own age decides nothing: they are copied, checked out and unpacked."""

    rulebook: Rulebook
    mode: Mode
    noticed: datetime
    read: datetime


class LiveRules:
    """Gives the rulebook, read again within a second after a file of the folder has changed.

    ``mode`` overrides what the rules say; with ``until_changed``, until a file is saved that says another
    mode than at the start. ``report`` hears of each reload, and of each mistake
    once, as a sentence. ``vocabulary``: the systems that rules may speak of; ``missing`` says what is not set
    and needed for the places that they name, which is a mistake, too.
    """

    def __init__(
        self,
        folder: Path,
        mode: Mode | None,
        report: Callable[[str], None],
        clock: Callable[[], datetime],
        until_changed: bool = False,
        vocabulary: Vocabulary = SHIPPED,
        missing: Callable[[RulesConfig], Sequence[str]] = lambda _: (),
    ) -> None:
        self._folder = folder
        self._vocabulary = vocabulary
        self._missing = missing
        self._mode = mode
        self._report = report
        self._clock = clock
        self._until_changed = until_changed
        self._lock = threading.Lock()
        self._noticed = self._looked = self._read = clock()
        self._seen = fingerprint(folder)
        self._rulebook = load(folder, vocabulary)
        self._wrong = False

    def rulebook(self) -> Rulebook:
        """Return the last good rules. Never raises for what stands in the files."""
        return self.in_force().rulebook

    def in_force(self) -> InForce:
        """Return the last good rules with the mode, and since when this process knows that mode."""
        with self._lock:
            now = self._clock()
            if not timedelta() <= now - self._looked < LOOK_EVERY:
                self._looked = now
                self._look(now)
            return InForce(self._rulebook, self.mode(), self._noticed, self._read)

    def _look(self, now: datetime) -> None:
        files = fingerprint(self._folder)
        if files == self._seen:
            return
        self._seen = files
        before, written = self.mode(), self._rulebook.mode
        try:
            rulebook = load(self._folder, self._vocabulary)
            if missing := self._missing(rulebook.config):
                raise NotConnected("\n".join(missing))
            self._rulebook, self._read = rulebook, now
        except Exception as error:  # whatever it is, there are the last good ones
            self._wrong = True
            ours = isinstance(error, RulesError | NotConnected)
            said = str(error) if ours else f"{type(error).__name__}: {error}"
            self._report(f"the rules were changed, but not well; the last good ones stay in force:\n{said}")
        else:
            said = "are good again" if self._wrong else "were read again"
            self._wrong = False
            if self._until_changed and self._rulebook.mode is not written:
                self._mode = None
            if self.mode() is not before:
                self._noticed = now
            self._report(f"the rules {said}: mode {self.mode()}, {len(self._rulebook.rules)} rules")

    def problem(self) -> str | None:
        """Say that the folder cannot be used as it is now, or None (for the readiness check's details)."""
        self.rulebook()
        told = "they cannot be used; the last good ones are in force; the log says more"
        return told if self._wrong else None

    def mode(self) -> Mode:
        """Return how far Handshake may go now."""
        return self._mode or self._rulebook.mode
