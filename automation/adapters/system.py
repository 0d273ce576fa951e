"""What a system is: everything that Handshake has to be told of it to work with it.

Each system has a folder, which declares one ``System``, and one entry in ``automation/app/systems.py``. Who
needs something of all systems asks these declarations; nothing else lists systems by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from automation.adapters.settings import SystemSettings
from automation.model import KnownPlaces
from automation.model.reading import CarrierReader, Reading
from automation.model.systems import Budget, Signed, Source
from automation.ports import Crm, Pins, RateLimiter, Tracker
from automation.rulebook.schema import RulesConfig, TrackerRules

S = TypeVar("S", bound=SystemSettings)


@dataclass(frozen=True, slots=True)
class Outside(Generic[S]):
    """What a system's clients are made from. ``config`` gives the rules of now, to be asked at each use;
    ``clock`` gives seconds since 1970."""

    settings: S
    config: Callable[[], RulesConfig]
    marker_key: bytes
    limiter: RateLimiter
    pins: Pins
    clock: Callable[[], float]


@dataclass(frozen=True, slots=True)
class System(Generic[S]):
    """One system, with all that it can do. ``name`` stands in addresses, rules and stored rows, and is never
    changed; ``title`` is what people call it.

    ``settings`` is its part of the environment, ``source`` how its deliveries are received, ``budget`` how
    often it may be written to: each system has a worker's lane of its own, so that writes leave in order.
    ``read`` makes triggers of an event (its name, its body), by the rules and by what is known of the
    system's places, and is pure. ``tracker`` and ``crm`` connect to
    it, where issues or deals can live there (a CRM: in the ``deals.project`` of the rules); they import what
    they need when they are called, since the receiver needs none of it. ``rules`` is what stands in the rules
    below ``trackers.<name>``, and names its places. ``carriers`` reads what deliveries tell of dates that
    many issues stand on.

    How its credentials are proved and how people are mentioned there is said by what it connects to
    (``Notices.check``, ``Notices.mention``).
    """

    name: str
    title: str
    settings: type[S]
    source: Source
    budget: Budget
    read: Callable[[RulesConfig, KnownPlaces, str, Mapping[str, object]], Reading]
    tracker: Callable[[Outside[S]], Tracker] | None = None
    crm: Callable[[Outside[S], str], Crm] | None = None
    rules: type[TrackerRules] | None = None
    carriers: CarrierReader | None = None

    @property
    def signs_its_address(self) -> bool:
        """Tell whether its deliveries are signed together with the address that they are sent to."""
        return Signed.URL in self.source.scheme.over

    def named_in(self, config: RulesConfig) -> bool:
        """Tell whether the rules name a place of this system: of issues, or that of the deals."""
        return bool(config.trackers.places(self.name)) or config.deals.system == self.name
