"""Whatever field holds a date, and whatever people, bots, webhooks, crashes, moves and modes do to it: what
is written has product's word or an override, what product said is never taken back, and no war is fought.

The whole service runs against the stand-ins, on a clock set by hand, so that all is tried with each tracker's
own history, rights and writes. Who said yes, and to what, is told by the acts alone.
"""

from __future__ import annotations

import random
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import pytest
from hypothesis import seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from automation.model import FieldState
from automation.sandbox.places import GitHubIssue, JiraIssue
from automation.store.deliveries import Desk
from tests.end_to_end.conftest import (
    BODY,
    REPO,
    SPRING,
    SUMMER,
    WINTER,
    Town,
    a_town,
    let_leads_override,
    shipped_rules,
)
from tests.end_to_end.passing_time import live
from tests.end_to_end.test_every_field import FIELDS, JUNE, QUICK, Field, earliest, move, with_fields
from tests.end_to_end.test_moves import STORE, in_repository, look_after
from tests.simulation.village import QUIET

DAYS = st.sampled_from((WINTER, SPRING, SUMMER))
DATES = st.sampled_from((WINTER, SPRING, SUMMER, None))
OTHERS = st.sampled_from(("lee", "sam"))
REST = 300
STEPS = st.sampled_from((0, 1, 2, 4, REST))
"""How much of the work at hand is done before the next thing happens."""
CARRIED = ("milestone", "fixVersions")
MOST_RESTORES = 3
HOUR = timedelta(minutes=50)
"""Within which the caps are counted: what was planned an hour apart may be written a little less apart."""
WRITES = ("POST", "PATCH", "PUT", "DELETE")
MODES = ("observe", "tell", "enforce")


class Calendar(RuleBasedStateMachine):
    """``yeses`` are the days that product has said yes to, ``overrides`` those that somebody let stand
    without it, ``before`` those that stood while nobody held them: unlinked, or in another mode."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.open = ExitStack()
        self.yeses: set[date | None] = set()
        self.overrides: set[date | None] = set()
        self.before: set[date | None] = {None}
        self.of_product, self.linked, self.mode = True, False, "enforce"
        self.elsewhere = self.moved_behind = self.switched = False
        self.setter = ""
        self.written: list[tuple[datetime, str]] = []
        self.answered: list[datetime] = []
        self.counted: set[tuple[str, object, datetime]] = set()

    @initialize(inherited=DATES, cap=st.sampled_from((2, 50)))
    def start(self, inherited: date | None, cap: int) -> None:
        self.cap = cap
        folder = Path(self.open.enter_context(TemporaryDirectory()))
        self.rules = shipped_rules(folder)
        (self.rules / "dates.yaml").write_text(f"deadline_fields: {self.field.rules}\n")
        (self.rules / "cap.yaml").write_text(f"most_restores_per_hour: {cap}\n")
        look_after(
            self.rules,
            repositories=f"[acme/shop, {STORE}]",
            projects="[PROD, CORE], time_zone: Europe/Berlin",
        )
        self._put_in_force("enforce")
        made = a_town(self.rules, self.field.tracker, f"sqlite:///{folder}/handshake.db", None)
        self.town: Town = with_fields(self.open.enter_context(made))
        let_leads_override(self.town, self.rules)
        self.field.set(self.town, "lee", inherited)
        self.before.add(inherited)
        self._go(REST)
        self.sales_links()

    # ------------------------------------------------------------ people

    @rule()
    def sales_links(self) -> None:
        self.before.add(self._day())
        self.linked = True
        self._says("sam", f"/link {self.town.deal}")

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
        id = self._says("mona", "Good morning.", steps)
        self.town.clock.forward(minutes=1)
        if self.field.tracker == "jira":
            who = "mona"  # there nobody edits what somebody else wrote
        self.town.place.edit_comment(who, id, f"/signoff {day}")
        self._go(REST)

    @rule(day=DAYS, steps=st.sampled_from((0, 1, 2, 3)))
    def product_signs_and_leaves(self, day: date, steps: int) -> None:
        self.product_signs_or_counters(day, steps)
        self.somebody_leaves_or_joins(False)

    @rule(member=st.booleans())
    def somebody_leaves_or_joins(self, member: bool) -> None:
        self.of_product = member
        self.town.set_product("mona", member)

    @rule(who=OTHERS, day=DATES, hours=st.sampled_from((0, 3)))
    def a_bot_sets_its_date_again_and_again(self, who: str, day: date | None, hours: int) -> None:
        self._go(REST)
        self.town.clock.forward(hours=hours)
        for _ in range(6):
            if self._day() != day:
                self._sets(who, day, REST)

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
        self.switched = self.switched or mode != self.mode
        self._put_in_force(mode)
        self.town.clock.forward(seconds=2)
        self._go(steps)

    @rule(day=DATES, mode=st.sampled_from(("observe", "tell")), steps=STEPS)
    def the_mode_is_switched_as_writes_wait(self, day: date | None, mode: str, steps: int) -> None:
        self.town.box.out(self.field.tracker, methods=WRITES)
        self._sets("lee", day, REST)
        self.the_mode_is_switched(mode, 0)
        self.town.box.back(self.field.tracker)
        self.town.clock.forward(minutes=10)
        self._go(steps)

    @rule(minutes=st.sampled_from((1, 20, 70)))
    def time_passes(self, minutes: int) -> None:
        self._go(REST)
        self.town.clock.forward(minutes=minutes)

    # ------------------------------------------------------------ how it is done

    def _says(self, who: str, words: str, steps: int = REST) -> str:
        id = self.town.place.comment(who, words)
        self._go(steps)
        return id

    def _sets(self, who: str, day: date | None, steps: int) -> None:
        self.field.set(self.town, who, day)
        self.setter = who
        if who == "mona":
            self._agrees(self._day())
        self._free()
        self._go(steps)

    def _agrees(self, day: date | None) -> None:
        """Product says yes. It counts where whoever says so is of product when that is looked at."""
        self._answers()
        self.yeses.add(day)

    def _agrees_to_what_waits(self) -> None:
        agreed = self._known().commitment
        for day in [one.day for p in self.town.waiting() for one in p.values()]:
            self._agrees(day)
        if agreed:
            self._agrees(agreed.value.day)

    def _answers(self) -> None:
        """Whatever product, an asker or somebody who may do without it says is worth a write of ours."""
        self.answered.append(self.town.clock.now)

    def _free(self) -> None:
        """Note what stands while nobody holds it."""
        if not self.linked or self.mode != "enforce":
            self.before.add(self._day())

    def _put_in_force(self, mode: str) -> None:
        path = self.rules / "handshake.yaml"
        path.write_text(path.read_text().replace(f"\nmode: {self._written_mode()}\n", f"\nmode: {mode}\n"))
        if hasattr(self, "town"):
            self.before.add(self._day())
        self.mode = mode

    def _written_mode(self) -> str:
        lines = (self.rules / "handshake.yaml").read_text().splitlines()
        return next(line.split()[1] for line in lines if line.startswith("mode: "))

    def _day(self) -> date | None:
        return self.field.day(self.town)

    def _known(self) -> FieldState:
        state, _ = self.town.worker_app.states.load(self.town.subject)
        return state.fields.get(self.field.id, FieldState())

    def _go(self, steps: int) -> None:
        """Let what was sent arrive, and do so much of the work; what is done is looked at after each step."""
        for _ in range(steps):
            assert self.town.box.hooks.drain(), "the webhooks did not get through"
            before, known = self._day(), self._known()
            worked = self.town.worker_app.worker.run_next()
            self._check(before, known)
            if not worked and self.town.box.hooks.drain():
                return
            self.town.clock.forward(seconds=1)
        assert steps < REST, "it does not come to rest"

    # ------------------------------------------------------------ what holds

    def _check(self, before: date | None, known: FieldState) -> None:
        """Nobody but the service has acted since ``before`` was the day, and ``known`` what it knew."""
        now, by_now = self._day(), self._known()
        signed, standing = by_now.commitment, by_now.override
        if signed and signed != known.commitment and self._new("signed", signed.value.day, signed.signed_at):
            assert signed.value.day in self.yeses, "product has not said yes to it"
            assert self.of_product, "whoever said yes had left"
            assert {one.name.lower() for one in signed.signed_by} == {"mona"}
        if standing and self._new("override", standing.value.day, standing.at):
            assert standing.value.day in self.overrides, "nobody let it stand"
        if now == before:
            return
        assert self.mode == "enforce", "nothing is written in another mode"
        assert now in self.yeses | self.overrides | self.before, "it has no live yes, and no override"
        agreed = known.override or known.commitment
        assert agreed is None or before != agreed.value.day or now != known.standing.day, "a restore of a yes"
        self.written.append((self.town.clock.now, self.setter))
        self._count()

    def _new(self, what: str, day: date | None, at: datetime) -> bool:
        key = (what, day, at)
        fresh = key not in self.counted
        self.counted.add(key)
        return fresh

    def _count(self) -> None:
        """At most three restores of a field an hour, and at most as many as the rules allow to one person;
        each answer may be worth one more write."""
        since = self.town.clock.now - HOUR
        fields = 2 if self.moved_behind else 1
        answers = sum(at > since - HOUR for at in self.answered)
        lately = [who for at, who in self.written if at > since]
        assert len(lately) <= MOST_RESTORES * fields + answers, "that is a war"
        assert lately.count(self.setter) <= self.cap + answers, "somebody has more set back than they may"

    def teardown(self) -> None:
        try:
            if hasattr(self, "town"):
                self._ends_well()
        finally:
            self.open.close()

    def _ends_well(self) -> None:
        town = self.town
        town.box.hooks.release()
        self._go(REST)
        if self.mode != "enforce":
            self._put_in_force("enforce")
        town.clock.forward(minutes=70)
        town.place.edit("sam", title="Single sign-on for all")  # whoever looks finds what was lost
        self._go(REST)
        live(town, 2 * 3600)
        known, shows = self._known(), self._day()
        assert known.pending is None
        assert not [task for item in Desk(town.worker_app.database).parked() for task in item.parked]
        stands = [one.day for one in (known.standing, known.contested) if one is not None]
        assert shows in stands or known.paused or known.behind, "what shows is neither agreed nor contested"
        if known.commitment and not known.override and not self.switched:
            assert known.standing.day == known.commitment.value.day


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
