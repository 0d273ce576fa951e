"""``handshake ledger``: the history of promises, as a story, and the proof that nobody changed it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

import click

from automation.cli.terminal import as_json, opened, plainly, print_json, print_words, say, when
from automation.domain.standing import how_it_stands
from automation.model import DEAL, Entry, FieldState, Told
from automation.store import seals
from automation.store.ledger import TOLD, Line, called, dates_of, story
from automation.text.dates import spoken


class _OrShow(click.Group):
    """Takes what is none of its commands for the name of what to show."""

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = [show.name or "", *args]
        return super().resolve_command(context, args)


@click.group(cls=_OrShow, context_settings={"ignore_unknown_options": True}, no_args_is_help=True)
def ledger() -> None:
    """Tell what was promised, and prove it: `handshake ledger NAME` is `handshake ledger show NAME`."""


@ledger.command()
@click.argument("name")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Only what was known by the end of that day, in UTC."
)
@as_json
def show(name: str, as_of: datetime | None, as_json: bool) -> None:
    """Tell the story of an issue or a deal, the newest last.

    Of an issue it tells what was asked, signed, declined and linked, and by whom, and how
    its dates stand now. Of a deal it tells what it was told, in the words that it read, and which dates it
    could use in the end.

    NAME is a key (acme/shop#12, PROD-7, SALES-7), of an issue also one that it had before it moved.
    The story may name customers, and whom there product may talk to.
    """
    with plainly(), closing(opened()) as database:
        found = called(database, name)
        lines = story(database, found[0], as_of and as_of.date()) if len(found) == 1 else []
        stand = dates_of(database, found[0]) if len(found) == 1 and not as_of else []
    if not found:
        say(f"Nothing is known of an issue or a deal {name}.", err=True)
        raise SystemExit(1)
    if len(found) > 1:
        say(f"{name} can mean several; say which: {', '.join(map(str, found))}", err=True)
        raise SystemExit(1)
    if as_json:
        print_json([_line(line) for line in lines])
        return
    if not lines:
        until = f" by {as_of:%Y-%m-%d}" if as_of else ""
        nothing = "it had been told nothing" if found[0].kind == DEAL else "nothing had been promised"
        say(f"{found[0].key}: {nothing}{until}.")
    now = datetime.now(UTC)
    for line in lines:
        _print(line, now)
    for text in (*_usable(lines, now.date()), *_standing(stand, now.date())):
        say(text)


def _standing(dates: Sequence[tuple[str, FieldState]], today: date) -> list[str]:
    """Say of each date of an issue how it stands now."""
    told = [(label, known.standing.day, how_it_stands(known, today)) for label, known in dates]
    return [f"{label}: {spoken(day, today) if day else 'no date'}, {how}." for label, day, how in told if how]


def _print(line: Line, now: datetime) -> None:
    entry = line.entry
    by = f", by {_one_line(entry.by.name)}" if entry.by else ""
    at = f"{when(entry.at, now)} UTC"
    if entry.what == TOLD:
        say(f"{at}  told about {line.key}:")
        print_words(entry.text or "_(The words stand on the deal; they were not kept here.)_")
    else:
        about = f"{line.key}, " if line.key else ""
        said = f" (comment {_one_line(entry.comment)})" if entry.comment else ""
        say(f"{at}  {entry.what}  {about}{_one_line(entry.text)}{by}{said}")


def _usable(lines: Sequence[Line], today: date) -> list[str]:
    """Say which dates a deal could use after all that it was told."""
    last = {(line.key, heard.field): heard.told for line in lines for heard in line.entry.told}
    return [f"{key}, {field}: {_use(told, today)}." for (key, field), told in last.items()]


def _use(told: Told, today: date) -> str:
    if told.value.day is None:
        return "it has no date to use"
    day = spoken(told.value.day, today)
    return f"it was asked not to repeat {day} for now" if told.rechecking else f"it may use {day}"


def _one_line(text: str) -> str:
    """Join lines, so that a reason that somebody wrote cannot pass for an entry of its own."""
    return " ".join(text.splitlines())


def _evidence(entry: Entry) -> dict[str, str]:
    """Return what an entry rests on, as far as that was kept."""
    found = {
        "comment": entry.comment,
        "body_sha256": entry.digest,
        "history": entry.move,
        "delivery": entry.delivery,
    }
    return {name: value for name, value in found.items() if value}


def _line(line: Line) -> dict[str, Any]:
    entry = line.entry
    return {
        "number": line.number,
        "at": entry.at.isoformat(),
        "what": entry.what,
        "text": entry.text,
        "by": entry.by and {"system": entry.by.system, "id": entry.by.id, "name": entry.by.name},
        "issue": line.key or None,
        "evidence": _evidence(entry),
        "dates": [
            {
                "field": heard.field,
                "day": heard.told.value.day and heard.told.value.day.isoformat(),
                "being_rechecked": heard.told.rechecking,
            }
            for heard in entry.told
        ],
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
