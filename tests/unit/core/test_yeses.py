"""A yes is one person's, to one value: a date is agreed once enough different people, all of the policy
still, said yes to exactly it, in words or by setting it themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from automation.domain.commitments import UNDO
from automation.domain.plan_builder import WAITING
from automation.engine.plan import plan
from automation.model import (
    NOTHING,
    Facts,
    History,
    IssueState,
    Mode,
    Move,
    Outcome,
    Person,
    Plan,
    Rights,
    Say,
    SetDeadline,
    SetLabel,
    Status,
    Value,
)
from automation.rulebook.actions.hold import Hold
from automation.rulebook.rulebook import Rule, Rulebook, load
from automation.store import codec
from tests.factories import (
    LEE,
    MONA,
    NOW,
    OMAR,
    RIGHTS,
    SPRING,
    STRANGER,
    SUMMER,
    WINTER,
    commitment,
    facts,
    looked,
    proposal,
    state,
    wrote,
)

ADA = Person("github", "105", "ada")
PRODUCT = Rights(may_link=True, product=frozenset({"product"}))
ALL = {**RIGHTS, ADA.id: PRODUCT}
ASKED = state(WINTER, proposals=(proposal(SPRING, WINTER),))
AGREED = state(WINTER, status=Status.COMMITTED, commitment=commitment(WINTER))


def needing(people: int, **more: object) -> Rulebook:
    shipped = load(Path("rules"))
    policy = shipped.config.sign_off["product"].model_copy(update={"people_needed": people, **more})
    return replace(shipped, config=replace(shipped.config, sign_off={"product": policy}))


@pytest.fixture(scope="module")
def two() -> Rulebook:
    return needing(2)


@pytest.fixture(scope="module")
def apart() -> Rulebook:
    """One yes, and not the asker's."""
    return needing(1, askers_may_sign=False)


class Course:
    """One look after the other, at what the tracker holds by then."""

    def __init__(self, rules: Rulebook, before: IssueState, holds: Value = WINTER) -> None:
        self.rules, self.state, self.holds = rules, before, holds
        self.rights = dict(ALL)
        self.mode = Mode.ENFORCE
        self.made = Plan(before)
        self._comments = 0

    def look(self, seen: Facts) -> Course:
        self.made = plan(
            self.state, {}, looked(self.state, replace(seen, rights=self.rights)), self.rules, self.mode, NOW
        )
        self.state = replace(self.made.state, version=self.state.version + 1)
        for intent in self.intents(SetDeadline):
            if intent.expect == self.holds:
                self.holds = intent.value
        known = self.state.fields["milestone"]
        self.state = replace(self.state, fields={"milestone": replace(known, pending=None)})
        return self

    def says(self, who: Person, word: str = "signoff", **command: object) -> Course:
        self._comments += 1
        return self.look(facts(self.holds, wrote(who, word, comment=f"c{self._comments}", **command)))

    def sets(self, who: Person, value: Value) -> Course:
        self.holds = value
        return self.look(facts(value, by=who))

    def intents(self, kind: type) -> list:
        return [effect.intent for effect in self.made.effects if isinstance(effect.intent, kind)]

    @property
    def signed(self) -> tuple[Value, tuple[Person, ...]] | None:
        known = self.state.fields["milestone"].commitment
        return (known.value, known.signed_by) if known else None

    @property
    def waits(self) -> Value | None:
        return next((p.value for p in self.state.open_proposals()), None)

    @property
    def told(self) -> list[str]:
        return [say.message for say in self.intents(Say)]

    @property
    def more_needed(self) -> tuple[Value, tuple[Person, ...]]:
        """Return which value the words are about, and who has agreed to it by them."""
        [about] = [say.event.proposal for say in self.intents(Say) if say.message == "reply-more-needed"]
        return about.value, about.agreed(about.value)


# ---------------------------------------------------------------- in words


@pytest.mark.parametrize(("first", "second"), [(SUMMER, SPRING), (SPRING, SUMMER)])
def test_yeses_to_different_dates_agree_none(two, first, second) -> None:
    course = Course(two, ASKED).says(MONA, day=first.day).says(OMAR, day=second.day)

    assert (course.signed, course.waits) == (None, SPRING)
    assert course.more_needed == (second, (OMAR,))
    assert course.intents(SetDeadline) == []


@pytest.mark.parametrize("value", [SPRING, SUMMER])
def test_the_first_date_that_enough_people_agree_to_is_agreed(two, value) -> None:
    other = SPRING if value == SUMMER else SUMMER
    course = Course(two, ASKED).says(ADA, day=other.day).says(MONA, day=value.day).says(OMAR, day=value.day)

    assert course.signed == (value, (MONA, OMAR))
    assert course.state.fields["milestone"].commitment.counter is (value == SUMMER)
    assert course.state.open_proposals() == ()


def test_an_unasked_yes_of_one_asks_for_that_date(two) -> None:
    course = Course(two, state(WINTER)).says(MONA, day=SPRING.day)

    assert (course.signed, course.waits) == (None, SPRING)
    assert course.state.open_proposals()[0].asked_by == MONA
    assert course.intents(SetLabel) == [SetLabel(WAITING, True)]
    assert course.more_needed == (SPRING, (MONA,))
    assert course.says(OMAR, day=SPRING.day).signed == (SPRING, (MONA, OMAR))


def test_no_date_takes_as_many_people(two) -> None:
    course = Course(two, AGREED).says(MONA, nothing=True)
    assert course.signed == (WINTER, (MONA,))
    assert course.says(OMAR, nothing=True).signed == (NOTHING, (MONA, OMAR))


def test_another_yes_takes_the_place_of_the_first(two) -> None:
    course = Course(two, ASKED).says(MONA, day=SPRING.day).says(MONA, day=SUMMER.day)

    assert course.says(OMAR, day=SPRING.day).signed is None
    assert course.says(OMAR, day=SUMMER.day).signed == (SUMMER, (MONA, OMAR))


def test_whoever_has_left_by_the_last_yes_does_not_count(two) -> None:
    course = Course(two, ASKED).says(MONA, day=SPRING.day)
    course.rights[MONA.id] = Rights(may_link=True)

    assert course.says(OMAR, day=SPRING.day).signed is None
    assert course.more_needed == (SPRING, (OMAR,))
    assert course.says(ADA, day=SPRING.day).signed == (SPRING, (OMAR, ADA))


def test_a_no_ends_all_yeses(two) -> None:
    course = Course(two, ASKED).says(MONA, day=SPRING.day).says(OMAR, "decline")

    assert course.waits is None
    assert course.says(OMAR, day=SPRING.day).signed is None


def test_a_bare_yes_is_asked_back_where_two_dates_are_on_the_table(two) -> None:
    course = Course(two, ASKED).says(MONA, day=SUMMER.day).says(OMAR)

    [asked_back] = course.intents(Say)
    assert asked_back.message == "reply-which"
    assert asked_back.event.choices == ("/signoff 2027-03-01", "/signoff 2027-04-15")
    assert course.signed is None
    assert course.says(ADA, "decline").waits is None, "a no is to the wish, whatever is on the table"


def test_a_yes_to_the_same_day_is_to_the_same_carrier(two) -> None:
    """Two milestones can share a day."""
    twin = replace(SUMMER, ref="33", name="Summer, second part")
    words = wrote(MONA, "signoff", comment="first", day=SUMMER.day)
    first = Course(two, ASKED).look(replace(facts(WINTER, words), carriers={"milestone": (twin,)}))

    assert first.says(OMAR, day=SUMMER.day).signed == (twin, (MONA, OMAR))


def test_who_said_yes_before_values_were_kept_counts_for_what_was_asked(two) -> None:
    row = json.loads(codec.dump(codec.proposal, proposal(SPRING, WINTER)))
    del row["yeses"]
    row["signers"] = [{"system": "github", "id": "103", "name": "mona"}]
    old = codec.proposal.validate_json(json.dumps(row))
    before = state(WINTER, proposals=(old,))

    assert old.agreed(SPRING) == (MONA,) and old.agreed(SUMMER) == ()
    assert Course(two, before).says(OMAR, day=SPRING.day).signed == (SPRING, (MONA, OMAR))
    assert Course(two, before).says(OMAR, day=SUMMER.day).signed is None


def test_where_dates_are_not_set_the_last_yes_is_asked_to_set_it(two) -> None:
    course = Course(two, ASKED)
    course.mode = Mode.TELL

    assert course.says(MONA, day=SPRING.day).told == ["reply-more-needed"]
    assert course.says(OMAR, day=SPRING.day).told == ["reply-set-it-yourself"]
    assert course.sets(MONA, SPRING).signed == (SPRING, (OMAR, MONA))


def test_while_observing_a_first_yes_asks_for_nothing(two) -> None:
    course = Course(two, state(WINTER))
    course.mode = Mode.OBSERVE

    assert course.says(MONA, day=WINTER.day).waits is None
    assert (course.signed, course.made.effects) == (None, ())


def test_another_policy_does_not_move_what_this_one_agreed() -> None:
    shipped = load(Path("rules"))
    policies = {**shipped.config.sign_off, "legal": shipped.config.sign_off["product"]}
    both = replace(shipped, config=replace(shipped.config, sign_off=policies))
    course = Course(both, AGREED)
    course.rights[OMAR.id] = Rights(may_link=True, product=frozenset({"legal"}))

    assert course.says(OMAR, day=SPRING.day).told == ["reply-not-product"]
    assert course.signed == (WINTER, (MONA,))


# ---------------------------------------------------------------- by setting it


def test_an_edit_of_one_stands_agrees_nothing_and_puts_what_was_agreed_at_risk(two) -> None:
    course = Course(two, AGREED).sets(MONA, SUMMER)

    known = course.state.fields["milestone"]
    assert (course.signed, known.commitment.at_risk) == ((WINTER, (MONA,)), True)
    assert (course.holds, course.intents(SetDeadline)) == (SUMMER, []), "product's own edit is never set back"
    assert course.waits == SUMMER
    assert course.told == ["date-held", "date-asked"]
    assert course.intents(SetLabel) == [SetLabel(WAITING, True)]
    assert course.look(facts(SUMMER)).made.effects == (), "and nothing more is said of it"


@pytest.mark.parametrize("how", ["words", "edit"])
def test_an_edit_and_another_yes_agree_it(two, how) -> None:
    course = Course(two, ASKED).sets(MONA, SPRING)
    assert (course.signed, course.waits) == (None, SPRING)

    if how == "words":
        course.says(OMAR, day=SPRING.day)
    else:
        course.look(facts(SPRING, by=LEE)).sets(OMAR, WINTER).sets(OMAR, SPRING)

    assert course.signed == (SPRING, (MONA, OMAR))
    assert not any(write.why == "apply" for write in course.intents(SetDeadline))


def test_a_yes_in_words_and_an_edit_agree_it_after_the_undo_time(two) -> None:
    course = Course(two, ASKED).says(MONA, day=SPRING.day).sets(OMAR, SPRING)

    assert course.signed == (SPRING, (MONA, OMAR))
    assert course.made.reconcile_at == NOW + UNDO


def test_a_no_sets_back_what_one_of_product_had_set(two) -> None:
    course = Course(two, AGREED).sets(MONA, SUMMER).says(OMAR, "decline", day=SUMMER.day)

    assert course.intents(SetDeadline) == [SetDeadline("milestone", SUMMER, WINTER, "restore")]
    assert (course.signed, course.waits) == ((WINTER, (MONA,)), None)
    assert not course.state.fields["milestone"].commitment.at_risk


def test_a_no_sets_back_an_edit_to_another_date_than_the_one_asked(two) -> None:
    course = Course(two, ASKED).sets(MONA, SUMMER)
    assert course.waits == SPRING

    course.says(OMAR, "decline")

    assert course.intents(SetDeadline) == [SetDeadline("milestone", SUMMER, WINTER, "restore")]


def test_whoever_sets_it_back_themselves_has_taken_their_yes_back(two) -> None:
    course = Course(two, AGREED).sets(MONA, SUMMER)
    history = facts(WINTER, history=_moved(MONA, SUMMER, WINTER))

    course.holds = WINTER
    course.look(history)

    assert course.waits is None and not course.state.fields["milestone"].commitment.at_risk
    assert course.says(OMAR, day=SUMMER.day).signed == (WINTER, (MONA,))


def test_a_wish_taken_back_leaves_what_product_set_itself(two) -> None:
    asked = replace(AGREED, proposals=(proposal(SUMMER, WINTER),))
    course = Course(two, asked).sets(MONA, SUMMER).says(LEE, "withdraw")

    assert (course.holds, course.intents(SetDeadline)) == (SUMMER, [])
    assert (course.waits, course.state.open_proposals()[0].asked_by) == (SUMMER, MONA)
    assert course.says(OMAR, day=SUMMER.day).signed == (SUMMER, (MONA, OMAR))


def test_another_wish_does_not_hide_what_product_set_itself(two) -> None:
    course = Course(two, AGREED).sets(MONA, SUMMER).says(LEE, "ask", day=SPRING.day)
    assert course.waits == SPRING

    course.says(OMAR, "decline", day=SPRING.day)

    assert course.intents(SetDeadline) == [SetDeadline("milestone", SUMMER, WINTER, "restore")]


def test_an_edit_back_to_what_is_agreed_needs_no_second_yes(two) -> None:
    unsigned = replace(AGREED, fields={"milestone": replace(AGREED.fields["milestone"], standing=SPRING)})

    course = Course(two, unsigned, SPRING).sets(MONA, WINTER)

    assert (course.signed, course.waits) == ((WINTER, (MONA,)), None)
    assert course.state.fields["milestone"].status is Status.COMMITTED


def test_a_strangers_edit_is_nobodys_yes(two) -> None:
    course = Course(two, ASKED).says(MONA, day=SPRING.day).sets(STRANGER, SPRING)

    assert course.signed is None
    assert course.state.open_proposals()[0].agreed(SPRING) == (MONA,)


def test_where_no_rule_holds_the_issue_is_told_who_is_needed(two) -> None:
    course = Course(replace(two, rules=()), AGREED).sets(MONA, SUMMER)

    assert (course.signed, course.told) == ((WINTER, (MONA,)), ["reply-more-needed"])
    assert course.more_needed == (SUMMER, (MONA,))


def test_three_needed_are_three_people() -> None:
    course = Course(needing(3), ASKED).says(MONA, day=SPRING.day).says(OMAR, day=SPRING.day)
    assert course.signed is None
    assert course.says(MONA, day=SPRING.day).signed is None
    assert course.sets(ADA, SPRING).signed == (SPRING, (OMAR, MONA, ADA))


# ---------------------------------------------------------------- past days, and years that were left out

LONG_AGO = Value("8", NOW.date() - timedelta(days=5), "Last release")
NEXT_YEARS = Value("9", SPRING.day.replace(year=2029), "Much later")


def test_a_day_that_has_passed_gets_no_yes_in_words(two) -> None:
    course = Course(two, state(WINTER, proposals=(proposal(LONG_AGO, WINTER),)))

    for day in (None, LONG_AGO.day):
        assert course.says(MONA, day=day).told == ["reply-past"]
        assert course.state.open_proposals()[0].people() == ()


@pytest.mark.parametrize("before", [ASKED, AGREED])
def test_products_own_edit_to_a_day_that_has_passed_is_asked_about_once_and_no_yes(two, before) -> None:
    course = Course(two, before).sets(MONA, LONG_AGO)

    assert course.told.count("reply-past") == 1
    assert "reply-more-needed" not in course.told and "date-held" not in course.told
    assert all(p.people() == () for p in course.state.open_proposals())
    assert course.signed == Course(two, before).signed


def test_an_edit_to_a_day_that_has_passed_takes_back_what_the_same_person_had_set(two) -> None:
    course = Course(two, AGREED).sets(MONA, SPRING).sets(MONA, LONG_AGO)

    assert course.waits == SPRING
    assert course.says(OMAR, day=SPRING.day).signed == (WINTER, (MONA,))
    assert course.says(ADA, day=SPRING.day).signed == (SPRING, (OMAR, ADA))


def test_a_year_that_was_left_out_is_that_of_a_date_on_the_table(two) -> None:
    words = wrote(MONA, "signoff", comment="first", day=NEXT_YEARS.day)
    course = Course(two, state(WINTER, proposals=(proposal(SUMMER, WINTER),)))
    course.look(replace(facts(WINTER, words), carriers={"milestone": (NEXT_YEARS,)}))

    assert course.says(OMAR, day=SPRING.day, yearless=True).signed == (NEXT_YEARS, (MONA, OMAR))


def test_a_year_that_was_left_out_is_asked_back_where_two_dates_can_be_meant(two) -> None:
    words = wrote(MONA, "signoff", comment="first", day=NEXT_YEARS.day)
    course = Course(two, ASKED).look(replace(facts(WINTER, words), carriers={"milestone": (NEXT_YEARS,)}))

    course.says(OMAR, day=SPRING.day, yearless=True)

    [asked_back] = course.intents(Say)
    assert asked_back.message == "reply-which"
    assert asked_back.event.choices == ("/signoff 2027-03-01", "/signoff 2029-03-01")
    assert course.signed is None


def test_what_cannot_be_read_is_answered_by_the_lines_of_all_dates_on_the_table(two) -> None:
    course = Course(two, ASKED).says(MONA, day=SUMMER.day).says(OMAR, problem="What?")

    [unclear] = course.intents(Say)
    assert unclear.event.choices == ("/signoff 2027-03-01", "/signoff 2027-04-15")


def _moved(who: Person, old: Value, new: Value) -> dict[str, History]:
    return {"milestone": History((Move("9", NOW, who, old, new),), "9", NOW)}


# ---------------------------------------------------------------- whoever asks may be kept out


MINE = state(WINTER, proposals=(replace(proposal(SPRING, WINTER), asked_by=MONA),))


@pytest.mark.parametrize("value", [SPRING, SUMMER])
def test_whoever_asked_agrees_to_no_date_where_askers_may_not(apart, value) -> None:
    course = Course(apart, MINE).says(MONA, day=value.day)

    assert (course.signed, course.waits) == (None, SPRING)
    assert course.state.open_proposals()[0].people() == (), "a yes that never counts is not kept"
    assert course.more_needed == (value, ())
    assert course.says(OMAR, day=value.day).signed == (value, (OMAR,))


def test_an_unasked_yes_is_a_wish_where_askers_may_not_sign(apart) -> None:
    course = Course(apart, state(WINTER)).says(MONA, day=SPRING.day)

    assert (course.signed, course.waits) == (None, SPRING)
    assert course.says(MONA, day=SPRING.day).signed is None
    assert course.says(OMAR, day=SPRING.day).signed == (SPRING, (OMAR,))


def test_ones_own_edit_moves_no_agreed_date_where_askers_may_not_sign(apart) -> None:
    course = Course(apart, AGREED).sets(MONA, SPRING)

    assert (course.signed, course.waits) == ((WINTER, (MONA,)), SPRING)
    assert course.says(OMAR, day=SPRING.day).signed == (SPRING, (OMAR,))


def test_a_wish_of_somebody_else_in_between_lets_no_asker_sign_their_own_date(apart) -> None:
    course = Course(apart, MINE).says(LEE, "ask", day=SUMMER.day)
    assert course.waits == SUMMER

    assert course.says(MONA, day=SPRING.day).signed is None
    assert course.says(MONA, day=SUMMER.day).signed == (SUMMER, (MONA,))


def test_why_an_askers_word_does_not_count_is_in_the_decision(apart) -> None:
    course = Course(apart, MINE).says(MONA, day=SPRING.day)

    [refused] = [one for one in course.made.decisions if one.outcome is Outcome.REFUSED]
    assert "mona asked for that date" in refused.reasons[-1].text.lower()
    assert [part.text for part in refused.reasons[-1].children] == [
        f"{MONA.name}'s yes does not count: they asked for it"
    ]


# ---------------------------------------------------------------- several policies together

PAUL = Person("github", "106", "paul")
LEGAL = Rights(may_link=True, product=frozenset({"legal"}))
BOTH = Rights(may_link=True, product=frozenset({"legal", "product"}))


@pytest.fixture(scope="module")
def joined() -> Rulebook:
    """Dates wait for product and for legal, where whoever asks may not agree."""
    shipped = load(Path("rules"))
    product = shipped.config.sign_off["product"]
    legal = product.model_copy(update={"askers_may_sign": False})
    config = replace(shipped.config, sign_off={"product": product, "legal": legal})
    hold = Hold(until=["product", "legal"])

    def held(rule: Rule) -> Rule:
        return replace(rule, actions=tuple(hold if isinstance(one, Hold) else one for one in rule.actions))

    rules = tuple(map(held, shipped.rules))
    return replace(shipped, config=config, rules=rules)


def test_several_policies_each_count_their_own_people(joined) -> None:
    course = Course(joined, state(WINTER))
    course.rights[PAUL.id] = LEGAL
    course.sets(LEE, SPRING)
    assert (course.holds, course.waits) == (WINTER, SPRING)

    course.says(MONA, day=SPRING.day).says(OMAR, day=SPRING.day)
    assert course.signed is None, "two of product are nobody of legal"
    course.says(PAUL, day=SPRING.day)
    assert course.signed == (SPRING, (MONA, OMAR, PAUL))


def test_of_several_policies_one_that_keeps_askers_out_does_so_for_itself(joined) -> None:
    course = Course(joined, state(WINTER))
    course.rights |= {ADA.id: BOTH, PAUL.id: LEGAL}
    course.says(ADA, "ask", day=SPRING.day)
    course.says(ADA, day=SPRING.day)
    assert (course.signed, course.waits) == (None, SPRING)

    course.says(PAUL, day=SPRING.day)
    assert course.signed == (SPRING, (ADA, PAUL))


def test_whoever_left_one_of_several_policies_counts_for_it_no_more(joined) -> None:
    course = Course(joined, state(WINTER))
    course.rights[PAUL.id] = LEGAL
    course.sets(LEE, SPRING).says(PAUL, day=SPRING.day)
    course.rights[PAUL.id] = Rights()
    course.says(MONA, day=SPRING.day)

    assert course.signed is None
