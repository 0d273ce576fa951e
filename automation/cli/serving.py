"""The command line: ``handshake``."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.table import Table

from automation import bootstrap, logs
from automation.bootstrap import House
from automation.dates import spoken
from automation.findings import RulesError
from automation.model import Proposal, Subject
from automation.proposals import command_for
from automation.rulebook import load
from automation.settings import Settings, SettingsError, read_settings
from automation.store.database import Database, StoreError
from automation.store.state import States
from webhooks.serve import CannotListen

UNUSABLE = 2
"""Exit code for what the person at the terminal has to mend first."""


@contextmanager
def plainly() -> Iterator[None]:
    """Turn what people can mend into words on the terminal, without a traceback."""
    try:
        yield
    except (RulesError, SettingsError, StoreError, CannotListen, ValueError) as error:
        click.echo(str(error), err=True)
        raise SystemExit(UNUSABLE) from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="handshake")
def main() -> None:
    """Keeps promises to customers honest: no deadline stands until product has signed it off."""


@main.command()
@click.option("--or-demo", is_flag=True, help="Without credentials, play the demo instead of stopping.")
def serve(or_demo: bool) -> None:
    """Receive webhooks and work on them, until stopped."""
    with plainly():
        settings = read_settings()
        if or_demo and not settings.connected:
            click.echo("Neither GITHUB_TOKEN nor GITHUB_APP_ID is set, so here is the demo.")
            _demo(settings, stay=True)
        trackers = load(settings.rules).settings.trackers
        missing = settings.missing(bool(trackers.github.repositories), bool(trackers.jira.projects))
        if missing:
            raise SettingsError("Handshake is not connected yet.\n" + "\n".join(missing))
        logs.set_up(settings.secrets())
        house = bootstrap.build(settings)
        signal.signal(signal.SIGTERM, lambda *_: house.server.close())
        click.echo(_serving(house, settings))
        house.serve_forever()


def _serving(house: House, settings: Settings) -> str:
    rulebook = house.rules.rulebook()
    trackers = rulebook.settings.trackers
    places = ", ".join((*trackers.github.repositories, *trackers.jira.projects))
    sources = " and ".join(f"/webhooks/{source}" for source in settings.webhook_secrets())
    return (
        f"Handshake looks after {places}, mode {house.rules.mode()}, "
        f"{len(rulebook.rules)} rules from {settings.rules}/.\n"
        f"It listens at http://{house.server.host}:{house.server.port} for {sources}. Ctrl-C stops it."
    )


@main.command()
@click.option("--exit", "leave", is_flag=True, help="Stop after the story instead of staying up.")
def demo(leave: bool) -> None:
    """Play a story on a sandbox GitHub and Jira, then stay up to be tried."""
    with plainly():
        _demo(read_settings(), stay=not leave)


def _demo(settings: Settings, stay: bool) -> NoReturn:
    from automation.demo.play import play  # the sandbox is not needed to serve

    raise SystemExit(play(settings, Console(highlight=False), stay))


@main.group()
def rules() -> None:
    """Look after the rules folder."""


@rules.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(folder: Path | None, as_json: bool) -> None:
    """Say what is wrong in FOLDER (default: HANDSHAKE_RULES, then rules/), with file:line:column."""
    with plainly():
        folder = folder or read_settings().rules
    try:
        rulebook = load(folder)
    except RulesError as error:
        if as_json:
            fields = ("file", "line", "column", "message")
            _print_json([{name: getattr(finding, name) for name in fields} for finding in error.findings])
        else:
            click.echo(str(error))
            click.echo(f"{len(error.findings)} to mend.", err=True)
        raise SystemExit(1) from None
    if as_json:
        _print_json([])
    else:
        count = len(rulebook.rules)
        click.echo(f"{folder}: all is well. {count} rules, mode {rulebook.mode}.")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def proposals(as_json: bool) -> None:
    """List the dates that wait for product's answer, the oldest first."""
    with plainly():
        database = Database(read_settings().database_url)
        waiting = States(database).open_proposals()
        database.close()
    if as_json:
        _print_json([_proposal(subject, proposal) for subject, proposal in waiting])
    elif not waiting:
        click.echo("Nothing waits for product.")
    else:
        _print_proposals(waiting)


def _print_proposals(waiting: list[tuple[Subject, Proposal]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Issue", "Asked for", "Instead of", "By", "Answer by", "Product can paste"):
        table.add_column(heading, overflow="fold")
    for subject, proposal in waiting:
        today = proposal.asked_at.date()
        table.add_row(
            subject.key,
            spoken(proposal.value.day, today) if proposal.value.day else "no date",
            spoken(proposal.old.day, today) if proposal.old.day else "no date",
            proposal.asked_by.name if proposal.asked_by else "unknown",
            spoken(proposal.answer_by, today),
            command_for(subject, proposal.field, proposal.value),
        )
    Console(highlight=False, markup=False).print(table)


def _proposal(subject: Subject, proposal: Proposal) -> dict[str, Any]:
    return {
        "id": proposal.id,
        "issue": str(subject),
        "field": proposal.field,
        "asked": proposal.value.day and proposal.value.day.isoformat(),
        "standing": proposal.old.day and proposal.old.day.isoformat(),
        "asked_by": proposal.asked_by and proposal.asked_by.name,
        "asked_at": proposal.asked_at.isoformat(),
        "answer_by": proposal.answer_by.isoformat(),
        "policy": proposal.policy,
        "command": command_for(subject, proposal.field, proposal.value),
    }


def _print_json(value: object) -> None:
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
