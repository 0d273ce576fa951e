"""The words of a message for the reader of now: for what is said, and for what a mode keeps unsaid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from automation.model import Deal, Effect, Issue, Say
from automation.ports import Crm, Notices, Tracker
from automation.rulebook import Rulebook
from automation.variables import ProductVars
from automation.views import message, product_vars


class Rendering:
    """Renders messages. It reads from the outside what they speak of, and writes nothing."""

    def __init__(
        self,
        trackers: Mapping[str, Tracker],
        crm: Crm,
        rules: Callable[[], Rulebook],
        clock: Callable[[], datetime],
    ) -> None:
        self._trackers = trackers
        self._crm = crm
        self._rules = rules
        self._clock = clock

    def deals(self, effect: Effect, issue: Issue, linked: tuple[str, ...]) -> Mapping[str, Deal]:
        """Read the deals the text may speak of: none on a public issue, else in one call."""
        if effect.target != effect.issue:
            return self._crm.deals([effect.target.key])
        known = () if issue.public else linked
        return self._crm.deals(known) if known else {}

    def text(self, effect: Effect, intent: Say, issue: Issue, deals: Mapping[str, Deal]) -> str:
        """Return the words for the effect's target. Raise MessageError, Unavailable or Refused."""
        tracker = self._trackers[effect.issue.system]
        on_issue = effect.target == effect.issue
        sink: Notices = tracker if on_issue else self._crm
        today = self._clock().date()
        return self._rules().messages.render(
            intent.message,
            "issue" if on_issue else "deals",
            message(
                intent,
                issue,
                deals,
                self._product(tracker, intent),
                tracker.mention(intent.event.actor) if on_issue and intent.event.actor else "",
                None if on_issue else deals.get(effect.target.key),
                today,
            ),
            encode=sink.encode,
            today=today,
        )

    def _product(self, tracker: Tracker, intent: Say) -> ProductVars:
        """Say whom the answer comes from: nobody who has given theirs."""
        proposal = intent.event.proposal
        policies = self._rules().settings.sign_off
        name = proposal.policy if proposal and proposal.policy in policies else min(policies, default="")
        if not name:
            return product_vars((), "", "")
        agreed = proposal.agreed(proposal.value) if proposal else ()
        people = [person for person in tracker.product(name) if person not in agreed]
        if intent.event.setback and intent.event.actor:  # whoever signed is who has to hear of it
            people = [intent.event.actor, *(one for one in people if one != intent.event.actor)][:3]
        return product_vars(
            [person.name for person in people],
            tracker.mention(people[0]) if people else "",
            name,
            max(0, policies[name].people_needed - len(agreed)),
            [person.name for person in agreed],
        )
