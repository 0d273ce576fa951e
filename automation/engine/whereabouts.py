"""Where an issue is by now: whether the rules reach it there, and what it was known as before.

GitHub gives an issue another id when it is transferred. Its old address leads to it, two deliveries tell of
it (in any order, or not at all), and who wrote it when stays the same: each of these is only a reason to
ask GitHub where the old address leads.
https://docs.github.com/en/issues/tracking-your-work-with-issues/administering-issues/transferring-an-issue-to-another-repository
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from automation.domain import moved_carriers
from automation.domain.moving import values_in
from automation.engine.kinds.kind import PassOn, TakeOver
from automation.model import (
    CARRIER,
    Effect,
    Issue,
    IssueState,
    KnownPlaces,
    Located,
    Subject,
    Trigger,
    Value,
)
from automation.ports import State, Tracker, Unavailable, Unseen
from automation.rulebook.live import LiveRules
from automation.rulebook.rulebook import Rulebook

GONE = "the issue is gone"


def away(subject: Subject, rulebook: Rulebook, known: KnownPlaces) -> bool:
    """Tell whether an issue lies in a place that the rules do not name, neither as it is called now nor as it
    was called when they were written."""
    return not known.named(Located("", subject.place), rulebook.config.trackers.places(subject.system))


def found(states: State, effect: Effect, issue: Issue) -> Effect:
    """Return the effect with the key that was just read. Raise Unavailable where the issue has another
    id: all that is known of it has to follow first."""
    if issue.subject.key == effect.issue.key and issue.subject == effect.issue:
        return effect
    if issue.subject != effect.issue:
        states.look_again(effect.issue)
        raise Unavailable(f"{effect.issue.key} is {issue.subject.key} now")
    states.subjects.note(issue.subject)
    target = issue.subject if effect.target == effect.issue else effect.target
    return replace(effect, issue=issue.subject, target=target)


def truth_of(tracker: Tracker, subject: Subject) -> Issue | None:
    """Read an issue, or a carrier as something that has a date; None where it is gone for good."""
    if subject.kind != CARRIER:
        return tracker.issue(subject)
    found = tracker.carrier(subject)
    return moved_carriers.as_issue(subject, found) if found else None


class Whereabouts:
    """Follows issues from place to place."""

    def __init__(self, states: State, trackers: Mapping[str, Tracker], rules: LiveRules) -> None:
        self._states = states
        self._trackers = trackers
        self._rules = rules

    def away(self, issue: Issue) -> bool:
        """Tell whether an issue lies in a place that the rules do not name, and note what that is called."""
        subject = issue.subject
        if issue.place:
            self._states.subjects.note_place(subject.system, issue.place)
        return away(subject, self._rules.rulebook(), self._states.subjects.places(subject.system))

    def known_elsewhere(self, before: IssueState, triggers: tuple[Trigger, ...]) -> TakeOver | PassOn | None:
        """Return what was known of an issue where deliveries say it was before, None where that is known
        already. Raise Unavailable while its old address does not lead here yet."""
        for old in dict.fromkeys(one.was for one in triggers if one.was):
            if not self._states.knows(old) or self._states.subjects.current(old) == before.subject:
                continue
            found = self._leads(old)
            if found is not None and found.subject == before.subject:
                return self.take_over(old, found)
            if found is None:  # we may not see it there: then it is gone from where it was
                return PassOn(old)
            if found.subject == old:
                raise Unavailable(f"{old.key} is said to have been transferred, and is not yet")
        return None

    def born_elsewhere(self, before: IssueState, issue: Issue) -> TakeOver | None:
        """Return what was known of an issue that is seen for the first time under this id, if anything:
        whoever wrote it wrote one elsewhere in the same second."""
        subject = issue.subject
        if before.version or not issue.born:
            return None
        for old in self._states.subjects.born_as(subject.system, issue.born, subject.place):
            found = self._leads(old)
            if found is not None and found.subject == subject != old:
                return self.take_over(old, found)
        return None

    def take_over(self, old: Subject, issue: Issue) -> TakeOver:
        """Return what is known of ``old``, to be kept as what it is now."""
        before, _ = self._states.load(old)
        new, _ = self._states.load(issue.subject)
        # The key that was just read counts, and not one that was told of.
        new = IssueState(issue.subject) if new.version == 0 else new
        return TakeOver(before, new, self._values(before, issue))

    def carried_along(self, before: IssueState, issue: Issue) -> Mapping[Value, Value]:
        """Say what promises the same where an issue with the same id lies now as each value did that is known
        of it: nothing where it lies where it lay, which may have another name by now."""
        subject, place = issue.subject, issue.place
        old = replace(before.subject, key=before.lives).place if before.lives else subject.place
        known = self._states.subjects.places(subject.system).ids.get(old.lower())
        same = old == subject.place or (place is not None and known == place.id)
        return {} if same else self._values(before, issue)

    def _values(self, before: IssueState, issue: Issue) -> dict[Value, Value]:
        """Say what promises the same there as each value that is known; a day is the same everywhere."""
        known = values_in((before, self._states.words.intended(before.subject)))
        values = {value for value in known if value.carried}
        tracker = self._trackers[issue.subject.system]
        found: dict[Value, Value] = {}
        for field in before.fields if values else ():
            found.update(tracker.carried(issue.subject, field, values))
        return found

    def _leads(self, old: Subject) -> Issue | None:
        """Ask where the address of an issue leads by now; None where that cannot be seen."""
        try:
            return self._trackers[old.system].issue(self._states.subjects.current(old))
        except Unseen:
            return None
