"""The order, the number and the lateness of deliveries do not change where it all ends.

What is compared are tracker values, links, proposals, sign-offs and whether they are at risk. Two
things cannot be known afterwards and are no part of this:

- Words that named a deal and were edited again before anybody looked: trackers tell who edited last,
  not what stood in between. A deal named in the words counts from the last edit of these words on.
- A comment that was deleted or edited before anybody looked gives no command (that is on purpose).

And what people do may itself depend on when Handshake acts: a date that still stands cannot be set
again, a fourth restore within an hour is not made, and a bare ``/signoff`` means the date that our
comment showed when it was written. Runs in which that differs are not compared.
"""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from automation.model import NOTHING, Person, Value
from tests.factories import LEE, MONA, SAM, SPRING, SUMMER, WINTER
from tests.simulation.stand_ins import AUTUMN
from tests.simulation.village import QUIET, Village

Act = tuple[Person, Value | str]

STORIES: dict[str, tuple[Act, ...]] = {
    "link, ask by field, ask by command, another date, later move": (
        (SAM, "/link SALES-7"),
        (LEE, SPRING),
        (SAM, "/ask 2027-01-31"),
        (MONA, "/signoff 2027-04-15"),
        (LEE, AUTUMN),
    ),
    "link, agreed, unlinked, moved, linked again, moved": (
        (SAM, "/link SALES-7"),
        (LEE, SPRING),
        (MONA, "/signoff 2027-03-01"),
        (SAM, "/unlink SALES-7"),
        (LEE, SUMMER),
        (SAM, "/link SALES-8"),
    ),
    "a date before the link and one after, taken back, declined": (
        (LEE, WINTER),
        (SAM, "/link SALES-7"),
        (LEE, SPRING),
        (LEE, "/withdraw"),
        (SAM, SUMMER),
        (MONA, "/decline 2027-04-15"),
    ),
    "unlinked before the date": (
        (SAM, "/link SALES-7"),
        (SAM, "/unlink SALES-7"),
        (LEE, SPRING),
        (SAM, "/link SALES-8"),
        (MONA, SUMMER),
        (LEE, NOTHING),
    ),
    "an answer before what it could answer": (
        (SAM, "/link SALES-7"),
        (MONA, "/signoff 2027-04-15"),
        (LEE, SPRING),
        (MONA, "/decline 2027-04-15"),
        (SAM, "/ask 2027-01-31"),
        (SAM, "/ask 2027-04-15"),
    ),
    "a deal in the words": (
        (LEE, "One login for SALES-7."),
        (LEE, SPRING),
        (MONA, SUMMER),
        (SAM, WINTER),
        (SAM, "/unlink SALES-7"),
        (LEE, NOTHING),
    ),
}


def at_once(acts: tuple[Act, ...]) -> Village:
    """Each delivery arrives before anything else happens."""
    return late(acts, [[place] for place in range(len(acts))])


def late(acts: tuple[Act, ...], arriving: list[list[int]]) -> Village:
    """``arriving``: for each act the places of those whose deliveries come right after it; what comes
    after the last act stands at the end."""
    village = Village()
    said = []
    for place, due in itertools.zip_longest(range(len(acts)), arriving):
        if place is not None:
            said.append(village.act(*acts[place]))
        for one in due or ():
            village.look(said[one])
            village.settle()
    village.wait()
    return village


def afterwards(acts: tuple[Act, ...], order: tuple[int, ...]) -> Village:
    """All deliveries arrive once everything has happened."""
    return late(acts, [[]] * len(acts) + [list(order)])


def check(name: str, orders: int | None) -> None:
    """Try ``orders`` orders (None: all of them), each also with every delivery sent twice."""
    acts = STORIES[name]
    expected = at_once(acts)
    places = range(len(acts))
    tried = list(itertools.permutations(places))
    chance = random.Random(name)
    for order in tried if orders is None else chance.sample(tried, orders):
        again = list(order) * 2
        chance.shuffle(again)
        for one in (order, tuple(again)):
            found = afterwards(acts, one)
            assert found.acts == expected.acts, "people could do the same"
            assert found.end() == expected.end(), one


@pytest.mark.parametrize("name", STORIES)
def test_some_orders_end_the_same(name: str) -> None:
    check(name, 12)


@pytest.mark.simulation
@pytest.mark.parametrize("name", STORIES)
def test_every_order_ends_the_same(name: str) -> None:
    check(name, None)


# ---------------------------------------------------------------- deliveries that come late, while it goes on

DAYS = ("2027-01-31", "2027-03-01", "2027-04-15", "2027-09-15")
VALUES = (WINTER, SPRING, SUMMER, AUTUMN, NOTHING)


@st.composite
def stories(draw: st.DrawFn) -> tuple[Act, ...]:
    day = st.sampled_from(DAYS)
    anybody = st.sampled_from((LEE, SAM, MONA))
    deal = st.sampled_from(("SALES-7", "SALES-8"))
    act = st.one_of(
        st.tuples(anybody, st.sampled_from(VALUES)),
        st.tuples(anybody, st.sampled_from(VALUES)),
        st.tuples(anybody, day.map("/ask {}".format)),
        st.tuples(st.just(MONA), day.map("/signoff {}".format)),
        st.tuples(st.just(MONA), st.sampled_from(("/signoff none", "/decline 2027-03-01"))),
        st.tuples(anybody, day.map("/withdraw {}".format)),
        st.tuples(st.just(SAM), deal.map("/link {}".format)),
        st.tuples(st.just(SAM), deal.map("/unlink {}".format)),
    )
    acts = draw(st.lists(act, min_size=2, max_size=7))
    if draw(st.booleans()):  # once, see above
        acts.insert(draw(st.integers(0, len(acts))), (LEE, "One login for SALES-8."))
    if draw(st.booleans()):
        acts.insert(0, (SAM, "/link SALES-7"))
    return tuple(acts)


def schedule(acts: tuple[Act, ...], delays: list[int], again: list[int]) -> list[list[int]]:
    arriving: list[list[int]] = [[] for _ in range(len(acts) + 1)]
    for place in range(len(acts)):
        for delay in (delays[place], *([again[place]] if again[place] else [])):
            arriving[min(place + delay, len(acts))].append(place)
    return arriving


DELAYS = st.lists(st.sampled_from((0, 0, 1, 2, 5, 9)), min_size=9, max_size=9)


def late_ends_as_at_once(acts: tuple[Act, ...], delays: list[int], again: list[int]) -> None:
    expected, found = at_once(acts), late(acts, schedule(acts, delays, again))
    assume(found.acts == expected.acts)
    told = [
        f"{who.name}: {what.name or 'nothing' if isinstance(what, Value) else what}" for who, what in acts
    ]
    assert found.end() == expected.end(), (told, delays, again)


@given(stories(), DELAYS, DELAYS)
@example(
    # What product agreed was overwritten before anybody looked.
    ((SAM, "/link SALES-7"), (MONA, SUMMER), (LEE, SPRING)),
    [0, 2, 1, 0, 0, 0, 0, 0, 0],
    [0] * 9,
)
@example(
    # It came and went again.
    ((SAM, "/link SALES-7"), (MONA, SUMMER), (LEE, NOTHING)),
    [0, 2, 1, 0, 0, 0, 0, 0, 0],
    [0] * 9,
)
@example(
    # An answer is delivered before the date that it came after, and that date has gone by then.
    ((SAM, "/link SALES-7"), (LEE, SPRING), (MONA, "/signoff 2027-03-01"), (SAM, SUMMER), (LEE, AUTUMN)),
    [0, 9, 1, 9, 0, 0, 0, 0, 0],
    [0] * 9,
)
@settings(max_examples=60, **QUIET)
def test_late_deliveries_end_as_prompt_ones(acts, delays, again) -> None:
    late_ends_as_at_once(acts, delays, again)


@pytest.mark.simulation
@given(stories(), DELAYS, DELAYS)
@settings(max_examples=1500, **QUIET)
def test_many_late_deliveries_end_as_prompt_ones(acts, delays, again) -> None:
    late_ends_as_at_once(acts, delays, again)
