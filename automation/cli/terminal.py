"""What all commands share: plain words for what people can mend, and JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.table import Table

from automation import inert
from automation.findings import RulesError
from automation.settings import SettingsError
from automation.store.database import StoreError
from webhooks.serve import CannotListen, ReceiverDied

UNUSABLE = 2
"""Exit code for what the person at the terminal has to mend first."""

as_json = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


@contextmanager
def plainly() -> Iterator[None]:
    """Turn what people can mend into words on the terminal, without a traceback."""
    try:
        yield
    except (RulesError, SettingsError, StoreError, CannotListen, ValueError) as error:
        say(str(error), err=True)
        raise SystemExit(UNUSABLE) from None
    except ReceiverDied as error:
        say(str(error), err=True)
        raise SystemExit(1) from None


def say(text: str, err: bool = False) -> None:
    """Print lines, in which nothing from outside can do anything to the terminal."""
    click.echo(inert.lines(text), err=err)


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; what stands in it can do nothing to the terminal either."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*map(inert.line, row))
    Console(highlight=False, markup=False, emoji=False).print(table)


def print_json(value: object) -> None:
    """Print ``value`` for machines. People look at it, too: what a terminal would obey is written in
    JSON's own way (``\\u009b``), which means the same."""
    sys.stdout.write(f"{inert.lines(json.dumps(value, indent=2, ensure_ascii=False))}\n")
