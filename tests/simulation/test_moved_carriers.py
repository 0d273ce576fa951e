"""Whatever milestones and issues do in between: what is agreed stands in the tracker or is known to be in
doubt, and nothing is written, or called done, that could change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from automation.domain.carriers import carrier_of
from automation.model import SetDeadline
from tests.factories import LEE, MONA, SAM, SPRING, SUMMER, WINTER
from tests.simulation.stand_ins import FIELD
from tests.simulation.village import QUIET, Village

Step = tuple[tuple[Any, ...], int, bool]

DAYS = [date(2027, month, 1) for month in (3, 5, 7, 9)]
PEOPLE = st.sampled_from([LEE, SAM, MONA])
REDATE = st.tuples(PEOPLE, st.sampled_from(["1", "2", "3"]), st.sampled_from([*DAYS, None]))
MOVE = st.tuples(PEOPLE, st.sampled_from([WINTER, SPRING, SUMMER]))
SAY = st.tuples(
    PEOPLE, st.sampled_from(["/signoff", "/decline", f"/ask {DAYS[0]}", *(f"/signoff {day}" for day in DAYS)])
)
STEPS = st.lists(st.tuples(st.one_of(REDATE, MOVE, SAY), st.integers(0, 2), st.booleans()), max_size=8)
"""What somebody does, how often it is delivered, and whether all comes to rest before the next."""


def told(steps: Sequence[Step]) -> None:
    village = Village()
    village.look(village.act(SAM, "/link SALES-7"))
    village.settle()
    for (who, *what), deliveries, rest in steps:
        trigger = village.redate(who, *what) if len(what) == 2 else village.act(who, what[0])
        village.looks += [trigger] * deliveries
        if rest:
            village.wait()
    village.wait()

    for write in village.writes:
        assert isinstance(write.intent, SetDeadline)
        assert write.intent.expect.ref != write.intent.value.ref, "it could change nothing"
    ends_well(village)


def ends_well(village: Village) -> None:
    known = village.state.fields[FIELD]
    signed, shows = known.commitment, village.day()
    if signed is None or (shows.ref, shows.day) == (signed.value.ref, signed.value.day):
        return
    about = carrier_of(village.state.subject, shows)
    carrier = village.carrier(about) if about else None
    held = carrier.promise.fields["due_on"] if carrier and carrier.promise else None
    seen_here = shows in (known.standing, known.contested)
    seen_there = carrier is not None and carrier.value is not None and carrier.value.day == shows.day
    given_up = known.contested == shows or (held and held.contested and held.contested.day == shows.day)
    seen = seen_here or (seen_there and shows.ref == known.standing.ref)
    assert not seen or signed.at_risk or given_up, "people go by a date that is not there"


@settings(max_examples=40, **QUIET)
@given(steps=STEPS)
def test_what_is_agreed_stands_or_is_known_to_be_in_doubt(steps: Sequence[Step]) -> None:
    told(steps)
