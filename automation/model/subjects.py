"""What is worked on in order, and the places it lies in: known by stable ids, whatever they are called."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass

CARRIER = "carrier"
"""The kind of a subject that many issues stand on: a milestone or a version."""

ISSUE = "issue"

DEAL = "deal"
"""The kind of a subject that lives in a CRM. A deal is known by its system and its key, never by its key
alone: two systems may count alike."""

PLACE = "place"
"""The kind of a subject that stands for all known issues of a repository or project."""

ITEM = "item"
"""The kind of a subject that is an issue by another id: a delivery told of it, and of no more than that."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is worked on in order: an issue of a tracker, or a deal.

    ``system`` is the configured name (``github``, ``jira``), ``kind`` is ``issue``, ``deal``, ``PLACE``,
    ``CARRIER`` or ``ITEM``. ``id`` is what the system knows it by for ever (GitHub and Jira: the number of
    the issue over all places; a deal: its key for now), and all that is compared and stored. ``key`` is what
    it is called now (``acme/shop#12``, ``SALES-7``), where nobody said so its id. ``former`` are the ids it
    had before, the first one first: GitHub gives an issue another one when it is transferred.
    """

    system: str
    kind: str
    id: str
    key: str = dataclasses.field(default="", compare=False)
    former: tuple[str, ...] = dataclasses.field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not self.key:
            object.__setattr__(self, "key", self.id)

    def __str__(self) -> str:
        return f"{self.system}:{self.kind}:{self.id}"

    @property
    def origin(self) -> str:
        """What it was first known as: stays the same whatever becomes of it."""
        return f"{self.system}:{self.kind}:{(*self.former, self.id)[0]}"

    @property
    def place(self) -> str:
        """The repository or project that it lies in (``acme/shop``, ``PROD``)."""
        repository, sign, _ = self.key.partition("#")
        return repository if sign else self.key.rpartition("-")[0]

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Read what ``str(subject)`` wrote. Raise ValueError for anything else."""
        system, kind, id = text.split(":", 2)
        return cls(system, kind, id)


@dataclass(frozen=True, slots=True)
class Located:
    """A repository or project as something read tells of it: its stable ``id``, empty where that was not
    said, and its ``name`` now."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class KnownPlaces:
    """Which repository or project of one system had which name. ``ids`` is by name, in lower case: whose it
    was first; ``names`` is by id: what it is called now. So a name in the rules goes on meaning the place it
    meant when that is renamed."""

    ids: Mapping[str, str] = dataclasses.field(default_factory=dict)
    names: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def named(self, place: Located, configured: Collection[str]) -> bool:
        """Tell whether the rules, which name the places ``configured``, mean this one."""
        wanted = {name.lower() for name in configured}
        name = place.name.lower()
        id = place.id or self.ids.get(name, "")
        if name in wanted:
            return self.taken_from(place, configured) == ""
        return bool(id) and any(self.ids.get(one) == id for one in wanted)

    def taken_from(self, place: Located, configured: Collection[str]) -> str:
        """Return what the place is called now that the rules mean by this name, where another has the name
        by now; empty where the name is its own."""
        owner = self.ids.get(place.name.lower(), place.id)
        called = self.names.get(owner, place.name)
        if not place.id or owner == place.id or called.lower() == place.name.lower():
            return ""
        return "" if called.lower() in {name.lower() for name in configured} else called
