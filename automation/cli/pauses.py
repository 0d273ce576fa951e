"""``handshake pauses``: who changed the dates of too many issues within the hour, and how to go on."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import click

from automation.cli.terminal import as_json, opened, plainly, print_json, say, when
from automation.store.open_proposals import waiting
from automation.store.pauses import Pauses


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def pauses(context: click.Context, as_json: bool) -> None:
    """Say on whose account no more dates are set back for now, and how many stand unsigned until then."""
    if context.invoked_subcommand:
        return
    now = datetime.now(UTC)
    with plainly(), closing(opened()) as database:
        known, held_up = Pauses(database).now(now), [one for one in waiting(database) if one.paused]
    if as_json:
        print_json(
            {
                "paused": [
                    {
                        "name": pause.name,
                        "since": pause.since.isoformat(),
                        "until": pause.until.isoformat(),
                        "text": pause.text,
                    }
                    for pause in known
                ],
                "unsigned": [one.subject.key for one in held_up],
            }
        )
        return
    if not known and not held_up:
        say("Nobody is paused.")
    for pause in known:
        say(f"{pause.name}: paused until {when(pause.until, now)} UTC. {pause.text}")
        say(f"  If the dates are to be set back all the same: handshake pauses release {pause.name!r}")
    if held_up:
        say(f"{len(held_up)} {'dates stand' if len(held_up) > 1 else 'date stands'} unsigned until then.")


@pauses.command()
@click.argument("name")
def release(name: str) -> None:
    """Set dates back again: all that were left standing, and those of NAME for an hour without a limit."""
    now = datetime.now(UTC)
    with plainly(), closing(opened()) as database:
        if name not in {pause.name for pause in Pauses(database).now(now)}:
            say(f"{name} is not paused. `handshake pauses` lists who is.", err=True)
            raise SystemExit(1)
        issues = Pauses(database).release(name, now)
    say(f"Released. {issues} {'issues are' if issues != 1 else 'issue is'} looked at again now.")
