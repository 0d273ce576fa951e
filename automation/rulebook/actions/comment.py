"""``comment``: tell people, on the issue, on the deals, or on both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from automation.domain.plan_builder import PlanBuilder
from automation.model import Say
from automation.rulebook.actions.base import Action, Cause, Names
from automation.rulebook.events import EVENTS, SOMETIMES

Audience = Literal["issue", "deals"]


class Comment(Action):
    """``comment: {to: [issue, deals], message: date-moved}``.

    The message is ``messages/<name>.issue.liquid`` for the issue, ``messages/<name>.deals.liquid`` for deals.
    """

    name: ClassVar[str] = "comment"

    to: Audience | Annotated[list[Audience], Field(min_length=1)]
    message: str

    @property
    def audiences(self) -> tuple[Audience, ...]:
        return (self.to,) if isinstance(self.to, str) else tuple(dict.fromkeys(self.to))

    def misused(self, names: Names, when: str) -> Iterator[tuple[str, str]]:
        for audience in self.audiences:
            needed = names.messages.get((self.message, audience))
            if needed is None:
                yield "message", f"there is no file messages/{self.message}.{audience}.liquid"
            for name in sorted(needed or ()):
                if when in EVENTS and when not in SOMETIMES[name]:
                    file = f"messages/{self.message}.{audience}.liquid"
                    yield "message", f"{file} speaks of a '{name}', and there is none when: {when}"

    def plan(self, builder: PlanBuilder, cause: Cause) -> Cause:
        say = Say(self.message, cause.event, cause.rule, cause.where, cause.held)
        for audience in self.audiences:
            tell = builder.tell_issue if audience == "issue" else builder.tell_deals
            tell(say, cause.after)
        return cause
