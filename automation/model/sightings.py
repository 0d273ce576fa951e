"""What one pass over a subject saw: all that its decisions follow from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from automation.model.facts import Facts
from automation.model.outside import Mode
from automation.model.promises import IssueState, Pause, Receipt


@dataclass(frozen=True, slots=True)
class RulesText:
    """The files of a rules folder as they were read: ``files`` by their path in it, ``folder`` is its name,
    ``digest`` changes with any byte of them."""

    folder: str
    digest: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a pass was, in which mode, and by which rules."""

    at: datetime
    mode: Mode
    rules: RulesText


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a pass was planned from: the same plan can be made of it again. ``at`` is the time of the pass,
    ``since`` when the mode came into force, ``paused`` those of whom it was found that they are."""

    state: IssueState
    receipts: Mapping[str, Receipt]
    facts: Facts
    mode: Mode
    at: datetime
    since: datetime
    rules: RulesText
    paused: tuple[Pause, ...] = ()

    @property
    def moment(self) -> Moment:
        return Moment(self.at, self.mode, self.rules)
