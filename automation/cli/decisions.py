"""``handshake decisions``: what rules decided, and what the mode kept back of it, with its words."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import click

from automation.cli.terminal import as_json, opened, plainly, print_json, print_words, say, when
from automation.domain.doing import does
from automation.model import Decision, Would
from automation.store.decisions import Diary, Seen


@click.command()
@click.option("--would", is_flag=True, help="Only what the mode kept back, with the words in full.")
@click.option("--limit", default=20, type=click.IntRange(min=1), show_default=True, help="At most so many.")
@as_json
def decisions(would: bool, limit: int, as_json: bool) -> None:
    """List what rules decided, the last first, and what the mode kept back of it."""
    with plainly(), closing(opened()) as database:
        looks, total = Diary(database).looks(limit, kept_back=would)
    if as_json:
        print_json([_look(look) for look in looks])
        return
    if not looks:
        say("The mode has kept nothing back." if would else "No rule has had anything to decide yet.")
    now = datetime.now(UTC)
    for look in looks:
        say(f"{when(look.at, now)} UTC  {look.subject.key}  (mode {look.mode})")
        for decision in () if would else look.decisions:
            say(f"  {_told(decision)}")
        for kept in look.kept_back:
            say(f"  would  {does(kept.effect)}")
            if would and kept.text:
                print_words(kept.text)
    if len(looks) < total:
        say(f"{len(looks)} of {total} are shown; --limit {total} shows all.")
    if not would and any(kept.text for look in looks for kept in look.kept_back):
        say("The words that would be said: handshake decisions --would")


def _told(decision: Decision) -> str:
    reasons = f": {'; '.join(decision.reasons)}" if decision.reasons else ""
    rule = f"{decision.rule} ({decision.where})"
    return f"{decision.outcome.value:5}  {rule}, on {decision.event.name}{reasons}"


def _look(look: Seen) -> dict[str, Any]:
    return {
        "at": look.at.isoformat(),
        "issue": str(look.subject),
        "key": look.subject.key,
        "mode": look.mode,
        "decisions": [
            {
                "rule": one.rule,
                "where": one.where,
                "event": one.event.name,
                "outcome": one.outcome.value,
                "reasons": list(one.reasons),
            }
            for one in look.decisions
        ],
        "would": [_would(kept) for kept in look.kept_back],
    }


def _would(kept: Would) -> dict[str, Any]:
    return {"target": str(kept.effect.target), "does": does(kept.effect), "text": kept.text or None}
