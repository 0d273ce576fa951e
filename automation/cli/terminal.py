"""What all commands share: plain words for what people can mend, and JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.markdown import Markdown
from rich.padding import Padding
from rich.table import Table

from automation.app.settings import SettingsError, read_settings
from automation.rulebook.diagnostics import RulesError
from automation.store.counters import Counters
from automation.store.database import Database, StoreError
from automation.store.rate_limiter import RateLimiters
from automation.store.waiting import outside
from automation.text import inert
from automation.text.dates import spoken
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


def opened() -> Database:
    """Open the database that `handshake serve` uses, and make none. Raise SettingsError or StoreError."""
    return Database(read_settings().database_url, make=False)


def troubles(database: Database) -> list[str]:
    """Say what keeps work waiting outside, so that an empty list is not read as a good sign."""
    limiters = RateLimiters(database, lambda: datetime.now(UTC).timestamp(), Counters(database))
    return [f"Careful: {problem}." for problem in outside(database, limiters)]


def when(at: datetime, now: datetime) -> str:
    """Say a time of day in UTC, and the day where it is another one."""
    day = "" if at.date() == now.date() else f"{spoken(at.date(), now.date())}, "
    return f"{day}{at:%H:%M}"


def say(text: str, err: bool = False) -> None:
    """Print lines, in which nothing from outside can do anything to the terminal."""
    click.echo(inert.lines(text), err=err)


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[str | tuple[str, ...]]], whole: str = ""
) -> None:
    """Print a table; what stands in it can do nothing to the terminal either. A cell is a line, or a tuple
    of several. The column ``whole`` is never folded, since people copy from it."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading == whole)
    for row in rows:
        table.add_row(*map(_cell, row))
    Console(highlight=False, markup=False, emoji=False).print(table)


def _cell(cell: str | tuple[str, ...]) -> str:
    return inert.line(cell) if isinstance(cell, str) else "\n".join(map(inert.line, cell))


def print_words(text: str) -> None:
    """Print a message as people would read it, a little to the right."""
    console = Console(highlight=False, markup=False, emoji=False)
    with console.capture() as printed:
        console.print(Padding(Markdown(inert.lines(text), hyperlinks=False), (0, 0, 1, 9)))
    for line in printed.get().splitlines():
        click.echo(line.rstrip())


def print_json(value: object) -> None:
    """Print ``value`` for machines. People look at it, too: what a terminal would obey is written in
    JSON's own way (``\\u009b``), which means the same."""
    sys.stdout.write(f"{inert.lines(json.dumps(value, indent=2, ensure_ascii=False))}\n")
