"""``handshake deliveries``: what came in and is not done, and another try for what is parked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import click

from automation.app.settings import read_settings
from automation.cli.terminal import (
    UNUSABLE,
    as_json,
    opened,
    plainly,
    print_json,
    print_table,
    say,
    troubles,
    when,
)
from automation.domain.doing import does
from automation.store.database import Database
from automation.store.deliveries import Desk, Item, Task

SHORT = 13
"""Characters of an id that a list shows; the other commands take them for the whole."""

ids = click.argument("ids", nargs=-1)
all_parked = click.option("--parked", is_flag=True, help="All that is parked.")


@click.group()
def deliveries() -> None:
    """See what came in, and have it tried again."""


@deliveries.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Also what is done, and how it was read.")
@click.option("--source", default="", help="Only what came from there, such as github.")
@click.option("--limit", default=50, type=click.IntRange(min=1), show_default=True, help="At most so many.")
@as_json
def list_(everything: bool, source: str, limit: int, as_json: bool) -> None:
    """List what is not done: what is parked first, then the newest."""
    with plainly(), closing(opened()) as database:
        desk, wrong = _desk_at(database), troubles(database)
        items, total = (desk.all if everything else desk.undone)(source, limit)
    for trouble in wrong:  # on standard error, so that it goes with JSON as well
        say(trouble, err=True)
    if as_json:
        print_json([_item(item) for item in items])
        return
    if not items:
        done = "All is done: nothing waits, nothing is parked."
        if wrong:
            done = "No delivery waits here. What comes in meanwhile will."
        say("No delivery is there yet." if everything else done)
        return
    _print_items(items)
    if len(items) < total:
        say(f"{len(items)} of {total} are shown; --limit {total} shows all.")
    if any(len(item.parked) > sum(desk.unknown(item).values()) for item in items):
        say("Once what kept it is mended, have it tried again: handshake deliveries retry --parked")
    elif any(item.parked for item in items):
        say("What is parked is for systems that this Handshake does not know: another try would be refused.")


@deliveries.command()
@click.argument("id")
@click.option("--body", is_flag=True, help="Print what was sent, as it came. It holds what people wrote.")
@as_json
def show(id: str, body: bool, as_json: bool) -> None:
    """Show one delivery: how it was read, and what is still to be done for it."""
    with _desk() as desk:
        item = desk.find(id)
        sent = desk.body(item).decode("utf-8", "replace") if body and item.source else ""
        effects = {task.id: does(effect) for task in item.tasks if (effect := desk.effect(task))}
    if as_json:
        print_json(_item(item, effects) | ({"body": sent} if body else {}))
        return
    _print_item(item, effects)
    if body:
        say(f"\n{sent}")


@deliveries.command()
@ids
@all_parked
def retry(ids: tuple[str, ...], parked: bool) -> None:
    """Try again what is parked of these deliveries. One with nothing parked is read again."""
    with _desk() as desk:
        refused = False
        for item in _chosen(desk, ids, parked):
            unknown, freed = desk.unknown(item), desk.retry(item)
            if freed or not unknown:
                again = f"{_jobs(freed)} will be tried again" if item.parked else "It will be read again"
                say(f"{_short(item)}: {again} now.")
            for system, kept in unknown.items():
                refused = True
                say(f"{_short(item)}: {_refusal(item, system, kept)}", err=True)
    if refused:
        raise SystemExit(UNUSABLE)


@deliveries.command()
@ids
@all_parked
@click.option("--yes", is_flag=True, help="Do not ask first.")
def drop(ids: tuple[str, ...], parked: bool, yes: bool) -> None:
    """Take away for good what is parked of these deliveries. What waits goes on."""
    with _desk() as desk:
        chosen = _chosen(desk, ids, parked)
        stuck = sum(len(item.parked) for item in chosen)
        if stuck == 0:
            if chosen:
                say("Nothing of it is parked, so there is nothing to drop.")
            return
        if not yes:
            click.confirm(f"Drop {_jobs(stuck)}? This cannot be taken back", abort=True)
        for item in chosen:
            say(f"{_short(item)}: {_jobs(desk.drop(item))} dropped.")


@contextmanager
def _desk() -> Iterator[Desk]:
    with plainly(), closing(opened()) as database:
        yield _desk_at(database)


def _desk_at(database: Database) -> Desk:
    return Desk(database, frozenset(system.name for system in read_settings().all_systems))


def _chosen(desk: Desk, ids: Sequence[str], parked: bool) -> list[Item]:
    """Return what was asked for, before anything is done to any of it."""
    if bool(ids) == parked:
        raise click.UsageError("Name deliveries by their ids, or give --parked alone for all that is parked.")
    if not parked:
        return list({item.name: item for item in map(desk.find, ids)}.values())
    found = desk.parked()
    if not found:
        say("Nothing is parked.")
    return found


# ---------------------------------------------------------------- words


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"


def _refusal(item: Item, system: str, kept: int) -> str:
    why = f"This Handshake does not know {system}, so nothing here would ever do it."
    if not kept:
        return f"It is not read again. {why} Run a version that knows {system}, and try it again there."
    stay = "stays" if kept == 1 else "stay"
    drop = f"handshake deliveries drop {_short(item)}"
    return (
        f"{_jobs(kept)} {stay} parked. {why} Run a version that knows {system}, and try again there. "
        f"To take away what is parked instead: {drop}"
    )


def _short(item: Item) -> str:
    return item.id[:SHORT]


def _about(item: Item) -> str:
    return ", ".join(dict.fromkeys(task.about for task in item.tasks if task.about))


def _trouble(item: Item) -> str:
    """Return what its jobs ran into, what is parked first; of one that is done, how it was read."""
    errors = [task.error for task in (*item.parked, *item.tasks) if task.error]
    if errors or item.tasks:
        return errors[0] if errors else ""
    return f"{item.reading}: {item.reason}" if item.reason else item.reading


def _print_items(items: Sequence[Item]) -> None:
    now = datetime.now(UTC)
    rows = []
    for item in items:
        tries = str(max((task.tries for task in item.tasks), default="")) or ""
        words = (item.event, when(item.received_at, now), item.state, _about(item), tries, _trouble(item))
        rows.append((_short(item), item.source, *words))
    print_table(("Id", "Source", "Event", "Received", "State", "About", "Tries", "What it says"), rows)


def _print_item(item: Item, effects: dict[int, str]) -> None:
    now = datetime.now(UTC)
    received = f"received {when(item.received_at, now)} UTC, {item.state}"
    say(f"{item.name}\n{item.event}, {received}" if item.event else f"{item.name}\n{received.capitalize()}")
    if item.source:
        read = f"{item.reading}{': ' if item.reason else ''}{item.reason}"
        say(f"Read as {read}." if item.reading else "Not read yet.")
    for name, value in item.headers.items():
        say(f"  {name}: {value}")
    if not item.tasks:
        return
    say("")
    rows = []
    for task in item.tasks:
        due = "" if task.state != "waiting" else "now" if task.due_at <= now else when(task.due_at, now)
        says = ". ".join(filter(None, (effects.get(task.id, ""), task.error)))
        rows.append((str(task.id), task.kind, task.about, task.state, str(task.tries), due, says))
    print_table(("Job", "Kind", "About", "State", "Tries", "Due", "What it says"), rows)


# ---------------------------------------------------------------- JSON


def _item(item: Item, effects: dict[int, str] | None = None) -> dict[str, Any]:
    return {
        "id": item.id,
        "source": item.source or None,
        "event": item.event,
        "received_at": item.received_at.isoformat(),
        "state": item.state,
        "reading": item.reading or None,
        "reason": item.reason or None,
        "headers": dict(item.headers),
        "jobs": [_task(task, effects or {}) for task in item.tasks],
    }


def _task(task: Task, effects: dict[int, str]) -> dict[str, Any]:
    return {
        "id": task.id,
        "kind": task.kind,
        "subject": task.subject or None,
        "state": task.state,
        "tries": task.tries,
        "due_at": task.due_at.isoformat(),
        "error": task.error or None,
        "effect": task.effect or None,
        "does": effects.get(task.id),
    }
