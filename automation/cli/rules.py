"""``handshake rules``: look after the rules folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from automation import logs
from automation.cli.terminal import as_json, plainly, print_json, say
from automation.findings import Finding, RulesError
from automation.rulebook import load
from automation.settings import SettingsError, read_settings


@click.group()
def rules() -> None:
    """Look after the rules folder."""


@rules.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Ask GitHub and Jira, too, whose the names in the rules are now.")
@click.option(
    "--accept",
    multiple=True,
    metavar="NAME",
    help="With --live: let NAME (github:mona) mean whoever has it now.",
)
@as_json
def check(folder: Path | None, live: bool, accept: tuple[str, ...], as_json: bool) -> None:
    """Say what is wrong in FOLDER (default: HANDSHAKE_RULES, then rules/), with file:line:column."""
    if accept and not live:
        raise click.UsageError("--accept goes with --live.")
    with plainly():
        folder = folder or read_settings().rules
    for note in _elsewhere(folder):  # on standard error, so that it goes with JSON as well
        say(note, err=True)
    try:
        rulebook = load(folder)
        if live and (findings := _ask(folder, accept)):
            raise RulesError(findings)
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


def _elsewhere(folder: Path) -> Iterator[str]:
    """Say in what a service that is started here would differ from what is checked."""
    try:
        settings = read_settings()
    except SettingsError:
        return  # what is wrong with them, `serve` says
    if folder.is_dir() and settings.rules.resolve() != folder.resolve():
        yield f"Careful: `handshake serve` reads {settings.rules}/ (HANDSHAKE_RULES), not {folder}/."
    if settings.mode:
        yield f"Careful: HANDSHAKE_MODE={settings.mode} is set, and overrides the mode of the rules."


def _ask(folder: Path, accept: tuple[str, ...]) -> list[Finding]:
    from automation import bootstrap  # without --live nothing is connected, and nothing of it is loaded

    with plainly():
        settings = read_settings()
        logs.set_up(settings.secrets())
        found = bootstrap.ask_live(settings, folder, accept)
    for name in accept:
        click.echo(f"{name} means whoever has it now.", err=True)
    return found
