"""Break glass: somebody whom the policy names lets a date stand that product has not agreed to. Everybody
reads that it is not agreed, and product's ordinary yes ends that."""

from __future__ import annotations

from pathlib import Path

import pytest

from automation.model import Status
from automation.store import figures, ledger, open_proposals
from tests.end_to_end.conftest import REPO, SPRING, SUMMER, WINTER, Town, both, let_leads_override

tracker = both

BECAUSE = "because the contract is signed for that day"


@pytest.fixture
def glass(town: Town, rules: Path) -> Town:
    """Vera is of the leads, who may override. Sam has linked the deal."""
    let_leads_override(town, rules)
    town.box.github.set_role(REPO, "stranger", "read")
    town.comment("sam", f"/link {town.deal}")
    town.clock.forward(minutes=25)
    return town


def status(town: Town) -> Status:
    state, _ = town.worker_app.states.load(town.subject)
    return state.fields[next(iter(state.fields))].status


def test_a_date_stands_by_an_override_and_both_sides_read_that_it_is_not_agreed(glass: Town) -> None:
    glass.ask("lee", SPRING)
    assert glass.place.day() is None
    glass.comment("vera", f"/override {SPRING} {BECAUSE}")

    assert (glass.place.day(), status(glass)) == (SPRING, Status.OVERRIDDEN)
    on_issue, on_deal = glass.on_issue()[-1], glass.on_deal()[-1]
    assert "1 March stands, and product has not agreed" in on_issue
    assert "Because: the contract is signed for that day" in on_issue
    assert "mona" in on_issue.lower() and f"signoff {SPRING}" in on_issue
    assert "1 March is planned, and product has not agreed" in on_deal
    assert "a plan, not a promise" in on_deal and "contract is signed" not in on_deal
    [asked] = open_proposals.waiting(glass.worker_app.database)
    assert asked.override and asked.override.by.name.lower() == "vera"
    glass.worker_app.counters.flush()
    counted = figures.read(glass.worker_app.database, glass.clock.now.timestamp()).counted["overrides"]
    assert counted == {(glass.subject.system,): 1}
    told = [line.entry for line in ledger.story(glass.worker_app.database, glass.subject)]
    assert [e.by.name.lower() for e in told if e.what == "overridden" and BECAUSE in e.text] == ["vera"]


def test_an_ordinary_yes_ends_what_is_unsigned(glass: Town) -> None:
    glass.comment("vera", f"/override {SPRING} {BECAUSE}")
    glass.clock.forward(hours=1)
    glass.comment("mona", "/signoff")

    assert (glass.place.day(), status(glass), glass.waiting()) == (SPRING, Status.COMMITTED, [])
    assert "agreed for 1 March" in glass.on_deal()[-1]
    assert "product agreed to 1 March" in glass.on_issue()[-1]


def test_another_date_of_product_takes_its_place(glass: Town) -> None:
    glass.comment("vera", f"/override {SPRING} {BECAUSE}")
    glass.clock.forward(hours=1)
    glass.comment("mona", f"/signoff {SUMMER}")

    assert (glass.place.day(), status(glass)) == (SUMMER, Status.COMMITTED)


def test_a_no_of_product_is_answered_and_does_not_end_it_but_whoever_did_it_can(glass: Town) -> None:
    glass.comment("vera", f"/override {SPRING} {BECAUSE}")
    glass.clock.forward(hours=1)
    glass.comment("mona", f"/decline {SPRING}")
    assert (glass.place.day(), status(glass)) == (SPRING, Status.OVERRIDDEN)
    assert "goes on standing, not agreed" in glass.on_issue()[-1]

    glass.clock.forward(hours=1)
    glass.comment("vera", "/withdraw")
    assert glass.place.day() is None
    assert (status(glass), glass.waiting()) == (Status.EMPTY, [])


def test_what_was_agreed_before_is_not_to_be_repeated_and_does_not_stand_beside_it(glass: Town) -> None:
    glass.ask("mona", WINTER)
    glass.comment("mona", f"/signoff {WINTER}")
    glass.clock.forward(hours=1)
    glass.settle()
    assert "agreed for 31 January" in glass.on_deal()[-1]
    glass.comment("vera", f"/override {SPRING} {BECAUSE}")
    assert "don't repeat 31 January" in glass.on_deal()[-1]

    glass.ask("lee", SUMMER)
    assert glass.place.day() == SPRING
    glass.clock.forward(hours=1)
    glass.comment("mona", f"/decline {SUMMER} because it is too late")
    assert (glass.place.day(), status(glass)) == (SPRING, Status.OVERRIDDEN)
    assert not any("still stands" in said for said in glass.on_deal()[-2:])
    [left] = open_proposals.unsigned(glass.worker_app.database)
    assert left.override.value.day == SPRING

    glass.clock.forward(hours=1)
    glass.comment("mona", f"/signoff {WINTER}")
    assert (glass.place.day(), status(glass)) == (WINTER, Status.COMMITTED)
    assert open_proposals.unsigned(glass.worker_app.database) == []


def test_it_is_for_one_change_only(glass: Town) -> None:
    glass.comment("vera", f"/override {SPRING} {BECAUSE}")
    glass.ask("vera", SUMMER)

    assert (glass.place.day(), status(glass)) == (SPRING, Status.OVERRIDDEN)


def test_without_the_right_nothing_stands_and_only_those_who_may_link_hear_why(glass: Town) -> None:
    said = len(glass.on_issue())
    glass.comment("stranger", f"/override {SPRING} {BECAUSE}")
    assert len(glass.on_issue()) == said
    for who in ("sam", "mona"):
        glass.comment(who, f"/override {SPRING} {BECAUSE}")
        assert "Only a few people may" in glass.on_issue()[-1]
    glass.comment("sam", f"/override {SPRING} {BECAUSE}")

    assert len(glass.on_issue()) == said + 2
    assert (glass.place.day(), glass.waiting()) == (None, [])


def test_the_right_is_asked_of_the_person_at_that_moment(glass: Town) -> None:
    glass.box.github.set_membership("acme", "leads", "vera", None)
    glass.box.jira.set_member("leads", "vera", False)
    glass.comment("vera", f"/override {SPRING} {BECAUSE}")

    assert (glass.place.day(), glass.waiting()) == (None, [])


def test_without_a_reason_nothing_stands(glass: Town) -> None:
    glass.comment("vera", f"/override {SPRING}")

    assert (glass.place.day(), glass.waiting()) == (None, [])
    assert "Say why, after the word" in glass.on_issue()[-1]
