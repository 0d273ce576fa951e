"""Measure everything, tell it as it comes, and keep it in README.md: ``python -m benchmarks.run --help``."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from benchmarks import table
from benchmarks.table import Row

if TYPE_CHECKING:
    from benchmarks.place import Place

FIGURES: Mapping[str, str] = {
    "acks": "Acknowledging",
    "jobs": "The queue by itself",
    "decide": "Deciding",
    "restore": "From receipt to restore",
    "calls": "Calls to the outside",
    "idle": "Starting, resting, memory",
}
"""Modules of this folder. They are imported late, since the senders' process imports this file too."""

Rows: TypeAlias = "Callable[[Place], Iterator[Row]]"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("figures", nargs="*", metavar="FIGURE", help=f"some of: {', '.join(FIGURES)}")
    asked.add_argument("--short", action="store_true", help="a tenth of it, to see whether it works")
    given = asked.parse_args()
    if unknown := set(given.figures) - FIGURES.keys():
        asked.error(f"there is no {', '.join(sorted(unknown))}; there is {', '.join(FIGURES)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left running
    from automation.app import logs
    from benchmarks.place import machine, place

    with Path(os.devnull).open("w") as nowhere, place(given.short) as here:
        logs.set_up((), nowhere)  # written as always, and kept from the table
        told = [machine(here)]
        print(told[0], flush=True)
        for name in given.figures or FIGURES:
            rows: Rows = importlib.import_module(f"benchmarks.{name}").rows
            told.append(_measure(here, FIGURES[name], rows))
    if given.figures or given.short:
        print("\nREADME.md stays as it is: that takes a whole run.")
    else:
        table.keep("\n\n".join(told))
    return 0


def _measure(here: Place, title: str, rows: Rows) -> str:
    began, found = time.monotonic(), []
    print(f"\n{title}", flush=True)
    for row in rows(here):
        found.append(row)
        print(f"  {row.what}\n    {row.measured}", flush=True)
        if row.limit:
            print(
                f"    limit: {row.limit}  {row.share}  {row.target and 'wanted: ' + row.target}", flush=True
            )
    print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    return table.markdown(title, found)


if __name__ == "__main__":
    sys.exit(main())
