"""Performs effects: one write each, made now from the truth of now, with a receipt.

The only place that writes to the outside. An effect may run twice (a crash, a dropped
connection): a deadline is read before it is written, and a notice is looked for before it is
posted again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from automation.engine.rendering import Rendering
from automation.engine.saying import Saying
from automation.engine.whereabouts import GONE, found, truth_of
from automation.model import (
    CARRIER,
    Choice,
    Deal,
    Effect,
    EmptyField,
    Redact,
    Say,
    SetDeadline,
    SetLabel,
    ShowDeal,
)
from automation.ports import (
    DONE,
    GIVEN_UP,
    MOVED_ON,
    SHOWN,
    Crm,
    Ending,
    Refused,
    Relocated,
    State,
    Tracker,
    Unavailable,
)
from automation.rulebook.messages.messages import MessageError
from automation.rulebook.rulebook import Rulebook

NEWER = "a newer decision took its place"


class Executor:
    """Carries out the jobs ``set`` and ``tell``."""

    def __init__(
        self,
        states: State,
        trackers: Mapping[str, Tracker],
        crm: Crm,
        rules: Callable[[], Rulebook],
        rendering: Rendering,
    ) -> None:
        self._states = states
        self._trackers = trackers
        self._crm = crm
        self._saying = Saying(states, crm, rules, rendering)

    def perform(self, effect: Effect, tries: int) -> Ending:
        """Do it, and say how it ended. Raise Unavailable where it is to be tried again."""
        try:
            return self._perform(effect, tries)
        except Relocated as error:
            return self._perform(self._where_it_is(effect, error), tries)

    def _where_it_is(self, effect: Effect, moved: Relocated) -> Effect:
        """Return the effect with the key that its issue has now. Where it is spoken of a carrier, and that is
        somewhere else, it is looked for first."""
        if effect.issue.kind == CARRIER:
            self._states.look_again(effect.target if not effect.to_deal else effect.issue)
            raise Unavailable(str(moved)) from moved
        issue = self._trackers[effect.issue.system].issue(effect.issue)
        if issue is None or issue.subject.key == effect.issue.key:
            raise Unavailable(str(moved)) from moved
        return found(self._states, effect, issue)

    def _perform(self, effect: Effect, tries: int) -> Ending:
        tracker = self._trackers[effect.issue.system]
        try:
            match effect.intent:
                case SetDeadline():
                    return self._set_deadline(tracker, effect, effect.intent)
                case SetLabel():
                    return self._set_label(tracker, effect, effect.intent, tries)
                case EmptyField():
                    return self._empty(tracker, effect, effect.intent)
                case ShowDeal():
                    return self._show_deal(tracker, effect, effect.intent, tries)
                case Say():
                    return self._saying.say(tracker, effect, effect.intent, tries)
                case Redact():
                    return self._saying.redact(tracker, effect, effect.intent)
        except Relocated:
            raise
        except Refused as error:
            unlabel = isinstance(effect.intent, SetLabel) and not effect.intent.present
            again = unlabel or isinstance(effect.intent, EmptyField)
            return Ending(GIVEN_UP, str(error), error.hint, again=again)
        except MessageError as error:
            return Ending(GIVEN_UP, str(error))

    def _set_deadline(self, tracker: Tracker, effect: Effect, intent: SetDeadline) -> Ending:
        """Compare, write, check. A write that newer decisions have overtaken is left undone."""
        if intent.expect.moved_to(intent.value):
            return Ending(MOVED_ON, "only what carries the date can have that day")
        state, _ = self._states.load(effect.issue)
        known = state.fields.get(intent.field)
        if known is None or known.pending is None or known.pending.effect != effect.key:
            return Ending(MOVED_ON, NEWER)
        issue = truth_of(tracker, effect.issue)
        if issue is None:
            return Ending(GIVEN_UP, GONE)
        effect = found(self._states, effect, issue)
        truth = issue.deadlines.get(intent.field)
        if truth == intent.value:
            return Ending(DONE, "it was so already")
        if truth != intent.expect:
            return Ending(MOVED_ON, "somebody has set another value meanwhile")
        updated = tracker.set_deadline(effect.issue, intent.field, intent.value)
        # Kept as the time it took, by the tracker's clock, a delivery about it is known as our own.
        return Ending(DONE, f"{intent.why}: {intent.value.name}", at=updated, updated=updated)

    def _set_label(self, tracker: Tracker, effect: Effect, intent: SetLabel, tries: int) -> Ending:
        """Write what is decided by now, also where an earlier decision planned this.

        Before a first try nothing has left for the tracker, and whoever decided otherwise planned a write
        of their own. What an earlier try wrote may arrive late, so the last word is written once more.
        """
        decided = self._states.label(effect.issue, intent.label)
        wanted = intent.present if decided is None else decided
        public = wanted and tracker.public(effect.issue)
        if intent.present and public:
            return Ending(DONE, "left alone: the issue is public")
        present = wanted and not public
        if present != intent.present and tries == 1:
            return Ending(MOVED_ON, NEWER)
        tracker.set_label(effect.issue, intent.label, present)
        return Ending(DONE)

    def _empty(self, tracker: Tracker, effect: Effect, intent: EmptyField) -> Ending:
        """Empty a field by which people answered, as long as it holds that."""
        issue = tracker.issue(effect.issue)
        if issue is None:
            return Ending(GIVEN_UP, GONE)
        effect = found(self._states, effect, issue)
        if not issue.has(Choice(intent.field, intent.value)):
            return Ending(MOVED_ON, "it holds something else by now")
        tracker.empty_field(effect.issue, intent.field)
        return Ending(DONE)

    def _show_deal(self, tracker: Tracker, effect: Effect, intent: ShowDeal, tries: int) -> Ending:
        """Show a deal that is linked by now and no other, as with labels; in public none."""
        linked = intent.deal in self._states.deals_of(effect.issue)
        shown = linked and (intent.shown or not tracker.public(effect.issue))
        if shown != intent.shown and tries == 1:
            return Ending(MOVED_ON, NEWER)
        if not shown:
            tracker.show_deal(effect.issue, Deal(intent.deal, intent.deal.key, ""), False)
            return Ending(DONE)
        deal = self._crm.deals([intent.deal]).get(intent.deal)
        if deal is None:
            return Ending(MOVED_ON, f"{intent.deal.key} is not among the deals any more")
        return Ending(DONE, SHOWN if tracker.show_deal(effect.issue, deal, True) else "")
