"""No value is in force without the policy's yes to exactly it: enough different people, all of it still when
the last yes came, whoever asks, answers, sets dates, takes back, leaves and joins meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from automation.model import NOTHING, Person, ProposalState, Value
from automation.rulebook.rulebook import Rulebook
from automation.rulebook.schema.sign_off import Answer, Answers
from tests.factories import LEE, MONA, OMAR, SAM, SPRING, SUMMER, WINTER
from tests.simulation.stand_ins import AUTUMN, FIELD
from tests.simulation.village import QUIET, Village, shipped

YES, NO = "date-agreed", "date-declined"
ADA = Person("github", "105", "ada")
PRODUCT = (MONA, OMAR, ADA)
VALUES = {
    value.day.isoformat() if value.day else "none": value for value in (WINTER, SPRING, SUMMER, NOTHING)
}
ANYBODY = st.sampled_from((LEE, SAM, *PRODUCT))
OF_PRODUCT = st.sampled_from(PRODUCT)
DAYS = st.sampled_from(tuple(VALUES))


@cache
def needing(people: int) -> Rulebook:
    answers = Answers(yes=Answer(label=YES), no=Answer(label=NO))
    update = {"people_needed": people, "answers": answers}
    policy = shipped().config.sign_off["product"].model_copy(update=update)
    return replace(shipped(), config=replace(shipped().config, sign_off={"product": policy}))


class Product(RuleBasedStateMachine):
    """``words`` is what each of product said yes to, and when, oldest first: told by the acts alone."""

    @initialize(needed=st.sampled_from((1, 2, 3)), stands=st.sampled_from((NOTHING, AUTUMN)))
    def start(self, needed: int, stands: Value) -> None:
        self.needed = needed
        self.village = Village(needing(needed), deadlines={FIELD: stands})
        self.words: dict[Person, list[tuple[datetime, Value | None]]] = {who: [] for who in (LEE, *PRODUCT)}
        self.members = set(PRODUCT)
        self.agreed: tuple[object, ...] = ()
        self._join()
        self._does(SAM, "/link SALES-7")

    # ------------------------------------------------------------ people

    @rule(who=ANYBODY, day=DAYS)
    def somebody_asks(self, who: Person, day: str) -> None:
        self._does(who, f"/ask {day}")

    @rule(who=ANYBODY, value=st.sampled_from((WINTER, SPRING, SUMMER, AUTUMN, NOTHING)))
    def somebody_sets_a_date(self, who: Person, value: Value) -> None:
        self._does(who, value)

    @rule(who=OF_PRODUCT, day=DAYS)
    def somebody_of_product_sets_a_date(self, who: Person, day: str) -> None:
        self._does(who, VALUES[day])

    @rule(who=OF_PRODUCT, day=DAYS)
    def somebody_signs_a_date(self, who: Person, day: str) -> None:
        self._does(who, f"/signoff {day}")

    @rule(who=OF_PRODUCT)
    def somebody_signs_what_waits(self, who: Person) -> None:
        self._does(who, "/signoff")

    @rule(who=ANYBODY, label=st.sampled_from((YES, NO)))
    def somebody_answers_by_label(self, who: Person, label: str) -> None:
        self._does(who, label)

    @rule()
    def all_answer_by_label(self) -> None:
        for who in PRODUCT:
            self._does(who, YES)

    @rule(day=DAYS)
    def all_sign_in_turn(self, day: str) -> None:
        for who in PRODUCT:
            self._does(who, f"/signoff {day}")

    @rule(who=OF_PRODUCT, day=DAYS, others=st.booleans())
    def somebody_signs_and_leaves(self, who: Person, day: str, others: bool) -> None:
        self._does(who, f"/signoff {day}")
        self.somebody_leaves_or_joins(who, False)
        for other in PRODUCT if others else ():
            self._does(other, f"/signoff {day}")

    @rule(who=OF_PRODUCT, day=DAYS, others=st.booleans())
    def somebody_of_product_sets_a_date_and_thinks_better_of_it(
        self, who: Person, day: str, others: bool
    ) -> None:
        stood = self.village.day()
        self._does(who, VALUES[day])
        self._does(who, stood)
        for other in PRODUCT if others else ():
            if other is not who:
                self._does(other, f"/signoff {day}")

    @rule(who=OF_PRODUCT, day=st.sampled_from(("", *VALUES)))
    def somebody_declines(self, who: Person, day: str) -> None:
        self._does(who, f"/decline {day}")

    @rule(who=ANYBODY)
    def somebody_takes_back(self, who: Person) -> None:
        self._does(who, "/withdraw")

    @rule(line=st.sampled_from(("/unlink SALES-7", "/link SALES-7", "/link SALES-8")))
    def sales_links(self, line: str) -> None:
        self._does(SAM, line)

    @rule(who=st.sampled_from((LEE, *PRODUCT)), member=st.booleans())
    def somebody_leaves_or_joins(self, who: Person, member: bool) -> None:
        (self.members.add if member else self.members.discard)(who)
        self._join()

    @rule()
    def all_comes_to_rest(self) -> None:
        self.village.settle()
        self._check()

    @rule(minutes=st.sampled_from((1, 16, 61)))
    def time_passes(self, minutes: int) -> None:
        self.village.clock.forward(60 * minutes)

    def _join(self) -> None:
        self.village.tracker.members = {"product": frozenset(self.members)}

    def _does(self, who: Person, what: Value | str) -> None:
        village = self.village
        village.next = village.clock.now + timedelta(minutes=1)
        # Bare words mean what waits, and are asked back where another date was agreed to as well.
        waiting = [value for p in village.state.open_proposals() for value in p.values()]
        by_label = what in (YES, NO)
        webhook = village.put_on(who, str(what)) if by_label else village.act(who, what)
        if who in self.members:
            if isinstance(what, Value) and village.acts[-1]:
                self._says(who, what)
            elif what in ("/signoff", YES) and len(waiting) == 1:
                self._says(who, waiting[0])
            elif str(what).startswith("/signoff "):
                self._says(who, VALUES[str(what).split()[1]])
        declined = self._declined()
        village.look(webhook)
        self._check()
        if self._declined() != declined:
            for one in self.words:
                self._says(one, None)

    def _says(self, who: Person, value: Value | None) -> None:
        self.words[who].append((self.village.clock.now, value))

    def _word(self, who: Person, at: datetime) -> Value | None:
        """Return what somebody had said yes to last, by then."""
        return next((value for said, value in reversed(self.words[who]) if said <= at), None)

    def _declined(self) -> int:
        return sum(p.state is ProposalState.DECLINED for p in self.village.state.proposals)

    # ------------------------------------------------------------ what holds

    def _check(self) -> None:
        signed = self.village.state.fields[FIELD].commitment
        agreed = (signed.value, signed.signed_by, signed.signed_at) if signed else ()
        if signed is None or agreed == self.agreed:
            return
        self.agreed = agreed
        assert len(set(signed.signed_by)) >= self.needed, "enough different people"
        for person in signed.signed_by:
            assert person in self.members, f"{person.name} had left"
            assert self._word(person, signed.signed_at) == signed.value, f"{person.name} said no such yes"

    @invariant()
    def what_is_applied_is_agreed(self) -> None:
        applied = [write for write in self.village.writes if write.intent.why == "apply"]
        assert all(write.signed == write.intent.value for write in applied)

    @invariant()
    def product_is_never_overwritten_but_by_product(self) -> None:
        assert all(write.over == write.intent.expect for write in self.village.writes)

    def teardown(self) -> None:
        if not hasattr(self, "village"):
            return
        village = self.village
        village.wait()
        self._check()
        known = village.state.fields[FIELD]
        assert village.day() in (known.standing, known.contested)
        if known.commitment:
            assert known.standing == known.commitment.value, "what is agreed is what should stand"


class TestSomeSequences(Product.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(max_examples=25, stateful_step_count=15, **QUIET)


@pytest.mark.simulation
class TestManySequences(Product.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(max_examples=600, stateful_step_count=25, **QUIET)
