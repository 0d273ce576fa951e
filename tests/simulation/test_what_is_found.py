"""The stories of every date find what they are there to find. The service is broken in one place at a time,
and whoever watches the town says so: ``FAULTS`` has what is broken, by which rule of ``test_every_date`` it
comes to light, and what is said of it then. The same rules are drawn by chance there, whatever went before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import pytest

from automation.engine import asking, facts, performing, spoken
from automation.engine.executor import Executor
from automation.engine.whereabouts import truth_of
from automation.model import Effect, Issue, IssueState, Rights, SetDeadline, Subject, Trigger, Written
from automation.ports import Tracker
from automation.rulebook.actions.hold import Hold
from automation.store.pauses import Pauses
from tests.end_to_end.conftest import SPRING, SUMMER
from tests.end_to_end.test_answers_by_label import YES
from tests.simulation.test_every_date import PLAYED, Calendar

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Fault:
    """``breaks`` breaks the service, ``rule`` is what happens then, and ``found`` what is said of it."""

    breaks: Callable[[Patch], None]
    rule: Callable[[Calendar], object]
    found: str


def _everyone_is_product(patch: Patch) -> None:
    _rights(patch, lambda mine, policies, _: replace(mine, product=frozenset(policies)))


def _a_label_counts_by_itself(patch: Patch) -> None:
    def broken(mine: Rights, policies: Iterable[str], written: Iterable[Written]) -> Rights:
        return replace(mine, product=frozenset(policies)) if any(one.mark for one in written) else mine

    _rights(patch, broken)


def _everyone_may_override(patch: Patch) -> None:
    _rights(patch, lambda mine, policies, _: replace(mine, override=frozenset(policies)))


def _rights(patch: Patch, broken: Callable[[Rights, Iterable[str], Iterable[Written]], Rights]) -> None:
    asked = asking.rights

    def rights(*args: Any) -> dict[str, Rights]:
        written, policies = args[2], args[-1]
        return {id: broken(mine, policies, written) for id, mine in asked(*args).items()}

    patch.setattr(asking, "rights", rights)


def _membership_is_remembered(patch: Patch) -> None:
    asked, known = asking.rights, dict[str, Rights]()

    def rights(*args: Any) -> dict[str, Rights]:
        found = asked(*args)
        for id, mine in found.items():
            known.setdefault(id, mine)
        return {id: replace(mine, product=known[id].product) for id, mine in found.items()}

    patch.setattr(asking, "rights", rights)


def _nobody_is_paused(patch: Patch) -> None:
    patch.setattr(Pauses, "exceeding", lambda *_: ())


def _restores_know_no_limit(patch: Patch) -> None:
    patch.setattr("automation.rulebook.actions.hold.MOST_RESTORES", 99)


def _any_mode_writes(patch: Patch) -> None:
    patch.setattr(performing, "_allowed", lambda *_: True)


def _an_edited_comment_counts(patch: Patch) -> None:
    read = spoken.commands_in

    def commands_in(*args: Any, **how: Any) -> Iterable[Written]:
        return (replace(one, edited=False) for one in read(*args, **how))

    patch.setattr(spoken, "commands_in", commands_in)


def _nothing_is_compared_before_it_is_written(patch: Patch) -> None:
    write = Executor._set_deadline

    def set_deadline(self: Executor, tracker: Tracker, effect: Effect, intent: SetDeadline) -> object:
        issue = truth_of(tracker, effect.issue)
        there = issue.deadlines[intent.field] if issue else intent.expect
        return write(self, tracker, effect, replace(intent, expect=there))

    patch.setattr(Executor, "_set_deadline", set_deadline)


def _what_is_agreed_is_not_held(patch: Patch) -> None:
    plan = Hold.plan

    def broken(self: Hold, builder: Any, cause: Any) -> object:
        agreed = builder.field(cause.event.change.field).commitment
        return replace(cause, quiet_because="it is agreed") if agreed else plan(self, builder, cause)

    patch.setattr(Hold, "plan", broken)


def _only_what_is_told_of_is_read(patch: Patch) -> None:
    read = spoken.written

    def written(state: Any, issue: Any, pointed: Any, *rest: Any) -> object:
        found, unread = read(state, issue, pointed, *rest)
        return tuple(one for one in found if one.comment in pointed), unread

    patch.setattr(spoken, "written", written)


def _only_what_is_told_of_is_compared(patch: Patch) -> None:
    read = facts.read

    def broken(state: IssueState, triggers: Sequence[Trigger], tracker: Tracker, *rest: Any) -> object:
        told = {name for trigger in triggers for name in trigger.changed}
        if told <= {"title", "body"} and any(trigger.what == "issue" for trigger in triggers):
            tracker = _AsItStood(tracker, state)
        return read(state, triggers, tracker, *rest)

    patch.setattr(facts, "read", broken)


class _AsItStood:
    """A tracker whose issue has the dates that stood."""

    def __init__(self, tracker: Tracker, state: IssueState) -> None:
        self._tracker, self._state = tracker, state

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tracker, name)

    def issue(self, subject: Subject) -> Issue | None:
        issue = self._tracker.issue(subject)
        stood = {name: known.standing for name, known in self._state.fields.items()}
        return issue and replace(issue, deadlines={**issue.deadlines, **stood})


FAULTS = {
    "everyone is product": Fault(
        _everyone_is_product, lambda it: it.it_is_moved(SPRING, SUMMER, "lee"), "product has not said yes"
    ),
    "a label counts, whoever put it on": Fault(
        _a_label_counts_by_itself,
        lambda it: it.it_is_moved_and_somebody_answers_by_a_label(SPRING, SUMMER, YES, "sam"),
        "product has not said yes",
    ),
    "everyone may override": Fault(
        _everyone_may_override,
        lambda it: it.somebody_who_may_not_lets_another_stand(SPRING, SUMMER, "lee"),
        "nobody let it stand",
    ),
    "membership is remembered": Fault(
        _membership_is_remembered,
        lambda it: it.somebody_who_left_signs_another(SPRING, SUMMER),
        "product has not said yes",
    ),
    "the cap of one person": Fault(
        _nobody_is_paused, lambda it: it.a_bot_moves_it_again_and_again(SPRING, SUMMER, "lee"), "no war"
    ),
    "the cap of one field": Fault(
        _restores_know_no_limit, lambda it: it.a_bot_moves_it_again_and_again(SPRING, SUMMER, "lee"), "war"
    ),
    "the mode, before a write": Fault(
        _any_mode_writes,
        lambda it: it.it_is_moved_and_the_mode_is_switched_before_it_is_put_back(SPRING, SUMMER, "tell"),
        "another mode",
    ),
    "an edited comment signs": Fault(
        _an_edited_comment_counts,
        lambda it: it.a_comment_of_product_is_edited_into_another(SPRING, SUMMER),
        "product has not said yes",
    ),
    "no comparison before a write": Fault(
        _nothing_is_compared_before_it_is_written,
        lambda it: it.it_is_moved_and_product_sets_another_before_it_is_put_back(SPRING, SUMMER, None),
        "meanwhile",
    ),
    "what is agreed is not held": Fault(
        _what_is_agreed_is_not_held, lambda it: it.it_is_moved(SPRING, SUMMER, "lee"), "put back"
    ),
    "a lost comment is never found": Fault(
        _only_what_is_told_of_is_read,
        lambda it: it.product_signs_another_and_nothing_tells_of_it(SPRING, SUMMER),
        "is heard",
    ),
    "a lost change is never found": Fault(
        _only_what_is_told_of_is_compared,
        lambda it: it.it_is_moved_and_nothing_tells_of_it(SPRING, SUMMER, "lee"),
        "finds what was lost",
    ),
}


@pytest.mark.simulation
@pytest.mark.parametrize("field", ["milestone", "a date by name"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str, field: str, monkeypatch: Patch) -> None:
    broken = FAULTS[fault]
    story = Calendar(PLAYED[field])
    with closing(story.open):
        story.start(None, 50 if fault == "the cap of one field" else 2)
        broken.breaks(monkeypatch)
        with pytest.raises(AssertionError, match=broken.found):
            broken.rule(story)
