"""Performs the effects of one issue that are ready together from one reading of it, as far as the mode of now
allows: what was planned in another one, and waited, is left undone."""

from __future__ import annotations

from collections.abc import Callable

from automation.engine.executor import Executor
from automation.engine.reader import Readers
from automation.engine.rendering import Rendering
from automation.model import Effect, Mode, Redact, SetDeadline
from automation.ports import MOVED_ON, Ending, State
from automation.rulebook.live import InForce


class Performing:
    """An executor for each effect, with the reader of its pass."""

    def __init__(
        self, states: State, passes: Readers, rules: Callable[[], InForce], rendering: Rendering
    ) -> None:
        self._states = states
        self._passes = passes
        self._rules = rules
        self._rendering = rendering

    def perform(self, effect: Effect, tries: int) -> Ending:
        """Do it, and say how it ended. Raise Unavailable where it is to be tried again."""
        rules = self._rules()
        if not _allowed(effect, rules.mode):
            return Ending(MOVED_ON, f"the mode is {rules.mode} by now")
        reader = self._passes.of_effect(effect, tries)
        rendering = self._rendering.reading(reader.trackers, reader.crm)
        executor = Executor(self._states, reader.trackers, reader.crm, lambda: rules.rulebook, rendering)
        try:
            return executor.perform(effect, tries)
        finally:
            if isinstance(effect.intent, SetDeadline):
                self._passes.forget(effect.issue)


def _allowed(effect: Effect, mode: Mode) -> bool:
    """Tell whether a mode allows a write. What strangers must not read is taken back in each."""
    match effect.intent:
        case Redact():
            return True
        case SetDeadline():
            return mode is Mode.ENFORCE
        case _:
            return mode is not Mode.OBSERVE
