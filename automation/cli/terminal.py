"""What all commands share: plain words for what people can mend, and JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

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
        click.echo(str(error), err=True)
        raise SystemExit(UNUSABLE) from None
    except ReceiverDied as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from None


def print_json(value: object) -> None:
    """Print ``value`` for machines."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
