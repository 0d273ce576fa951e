"""Whatever field holds a date, and whatever people, bots, webhooks, crashes, moves and modes do to it: what
is written has product's word or an override, what product said is never taken back, and no war is fought.

The whole service runs against the stand-ins, on a clock set by hand, so that all is tried with each tracker's
own history, rights and writes. Who said yes, and to what, is told by the acts alone.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from functools import partial
from zlib import crc32

import pytest
from hypothesis import seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from automation.sandbox.places import GitHubIssue, JiraIssue
from tests.end_to_end.conftest import BODY, REPO, SPRING, SUMMER, WINTER
from tests.end_to_end.test_answers_by_label import NO, YES
from tests.end_to_end.test_every_field import FIELDS, JUNE, QUICK, earliest, move
from tests.end_to_end.test_moves import STORE, in_repository
from tests.simulation.village import QUIET
from tests.simulation.watched import DATES, MOST_RESTORES, REST, WRITES, Watched

DAYS = st.sampled_from((WINTER, SPRING, SUMMER))
OTHERS = st.sampled_from(("lee", "sam"))
STEPS = st.sampled_from((0, 1, 2, 4, REST))
"""How much of the work at hand is done before the next thing happens."""
CARRIED = ("milestone", "fixVersions")
MODES = ("observe", "tell", "enforce")


class Calendar(Watched):
    """All that can happen to a date. Much of it comes about by chance; where that would be rare, a rule
    begins with a date that is agreed."""

    # ------------------------------------------------------------ people

    @rule()
    def sales_links(self) -> None:
        self._links()

    @rule(steps=STEPS)
    def sales_unlinks(self, steps: int) -> None:
        self.linked = False
        self._says("sam", f"/unlink {self.town.deal}", steps)

    @rule(who=OTHERS, day=DATES, steps=STEPS)
    def somebody_sets_or_clears_a_date(self, who: str, day: date | None, steps: int) -> None:
        self._sets(who, day, steps)

    @rule(day=DATES, minutes=st.sampled_from((1, 20)))
    def product_sets_or_clears_a_date(self, day: date | None, minutes: int) -> None:
        self.town.clock.forward(minutes=minutes)
        before, waiting = self._day(), self.town.box.hooks.held
        self._sets("mona", day, REST)
        if self.of_product and not waiting and day != before:
            assert self._day() == day, "an approved value is never set back"

    @precondition(lambda self: self.field.id in CARRIED and not self.elsewhere)
    @rule(who=st.sampled_from(("lee", "mona")), day=st.sampled_from((JUNE, SPRING)), steps=STEPS)
    def what_carries_the_date_is_moved(self, who: str, day: date, steps: int) -> None:
        self.moved_behind = True
        self.field.behind(self.town, who, day)
        self.setter = who
        if who == "mona":
            self._agrees(day)
        self._free()
        self._go(steps)

    @rule(who=OTHERS, day=DAYS)
    def somebody_asks(self, who: str, day: date) -> None:
        self._says(who, f"/ask {day} because they said so")

    @rule(day=DAYS, steps=STEPS)
    def product_signs_or_counters(self, day: date, steps: int) -> None:
        self._agrees(day)
        self._says("mona", f"/signoff {day}", steps)

    @rule(steps=STEPS)
    def product_signs_what_waits(self, steps: int) -> None:
        self._agrees_to_what_waits()
        self._says("mona", "/signoff", steps)

    @rule(who=st.sampled_from(("lee", "sam", "mona")), label=st.sampled_from((YES, NO)), steps=STEPS)
    def somebody_labels(self, who: str, label: str, steps: int) -> None:
        if who == "mona":
            self._agrees_to_what_waits()
        self.town.place.label(who, label)
        self._go(steps)

    @rule(who=OTHERS, day=DAYS)
    def somebody_else_signs(self, who: str, day: date) -> None:
        self._says(who, f"/signoff {day}")

    @rule(steps=STEPS)
    def product_declines(self, steps: int) -> None:
        self._answers()
        self._says("mona", "/decline the audit comes first", steps)

    @rule(who=OTHERS)
    def somebody_takes_back(self, who: str) -> None:
        self._answers()
        self._says(who, "/withdraw")

    @rule(who=st.sampled_from(("vera", "lee", "mona")), day=DAYS, steps=STEPS)
    def somebody_overrides(self, who: str, day: date, steps: int) -> None:
        if who == "vera":
            self.overrides.add(day)
            self._answers()
        self._says(who, f"/override {day} because the contract is signed", steps)

    @rule(who=st.sampled_from(("lee", "mona")), word=st.sampled_from(("Two logins.", "Three logins.", "")))
    def somebody_edits_the_scope(self, who: str, word: str) -> None:
        self.town.place.edit(who, body=f"{BODY}\n- {word}" if word else BODY)
        self._go(REST)

    @rule(who=st.sampled_from(("mona", "lee")), day=DAYS, steps=st.sampled_from((0, 0, REST)))
    def a_comment_is_edited_into_a_yes(self, who: str, day: date, steps: int) -> None:
        id = self._says("mona", "/signoff soon", steps)
        self.town.clock.forward(minutes=1)
        if self.field.tracker == "jira":
            who = "mona"  # there nobody edits what somebody else wrote
        self.town.place.edit_comment(who, id, f"/signoff {day}")
        self._go(REST)

    @rule(day=DAYS, steps=st.sampled_from((0, 1, 2, 3)))
    def product_signs_and_leaves(self, day: date, steps: int) -> None:
        self.product_signs_or_counters(day, steps)
        self._joins(False)

    @rule(member=st.booleans())
    def somebody_leaves_or_joins(self, member: bool) -> None:
        self._joins(member)

    @rule(day=DAYS, other=DAYS)
    def somebody_asks_and_takes_back_in_turns(self, day: date, other: date) -> None:
        for one in (day, other, day):
            self._sets("lee", one, REST)
            self.town.clock.forward(minutes=1)

    # ------------------------------------------------------------ places and names

    @precondition(lambda self: not self.elsewhere)
    @rule(steps=STEPS)
    def the_issue_is_moved(self, steps: int) -> None:
        self.elsewhere = True
        move(self.town)
        if self.field.tracker == "github":
            self.town.box.github.set_role(STORE, "vera", "write")
        self._go(steps)

    @precondition(lambda self: not self.elsewhere)
    @rule(steps=STEPS)
    def its_place_is_renamed(self, steps: int) -> None:
        self.elsewhere = True
        town = self.town
        if isinstance(town.place, GitHubIssue):
            town.box.github.set_role(REPO, "lee", "admin")
            town.box.github.as_user("lee").rename_repo(REPO, "market")
            town.place = in_repository(town.place, "acme/market")
        else:
            town.box.jira.rename_project("PROD", "GOODS")
            town.place = JiraIssue(town.box, town.place.key.replace("PROD", "GOODS"))
        self._go(steps)

    # ------------------------------------------------------------ webhooks, crashes, modes and time

    @rule()
    def webhooks_are_late(self) -> None:
        self.town.box.hooks.hold()

    @rule(order=st.integers(0, 9), lost=st.booleans(), again=st.booleans(), steps=STEPS)
    def they_arrive(self, order: int, lost: bool, again: bool, steps: int) -> None:
        places = list(range(len(self.town.box.hooks.held))) * (2 if again else 1)
        random.Random(order).shuffle(places)
        self.town.box.hooks.release(places[1:] if lost else places)
        self._go(steps)

    @rule()
    def the_service_crashes(self) -> None:
        self.town.restart()

    @rule(how=st.sampled_from(("502 after", "drop after", "502 before")), steps=st.sampled_from((2, 5)))
    def the_service_crashes_as_nothing_is_heard_of_its_writes(self, how: str, steps: int) -> None:
        self.town.box.out(self.field.tracker, how, WRITES)
        self._go(steps)
        self.town.box.back(self.field.tracker)
        self.town.restart()

    @rule(mode=st.sampled_from(MODES), steps=STEPS)
    def the_mode_is_switched(self, mode: str, steps: int) -> None:
        self._switches(mode)
        self._go(steps)

    @rule(minutes=st.sampled_from((1, 20, 70)))
    def time_passes(self, minutes: int) -> None:
        self._go(REST)
        self.town.clock.forward(minutes=minutes)

    # ------------------------------------------------------------ a date that is agreed

    @rule(day=DAYS, other=DATES, who=OTHERS)
    def it_is_moved(self, day: date, other: date | None, who: str) -> None:
        if self._is_agreed(day):
            self._sets(who, other, REST)
            assert self._day() == day, "what is agreed is put back"

    @rule(day=DAYS, other=DATES, who=OTHERS)
    def a_bot_moves_it_again_and_again(self, day: date, other: date | None, who: str) -> None:
        if self._is_agreed(day) and other != day:
            before = len(self.written)
            for _ in range(5):
                if self._day() != other:
                    self._sets(who, other, REST)
            assert len(self.written) - before == min(self.cap, MOST_RESTORES), (
                "it is put back, and no war is fought"
            )

    @rule(day=DAYS, other=DATES, own=DATES)
    def it_is_moved_and_product_sets_another_before_it_is_put_back(
        self, day: date, other: date | None, own: date | None
    ) -> None:
        if self._is_agreed(day) and own != other and self._is_to_be_put_back(other):
            self.town.box.hooks.hold()
            self._sets("mona", own, REST)
            assert self._day() == own, "what product has set meanwhile is not written over"
            self.town.box.hooks.release()
            self._go(REST)
            assert self._day() == own, "and it stays"

    @rule(day=DAYS, other=DATES, mode=st.sampled_from(("observe", "tell")))
    def it_is_moved_and_the_mode_is_switched_before_it_is_put_back(
        self, day: date, other: date | None, mode: str
    ) -> None:
        if self._is_agreed(day) and self._is_to_be_put_back(other):
            self._switches(mode)
            self._go(REST)

    @rule(day=DAYS, other=DATES, label=st.sampled_from((YES, NO)), who=OTHERS)
    def it_is_moved_and_somebody_answers_by_a_label(
        self, day: date, other: date | None, label: str, who: str
    ) -> None:
        if self._is_agreed(day):
            self._sets("lee", other, REST)
            self.town.clock.forward(minutes=1)
            waiting = self.town.waiting()
            self.town.place.label(who, label)
            self._go(REST)
            assert self.town.waiting() == waiting, "a label counts by the right of whoever put it on"

    @rule(day=DAYS, other=DAYS, who=st.sampled_from(("lee", "sam", "mona")))
    def somebody_who_may_not_lets_another_stand(self, day: date, other: date, who: str) -> None:
        if self._is_agreed(day):
            self._says(who, f"/override {other} because the contract is signed")
            assert self._day() == day, "only leads may let a date stand"

    @rule(day=DAYS, other=DAYS)
    def a_comment_of_product_is_edited_into_another(self, day: date, other: date) -> None:
        if self._is_agreed(day):
            self.a_comment_is_edited_into_a_yes("mona", other, 0)
            assert self._day() == day, "only what was written first counts"

    @rule(day=DAYS, other=DAYS)
    def somebody_who_left_signs_another(self, day: date, other: date) -> None:
        if self._is_agreed(day):
            self._joins(False)
            self._says("mona", f"/signoff {other}")
            assert self._day() == day, "the right is asked live"

    @rule(day=DAYS, other=DATES, who=OTHERS)
    def it_is_moved_and_nothing_tells_of_it(self, day: date, other: date | None, who: str) -> None:
        if self._is_agreed(day):
            self.town.box.hooks.hold()
            self._sets(who, other, 0)
            self.town.box.hooks.release([])
            self.town.clock.forward(minutes=1)
            self.town.place.edit("sam", title=f"Single sign-on, {self.town.clock.now}")
            self._go(REST)
            assert self._day() == day, "whoever looks next finds what was lost"

    @rule(day=DAYS, other=DAYS)
    def product_signs_another_and_nothing_tells_of_it(self, day: date, other: date) -> None:
        if self._is_agreed(day):
            self.town.box.hooks.hold()
            self._agrees(other)
            self._says("mona", f"/signoff {other}", 0)
            self.town.box.hooks.release([])
            self.town.clock.forward(minutes=1)
            self._says("sam", f"/link {self.town.deal}")
            known = self._known()
            assert known.commitment and known.commitment.value.day == other, "what was said is heard"

    def _is_to_be_put_back(self, day: date | None) -> bool:
        """Let somebody give the field another date, and it be decided what to write, and no more."""
        self._sets("lee", day, 0)
        for _ in range(20):
            if self._known().pending:
                return True
            self._go(1)
        return False


PLAYED = {**FIELDS, "versions": replace(FIELDS["versions"], day=earliest)}
"""Here an earlier version that product agreed to can stand beside later ones, which are left to people."""


def play(name: str, stories: int, steps: int) -> None:
    few = settings(max_examples=stories, stateful_step_count=steps, **QUIET)
    # Each field has stories of its own.
    run_state_machine_as_test(seed(crc32(name.encode()))(partial(Calendar, PLAYED[name])), settings=few)


@pytest.mark.parametrize("name", QUICK)
def test_some_sequences(name: str) -> None:
    play(name, 2, 12)


@pytest.mark.simulation
@pytest.mark.parametrize("name", FIELDS)
def test_many_sequences(name: str) -> None:
    play(name, 6, 20)
