"""Names that rules give rights to, and whom each was found to mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody, or several people, as the rules name them. ``kind``: user, team, group or role; the name
    of a role begins with its project (``PROD/Developers``)."""

    system: str
    kind: str
    name: str

    @property
    def key(self) -> str:
        """The name, as far as the other side tells names apart."""
        return self.name if self.kind in ("group", "role") else self.name.lower()


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name that we came across and that must not be told to everybody. ``kind`` is ``deal``, ``owner`` (of
    a deal) or ``person``; ``key`` the deal's key, or the id of the person in their ``system``."""

    kind: str
    system: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Pin:
    """``id`` is whom the name meant when it was first asked for, and whom it means for ever; ``found``
    is whose it was when it was last asked for. Empty: nobody's."""

    id: str
    found: str

    @property
    def sound(self) -> bool:
        """Tell whether the name still means whom it was pinned to."""
        return bool(self.id) and self.id == self.found
