"""How the nouns are written down: JSON by pydantic, times as seconds since the epoch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from automation.domain.told import Heard
from automation.model import (
    Contact,
    Decision,
    Effect,
    Entry,
    FieldState,
    Link,
    Proposal,
    Subject,
    Trigger,
    Value,
    Words,
)

fields = TypeAdapter(dict[str, FieldState])
names = TypeAdapter(tuple[str, ...])
subjects = TypeAdapter(tuple[Subject, ...])
contacts = TypeAdapter(tuple[Contact, ...])
words: TypeAdapter[Words | None] = TypeAdapter(Words | None)
link = TypeAdapter(Link)
proposal = TypeAdapter(Proposal)
effect = TypeAdapter(Effect)
decision = TypeAdapter(Decision)
entry = TypeAdapter(Entry)
value = TypeAdapter(Value)
heard = TypeAdapter(tuple[Heard, ...])
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
