"""Performs effects: one write each, made now from the truth of now, with a receipt.

The only place that writes to the outside. An effect may run twice (a crash, a dropped
connection): a deadline is read before it is written, and a notice is looked for before it is
posted again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from automation.messages import MessageError
from automation.model import Deal, Effect, Issue, Say, SetDeadline, SetLabel, ShowDeal
from automation.ports import Crm, Notices, Refused, Tracker
from automation.rulebook import Rulebook
from automation.store.outbox import DONE, GIVEN_UP, MOVED_ON, Ending
from automation.store.state import States
from automation.views import message, product_vars


class Effects:
    """Carries out the jobs ``set`` and ``tell``."""

    def __init__(
        self,
        states: States,
        trackers: Mapping[str, Tracker],
        crm: Crm,
        rules: Callable[[], Rulebook],
    ) -> None:
        self._states = states
        self._trackers = trackers
        self._crm = crm
        self._rules = rules

    def perform(self, effect: Effect, tries: int) -> Ending:
        """Do it, and say how it ended. Raise Unavailable where it is to be tried again."""
        try:
            match effect.intent:
                case SetDeadline():
                    return self._set_deadline(effect, effect.intent)
                case SetLabel():
                    return self._set_label(effect, effect.intent)
                case ShowDeal():
                    return self._show_deal(effect, effect.intent)
                case Say():
                    return self._say(effect, effect.intent, tries)
        except (Refused, MessageError) as error:
            return Ending(GIVEN_UP, str(error))

    def _set_deadline(self, effect: Effect, intent: SetDeadline) -> Ending:
        """Compare, write, check. A write that newer decisions have overtaken is left undone."""
        tracker = self._trackers[effect.issue.system]
        state, _ = self._states.load(effect.issue)
        known = state.fields.get(intent.field)
        if known is None or known.pending is None or known.pending.effect != effect.key:
            return Ending(MOVED_ON, "a newer decision took its place")
        issue = tracker.issue(effect.issue)
        if issue is None:
            return Ending(GIVEN_UP, "the issue is gone")
        truth = issue.deadlines.get(intent.field)
        if truth == intent.value:
            return Ending(DONE, "it was so already")
        if truth != intent.expect:
            return Ending(MOVED_ON, "somebody has set another value meanwhile")
        updated = tracker.set_deadline(effect.issue, intent.field, intent.value)
        return Ending(DONE, f"{intent.why}: {intent.value.name}", updated)

    def _set_label(self, effect: Effect, intent: SetLabel) -> Ending:
        tracker = self._trackers[effect.issue.system]
        if tracker.public(effect.issue):
            return Ending(DONE, "left alone: the issue is public")
        tracker.set_label(effect.issue, intent.label, intent.present)
        return Ending(DONE)

    def _show_deal(self, effect: Effect, intent: ShowDeal) -> Ending:
        deal = self._crm.deals([intent.deal]).get(intent.deal, Deal(intent.deal, intent.deal, ""))
        self._trackers[effect.issue.system].show_deal(effect.issue, deal, intent.shown)
        return Ending(DONE)

    def _say(self, effect: Effect, intent: Say, tries: int) -> Ending:
        """Render for the reader of now, and post once."""
        tracker = self._trackers[effect.issue.system]
        on_issue = effect.target == effect.issue
        sink: Notices = tracker if on_issue else self._crm
        if tries > 1:
            posted = sink.find(effect.target, effect.key)
            if posted is not None:
                return Ending(DONE, posted)
        issue = tracker.issue(effect.issue)
        if issue is None:
            return Ending(GIVEN_UP, "the issue is gone")
        # Asked last, and live: an issue may have turned public while these words were waiting.
        issue = replace(issue, public=tracker.public(effect.issue))
        deals = self._deals(effect, issue, on_issue)
        text = self._rules().messages.render(
            intent.message,
            "issue" if on_issue else "deals",
            message(
                intent,
                issue,
                deals,
                product_vars(*self._product(tracker, intent)),
                tracker.mention(intent.event.actor) if on_issue and intent.event.actor else "",
                None if on_issue else deals.get(effect.target.key),
            ),
            encode=sink.encode,
        )
        return Ending(DONE, sink.post(effect.target, text, effect.key))

    def _deals(self, effect: Effect, issue: Issue, on_issue: bool) -> Mapping[str, Deal]:
        """Read the deals the text may speak of: none on a public issue, else in one call."""
        if not on_issue:
            return self._crm.deals([effect.target.key])
        linked = () if issue.public else self._states.deals_of(effect.issue)
        return self._crm.deals(linked) if linked else {}

    def _product(self, tracker: Tracker, intent: Say) -> tuple[tuple[str, ...], str, str]:
        """Return up to three names, a mention of the first, and the name of the group."""
        proposal = intent.event.proposal
        policies = self._rules().settings.sign_off
        name = proposal.policy if proposal and proposal.policy in policies else min(policies, default="")
        if not name:
            return (), "", ""
        people = tracker.product(name)
        mention = tracker.mention(people[0]) if people else ""
        return tuple(person.name for person in people), mention, name
