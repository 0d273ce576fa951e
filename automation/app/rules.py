"""The rules as both processes read them: with the systems that they may speak of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from automation.adapters.system import System
from automation.app.settings import Settings
from automation.rulebook.live import LiveRules
from automation.rulebook.schema import Vocabulary


def live_rules(
    settings: Settings,
    report: Callable[[str], None],
    clock: Callable[[], datetime],
    until_changed: bool = False,
    folder: Path | None = None,
) -> LiveRules:
    """Return the rules of ``folder`` (else the settings' own); see LiveRules. Raise RulesError."""
    return LiveRules(
        folder or settings.rules,
        settings.mode,
        report,
        clock,
        until_changed,
        vocabulary(settings.all_systems),
        settings.missing,
    )


def vocabulary(systems: Iterable[System[Any]]) -> Vocabulary:
    """Return which systems the rules may speak of."""
    systems = tuple(systems)
    return Vocabulary(
        {system.name: system.rules for system in systems if system.rules},
        {system.name: system.title for system in systems if system.crm},
    )
