"""Whatever people do and whatever goes wrong: no edit of theirs is overwritten unseen, no date stands
unsigned, no war is fought and nothing is said twice.

People set and clear dates, product signs, declines and edits, somebody hostile sets a date again and
again; webhooks come late, twice or never, effects run at any time, and the tracker fails before a write
or after it. Each step is checked, and the rest once all has come to rest.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from automation.domain.commitments import MOST_RESTORES, WINDOW
from automation.model import NOTHING, Effect, SetDeadline, Trigger
from automation.ports import Unavailable
from tests.factories import ISSUE, LEE, MONA, SAM, SPRING, STRANGER, SUMMER, WINTER
from tests.simulation.stand_ins import AUTUMN, FIELD
from tests.simulation.village import QUIET, Village

MINUTES = st.sampled_from((0, 1, 25))
VALUES = st.sampled_from((WINTER, SPRING, SUMMER, AUTUMN, NOTHING))
DAYS = st.sampled_from(("2027-01-31", "2027-03-01", "2027-04-15", "2027-09-15", "none"))


class Town(RuleBasedStateMachine):
    @initialize(inherited=VALUES, seen=st.booleans())
    def start(self, inherited, seen) -> None:
        self.village = Village(deadlines={FIELD: inherited})
        self.webhooks: list[Trigger] = []
        self.declined = 0
        if seen:
            self.village.look(Trigger(ISSUE, "issue"))
        self.webhooks.append(self.village.act(SAM, "/link SALES-7"))

    # ------------------------------------------------------------ people

    @rule(who=st.sampled_from((LEE, SAM, MONA, STRANGER)), value=VALUES, minutes=MINUTES, heard=st.booleans())
    def somebody_sets_a_date(self, who, value, minutes, heard) -> None:
        self._does(who, value, minutes, heard)

    @rule(
        day=DAYS,
        word=st.sampled_from(("signoff", "signoff", "decline")),
        minutes=MINUTES,
        heard=st.booleans(),
    )
    def product_answers(self, day, word, minutes, heard) -> None:
        self._does(MONA, f"/{word} {day}", minutes, heard)

    @rule(line=st.sampled_from(("/signoff", "/decline")))
    def product_answers_shortly(self, line) -> None:
        self._does(MONA, line, 1)

    @rule()
    def somebody_asks_and_takes_back_in_turns(self) -> None:
        for _ in range(5):
            for what in (AUTUMN, "/withdraw"):
                self._does(LEE, what, 1)
                self.village.look(self.webhooks.pop())
                self.village.settle()

    @rule(
        who=st.sampled_from((LEE, SAM, STRANGER)),
        day=DAYS,
        word=st.sampled_from(("ask", "signoff", "withdraw")),
    )
    def somebody_else_writes(self, who, day, word) -> None:
        self._does(who, f"/{word} {day}", 1)

    @rule(line=st.sampled_from(("/unlink SALES-7", "/link SALES-7", "/link SALES-8")))
    def sales_links(self, line) -> None:
        self._does(SAM, line, 1)

    @rule()
    def somebody_fights_a_war(self) -> None:
        for _ in range(6):
            self._does(LEE, AUTUMN, 1)
            self.village.look(self.webhooks.pop())
            self.village.settle()

    def _does(self, who, what, minutes, heard=False) -> None:
        self.village.next = self.village.clock.now + timedelta(minutes=minutes)
        self.webhooks.append(self.village.act(who, what))
        self.declined += who is MONA and str(what).startswith("/decline")
        if heard:
            self.village.look(self.webhooks[-1])

    # ------------------------------------------------------------ webhooks, effects and time

    @precondition(lambda self: self.webhooks)
    @rule(data=st.data(), again=st.booleans())
    def a_webhook_arrives(self, data, again) -> None:
        webhook = data.draw(st.sampled_from(self.webhooks))
        if not again:
            self.webhooks.remove(webhook)
        self.village.look(webhook)

    @precondition(lambda self: self.webhooks)
    @rule()
    def a_webhook_is_lost(self) -> None:
        self.webhooks.pop()

    @precondition(lambda self: self.village.ready)
    @rule(data=st.data())
    def an_effect_runs(self, data) -> None:
        self.village.perform(data.draw(st.sampled_from(self.village.ready)))

    @precondition(lambda self: self.village.ready)
    @rule(after=st.booleans())
    def every_write_fails(self, after) -> None:
        for effect in list(self.village.ready):
            sink = self.village.tracker if effect.target == ISSUE else self.village.crm
            method = "set_deadline" if isinstance(effect.intent, SetDeadline) else "post"
            sink.fail(method, Unavailable("502"), after=after)
            self.village.perform(effect)
            sink.forgive()

    @precondition(lambda self: self.dates())
    @rule(who=st.sampled_from((LEE, MONA)), value=VALUES)
    def somebody_is_faster_than_a_write(self, who, value) -> None:
        effect = self.dates()[-1]
        self._does(who, value, 1)
        self.village.perform(effect)

    def dates(self) -> list[Effect]:
        return [effect for effect in self.village.ready if isinstance(effect.intent, SetDeadline)]

    @precondition(lambda self: self.village.looks)
    @rule()
    def a_look_is_taken(self) -> None:
        self.village.look(self.village.looks.pop(0))

    @rule(minutes=st.sampled_from((1, 20, 61)))
    def time_passes(self, minutes) -> None:
        self.village.clock.forward(60 * minutes)

    @rule()
    def all_comes_to_rest(self) -> None:
        self.village.settle()

    # ------------------------------------------------------------ what holds at any time

    @invariant()
    def only_what_was_seen_and_judged_is_overwritten(self) -> None:
        assert all(write.over == write.intent.expect for write in self.village.writes)

    @invariant()
    def what_is_agreed_is_never_overwritten_by_a_restore(self) -> None:
        restores = [write for write in self.village.writes if write.intent.why == "restore"]
        assert all(write.signed in (None, write.intent.value) for write in restores)

    @invariant()
    def what_is_applied_is_signed(self) -> None:
        applied = [write for write in self.village.writes if write.intent.why == "apply"]
        assert all(write.signed == write.intent.value for write in applied)

    @invariant()
    def no_war_is_fought(self) -> None:
        """Each no of product may set the date back once more."""
        at = [write.planned for write in self.village.writes if write.intent.why == "restore"]
        most = MOST_RESTORES + self.declined
        assert all(late - early >= WINDOW for early, late in zip(at, at[most:], strict=False))

    # ------------------------------------------------------------ what holds in the end

    def teardown(self) -> None:
        if not hasattr(self, "village"):
            return
        village = self.village
        for webhook in [*self.webhooks, Trigger(ISSUE, "issue", at=village.clock.now)]:
            village.look(webhook)
        village.wait()
        known = village.state.fields[FIELD]
        assert known.pending is None
        assert village.day() in (known.standing, known.contested), "the tracker holds what stands"
        if known.commitment:
            assert known.standing == known.commitment.value, "what is signed stands"
        assert not village.ready
        self.only_what_was_seen_and_judged_is_overwritten()
        self.what_is_agreed_is_never_overwritten_by_a_restore()
        self.what_is_applied_is_signed()
        self.no_war_is_fought()


class TestSomeSequences(Town.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(max_examples=60, stateful_step_count=20, **QUIET)


@pytest.mark.simulation
class TestManySequences(Town.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(max_examples=500, stateful_step_count=20, **QUIET)
