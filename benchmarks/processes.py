"""What the processes of the house use up, seen from outside. https://man7.org/linux/man-pages/man5/proc.5.html"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.crash.processes import children

_TICK = os.sysconf("SC_CLK_TCK")


class Memory(NamedTuple):
    """Bytes: all that is mapped in, and with what is shared counted in parts."""

    rss: int
    pss: int


def family(pid: int) -> list[int]:
    """Return the process and all that descend from it."""
    return [pid, *(each for child in children(pid) for each in family(child))]


def processor(pids: Iterable[int]) -> float:
    """Return the seconds of processor that they have used so far, for themselves and in the kernel."""
    return sum(_ticks(pid) for pid in pids) / _TICK


def _ticks(pid: int) -> int:
    # The name may hold spaces; what follows it may not.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def memory(pid: int) -> Memory:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(value.split()[0]) * 1024 for name, _, value in (line.partition(":") for line in lines)}
    return Memory(sizes["Rss"], sizes["Pss"])
