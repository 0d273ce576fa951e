"""What a deal hears: of a wish, whom it is for; of an agreed date, from what it was told last."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from automation.domain.told import goes_by, heard, hearers_of_wish, overtaken, owed
from automation.model import (
    COMMITTED,
    NOTHING,
    Change,
    Commitment,
    Event,
    IssueState,
    Kind,
    Link,
    Person,
    ProposalState,
    Told,
    Value,
)
from tests.factories import (
    DEAL,
    LEE,
    MONA,
    NOW,
    SAM,
    SPRING,
    SUMMER,
    WINTER,
    commitment,
    deal,
    proposal,
    state,
)

FIELD = "milestone"
ECHO = replace(DEAL, subject=deal("SALES-8"), name="Echo Foods", owned_by=Person("jira", "5b10", "Eve"))
DEALS = {DEAL.subject: DEAL, ECHO.subject: ECHO}
OWNER = Person("jira", "5b10", "Olga")


def known(agreed: Commitment | None, *links: Link, **told: Told) -> IssueState:
    made = links or (Link(DEAL.subject, SAM, NOW), Link(ECHO.subject, LEE, NOW))
    rows = {(deal(key.replace("_", "-")), FIELD): row for key, row in told.items()}
    return replace(state(SPRING, commitment=agreed), links=made, told=rows)


def hearers(before: IssueState, asker: Person | None) -> tuple[str, ...] | None:
    return hearers_of_wish(before, FIELD, asker, DEALS, NOW.date())


# ---------------------------------------------------------------- whose wish it is


def test_without_an_agreed_date_and_while_one_is_at_risk_all_hear_of_a_wish() -> None:
    assert hearers(known(None), LEE) is None
    assert hearers(known(commitment(SPRING, at_risk=True)), LEE) is None


@pytest.mark.parametrize(
    ("asker", "theirs"),
    [(LEE, (ECHO,)), (SAM, (DEAL,)), (OWNER, (ECHO,)), (MONA, ()), (None, ())],
)
def test_beside_an_agreed_date_a_wish_is_for_deals_the_asker_linked_or_owns(asker, theirs) -> None:
    assert hearers(known(commitment(SPRING)), asker) == tuple(one.subject for one in theirs)


def test_an_id_of_one_system_is_nobodys_in_another() -> None:
    assert hearers(known(commitment(SPRING)), Person("github", "5b10", "somebody")) == ()


def test_the_only_deal_hears_of_each_wish() -> None:
    assert hearers(known(commitment(SPRING), Link(DEAL.subject, SAM, NOW)), MONA) is None


def test_a_deal_that_may_use_no_date_hears_of_each_wish() -> None:
    for row in (Told(), Told(SPRING, rechecking=True)):
        assert hearers(known(commitment(SPRING), SALES_7=row), LEE) == (DEAL.subject, ECHO.subject)
    over = hearers_of_wish(known(commitment(SPRING)), FIELD, MONA, DEALS, NOW.date() + timedelta(days=90))
    assert over == (DEAL.subject, ECHO.subject)


# ---------------------------------------------------------------- what it goes by


def event(name: str, new: Value = SUMMER, **more) -> Event:
    return Event(name, NOW, change=Change(FIELD, Kind.LATER, SPRING, new), **more)


@pytest.mark.parametrize(
    ("agreed", "row", "expected"),
    [
        (commitment(SPRING), Told(SPRING), Told(SPRING, False)),
        (commitment(SPRING, at_risk=True), Told(SPRING), Told(SPRING, True)),
        (commitment(SUMMER), Told(SPRING), Told(SPRING, True)),
        (commitment(SUMMER, verified=False, replaces=WINTER), None, Told(WINTER, True)),
        (commitment(SUMMER), None, Told(SUMMER, False)),
        (commitment(NOTHING), Told(SPRING), Told(SPRING, True)),
        (None, None, None),
    ],
)
def test_a_deal_goes_by_what_it_was_told_and_not_where_a_newer_date_is_in_force(
    agreed, row, expected
) -> None:
    before = known(agreed, **({"SALES_7": row} if row else {}))

    assert goes_by(before, DEAL.subject, event("deadline.asked")).get("milestone") == expected


def test_a_deal_that_is_linked_while_a_date_is_in_doubt_was_told_none() -> None:
    before = known(commitment(SPRING, at_risk=True))

    [said] = heard(before, DEAL.subject, event("deal.linked"), (FIELD,))

    assert said.told == Told(NOTHING, rechecking=True)


# ---------------------------------------------------------------- what it is owed


def test_what_is_owed_starts_from_what_each_was_told_and_is_planned_once() -> None:
    before = known(commitment(SUMMER), SALES_7=Told(SPRING), SALES_8=Told())
    fields = {FIELD: replace(before.fields[FIELD], telling={str(ECHO.subject): NOTHING})}

    assert owed(before, FIELD) == {DEAL.subject: SPRING, ECHO.subject: NOTHING}
    assert owed(replace(before, fields=fields), FIELD) == {DEAL.subject: SPRING}


def test_the_end_of_a_doubt_is_owed_too() -> None:
    assert owed(known(commitment(SPRING), SALES_7=Told(SPRING, True)), FIELD) == {DEAL.subject: SPRING}
    assert owed(known(commitment(SPRING), SALES_7=Told(SPRING)), FIELD) == {}


# ---------------------------------------------------------------- words that are not so any more

MOVED = commitment(SUMMER)
TELLS = event(COMMITTED, commitment=MOVED)


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (known(MOVED, SALES_7=Told(SPRING)), ""),
        (known(MOVED), ""),
        (known(replace(MOVED, at_risk=True)), "rechecked"),
        (known(commitment(WINTER)), "taken its place"),
        (known(replace(MOVED, signed_at=NOW)), "taken its place"),
        (known(MOVED, SALES_7=Told(SUMMER)), "so already"),
        (known(MOVED, SALES_7=Told(WINTER)), "another date than"),
    ],
)
def test_word_of_an_agreed_date_is_withheld_where_it_is_not_so_any_more(before, why) -> None:
    found = overtaken(before, DEAL.subject, TELLS)

    assert bool(found) == bool(why)
    assert why in found


def test_that_a_wish_waits_is_not_said_once_it_was_answered() -> None:
    asks = event("deadline.asked", proposal=proposal())
    for answered in (state(proposals=(proposal(state=how),)) for how in ProposalState if how != "open"):
        assert overtaken(answered, DEAL.subject, asks)
    assert not overtaken(state(proposals=(proposal(),)), DEAL.subject, asks)


def test_that_a_date_stands_is_not_said_where_it_does_not() -> None:
    says_so = event("proposal.declined", proposal=proposal(), commitment=commitment(SPRING))

    assert not overtaken(known(commitment(SPRING)), DEAL.subject, says_so)
    assert overtaken(known(commitment(SPRING, at_risk=True)), DEAL.subject, says_so)
    assert overtaken(known(commitment(SUMMER), SALES_7=Told(SPRING)), DEAL.subject, says_so)
