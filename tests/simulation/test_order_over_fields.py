"""Whichever field holds the date: deliveries that come late, in any order and twice end alike, in what
stands, what waits, what is agreed and what was said.

Of a date that keeps no history deliveries alone tell, and only of what it holds when they are looked at: what
it held in between is no part of this, nor what it held when nobody had looked at its issue yet.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from automation.model import ProposalState
from tests.end_to_end.conftest import BODY, SPRING, SUMMER, Town, a_town, shipped_rules
from tests.end_to_end.passing_time import live
from tests.end_to_end.test_every_field import FIELDS, SHIP, SPRINT, Field, with_fields
from tests.end_to_end.test_moves import STORE, look_after

Act = tuple[str, str | date | None]

AGREED: tuple[Act, ...] = (
    ("sam", "/link {deal}"),
    ("lee", SPRING),
    ("mona", f"/signoff {SPRING}"),
    ("lee", SUMMER),
    ("lee", f"{BODY}\n- log in from abroad"),
)
"""Linked, asked by the field, agreed, moved, and more to be built."""
STORIES = {
    "agreed, moved, reworded": AGREED,
    "and unlinked": (*AGREED, ("sam", "/unlink {deal}")),
}
UNTRACED = (SHIP, SPRINT)


@contextmanager
def told(
    field: Field, story: tuple[Act, ...], order: Callable[[int], list[int]] | None, begin: int = 0
) -> Iterator[Town]:
    """Let it all happen, and be told of afterwards in that order; None: as it happens. Before ``begin`` each
    act is told of at once."""
    with TemporaryDirectory() as folder:
        rules = shipped_rules(Path(folder))
        (rules / "dates.yaml").write_text(f"deadline_fields: {field.rules}\n", "utf-8")
        look_after(
            rules, repositories=f"[acme/shop, {STORE}]", projects="[PROD, CORE], time_zone: Europe/Berlin"
        )
        with a_town(rules, field.tracker, f"sqlite:///{folder}/handshake.db") as town:
            with_fields(town)
            for place, (who, what) in enumerate(story):
                if order and place == begin:
                    town.box.hooks.hold()
                town.clock.forward(minutes=25)
                act(town, field, who, what)
                town.settle()
            if order:
                town.box.hooks.release(order(len(town.box.hooks.held)))
            live(town, 45 * 60)
            yield town


def act(town: Town, field: Field, who: str, what: str | date | None) -> None:
    if not isinstance(what, str):
        field.set(town, who, what)
    elif what.startswith("/"):
        town.place.comment(who, what.format(deal=town.deal))
    else:
        town.place.edit(who, body=what)


def end(town: Town, field: Field) -> object:
    """Return what stands, what is asked for and what is agreed."""
    state, _ = town.worker_app.states.load(town.subject)
    known = state.fields[field.id]
    asked = [
        (one.value.day, one.state.value, one.asked_by.name.lower() if one.asked_by else "")
        for one in state.proposals
        if one.state is ProposalState.OPEN or field.id not in UNTRACED
    ]
    signed = known.commitment
    agreed = signed and (signed.value.day, signed.signed_by[-1].name.lower(), signed.at_risk, signed.rescoped)
    links = [(link.deal.key, link.ended_at is not None) for link in state.links]
    return field.day(town), known.standing.day, sorted(asked, key=str), agreed, links


def said(town: Town) -> list[str]:
    """Return what was said on both sides, wherever the stand-ins listen."""
    return sorted(
        re.sub(r"127\.0\.0\.1:\d+", "there", words) for words in (*town.on_issue(), *town.on_deal())
    )


def shuffled(seed: int, times: int) -> Callable[[int], list[int]]:
    def order(many: int) -> list[int]:
        places = list(range(many)) * times
        random.Random(seed).shuffle(places)
        return places

    return order


def ends_alike(name: str, story: str, begin: int, seeds: int) -> None:
    field, acts = FIELDS[name], STORIES[story]
    with told(field, acts, None) as town:
        promptly = end(town, field)
    with told(field, acts, lambda many: list(range(many)), begin) as town:
        late, words = end(town, field), said(town)
    assert late == promptly
    orders = [lambda many: list(reversed(range(many))), *(shuffled(n, 1 + n % 2) for n in range(seeds))]
    for order in orders:
        with told(field, acts, order, begin) as town:
            assert end(town, field) == late
            assert said(town) == words


@pytest.mark.parametrize("name", ["a date on a project", "versions"])
def test_late_deliveries_end_alike(name: str) -> None:
    ends_alike(name, "agreed, moved, reworded", 1, 0)


@pytest.mark.simulation
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("name", FIELDS)
def test_more_orders_end_alike(name: str, story: str) -> None:
    ends_alike(name, story, 1, 4)


@pytest.mark.simulation
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.id not in UNTRACED])
def test_more_orders_end_alike_where_nobody_had_looked_before(name: str, story: str) -> None:
    ends_alike(name, story, 0, 4)
