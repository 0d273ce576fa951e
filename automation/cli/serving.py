"""``handshake serve`` and ``handshake demo``: the processes that do the work."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, NoReturn

import click
from rich.console import Console

from automation import logs
from automation.cli.terminal import plainly
from automation.rulebook import load
from automation.settings import Settings, SettingsError, read_settings
from automation.store.database import Database
from webhooks import serve as server

if TYPE_CHECKING:
    from automation.bootstrap import House


@click.command()
@click.option("--or-demo", is_flag=True, help="Without credentials, play the demo instead of stopping.")
@click.option(
    "--only", type=click.Choice(["receiver", "worker"]), help="One half, where machines share the work."
)
def serve(or_demo: bool, only: str | None) -> None:
    """Receive webhooks and work on them, until stopped."""
    with plainly():
        settings = read_settings()
        if or_demo and not settings.connected:
            click.echo("Neither GITHUB_TOKEN nor GITHUB_APP_ID is set, so here is the demo.")
            _demo(settings, stay=True)
        _serve(settings, only)


def _serve(settings: Settings, only: str | None) -> None:
    trackers = load(settings.rules).settings.trackers
    missing = settings.missing(bool(trackers.github.repositories), bool(trackers.jira.projects))
    if missing:
        raise SettingsError("Handshake is not connected yet.\n" + "\n".join(missing))
    if wrong := settings.unusable():
        raise SettingsError("\n".join(wrong))
    logs.set_up(settings.secrets())
    if only == "receiver":
        Database(settings.database_url).close()  # what is wrong with it is said here, and plainly
        _receive(settings, None)
        return
    from automation import bootstrap  # only here: the receiver's process imports this module, too

    house = bootstrap.build(settings)
    if only == "worker":
        _work(house, settings)
        _wait_for_the_end()
        house.close()
    else:
        _receive(settings, house)


def _receive(settings: Settings, house: House | None) -> None:
    """Receive in a process of its own, and work in this one if there is a house, until told to stop."""

    def started() -> None:
        if house:
            _work(house, settings)
        sources = " and ".join(f"/webhooks/{source}" for source in settings.webhook_secrets())
        click.echo(f"It listens at http://{settings.host}:{settings.port} for {sources}. Ctrl-C stops it.")

    def stopped() -> None:
        if house:
            house.close()

    try:
        server.serve("automation.reception:receiver", settings.host, settings.port, started, stopped)
    except server.CannotListen:  # nothing was started
        if house:
            house.database.close()
        raise


def _work(house: House, settings: Settings) -> None:
    house.start()
    rulebook = house.rules.rulebook()
    trackers = rulebook.settings.trackers
    places = ", ".join((*trackers.github.repositories, *trackers.jira.projects))
    click.echo(
        f"Handshake looks after {places}, mode {house.rules.mode()}, "
        f"{len(rulebook.rules)} rules from {settings.rules}/."
    )


def _wait_for_the_end() -> None:
    """Wait for SIGTERM or Ctrl-C."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()


@click.command()
@click.option("--exit", "leave", is_flag=True, help="Stop after the story instead of staying up.")
def demo(leave: bool) -> None:
    """Play a story on a sandbox GitHub and Jira, then stay up to be tried."""
    with plainly():
        _demo(read_settings(), stay=not leave)


def _demo(settings: Settings, stay: bool) -> NoReturn:
    from automation.demo.play import play  # the sandbox is not needed to serve

    raise SystemExit(play(settings, Console(highlight=False), stay))
