"""Names in the rules as the ids that they are pinned to, asked for where they are not yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from automation.model import Named
from automation.ports import Pins, Refused, Unavailable
from automation.ports.recent import Recent

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Held:
    """The ids of those names that mean somebody; ``fresh`` are those that were asked for just now,
    ``refused`` says where one could not be."""

    ids: Mapping[Named, str]
    fresh: frozenset[Named]
    refused: Refused | None

    def of(self, kind: str) -> list[str]:
        return [id for named, id in self.ids.items() if named.kind == kind]

    def no(self) -> bool:
        """Answer no, where all could be asked for; else raise what was refused."""
        if self.refused:
            raise self.refused
        return False


class Pinned:
    """Goes between the rules' names and the ids; ``id_of`` asks whose a name is now."""

    def __init__(self, pins: Pins, id_of: Callable[[Named], str], clock: Callable[[], float]) -> None:
        self._pins = pins
        self._id_of = id_of
        self._asked: Recent[Named, bool] = Recent(HOUR, clock)

    def ids(self, names: Iterable[Named]) -> Held:
        """Return whom ``names`` mean. All are asked for at once the first time, so that none of them can
        change hands before it is needed. Raise Unavailable where that is not possible now."""
        found: dict[Named, str] = {}
        fresh, refused = set(), None
        for named in names:
            pin = self._pins.of(named)
            # That a user's name is nobody's is kept, too: whoever takes it later is not meant.
            if pin is None or not (pin.id or named.kind == "user"):
                try:
                    pin = self._pins.see(named, self._id_of(named))
                    fresh.add(named)
                except Refused as error:
                    refused = refused or error
                    continue
            if pin.id:
                found[named] = pin.id
        return Held(found, frozenset(fresh), refused)

    def asked(self, named: Named) -> None:
        """Note that somebody has just asked whose a name is."""
        self._asked.put(named, True)

    def seen(self, named: Named, id: str) -> None:
        """Note whose a name is now, as an answer to something else said."""
        self._pins.see(named, id)

    def look(self, names: Iterable[Named], held: Held) -> None:
        """Note whose ``names`` are now, to tell operations, as far as they can be asked for."""
        for named in names:
            try:
                if named not in held.fresh:
                    self.seen(named, self._id_of(named))
            except (Refused, Unavailable):
                continue

    def look_hourly(self, names: Iterable[Named], held: Held) -> None:
        """The same, for those that nobody has asked for within the hour."""
        fresh = [named for named in names if not self._asked.known(named)]
        self.look(fresh, held)
        for named in fresh:
            self.asked(named)
