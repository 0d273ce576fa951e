"""Makes a plan, and makes it anew without what would set back too many dates on somebody's account."""

from __future__ import annotations

from dataclasses import replace

import structlog

from automation.engine.plan import replay
from automation.model import IssueState, Plan, SetDeadline, Sighting
from automation.ports import State
from automation.rulebook.rulebook import Rulebook

log = structlog.get_logger("handshake")


def replay_within_limits(
    sighting: Sighting, rulebook: Rulebook, states: State
) -> tuple[Plan[IssueState], Sighting]:
    """Return the plan, and what it is made of: with the pauses of those who would exceed the limit."""
    made, now = replay(sighting, rulebook), sighting.at
    intents = [effect.intent for effect in made.effects]
    accounts = [one.account for one in intents if isinstance(one, SetDeadline) and one.account]
    if not accounts:
        return made, sighting
    paused = states.pauses.exceeding(accounts, rulebook.config.most_restores_per_hour, now)
    for pause in paused:
        log.warning("paused", who=pause.name, until=pause.until.isoformat(timespec="minutes"))
    if paused:
        sighting = replace(sighting, paused=paused)
        made = replay(sighting, rulebook)
    return made, sighting
