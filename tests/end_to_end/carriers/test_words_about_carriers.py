"""Words on an issue about the own date of its milestone or version: to let it stand without product, and to
ask for it. They are said where the carrier speaks, and whoever typed them elsewhere reads where that is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from automation.domain.standing import how_it_stands
from automation.model import FieldState, Status
from automation.sandbox.places import Place
from automation.store import figures, ledger, open_proposals
from tests.end_to_end.carried import KINDS, Carried, held, said_on, subject_of
from tests.end_to_end.conftest import REPO, SPRING, SUMMER, Town, let_leads_override
from tests.end_to_end.passing_time import live

JUNE, MAY = date(2027, 6, 1), date(2027, 5, 4)
BECAUSE = "because the contract is signed for that day"


@pytest.fixture
def agreed(town: Town, rules: Path) -> Town:
    """1 March is agreed, and both sides know; Vera may let dates stand without that."""
    let_leads_override(town, rules)
    town.box.github.set_role(REPO, "stranger", "read")
    town.ask("lee", SPRING)
    town.comment("sam", f"/link {town.deal}")
    town.comment("mona", f"/signoff {SPRING}")
    town.clock.forward(hours=2)
    town.settle()
    return town


@pytest.fixture
def other(agreed: Town) -> Place:
    """It has most deals, so that it is there that its carrier speaks."""
    place = kind_of(agreed).another(agreed, "Audit log")
    for deal in (agreed.deal, second(agreed)):
        place.comment("sam", f"/link {deal}")
    agreed.settle()
    return place


def second(town: Town) -> str:
    return town.box.jira.add_issue("SALES", "Echo Foods", reporter="sam", assignee="sam", due=JUNE)


def kind_of(town: Town) -> Carried:
    return KINDS[town.subject.system]


def move(town: Town, who: str, to: date | None) -> None:
    kind_of(town).set(town, who, to)
    town.settle()


def due(town: Town) -> date | None:
    return kind_of(town).due(town)


def mine(town: Town, place: Place | None = None) -> FieldState:
    subject = subject_of(town, place) if place else town.subject
    return town.worker_app.states.load(subject)[0].fields[kind_of(town).field]


def named(town: Town) -> str:
    return kind_of(town).label.lower().replace(" ", "-")


def overrides_counted(town: Town) -> dict[tuple[str, ...], int]:
    town.worker_app.counters.flush()
    return figures.read(town.worker_app.database, town.clock.now.timestamp()).counted.get("overrides", {})


def test_what_is_asked_of_a_milestone_stands_by_an_override_and_each_deal_reads_so_once(
    agreed: Town, other: Place
) -> None:
    kind = kind_of(agreed)
    move(agreed, "lee", JUNE)
    writes, deal, there = len(kind.writes(agreed)), len(agreed.on_deal()), len(said_on(other))

    agreed.comment("vera", f"/override {JUNE} {BECAUSE}")

    assert kind.writes(agreed)[writes:] == [kind.path(agreed)] and due(agreed) == JUNE
    [on_other] = said_on(other)[there:]
    assert f"Date of {kind.noun} “Spring release”: 1 June stands, and product has not agreed" in on_other
    assert "Because: the contract is signed for that day" in on_other
    assert "signoff 2027-06-01" in on_other
    [on_deal] = agreed.on_deal()[deal:]
    assert "“Single sign-on” and “Audit log”: 1 June is planned, and product has not agreed" in on_deal
    assert "don't repeat 1 March" in on_deal and "contract is signed" not in on_deal
    assert held(agreed, kind).status is Status.OVERRIDDEN
    [asked] = open_proposals.waiting(agreed.worker_app.database)
    assert asked.override and asked.override.by.name.lower() == "vera"
    assert overrides_counted(agreed) == {(agreed.subject.system,): 1}
    story = ledger.story(agreed.worker_app.database, kind.subject(agreed))
    told = [line.entry for line in story if line.entry.what == "overridden"]
    assert [one.by.name.lower() for one in told if one.by and BECAUSE in one.text] == ["vera"]
    for place in (None, other):
        stands = mine(agreed, place)
        assert (stands.standing.day, stands.status) == (JUNE, Status.OVERRIDDEN)
        assert "without product's yes" in how_it_stands(stands, agreed.clock.now.date())

    so_it_is = [said_on(other), agreed.on_deal(), len(kind.writes(agreed))]
    live(agreed, 3700)
    kind.stir(agreed, agreed.place)
    kind.stir(agreed, other)
    agreed.settle()
    assert [said_on(other), agreed.on_deal(), len(kind.writes(agreed))] == so_it_is


def test_whoever_typed_it_on_another_issue_reads_where_it_is_said(agreed: Town, other: Place) -> None:
    move(agreed, "lee", JUNE)
    here = len(agreed.on_issue())

    agreed.comment("vera", f"/override {JUNE} {BECAUSE}")

    [reply] = agreed.on_issue()[here:]
    assert "Noted for “Spring release”; it is said on " + other.key in reply and "vera" in reply.lower()

    agreed.clock.forward(hours=1)
    agreed.comment("mona", "/signoff 2027-06-01")
    assert len(agreed.on_issue()) == here + 2 and "it is said on" in agreed.on_issue()[-1]

    there = len(said_on(other))
    move(agreed, "lee", SUMMER)
    other.comment("mona", "/decline")
    agreed.settle()
    assert len(agreed.on_issue()) == here + 2, "it was typed where it is said"
    assert len(said_on(other)) == there + 2


def test_an_ordinary_yes_ends_what_is_unsigned_for_all_that_stand_on_it(agreed: Town, other: Place) -> None:
    move(agreed, "lee", JUNE)
    agreed.comment("vera", f"/override {JUNE} {BECAUSE}")
    agreed.clock.forward(hours=1)
    deal, writes = len(agreed.on_deal()), len(kind_of(agreed).writes(agreed))

    agreed.comment("mona", "/signoff")

    assert (due(agreed), held(agreed, kind_of(agreed)).status) == (JUNE, Status.COMMITTED)
    assert agreed.waiting() == [] and open_proposals.unsigned(agreed.worker_app.database) == []
    [on_deal] = agreed.on_deal()[deal:]
    assert "move from 1 March to 1 June" in on_deal
    assert len(kind_of(agreed).writes(agreed)) == writes, "it stands already"
    for place in (None, other):
        stands = mine(agreed, place)
        assert stands.commitment and (stands.commitment.value.day, stands.commitment.at_risk) == (JUNE, False)
        assert stands.status is Status.COMMITTED


def test_a_no_does_not_end_it_but_whoever_let_it_stand_takes_it_back(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    agreed.comment("vera", f"/override {JUNE} {BECAUSE}")
    agreed.clock.forward(hours=1)

    agreed.comment("mona", f"/decline {JUNE}")
    assert due(agreed) == JUNE and "goes on standing, not agreed" in agreed.on_issue()[-1]

    agreed.clock.forward(hours=1)
    agreed.comment("vera", "/withdraw")
    assert due(agreed) == SPRING and agreed.waiting() == []
    stands = mine(agreed)
    assert (stands.standing.day, stands.status) == (SPRING, Status.COMMITTED)
    assert "1 March still stands" in agreed.on_deal()[-1]


def test_a_date_that_nobody_asked_for_stands_where_the_words_name_the_milestones_own(agreed: Town) -> None:
    agreed.comment("vera", f"/override {named(agreed)} {MAY} {BECAUSE}")

    assert due(agreed) == MAY and held(agreed, kind_of(agreed)).status is Status.OVERRIDDEN
    assert "4 May stands, and product has not agreed" in agreed.on_issue()[-1]
    assert [one.value.day for one in agreed.waiting()] == [MAY]


def test_without_the_right_it_does_not_stand_and_only_those_who_may_link_hear_why(agreed: Town) -> None:
    move(agreed, "lee", JUNE)
    said, writes = len(agreed.on_issue()), len(kind_of(agreed).writes(agreed))

    agreed.comment("stranger", f"/override {JUNE} {BECAUSE}")
    assert len(agreed.on_issue()) == said
    agreed.comment("sam", f"/override {JUNE} {BECAUSE}")
    assert "Only a few people may" in agreed.on_issue()[-1] and len(agreed.on_issue()) == said + 1
    agreed.box.github.set_membership("acme", "leads", "vera", None)
    agreed.box.jira.set_member("leads", "vera", False)
    agreed.comment("vera", f"/override {JUNE} {BECAUSE}")

    assert due(agreed) == SPRING and len(kind_of(agreed).writes(agreed)) == writes
    assert overrides_counted(agreed) == {}


def test_a_bare_date_that_the_milestone_is_not_asked_for_is_about_the_issue(agreed: Town) -> None:
    move(agreed, "lee", JUNE)

    agreed.comment("vera", f"/override {SUMMER} {BECAUSE}")

    assert (agreed.place.day(), due(agreed)) == (SUMMER, SPRING)
    assert mine(agreed).status is Status.OVERRIDDEN


def test_a_wish_is_for_the_milestone_where_it_names_its_date(agreed: Town, other: Place) -> None:
    writes, deal, there = len(kind_of(agreed).writes(agreed)), len(agreed.on_deal()), len(said_on(other))
    here = len(agreed.on_issue())

    agreed.comment("sam", f"/ask {named(agreed)} {MAY} because the customer starts then")

    [(about, asked)] = agreed.worker_app.states.open_proposals()
    assert (about, asked.value.day) == (kind_of(agreed).subject(agreed), MAY)
    assert asked.asked_by and asked.asked_by.name.lower() == "sam"
    assert asked.because == "the customer starts then"
    assert due(agreed) == SPRING and len(kind_of(agreed).writes(agreed)) == writes
    [on_other], [reply] = said_on(other)[there:], agreed.on_issue()[here:]
    assert "signoff 2027-05-04" in on_other and "it is said on " + other.key in reply
    assert len(agreed.on_deal()) == deal + 1 and "4 May" in agreed.on_deal()[-1]

    agreed.clock.forward(hours=1)
    agreed.comment("mona", "/signoff")
    assert due(agreed) == MAY and agreed.waiting() == []
    assert "move from 1 March to 4 May" in agreed.on_deal()[-1]


def test_a_wish_without_that_name_is_the_issues_own_and_is_told_the_line_where_nothing_carries_it(
    agreed: Town,
) -> None:
    agreed.comment("sam", f"/ask {SUMMER} because the customer starts then")
    assert [about for about, _ in agreed.worker_app.states.open_proposals()] == [agreed.subject]
    agreed.comment("sam", "/withdraw")

    agreed.comment("sam", f"/ask {MAY} because the customer starts then")

    line = f"ask {named(agreed)} 2027-05-04"
    assert agreed.waiting() == [] and line in agreed.on_issue()[-1]
    slash = "/" if agreed.subject.system == "github" else "handshake "
    agreed.comment("sam", slash + line)
    assert [one.value.day for one in agreed.waiting()] == [MAY]


def test_whoever_may_not_ask_asks_nothing_of_a_milestone(agreed: Town) -> None:
    said = len(agreed.on_issue())

    agreed.comment("stranger", f"/ask {named(agreed)} {MAY} because I like it")

    assert agreed.waiting() == [] and len(agreed.on_issue()) == said


def test_what_one_comment_says_of_the_issue_is_not_done_to_the_milestone_too(agreed: Town) -> None:
    move(agreed, "lee", JUNE)

    agreed.comment("mona", f"/ask {SUMMER}\n/decline {JUNE}")

    assert due(agreed) == SPRING
    assert [about for about, _ in agreed.worker_app.states.open_proposals()] == [agreed.subject]
