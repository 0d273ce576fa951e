"""Performs effects: one write each, made now from the truth of now, with a receipt.

The only place that writes to the outside. An effect may run twice (a crash, a dropped
connection): a deadline is read before it is written, and a notice is looked for before it is
posted again.
"""

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
from automation.engine.whereabouts import away
from automation.model import (
    CARRIER,
    Carrier,
    Choice,
    Deal,
    Effect,
    EmptyField,
    Event,
    Issue,
    IssueState,
    Redact,
    Say,
    SetDeadline,
    SetLabel,
    ShowDeal,
    Subject,
)
from automation.ports import (
    DONE,
    GIVEN_UP,
    IN_PUBLIC,
    MOVED_ON,
    SHOWN,
    Crm,
    Ending,
    Notices,
    Refused,
    Relocated,
    State,
    Tracker,
    Unavailable,
)
from automation.rulebook.messages.messages import WITHHELD, MessageError
from automation.rulebook.rulebook import Rulebook

NEWER = "a newer decision took its place"
GONE = "the issue is gone"


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
        self._rules = rules
        self._rendering = rendering

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
        return self._found(effect, issue)

    def _found(self, effect: Effect, issue: Issue) -> Effect:
        """Return the effect with the key that was just read. Raise Unavailable where the issue has another
        id: all that is known of it has to follow first."""
        if issue.subject.key == effect.issue.key and issue.subject == effect.issue:
            return effect
        if issue.subject != effect.issue:
            self._states.look_again(effect.issue)
            raise Unavailable(f"{effect.issue.key} is {issue.subject.key} now")
        self._states.subjects.note(issue.subject)
        target = issue.subject if effect.target == effect.issue else effect.target
        return replace(effect, issue=issue.subject, target=target)

    def _perform(self, effect: Effect, tries: int) -> Ending:
        try:
            match effect.intent:
                case SetDeadline():
                    return self._set_deadline(effect, effect.intent)
                case SetLabel():
                    return self._set_label(effect, effect.intent, tries)
                case EmptyField():
                    return self._empty(effect, effect.intent)
                case ShowDeal():
                    return self._show_deal(effect, effect.intent, tries)
                case Say():
                    return self._say(effect, effect.intent, tries)
                case Redact():
                    return self._redact(effect, effect.intent)
        except Relocated:
            raise
        except Refused as error:
            unlabel = isinstance(effect.intent, SetLabel) and not effect.intent.present
            again = unlabel or isinstance(effect.intent, EmptyField)
            return Ending(GIVEN_UP, str(error), error.hint, again=again)
        except MessageError as error:
            return Ending(GIVEN_UP, str(error))

    def _set_deadline(self, effect: Effect, intent: SetDeadline) -> Ending:
        """Compare, write, check. A write that newer decisions have overtaken is left undone."""
        if intent.expect.moved_to(intent.value):
            return Ending(MOVED_ON, "only what carries the date can have that day")
        tracker = self._trackers[effect.issue.system]
        state, _ = self._states.load(effect.issue)
        known = state.fields.get(intent.field)
        if known is None or known.pending is None or known.pending.effect != effect.key:
            return Ending(MOVED_ON, NEWER)
        issue = truth_of(tracker, effect.issue)
        if issue is None:
            return Ending(GIVEN_UP, GONE)
        effect = self._found(effect, issue)
        truth = issue.deadlines.get(intent.field)
        if truth == intent.value:
            return Ending(DONE, "it was so already")
        if truth != intent.expect:
            return Ending(MOVED_ON, "somebody has set another value meanwhile")
        updated = tracker.set_deadline(effect.issue, intent.field, intent.value)
        # Kept as the time it took, by the tracker's clock, a delivery about it is known as our own.
        return Ending(DONE, f"{intent.why}: {intent.value.name}", at=updated, updated=updated)

    def _set_label(self, effect: Effect, intent: SetLabel, tries: int) -> Ending:
        """Write what is decided by now, also where an earlier decision planned this.

        Before a first try nothing has left for the tracker, and whoever decided otherwise planned a write
        of their own. What an earlier try wrote may arrive late, so the last word is written once more.
        """
        tracker = self._trackers[effect.issue.system]
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

    def _empty(self, effect: Effect, intent: EmptyField) -> Ending:
        """Empty a field by which people answered, as long as it holds that."""
        tracker = self._trackers[effect.issue.system]
        issue = tracker.issue(effect.issue)
        if issue is None:
            return Ending(GIVEN_UP, GONE)
        effect = self._found(effect, issue)
        if not issue.has(Choice(intent.field, intent.value)):
            return Ending(MOVED_ON, "it holds something else by now")
        tracker.empty_field(effect.issue, intent.field)
        return Ending(DONE)

    def _show_deal(self, effect: Effect, intent: ShowDeal, tries: int) -> Ending:
        """Show a deal that is linked by now and no other, as with labels; in public none."""
        tracker = self._trackers[effect.issue.system]
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

    def _say(self, effect: Effect, intent: Say, tries: int) -> Ending:
        """Render for the reader of now, and post once, in a place that the rules name."""
        tracker = self._trackers[effect.issue.system]
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
        effect = self._found(effect, issue)
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

    def _redact(self, effect: Effect, intent: Redact) -> Ending:
        """Leave in our comment what strangers may read. A message at fault must not keep the rest there."""
        tracker = self._trackers[effect.issue.system]
        issue = truth_of(tracker, effect.issue)
        effect = self._found(effect, issue) if issue else effect
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


def truth_of(tracker: Tracker, subject: Subject) -> Issue | None:
    """Read an issue, or a carrier as something that has a date; None where it is gone for good."""
    if subject.kind != CARRIER:
        return tracker.issue(subject)
    found = tracker.carrier(subject)
    return moved_carriers.as_issue(subject, found) if found else None


def standing_on(states: State, subject: Subject) -> tuple[IssueState, ...]:
    """Return what is known of the issues that stand on a carrier; none where it is an issue itself."""
    return moved_carriers.those_on(states.standing(subject), subject) if subject.kind == CARRIER else ()
