"""Performs the effects of one issue that are ready together from one reading of it."""

from __future__ import annotations

from collections.abc import Callable

from automation.engine.executor import Executor
from automation.engine.reader import Readers
from automation.engine.rendering import Rendering
from automation.model import Effect, SetDeadline
from automation.ports import Ending, State
from automation.rulebook.rulebook import Rulebook


class Performing:
    """An executor for each effect, with the reader of its pass."""

    def __init__(
        self, states: State, passes: Readers, rules: Callable[[], Rulebook], rendering: Rendering
    ) -> None:
        self._states = states
        self._passes = passes
        self._rules = rules
        self._rendering = rendering

    def perform(self, effect: Effect, tries: int) -> Ending:
        """Do it, and say how it ended. Raise Unavailable where it is to be tried again."""
        reader = self._passes.of_effect(effect, tries)
        rendering = self._rendering.reading(reader.trackers, reader.crm)
        executor = Executor(self._states, reader.trackers, reader.crm, self._rules, rendering)
        try:
            return executor.perform(effect, tries)
        finally:
            if isinstance(effect.intent, SetDeadline):
                self._passes.forget(effect.issue)
