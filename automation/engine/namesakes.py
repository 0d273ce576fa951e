"""Looks now and then whether the names in the rules are still whose they were, and says what is not so.

Rights follow the ids that names were pinned to, so that nothing is lost or gained here: it is for those
who look after the rules, and so that names are pinned before anybody can take them. Whom messages mention is
asked for on the way, so that no message has to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import structlog

from automation.model import Named, Pin
from automation.ports import Directory, Pins, Refused, Tracker, Unavailable
from automation.rulebook.diagnostics import Diagnostic
from automation.rulebook.names import FIELD, Mention
from automation.rulebook.rulebook import Rulebook
from automation.text.markdown import clean

log = structlog.get_logger("handshake")

HOUR = 3600.0
MINUTE = 60.0
ROUND = 2.0
"""Seconds between two looks at the rules, which may have changed."""


class Namesakes:
    """Asks ``directories`` whose each name is: at the start, after the rules have changed, every hour."""

    def __init__(
        self,
        rulebook: Callable[[], Rulebook],
        directories: Mapping[str, Tracker],
        pins: Pins,
        now: Callable[[], float],
    ) -> None:
        self._rulebook = rulebook
        self._directories = directories
        self._pins = pins
        self._now = now
        self._digest = ""
        self._due: dict[Named | tuple[str, str], float] = {}
        """When each name is asked for again, and by system and policy whom we may mention."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="namesakes", daemon=True)

    def start(self) -> None:
        """Look on a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being asked now."""
        self._stopping.set()

    def join(self, timeout: float) -> None:
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
            except Exception as error:  # a full or locked disk: the next time may go well
                if self._stopping.is_set():
                    return
                log.error("namesakes", error=f"{type(error).__name__}: {error}")
            self._stopping.wait(ROUND)

    def look(self) -> None:
        """Ask for those names whose turn it is."""
        rulebook = self._rulebook()
        if rulebook.digest != self._digest:
            self._digest = rulebook.digest
            self._due.clear()
        asked: dict[Named, float] = {}
        for named in rulebook.names:
            if self._stopping.is_set():
                return
            if named.system in self._directories and not self._waits(named):
                self._due[named] = asked[named] = self._now() + self._ask(named)
        out = {named.system: due for named, due in asked.items() if due < self._now() + HOUR}
        for system, directory in self._directories.items():
            for policy in rulebook.config.sign_off:
                if system in out:  # it has just not answered
                    self._due[system, policy] = out[system]
                elif not self._stopping.is_set() and not self._waits((system, policy)):
                    self._due[system, policy] = self._now() + _acquaint(directory, policy)

    def _waits(self, named: Named | tuple[str, str]) -> bool:
        return 0 < self._due.get(named, 0.0) - self._now() <= HOUR  # more only where a clock was set back

    def _ask(self, named: Named) -> float:
        """Ask for a name, and return the seconds until it is to be asked for again."""
        try:
            self._pins.see(named, self._directories[named.system].id_of(named))
        except Unavailable as error:
            return min(max(MINUTE, error.retry_after or 0.0), HOUR)
        except Refused as error:
            log.warning(
                "name in the rules", system=named.system, kind=named.kind, name=named.name, text=str(error)
            )
        return HOUR


def _acquaint(tracker: Tracker, policy: str) -> float:
    """Let a tracker hear whom messages may mention, before one is written, and return the seconds until it is
    to hear so again."""
    try:
        for person in tracker.product(policy):
            tracker.called(person)
    except (Unavailable, Refused) as error:
        wait = error.retry_after if isinstance(error, Unavailable) else None
        return min(max(MINUTE, wait or 0.0), HOUR)
    return HOUR


def accept(name: str, rulebook: Rulebook, directories: Mapping[str, Directory], pins: Pins) -> None:
    """Let ``name`` (``github:mona``) mean whoever has it now. Raise ValueError where nobody new has it."""
    system, _, rest = name.partition(":")
    meant = [
        named
        for named in rulebook.names
        if named.system == system
        and named.system in directories
        and named.key == replace(named, name=rest).key
    ]
    try:
        for named in meant:
            pins.see(named, directories[system].id_of(named))
    except (Refused, Unavailable) as error:
        raise ValueError(f"'{name}' could not be asked for: {error}") from error
    if not [named for named in meant if pins.accept(named)]:
        raise ValueError(
            f"'{name}' is no name in the rules that is somebody else's now. Nothing was accepted."
        )


def diagnostics(rulebook: Rulebook, directories: Mapping[str, Tracker], pins: Pins) -> list[Diagnostic]:
    """Ask for all names now, and return what is wrong with them, where they stand in the rules."""
    found: dict[Diagnostic, None] = dict.fromkeys(_misnamed(rulebook.mentions, directories))
    for mention in rulebook.mentions:
        if directory := directories.get(mention.system):
            places = rulebook.config.trackers.places(mention.system)
            found |= dict.fromkeys(
                mention.diagnostic(text) for text in _wrong(mention, places, directory, pins)
            )
    return sorted(found)


def _misnamed(mentions: Sequence[Mention], trackers: Mapping[str, Tracker]) -> Iterator[Diagnostic]:
    """Yield what is wrong with the names of fields, and once for each tracker that none of them
    could be asked for."""
    fields = [one for one in mentions if one.kind == FIELD and one.system in trackers]
    for system in dict.fromkeys(one.system for one in fields):
        named = [one for one in fields if one.system == system]
        try:
            wrong = trackers[system].misnamed_fields()
        except (Refused, Unavailable) as error:
            yield named[0].diagnostic(f"the fields could not be asked for: {error}")
            continue
        for one in named:
            if one.name in wrong:
                yield one.diagnostic(wrong[one.name])


def _wrong(mention: Mention, places: Collection[str], directory: Directory, pins: Pins) -> Iterator[str]:
    what = f"{mention.what} '{mention.name}'"
    seen: list[Pin] = []
    for named in mention.named(places):
        try:
            pin = pins.see(named, directory.id_of(named))
            called = directory.name_of(named, pin.id) if pin.id and not pin.sound else ""
        except (Refused, Unavailable) as error:
            yield f"{what} could not be asked for: {error}"
            continue
        seen.append(pin)
        if pin.id and not pin.sound:
            yield _changed(what, named, pin, called)
        elif pin.found and not pin.id:
            yield f"{what} was nobody's when it was first asked for, and has no rights. {_accept(named)}"
    if seen and not any(pin.id or pin.found for pin in seen):
        yield f"there is no {what}, or Handshake's account may not see it"


def _changed(what: str, named: Named, pin: Pin, called: str) -> str:
    """Say what became of a name, and of those it was pinned to."""
    if called:
        still = f"Whom it meant still counts, and is called '{clean(called)}' now: write that."
    else:
        still = "Whom it meant is gone."
    if pin.found:
        return f"{what} is somebody else's now, who gets no rights by it. {still} {_accept(named)}"
    return f"{what} is nobody's now. {still}" + ("" if called else " Take it out.")


def _accept(named: Named) -> str:
    return f"If you mean who has it now: handshake rules check --live --accept '{named.system}:{named.name}'"
