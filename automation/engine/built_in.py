"""What needs no rule: commands, answers by what people set, and what an issue says itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from automation.domain import (
    changes,
    filling,
    links,
    marks,
    naming,
    offers,
    overrides,
    proposals,
    signoffs,
    yeses,
)
from automation.domain.behind import or_behind
from automation.domain.plan_builder import PlanBuilder
from automation.model import Event

BUILT_IN: Mapping[str, Callable[[PlanBuilder, Event], None]] = {
    "command.link": links.link,
    "command.unlink": links.unlink,
    "command.ask": or_behind(proposals.ask),
    "command.withdraw": or_behind(proposals.withdraw),
    "command.signoff": marks.and_off(or_behind(signoffs.sign)),
    "command.decline": marks.and_off(or_behind(signoffs.decline)),
    "command.override": or_behind(overrides.override),
    "command.name": naming.name,
    "command.user": naming.user,
    "command.problem": naming.problem,
    "command.near": offers.nearly,
    "tracker.words": lambda builder, _: links.follow_text(builder),
    changes.FILLED: lambda builder, _: filling.follow(builder),
    changes.UNCLAIMED: lambda builder, _: marks.turn_down(builder),
    "tracker.echo": yeses.undo_edit,
}
"""Events that need no rule, and what each of them does: commands, and words that name deals."""
