"""How people answer beside writing: by something that they set on an issue, as its history tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from automation.model.outside import Person

LABEL_ID = "label "
"""Begins the key of what a label says, as against the id of a comment."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to answer that a sign-off policy names: whoever puts ``label`` on an issue means the bare command
    ``word`` (``signoff``, ``decline``)."""

    word: str
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One time that a label was put on an issue, or with ``on`` false taken off it, by the tracker's own
    history. ``id`` is that of the entry, empty where the history tells of none; ``name`` is the label's as
    the tracker spells it. ``by`` is None where it cannot be told who it was."""

    id: str
    name: str
    at: datetime
    by: Person | None
    on: bool = True

    @property
    def key(self) -> str:
        """Return what tells it from all else that is said on its issue."""
        return f"{LABEL_ID}{self.id} {self.name}"
