"""Says on issues and deals what is to be said: once, of the truth of now, for whoever reads it by now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from automation.domain import moved_carriers, told
from automation.domain.changes import MOVED
from automation.domain.fields import carried_by
from automation.domain.moving import remembered
from automation.domain.outdated import outdated
from automation.domain.publicity import take_back
from automation.engine.rendering import Rendering
from automation.engine.whereabouts import GONE, away, found, truth_of
from automation.model import CARRIER, Carrier, Deal, Effect, Event, Issue, IssueState, Redact, Say, Subject
from automation.ports import DONE, GIVEN_UP, IN_PUBLIC, MOVED_ON, Crm, Ending, Notices, State, Tracker
from automation.rulebook.messages.messages import WITHHELD, MessageError
from automation.rulebook.rulebook import Rulebook


class Saying:
    """Carries out the effects that are words."""

    def __init__(self, states: State, crm: Crm, rules: Callable[[], Rulebook], rendering: Rendering) -> None:
        self._states = states
        self._crm = crm
        self._rules = rules
        self._rendering = rendering

    def say(self, tracker: Tracker, effect: Effect, intent: Say, tries: int) -> Ending:
        """Render for the reader of now, and post once, in a place that the rules name."""
        on_issue = not effect.to_deal
        sink: Notices = tracker if on_issue else self._crm
        posted = sink.find(effect.target, effect.key) if tries > 1 else None
        standing = standing_on(self._states, effect.issue)
        known = None if on_issue else self._known(effect, standing)
        if posted is not None and not (on_issue and tracker.public(effect.issue)):
            return Ending(DONE, posted.id, at=posted.at, heard=self._states.words.begun(effect.key))
        issue = self._spoken_of(tracker, effect, intent.event)
        if issue is None:
            return Ending(GIVEN_UP, GONE)
        effect = found(self._states, effect, issue)
        passed = told.overtaken(known, effect.target, intent.event) if known else ""
        if known and passed:
            kept = told.left_at(known, effect.target, intent.event)
            again = intent.event.name not in told.ASKED
            return Ending(MOVED_ON, passed, heard=kept, again=again)
        if on_issue and self._away(issue.subject) and intent.event.name != MOVED:
            return Ending(MOVED_ON, "its place is not among those in the rules any more")
        if why := outdated(intent.event, issue):
            return Ending(MOVED_ON, why)
        # Asked last, and live: an issue may have turned public while these words were waiting.
        asked = on_issue or not (effect.issue.kind == CARRIER or intent.event.gone)
        if asked:
            issue = replace(issue, public=tracker.public(effect.issue))
        deals = self._rendering.deals(effect, issue, self._linked(effect.issue, standing))
        # An old key leads on to where a deal was moved, and would take our words there.
        if not on_issue and effect.target not in deals:
            return Ending(MOVED_ON, f"{effect.target.key} is not among the deals any more")
        self._states.note_names(list(deals.values()))
        text = self._rendered(effect, intent, issue, deals, standing, known)
        left = asked and issue.public and bool(take_back(self._states.words.shown(effect.issue), issue))
        heard = told.heard(known, effect.target, intent.event, known.fields) if known else ()
        if known and effect.issue.kind == CARRIER:
            heard = moved_carriers.heard_by(known, standing, heard)
        if posted is not None:  # it arrived, perhaps while fewer could read it
            sink.edit(effect.target, posted.id, text or WITHHELD, effect.key)
        elif not text:
            return Ending(MOVED_ON, "nothing of it is for the public", public=left)
        else:
            if heard:
                self._states.words.begin(effect.key, heard)
            posted = sink.post(effect.target, text, effect.key)
        said = f"{posted.id}{IN_PUBLIC}" if on_issue and issue.public else posted.id
        words = "" if on_issue else text
        return Ending(DONE, said, public=left, at=posted.at, heard=heard, said=words)

    def redact(self, tracker: Tracker, effect: Effect, intent: Redact) -> Ending:
        """Leave in our comment what strangers may read. A message at fault must not keep the rest there."""
        issue = truth_of(tracker, effect.issue)
        effect = found(self._states, effect, issue) if issue else effect
        if issue is None or not tracker.public(effect.issue):
            return Ending(MOVED_ON, "strangers cannot read it any more")
        try:
            text = self._rendered(effect, intent.say, replace(issue, public=True), {}, ())
        except MessageError:
            text = ""
        edited = tracker.edit(effect.target, intent.comment, text or WITHHELD, intent.of)
        return Ending(DONE, intent.comment if edited else "the comment is gone")

    def _spoken_of(self, tracker: Tracker, effect: Effect, event: Event) -> Issue | None:
        """Read what words are about. What a carrier had at its last look is enough for words to deals that
        do not say what it shows; of an issue that cannot be seen any more there is only what we remember."""
        if event.name == MOVED and event.gone:
            return remembered(self._states.load(effect.issue)[0])
        if effect.to_deal and effect.issue.kind == CARRIER and not (event.setback or event.left):
            known = self._states.carrier(effect.issue)
            if known.value is not None and not known.gone:
                return moved_carriers.as_issue(
                    effect.issue, Carrier(effect.issue.place, known.value, self._rendering.now())
                )
        return truth_of(tracker, effect.issue)

    def _linked(self, subject: Subject, standing: Sequence[IssueState]) -> tuple[Subject, ...]:
        """Return the deals linked to an issue, or to those that stand on a carrier."""
        if subject.kind != CARRIER:
            return self._states.deals_of(subject)
        return tuple(dict.fromkeys(deal for state in standing for deal in state.concerned()))

    def _known(self, effect: Effect, standing: Sequence[IssueState]) -> IssueState:
        """Load what is known of the issue, and add what the deal has read without our having heard so."""
        known, _ = self._states.load(effect.issue)
        field = None
        if effect.issue.kind == CARRIER:
            known = moved_carriers.promise_of(known, effect.issue, standing)
            field = carried_by(effect.issue.system).id
        for earlier in self._states.words.unheard(effect):
            if self._crm.find(earlier.target, earlier.key):
                begun = self._states.words.begun(earlier.key)
                read = {(one.deal, one.field): one.told for one in begun}
                read = moved_carriers.heard_of(begun, field) if field else read
                known = replace(known, told={**known.told, **read})
        return known

    def _rendered(
        self,
        effect: Effect,
        intent: Say,
        issue: Issue,
        deals: Mapping[Subject, Deal],
        standing: Sequence[IssueState],
        known: IssueState | None = None,
    ) -> str:
        """Return the words for the effect's target."""
        state = known or self._states.load(effect.issue)[0]
        goes_by = told.goes_by(known, effect.target, intent.event) if known else None
        now = self._rendering.now()
        return self._rendering.text(effect, intent, issue, deals, state, now, goes_by, standing)

    def _away(self, issue: Subject) -> bool:
        return away(issue, self._rules(), self._states.subjects.places(issue.system))


def standing_on(states: State, subject: Subject) -> tuple[IssueState, ...]:
    """Return what is known of the issues that stand on a carrier; none where it is an issue itself."""
    return moved_carriers.those_on(states.standing(subject), subject) if subject.kind == CARRIER else ()
