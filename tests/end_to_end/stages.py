"""What many tests begin with is lived through once in a process, and taken up from there.

While a test is prepared, what is done to a town that is just like an earlier one ends as it did then: the
stand-ins, the database and the clock are set to that, and the service goes on as after a start. On
PostgreSQL it is lived through each time.
"""

from __future__ import annotations

import io
import pickle
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any

import pytest

from automation.model import Mode
from automation.rulebook import folder, live, rulebook
from automation.rulebook.rulebook import Rulebook, Vocabulary
from automation.sandbox import Sandbox, server
from automation.sandbox.connections import Server

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Town

OF_ONE_RUN = (type(threading.Lock()), type(threading.RLock()), threading.Condition, threading.Event)
OF_ONE_RUN += (threading.Thread, Queue)
STAY = {"_clock", "_targets"}
"""The clock is the town's; webhooks go to the service that runs by now."""

_under_way = False
_taken_up: list[Town] = []


@contextmanager
def preparing() -> Iterator[None]:
    """Let what is done meanwhile be taken from what was lived through."""
    global _under_way
    _under_way = True
    try:
        yield
    finally:
        _under_way = False
        while _taken_up:
            _taken_up.pop().go_on()


@dataclass(frozen=True)
class AsSet:
    """How a service was set up; ``file`` is the database's, if it is SQLite."""

    file: Path | None
    rules: Path
    mode: Mode | None
    interval: float | None

    def __call__(self) -> tuple[object, ...]:
        """Return what two towns have in common that are set up alike."""
        return self.mode, self.interval, _digest(self.rules)


@dataclass(frozen=True)
class _Stage:
    """A town at rest, and what the step that led to it returned."""

    box: bytes
    database: sqlite3.Connection
    now: datetime
    returned: Any


_stages: dict[tuple[object, ...], _Stage] = {}


def step(town: Town, act: Callable[[], Any], *what: object) -> Any:
    """Do what ``what`` names to a town and let it come to rest, or take up what that led to before."""
    as_set = town.settings
    if not _under_way or as_set is None or as_set.file is None:
        returned = act()
        town.settle()
        return returned
    present = sqlite3.connect(as_set.file)
    try:
        key = (*what, *as_set(), _dump(town.box), town.clock.now, *_rows(present))
        if stage := _stages.get(key):
            _load(town.box, stage.box)
            stage.database.backup(present)
            town.clock.now = stage.now
        else:
            town.go_on()
            returned = act()
            town.settle()
            database = sqlite3.connect(":memory:")
            present.backup(database)
            stage = _stages[key] = _Stage(_dump(town.box), database, town.clock.now, returned)
        town.taken_up = True
        _taken_up.append(town)
    finally:
        present.close()
    return stage.returned


_digests: dict[tuple[object, ...], str] = {}
_rulebooks: dict[tuple[object, ...], Rulebook] = {}


def _digest(rules: Path) -> str:
    """Return what stands in a rules folder, in short; copies are as old as the shipped one."""
    seen = folder.fingerprint(rules)
    if seen not in _digests:
        _digests[seen] = folder.read(rules).digest
    return _digests[seen]


@contextmanager
def rules_read_once() -> Iterator[None]:
    """Let services of this process share a rulebook where the same stands in their folders."""

    def load(rules: Path, vocabulary: Vocabulary) -> Rulebook:
        key = (rules.name, repr(vocabulary), _digest(rules))
        if key not in _rulebooks:
            _rulebooks[key] = rulebook.load(rules, vocabulary)
        return _rulebooks[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "load", load)
        yield


def _rows(database: sqlite3.Connection) -> list[int]:
    """Return how many rows each table has: enough to see that something was done to nothing but these."""
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(tables)]


def _parts(box: Sandbox) -> dict[str, Any]:
    return {
        "world": box.world,
        "hooks": box.hooks,
        "github": box.github,
        "jira": box.jira,
        "limits": box.limits,
        "quota": box.github.quota,
        "faults": box._faults,
        "box": box,
    }


def _kept(part: Any) -> dict[str, Any]:
    """Return what of a stand-in is not of one run. A sandbox itself has only what was asked."""
    if isinstance(part, Sandbox):
        return {"requests": part.requests}
    return {k: v for k, v in vars(part).items() if k not in STAY and not isinstance(v, OF_ONE_RUN)}


def _dump(box: Sandbox) -> bytes:
    """Write down all that the stand-ins hold; what they are made of is only named."""
    parts = _parts(box)
    names = {id(part): name for name, part in parts.items()}
    written = io.BytesIO()
    pickler = _Pickler(written)
    pickler.names = names
    pickler.dump({name: _kept(part) for name, part in parts.items()})
    return written.getvalue()


def _load(box: Sandbox, written: bytes) -> None:
    parts = _parts(box)
    unpickler = _Unpickler(io.BytesIO(written))
    unpickler.parts = parts
    for name, kept in unpickler.load().items():
        for attribute, value in kept.items():
            there = getattr(parts[name], attribute)
            if isinstance(there, list):
                there[:] = value  # some lists are known to several
            else:
                setattr(parts[name], attribute, value)


class _Pickler(pickle.Pickler):
    names: dict[int, str]

    def persistent_id(self, what: object) -> str | None:
        return self.names.get(id(what))


class _Unpickler(pickle.Unpickler):
    parts: dict[str, Any]

    def persistent_load(self, name: str) -> Any:
        return self.parts[name]


class Standing(Server):
    """A server that the next sandbox of this process takes over, so that its address stays what it was."""

    def __init__(self, free: deque[Standing]) -> None:
        super().__init__(0)
        self._free = free

    def stop(self) -> None:
        self.pause()
        self._free.append(self)


@contextmanager
def standing_servers(free: deque[Standing]) -> Iterator[None]:
    """Let sandboxes that ask for no port of their own use each other's servers one after the other."""

    def free_or_new(port: int) -> Server:
        if port:
            return Server(port)
        return free.popleft() if free else Standing(free)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "Server", free_or_new)
        yield
