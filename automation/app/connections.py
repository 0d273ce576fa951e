"""The outside, connected as the systems declare it: trackers, deals, and how to read their deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from automation.adapters.system import Outside, System
from automation.app.settings import Settings
from automation.engine.deals import ConfiguredCrm
from automation.model import KnownPlaces
from automation.model.reading import CarrierReader, Reader, Reading
from automation.model.systems import Budget
from automation.ports import Crm, Tracker
from automation.rulebook.live import LiveRules
from automation.store.pins import Pins
from automation.store.rate_limiter import RateLimiters


@dataclass(frozen=True, slots=True)
class Connections:
    """Connects to systems. Nobody is asked anything before somebody uses what this returns. ``clock`` gives
    seconds since 1970."""

    settings: Settings
    rules: LiveRules
    marker_key: bytes
    limiters: RateLimiters
    pins: Pins
    clock: Callable[[], float]

    def trackers(self) -> Mapping[str, Tracker]:
        """Return the trackers by system, those that we have no credentials for, too: rules may change."""
        return {
            system.name: system.tracker(self._outside(system))
            for system in self.settings.all_systems
            if system.tracker
        }

    def deals(self) -> ConfiguredCrm:
        """Return where the deals live, by the rules of each moment."""
        by_name = {system.name: system for system in self.settings.all_systems}

        def connect(name: str, project: str) -> Crm:
            system = by_name[name]
            if system.crm is None:  # the vocabulary of the rules has no such system
                raise ValueError(f"Deals cannot live in {system.title}.")
            return system.crm(self._outside(system), project)

        return ConfiguredCrm(connect, lambda: self.rules.rulebook().config.deals)

    def checks(self, trackers: Mapping[str, Tracker]) -> Mapping[str, Callable[[], None]]:
        """Return, for each system that we have credentials for, what asks whether it accepts them."""
        connected = self.settings.systems()
        checks: dict[str, Callable[[], None]] = {}
        for system in self.settings.all_systems:
            if system.name not in connected:
                continue
            if system.name in trackers:
                checks[system.name] = trackers[system.name].check
            elif system.crm:
                checks[system.name] = system.crm(self._outside(system), "").check
        return checks

    def _outside(self, system: System[Any]) -> Outside[Any]:
        return Outside(
            settings=self.settings.of(system),
            config=lambda: self.rules.rulebook().config,
            marker_key=self.marker_key,
            limiter=self.limiters.to(system.name),
            pins=self.pins,
            clock=self.clock,
        )


def readers(
    systems: Iterable[System[Any]], rules: LiveRules, places: Callable[[str], KnownPlaces]
) -> Mapping[str, Reader]:
    """Return what reads the bodies of each source, by the rules of each moment; ``places`` are those known of
    a system."""

    def reader(system: System[Any]) -> Reader:
        def read(event: str, body: Any) -> Reading:
            config, known = rules.rulebook().config, places(system.name)
            if not system.source.batch:
                return system.read(config, known, event, body)
            return Reading.batch((_id(one, system), system.read(config, known, event, one)) for one in body)

        return read

    return {system.name: reader(system) for system in systems}


def _id(event: Mapping[str, object], system: System[Any]) -> str:
    """Return the id of one event of several, empty where it has none."""
    id = event.get(system.source.batch)
    return str(id)[:200] if isinstance(id, str | int) and not isinstance(id, bool) else ""


def carriers(systems: Iterable[System[Any]]) -> Mapping[str, CarrierReader]:
    """Return how deliveries tell of the carriers of each system that has some."""
    return {system.name: system.carriers for system in systems if system.carriers}


def budgets(systems: Iterable[System[Any]]) -> Mapping[str, Budget]:
    """Return how often each system may be written to."""
    return {system.name: system.budget for system in systems}
