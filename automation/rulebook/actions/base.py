"""What every action of a rule is: a strict piece of YAML that knows how to plan itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from automation.domain.plan_builder import PlanBuilder
from automation.model import Event


@dataclass(frozen=True, slots=True)
class Names:
    """The names an action may refer to: sign-off policies, and messages as (name, audience), each with what
    it takes for granted of that which only some events fill (``change``)."""

    policies: frozenset[str]
    messages: Mapping[tuple[str, str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an action runs: the event as it stands by now, and the rule.

    ``after`` is the key of the write that words have to wait for, ``held`` says that one was planned,
    ``settled`` that the change itself has been dealt with, and ``quiet_because`` why the rest of the
    rule stays quiet.
    """

    event: Event
    rule: str = ""
    where: str = ""
    after: str = ""
    held: bool = False
    settled: bool = False
    quiet_because: str = ""


class Action(BaseModel):
    """An item of a rule's ``then``: ``- hold: {until: product}`` is the action ``hold``."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: ClassVar[str]
    events: ClassVar[frozenset[str] | None] = None
    """The events this action makes sense for; None for all."""
    guards: ClassVar[bool] = False
    """Whether it keeps something from happening: its rule acts, too, where the condition has no answer."""

    def misused(self, names: Names, when: str) -> Iterator[tuple[str, str]]:
        """Yield (the key, what is wrong) for each name that is not defined, or makes no sense for the
        event ``when``."""
        yield from ()

    @abstractmethod
    def plan(self, builder: PlanBuilder, cause: Cause) -> Cause:
        """Add to ``builder`` what this action does, and return the cause for the actions after it."""
