"""How people answer beside writing: by something that they set on an issue, as its history tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from automation.model.people import Person

LABEL, STATUS, FIELD, COLUMN = "label", "status", "field", "column"
"""The kinds of what people set: a label, in Jira the status that a transition leads to, and there what one of
the fields holds that people made, and on a project of GitHub's the status column."""

Called = tuple[str, str, str]
"""What something is told by that people set: its kind, its field and its name, without regard to case."""


def called(kind: str, name: str, field: str = "") -> Called:
    return kind, field.casefold(), name.casefold()


def stays(kind: str) -> bool:
    """Tell whether what is of this kind is left as it was set, and may have been set for other reasons than
    to answer: so a status is, on a project, too."""
    return kind in (STATUS, COLUMN)


def titled(name: str, field: str = "") -> str:
    """Say what a label or a status is called, or what a field, or a project's status, is to be."""
    return f"{field}: {name}" if field else name


_BOARD = "project "


def board(project: int) -> str:
    """Return what a project of GitHub's is told by where it stands for a field."""
    return f"{_BOARD}{project}"


def board_number(field: str) -> int:
    """Return the number of the project that stands for a field."""
    return int(field.removeprefix(_BOARD))


class _Named:
    """What is told by its kind, name and field."""

    __slots__ = ()
    kind: str
    name: str
    field: str

    @property
    def called(self) -> Called:
        return called(self.kind, self.name, self.field)

    @property
    def title(self) -> str:
        return titled(self.name, self.field)


@dataclass(frozen=True, slots=True)
class Way(_Named):
    """A way to answer that a sign-off policy names: whoever gives an issue that label, or that status (the
    ``kind``) with this ``name``, or its ``field`` that value, means the bare command ``word`` (``signoff``,
    ``decline``). ``field`` is what the rules call it, or the project, empty where it is neither."""

    word: str
    name: str
    kind: str = LABEL
    field: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What an issue has now that may answer, whoever set it: a label, a status, what a field of its holds, or
    its status on a project (the ``kind``): its ``value``, empty for nothing. ``field`` is what the rules call
    the field, or the project, and ``label`` what people do."""

    field: str
    value: str
    label: str = ""
    kind: str = FIELD

    @property
    def called(self) -> Called:
        return called(self.kind, self.value, self.field)


@dataclass(frozen=True, slots=True)
class Mark(_Named):
    """One time that a label was put on an issue, or with ``on`` false taken off it, or that it was given a
    status (the ``kind``), or a ``field`` a value or with ``on`` false another one, by the tracker's own
    history. ``id`` is that of the entry, empty where the history tells of none; ``name`` is what the tracker
    calls it, and ``field`` what the rules do. ``by`` is None where it cannot be told who it was. ``made``: no
    entry tells of it, as far as can be seen the issue was made with it."""

    id: str
    name: str
    at: datetime
    by: Person | None
    on: bool = True
    kind: str = LABEL
    field: str = ""
    made: bool = False

    @property
    def stays(self) -> bool:
        return stays(self.kind)

    @property
    def key(self) -> str:
        """Return what tells it from all else that is said on its issue."""
        return f"{self.kind} {self.id} {self.title}"


def is_mark(key: str) -> bool:
    """Tell whether a key is that of a mark, as against the id of a comment."""
    return key.partition(" ")[0] in (LABEL, STATUS, FIELD, COLUMN) and " " in key
