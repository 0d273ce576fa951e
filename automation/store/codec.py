"""How the nouns are written down: JSON by pydantic, times as seconds since the epoch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from automation.model import (
    CarrierMove,
    Contact,
    Deal,
    Effect,
    Entry,
    Event,
    Evidence,
    FieldState,
    Filled,
    Heard,
    Link,
    Problem,
    Proposal,
    RulesText,
    Subject,
    TakenOff,
    Told,
    Trigger,
    Value,
    Words,
)

fields = TypeAdapter(dict[str, FieldState])
names = TypeAdapter(tuple[str, ...])
taken_off = TypeAdapter(dict[str, TakenOff])
subjects = TypeAdapter(tuple[Subject, ...])
contacts = TypeAdapter(tuple[Contact, ...])
problems = TypeAdapter(tuple[Problem, ...])
filled = TypeAdapter(tuple[Filled, ...])
words: TypeAdapter[Words | None] = TypeAdapter(Words | None)
link = TypeAdapter(Link)
proposal = TypeAdapter(Proposal)
effect = TypeAdapter(Effect)
entry = TypeAdapter(Entry)
value = TypeAdapter(Value)
some_value: TypeAdapter[Value | None] = TypeAdapter(Value | None)
moves = TypeAdapter(tuple[CarrierMove, ...])
heard = TypeAdapter(tuple[Heard, ...])
told = TypeAdapter(list[tuple[Subject, str, Told]])
deals = TypeAdapter(tuple[Deal, ...])
credits = TypeAdapter(tuple[tuple[Subject, Evidence], ...])
events = TypeAdapter(tuple[Event, ...])
rules_text = TypeAdapter(RulesText)
_triggers = TypeAdapter(tuple[Trigger, ...])


def dump(adapter: TypeAdapter[Any], value: object) -> str:
    return adapter.dump_json(value).decode()


def triggers_to_json(triggers: tuple[Trigger, ...]) -> str:
    return dump(_triggers, triggers)


def triggers_from_json(text: str) -> tuple[Trigger, ...]:
    return _triggers.validate_json(text)


def from_time(at: datetime) -> float:
    return at.timestamp()


def to_time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
