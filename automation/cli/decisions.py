"""``handshake decisions``: what was decided, and what the mode kept back of it, with its words."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import click

from automation.cli.decision_tree import decision_json, print_decision, print_seen
from automation.cli.terminal import as_json, opened, plainly, print_json, print_words, say, when
from automation.domain.doing import does
from automation.domain.fields import spoken_of
from automation.engine.replay import comes_out_the_same
from automation.model import Decision, Would
from automation.store.decisions import Diary, Pass


@click.group(invoke_without_command=True)
@click.option("--would", is_flag=True, help="Only what the mode kept back, with the words in full.")
@click.option("--limit", default=20, type=click.IntRange(min=1), show_default=True, help="At most so many.")
@as_json
@click.pass_context
def decisions(context: click.Context, would: bool, limit: int, as_json: bool) -> None:
    """List what was decided, the last first, and what the mode kept back of it.

    Each decision has a number; `handshake decisions show NUMBER` says why it came out as it did.
    """
    if context.invoked_subcommand:
        return
    with plainly(), closing(opened()) as database:
        passes, total = Diary(database).passes(limit, kept_back=would)
    if as_json:
        print_json([_pass(taken) for taken in passes])
        return
    if not passes:
        say("The mode has kept nothing back." if would else "Nothing has had to be decided yet.")
    now = datetime.now(UTC)
    for taken in passes:
        say(f"{when(taken.at, now)} UTC  {spoken_of(taken.subject)}  (mode {taken.mode})")
        for id, decision in () if would else taken.decisions:
            say(f"  {id:>5}  {_told(decision)}")
        for kept in taken.kept_back:
            say(f"  would  {does(kept.effect)}")
            if would and kept.text:
                print_words(kept.text)
    if len(passes) < total:
        say(f"{len(passes)} of {total} are shown; --limit {total} shows all.")
    if not would and any(kept.text for taken in passes for kept in taken.kept_back):
        say("The words that would be said: handshake decisions --would")


@decisions.command("show")
@click.argument("id", type=click.IntRange(min=1))
@click.option("--seen", is_flag=True, help="Also print, as JSON, all that was seen: it may name customers.")
@as_json
def show(id: int, seen: bool, as_json: bool) -> None:
    """Say why a decision came out as it did: what was asked, with the values that were seen, whose word did
    not count, what was intended, and what became of it. ID is the number that the list gives."""
    with plainly(), closing(opened()) as database:
        shown = Diary(database).show(id)
    if shown is None:
        say(
            f"There is no decision {id}, or it is too old to be kept. `handshake decisions` lists them.",
            err=True,
        )
        raise SystemExit(1)
    same = comes_out_the_same(shown.decision, shown.seen)
    if as_json:
        print_json(decision_json(shown, same))
        return
    print_decision(shown, same, datetime.now(UTC))
    if seen:
        print_seen(shown)


def _told(decision: Decision) -> str:
    because = f": {decision.because}" if decision.because else ""
    rule = f"{decision.rule} ({decision.where})" if decision.where else decision.rule
    return f"{decision.outcome.value}  {rule}, on {decision.event.name}{because}"


def _pass(taken: Pass) -> dict[str, Any]:
    return {
        "at": taken.at.isoformat(),
        "issue": str(taken.subject),
        "key": spoken_of(taken.subject),
        "mode": taken.mode,
        "decisions": [
            {
                "id": id,
                "rule": one.rule,
                "where": one.where,
                "event": one.event.name,
                "outcome": one.outcome.value,
                "reasons": [reason.text for reason in one.reasons],
            }
            for id, one in taken.decisions
        ],
        "would": [_would(kept) for kept in taken.kept_back],
    }


def _would(kept: Would) -> dict[str, Any]:
    return {"target": str(kept.effect.target), "does": does(kept.effect), "text": kept.text or None}
