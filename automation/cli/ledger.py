"""``handshake ledger``: the history of promises, as a story, and the proof that nobody changed it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import click

from automation.cli.terminal import as_json, opened, plainly, print_json, say, when
from automation.model import Entry
from automation.store import seals
from automation.store.ledger import entries, issues_called


class _OrIssue(click.Group):
    """Takes what is none of its commands for an issue to show."""

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = [show.name or "", *args]
        return super().resolve_command(context, args)


@click.group(cls=_OrIssue, context_settings={"ignore_unknown_options": True}, no_args_is_help=True)
def ledger() -> None:
    """Tell what was promised: `handshake ledger ISSUE`, which is `handshake ledger show ISSUE`."""


@ledger.command()
@click.argument("issue")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Only what was known by the end of that day, in UTC."
)
@as_json
def show(issue: str, as_of: datetime | None, as_json: bool) -> None:
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


@ledger.command()
@click.option("--head", help="A head that this command printed before, and that was kept elsewhere.")
@as_json
def verify(head: str | None, as_json: bool) -> None:
    """Prove that no entry was changed, taken away, moved or put in between. Exit code 1 where one was.

    The worker seals new entries within about a minute. The head stands for all that is sealed. Whoever can
    write to the database can also seal it anew, so keep a copy of the head where they cannot reach it.
    """
    with plainly(), closing(opened()) as database:
        verdict = seals.verify(database, seals.Head.parse(head) if head else None)
    if as_json:
        print_json(_verdict(verdict))
    else:
        for line in _told(verdict):
            say(line)
    if verdict.broken:
        raise SystemExit(1)


def _told(verdict: seals.Verdict) -> list[str]:
    newer = f"Not sealed yet, and so not proved: {_entries(verdict.newer)}."
    if broken := verdict.broken:
        where = f" (of {broken.key})" if broken.key else ""
        return [
            f"The ledger is not as it was written. Entry {broken.number}{where} {broken.why}.",
            "What comes after it is not proved either. Compare it with a backup from before.",
            newer,
        ]
    if verdict.head is None:
        return [f"Nothing is sealed yet. {newer}"]
    return [
        f"The ledger is as it was written: {_entries(verdict.sealed)}, in one chain. {newer}",
        f"Head: {verdict.head}",
        "Keep a copy outside of the database: `handshake ledger verify --head HEAD` compares with it later.",
    ]


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _verdict(verdict: seals.Verdict) -> dict[str, Any]:
    broken = verdict.broken
    return {
        "sealed": verdict.sealed,
        "not_sealed_yet": verdict.newer,
        "head": verdict.head and str(verdict.head),
        "broken": broken and {"number": broken.number, "key": broken.key or None, "why": broken.why},
    }
