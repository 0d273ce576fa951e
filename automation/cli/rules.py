"""``handshake rules``: look after the rules folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from automation.app import logs
from automation.app.rules import vocabulary
from automation.app.settings import SettingsError, read_settings
from automation.app.systems import SYSTEMS
from automation.cli.terminal import as_json, plainly, print_json, say
from automation.rulebook.diagnostics import Diagnostic, RulesError
from automation.rulebook.rulebook import load


@click.group()
def rules() -> None:
    """Look after the rules folder."""


@rules.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Ask GitHub and Jira, too, what the names in the rules mean now.")
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
        rulebook = load(folder, vocabulary(SYSTEMS))
        if live and (diagnostics := _ask(folder, accept)):
            raise RulesError(diagnostics)
    except RulesError as error:
        if as_json:
            fields = ("file", "line", "column", "message")
            print_json(
                [{name: getattr(diagnostic, name) for name in fields} for diagnostic in error.diagnostics]
            )
        else:
            say(str(error))
            click.echo(f"{len(error.diagnostics)} to mend.", err=True)
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


def _ask(folder: Path, accept: tuple[str, ...]) -> list[Diagnostic]:
    # Without --live nothing is connected, and nothing of it is loaded.
    from automation.app.worker_app import ask_live

    with plainly():
        settings = read_settings()
        logs.set_up(settings.secrets())
        found = ask_live(settings, folder, accept)
    for name in accept:
        click.echo(f"{name} means whoever has it now.", err=True)
    return found
