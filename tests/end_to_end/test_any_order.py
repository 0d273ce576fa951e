"""Webhooks that arrive late, in any order and twice end where those end that arrive as they should.

All orders, and deliveries that come late while things go on, are tried in ``tests/simulation``, where what
cannot be known afterwards is named too. Here the real clients read the histories of both trackers.
"""

from __future__ import annotations

import random
from datetime import date

import pytest

from tests.end_to_end.conftest import SPRING, SUMMER, WINTER, Town, both, each_database

LINKED = (
    ("sam", "/link {deal}"),
    ("lee", SPRING),
    ("sam", "/ask 2027-01-31"),
    ("mona", "/signoff 2027-04-15"),
    ("lee", WINTER),
)
"""Linked, asked by the field and by a command, answered with another date, and moved later."""
LINKED_AGAIN = (
    ("lee", WINTER),
    ("sam", "/link {deal}"),
    ("mona", SUMMER),
    ("sam", "/unlink {deal}"),
    ("lee", SPRING),
    ("sam", "/link {deal}"),
)
"""A date before the link, product's own, one while it is unlinked, and linked again."""


tracker = both
database_url = each_database


def act(town: Town, story: tuple[tuple[str, date | str], ...]) -> None:
    for who, what in story:
        town.clock.forward(minutes=25)
        if isinstance(what, str):
            town.place.comment(who, what.format(deal=town.deal))
        else:
            town.place.ask(who, what)


def end(town: Town) -> object:
    """Return where tracker value, proposals and sign-off stand. There is one link, and it lives."""
    state, _ = town.worker_app.states.load(town.subject)
    [known], [link] = state.fields.values(), state.links
    assert (link.deal.key, link.ended_at) == (town.deal, None)
    assert known.standing.day == town.place.day()
    asked = [
        (p.value.day, p.state.value, p.asked_by.name.lower() if p.asked_by else "") for p in state.proposals
    ]
    signed = known.commitment
    return town.place.day(), sorted(asked), signed and (signed.value.day, signed.at_risk)


ENDS = {
    LINKED: (
        SUMMER,
        [(WINTER, "open", "lee"), (WINTER, "signed", "sam"), (SPRING, "superseded", "lee")],
        (SUMMER, False),
    ),
    LINKED_AGAIN: (SPRING, [], None),
}


@pytest.mark.parametrize("story", [LINKED, LINKED_AGAIN], ids=["linked", "linked again"])
@pytest.mark.parametrize("order", ["last first", "shuffled, each twice"])
def test_where_it_ends_does_not_depend_on_what_arrives_when(town: Town, story, order: str) -> None:
    town.box.hooks.hold()
    act(town, story)
    places = list(reversed(range(len(town.box.hooks.held))))
    if order != "last first":
        places *= 2
        random.Random(7).shuffle(places)

    town.box.hooks.release(places)
    town.settle()

    assert end(town) == ENDS[story]


@pytest.mark.simulation
@pytest.mark.matrix
@pytest.mark.parametrize("story", [LINKED, LINKED_AGAIN], ids=["linked", "linked again"])
@pytest.mark.parametrize("seed", range(12))
def test_more_orders(town: Town, story, seed: int) -> None:
    test_where_it_ends_does_not_depend_on_what_arrives_when(town, story, "shuffled, each twice")
