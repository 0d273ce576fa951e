"""How people answer beside writing: by something that they set on an issue, as its history tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from automation.model.outside import Person

LABEL, STATUS = "label", "status"
"""The kinds of what people set: a label, and in Jira the status that a transition leads to."""


def called(kind: str, name: str) -> tuple[str, str]:
    """Return what a label or a status is told by, without regard to case."""
    return kind, name.casefold()


@dataclass(frozen=True, slots=True)
class Way:
    """A way to answer that a sign-off policy names: whoever gives an issue that label, or that status (the
    ``kind``) with this ``name``, means the bare command ``word`` (``signoff``, ``decline``)."""

    word: str
    name: str
    kind: str = LABEL

    @property
    def called(self) -> tuple[str, str]:
        return called(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Mark:
    """One time that a label was put on an issue, or with ``on`` false taken off it, or that it was given a
    status (the ``kind``), by the tracker's own history. ``id`` is that of the entry, empty where the history
    tells of none; ``name`` is what the tracker calls it. ``by`` is None where it cannot be told who it
    was."""

    id: str
    name: str
    at: datetime
    by: Person | None
    on: bool = True
    kind: str = LABEL

    @property
    def called(self) -> tuple[str, str]:
        return called(self.kind, self.name)

    @property
    def stays(self) -> bool:
        """Tell whether it is left as it was set, and may have been set for other reasons than to answer: so a
        status is."""
        return self.kind == STATUS

    @property
    def key(self) -> str:
        """Return what tells it from all else that is said on its issue."""
        return f"{self.kind} {self.id} {self.name}"


def is_mark(key: str) -> bool:
    """Tell whether a key is that of a mark, as against the id of a comment."""
    return key.partition(" ")[0] in (LABEL, STATUS) and " " in key
