"""What a pass saw and decided, written down and read again: the pass once, its decisions by reference.

What decided nothing leaves no row, nor does what only concerns an issue whose dates are nobody's business;
that is counted (``handshake_rule_evaluations_total``). What is of consequence is kept for long. All of it may
hold what customers are called and what people wrote, so none of it goes to the log.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError
from sqlalchemy import Connection, bindparam, insert, select

from automation.model import Decision, IssueState, Moment, Outcome, Plan, Reason, RulesText, Sighting, Subject
from automation.store import codec
from automation.store.database import upsert
from automation.store.schema import decisions, passes, rulebooks

LONG, SHORT = "long", "short"
"""How long a pass is kept: as decisions of consequence, or as deliveries."""

LARGEST = 400_000
"""Characters of what one pass saw. What is larger (several texts of 65,536 characters, the most that GitHub
takes) is not kept, and its decisions cannot be made again; they say what they came to all the same."""

RECENT = 600.0
"""Seconds."""

CANNOT_TELL = ""
"""Stands for what was seen where that is not kept."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A decision as it is stored: its event by its place among those of the pass."""

    rule: str
    where: str
    event: int
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    effects: tuple[str, ...] = ()


# Made once, as most passes need them.
_PASS, _DECISIONS = insert(passes), insert(decisions)
_RULES = select(rulebooks.c.digest).where(rulebooks.c.digest == bindparam("digest"))

_decision = TypeAdapter(_Stored)
_sighting = TypeAdapter(Sighting)


class RulesSeen:
    """Which rules a pass that was committed named of late: nobody need look whether their text is stored, as
    it stays for as long as a pass names it, which is longer than RECENT."""

    def __init__(self) -> None:
        self._seen = ("", 0.0)

    def note(self, digest: str) -> None:
        self._seen = (digest, time.monotonic() + RECENT)

    def __contains__(self, digest: str) -> bool:
        return self._seen[0] == digest and time.monotonic() < self._seen[1]


def worth(plan: Plan[IssueState]) -> str:
    """Tell how long the decisions of a pass are kept; empty where they are only counted."""
    if any(decision.matters for decision in plan.decisions):
        return LONG
    asked = plan.state.answerable() or any(not decision.where for decision in plan.decisions)
    return SHORT if plan.decisions and asked else ""


def keep(connection: Connection, plan: Plan[IssueState], seen: Sighting, with_rules: bool = True) -> bool:
    """Write down what a pass decided, and what it saw, as part of the caller's transaction; ``with_rules``:
    also the text of the rules, if that is not there. Return False where nothing of it is worth keeping."""
    kept = worth(plan)
    if kept:
        if with_rules:
            _keep_rules(connection, seen.moment.rules)
        _keep(connection, plan.state.subject, plan.decisions, seen.moment, kept, dump(seen))
    return bool(kept)


def keep_unread(connection: Connection, subject: Subject, decision: Decision, at: Moment) -> None:
    """Write down why a pass decided nothing: what it had to see was refused."""
    _keep_rules(connection, at.rules)
    _keep(connection, subject, (decision,), at, LONG, CANNOT_TELL)


def _keep(
    connection: Connection,
    subject: Subject,
    decided: Sequence[Decision],
    at: Moment,
    kept: str,
    seen_json: str,
) -> None:
    # By identity: the same event is shared by the rules that met it, and comparing is dear.
    events = list({id(decision.event): decision.event for decision in decided}.values())
    places = {id(event): place for place, event in enumerate(events)}
    row = {
        "subject": str(subject),
        "at": codec.from_time(at.at),
        "mode": at.mode.value,
        "rules": at.rules.digest,
        "kept": kept,
        "seen_json": seen_json,
        "events_json": _dump(codec.events, tuple(events)),
    }
    number = connection.execute(_PASS, row).inserted_primary_key
    stored = [
        _Stored(one.rule, one.where, places[id(one.event)], one.outcome, one.reasons, one.effects)
        for one in decided
    ]
    rows = [
        {
            "pass_id": number[0] if number else None,
            "outcome": one.outcome.value,
            "decision_json": _dump(_decision, one),
        }
        for one in stored
    ]
    connection.execute(_DECISIONS, rows)


def _keep_rules(connection: Connection, rules: RulesText) -> None:
    if connection.scalar(_RULES, {"digest": rules.digest}) is None:
        text = codec.dump(codec.rules_text, rules)
        stored = upsert(connection, rulebooks).values(digest=rules.digest, text_json=text)
        connection.execute(stored.on_conflict_do_nothing())


def dump(seen: Sighting) -> str:
    """Write down what a pass saw, or CANNOT_TELL where that is too large or no JSON (half a character,
    which a tracker may well send)."""
    told = [(deal, field, known) for (deal, field), known in seen.state.told.items()]
    rules = RulesText(seen.rules.folder, seen.rules.digest, {})  # their files have a table of their own
    try:
        facts = replace(seen.facts, deals={}, credits={})
        text = _dump(_sighting, replace(seen, state=replace(seen.state, told={}), facts=facts, rules=rules))
        heard, deals = _dump(codec.told, told), _dump(codec.deals, tuple(seen.facts.deals.values()))
        credits = _dump(codec.credits, tuple(seen.facts.credits.items()))
    except (PydanticSerializationError, UnicodeEncodeError):
        return CANNOT_TELL
    found = f'{{"seen":{text},"told":{heard},"deals":{deals},"credits":{credits}}}'
    return found if len(found) <= LARGEST else CANNOT_TELL


def parse(text: str, rules: RulesText) -> Sighting | None:
    """Read what ``dump`` wrote, by the ``rules`` of that time; None where it was not kept. Raise
    ValidationError for what an earlier version wrote and this one cannot read."""
    if text == CANNOT_TELL:
        return None
    found = json.loads(text)
    seen = _sighting.validate_json(json.dumps(found["seen"]))
    told = {(deal, field): known for deal, field, known in codec.told.validate_python(found["told"])}
    facts = replace(
        seen.facts,
        deals={deal.subject: deal for deal in codec.deals.validate_python(found["deals"])},
        credits=dict(codec.credits.validate_python(found["credits"])),
    )
    return replace(seen, state=replace(seen.state, told=told), facts=facts, rules=rules)


def decisions_of(events_json: str, texts: Sequence[str]) -> tuple[Decision, ...]:
    """Read decisions of one pass. Raise ValidationError or IndexError for what this version cannot read."""
    events = codec.events.validate_json(events_json)
    stored = map(_decision.validate_json, texts)
    return tuple(
        Decision(one.rule, one.where, events[one.event], one.outcome, one.reasons, one.effects)
        for one in stored
    )


def _dump(adapter: TypeAdapter[Any], value: object) -> str:
    """Leave out what is as it is by default: that is two thirds of it."""
    return adapter.dump_json(value, exclude_defaults=True).decode()
