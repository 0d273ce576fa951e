"""What would be written if the mode allowed it, with its words: for operations, before they let it.

The same facts are planned once more as ``enforce`` would have it (planning is pure), and what the mode in
force keeps back is rendered and kept. Nothing here writes to the outside, and nothing here may break a look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from automation.engine.rendering import Rendering
from automation.model import Effect, Issue, IssueState, Mode, Plan, Say, SetDeadline, Would
from automation.ports import Tracker

log = structlog.get_logger("handshake")

FOR_NOBODY = "(nothing: there is nothing in it for strangers, and this place is public)"


class Preview:
    """Makes the plan that the mode does not allow into what operations can read."""

    def __init__(self, rendering: Rendering, trackers: Mapping[str, Tracker]) -> None:
        self._rendering = rendering
        self._trackers = trackers

    def kept_back(
        self,
        mode: Mode,
        issue: Issue,
        at: datetime,
        enforced: Callable[[], Plan[IssueState]],
        issues: Sequence[IssueState] = (),
    ) -> tuple[Would, ...]:
        """Return what ``enforced`` would write and ``mode`` keeps back, at a look of that time; ``issues``
        are those that stand on what is looked at, where that is a carrier."""
        if mode is Mode.ENFORCE:
            return ()
        try:
            plan = enforced()
        except Exception as error:  # whatever it is, the look itself goes on
            log.error("preview", issue=issue.subject.key, error=type(error).__name__)
            return ()
        kept = [one for one in plan.effects if mode is Mode.OBSERVE or isinstance(one.intent, SetDeadline)]
        return tuple(Would(effect, at, self._words(effect, issue, plan.state, at, issues)) for effect in kept)

    def _words(
        self, effect: Effect, issue: Issue, state: IssueState, at: datetime, issues: Sequence[IssueState]
    ) -> str:
        """Return the words, or why there are none."""
        if not isinstance(effect.intent, Say):
            return ""
        try:
            # As when it is said: asked last, and live.
            issue = replace(issue, public=self._trackers[effect.issue.system].public(effect.issue))
            deals = self._rendering.deals(effect, issue, state.linked())
            if effect.to_deal and effect.target not in deals:
                return f"(nothing: {effect.target.key} is not among the deals)"
            text = self._rendering.text(effect, effect.intent, issue, deals, state, at, None, issues)
            return text or FOR_NOBODY
        except Exception as error:  # a deal out of reach, a template at fault
            return f"(the words could not be made: {str(error) or type(error).__name__})"
