"""``handshake ledger``: the history of promises about an issue, as a story."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import click

from automation.cli.terminal import as_json, opened, plainly, print_json, say, when
from automation.model import Entry
from automation.store.ledger import entries, issues_called


@click.command()
@click.argument("issue")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Only what was known by the end of that day, in UTC."
)
@as_json
def ledger(issue: str, as_of: datetime | None, as_json: bool) -> None:
    """Tell what was asked, signed, declined and linked on ISSUE, and by whom, the newest last.

    ISSUE is its key (acme/shop#12, PROD-7), also one that it had before it moved.
    It may name customers, and whom there product may talk to.
    """
    with plainly(), closing(opened()) as database:
        found = issues_called(database, issue)
        if len(found) == 1:
            story = entries(database, found[0], as_of and as_of.date())
    if not found:
        say(f"Nothing is known of an issue {issue}.", err=True)
        raise SystemExit(1)
    if len(found) > 1:
        names = ", ".join(map(str, found))
        say(f"{issue} can mean several issues; say which: {names}", err=True)
        raise SystemExit(1)
    if as_json:
        print_json([_entry(number, entry) for number, entry in story])
        return
    if not story:
        until = f" by {as_of:%Y-%m-%d}" if as_of else ""
        say(f"{found[0].key}: nothing had been promised{until}.")
    now = datetime.now(UTC)
    for _, entry in story:
        by = f", by {_one_line(entry.by.name)}" if entry.by else ""
        say(f"{when(entry.at, now)} UTC  {entry.what}  {_one_line(entry.text)}{by}")


def _one_line(text: str) -> str:
    """Join lines, so that a reason that somebody wrote cannot pass for an entry of its own."""
    return " ".join(text.splitlines())


def _entry(number: int, entry: Entry) -> dict[str, Any]:
    return {
        "number": number,
        "at": entry.at.isoformat(),
        "what": entry.what,
        "text": entry.text,
        "by": entry.by and {"system": entry.by.system, "id": entry.by.id, "name": entry.by.name},
    }
