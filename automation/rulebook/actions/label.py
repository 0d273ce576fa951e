"""``label``: put a label on a private issue, or take it off."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from automation.domain.plan_builder import PlanBuilder
from automation.rulebook.actions.base import Action, Cause


class Label(Action):
    """``label: {add: customer-request}`` or ``label: {remove: customer-request}``."""

    name: ClassVar[str] = "label"

    add: str = ""
    remove: str = ""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if bool(self.add) == bool(self.remove):
            raise ValueError("say either 'add' or 'remove', with the name of a label")
        return self

    def plan(self, builder: PlanBuilder, cause: Cause) -> Cause:
        if cause.event.aside:
            return cause
        builder.label(self.add or self.remove, bool(self.add))
        return cause
