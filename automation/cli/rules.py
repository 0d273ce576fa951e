"""``handshake rules``: look after the rules folder."""

from __future__ import annotations

from pathlib import Path

import click

from automation.cli.terminal import as_json, plainly, print_json, say
from automation.findings import RulesError
from automation.rulebook import load
from automation.settings import read_settings


@click.group()
def rules() -> None:
    """Look after the rules folder."""


@rules.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@as_json
def check(folder: Path | None, as_json: bool) -> None:
    """Say what is wrong in FOLDER (default: HANDSHAKE_RULES, then rules/), with file:line:column."""
    with plainly():
        folder = folder or read_settings().rules
    try:
        rulebook = load(folder)
    except RulesError as error:
        if as_json:
            fields = ("file", "line", "column", "message")
            print_json([{name: getattr(finding, name) for name in fields} for finding in error.findings])
        else:
            say(str(error))
            click.echo(f"{len(error.findings)} to mend.", err=True)
        raise SystemExit(1) from None
    if as_json:
        print_json([])
    else:
        count = len(rulebook.rules)
        click.echo(f"{folder}: all is well. {count} rules, mode {rulebook.mode}.")
