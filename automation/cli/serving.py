"""``handshake serve`` and ``handshake demo``: the processes that do the work."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, NoReturn

import click
from rich.console import Console

from automation.app import logs
from automation.app.rules import vocabulary
from automation.app.settings import Settings, SettingsError, read_settings
from automation.cli.terminal import plainly
from automation.rulebook.rulebook import load
from automation.store.database import Database
from webhooks import serve as server

if TYPE_CHECKING:
    from automation.app.worker_app import WorkerApp


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
    if missing := settings.missing(load(settings.rules, vocabulary(settings.all_systems)).config):
        raise SettingsError("Handshake is not connected yet.\n" + "\n".join(missing))
    if wrong := settings.unusable():
        raise SettingsError("\n".join(wrong))
    logs.set_up(settings.secrets())
    if only == "receiver":
        Database(settings.database_url).close()  # what is wrong with it is said here, and plainly
        _receive(settings, None)
        return
    from automation.app.worker_app import (
        build_worker_app,  # only here: the receiver's process imports this module, too
    )

    worker_app = build_worker_app(settings)
    if only == "worker":
        _work(worker_app, settings)
        _wait_for_the_end()
        worker_app.close()
    else:
        _receive(settings, worker_app)


def _receive(settings: Settings, worker_app: WorkerApp | None) -> None:
    """Receive in a process of its own, and work in this one if there is a worker_app, until told to stop."""

    def started() -> None:
        if worker_app:
            _work(worker_app, settings)
        sources = " and ".join(f"/webhooks/{source}" for source in settings.webhook_secrets())
        click.echo(f"It listens at http://{settings.host}:{settings.port} for {sources}. Ctrl-C stops it.")

    def stopped() -> None:
        if worker_app:
            worker_app.close()

    try:
        server.serve("automation.app.receiver_app:receiver", settings.host, settings.port, started, stopped)
    except server.CannotListen:  # nothing was started
        if worker_app:
            worker_app.database.close()
        raise


def _work(worker_app: WorkerApp, settings: Settings) -> None:
    worker_app.start()
    rulebook = worker_app.rules.rulebook()
    places = ", ".join(rulebook.config.trackers.all_places())
    click.echo(
        f"Handshake looks after {places}, mode {worker_app.rules.mode()}, "
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
