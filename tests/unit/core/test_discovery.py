"""A policy can require that a user is heard before its yes to a date counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from automation.domain.checklist import asked_of, missing, on_each
from automation.engine.plan import plan
from automation.model import (
    Contact,
    IssueState,
    Mode,
    Outcome,
    Plan,
    Policy,
    Problem,
    Rights,
    Say,
    SetDeadline,
    Status,
    Value,
)
from automation.rulebook.rulebook import Rulebook, load
from automation.text.typed_names import role_named
from tests.factories import (
    DEAL,
    LEE,
    MONA,
    NOW,
    RIGHTS,
    SAM,
    SPRING,
    WINTER,
    commitment,
    facts,
    looked,
    proposal,
    state,
    wrote,
)

DAY = timedelta(days=1)
PROBLEM = Problem("I sign in to nine tools every morning", LEE, NOW)
USER = Contact("Ada Lovelace, head of IT", LEE, NOW)
ASKED = state(WINTER, proposals=(proposal(SPRING, WINTER),))


@pytest.fixture(scope="module")
def required() -> Rulebook:
    shipped = load(Path("rules"))
    policy = shipped.config.sign_off["product"].model_copy(update={"discovery": "required"})
    return replace(shipped, config=replace(shipped.config, sign_off={"product": policy}))


def after(rules: Rulebook, before: IssueState, seen) -> Plan[IssueState]:
    return plan(before, {}, looked(before, replace(seen, rights=RIGHTS)), rules, Mode.ENFORCE, NOW)


def agreed(made: Plan[IssueState]) -> Value | None:
    known = made.state.fields["milestone"].commitment
    return known.value if known else None


def said(made: Plan[IssueState]) -> list[str]:
    return [one.intent.message for one in made.effects if isinstance(one.intent, Say)]


def sets(made: Plan[IssueState]) -> list[SetDeadline]:
    return [one.intent for one in made.effects if isinstance(one.intent, SetDeadline)]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("Ada Lovelace, head of IT, ada@delta.example", True),
        ("Ada Lovelace (head of IT)", True),
        ("Ada Lovelace – IT-Leiterin", True),
        ("…, …", True),
        ("Ada Lovelace", False),
        ("Ada Lovelace, ada@delta.example", False),
        ("Ada Lovelace, https://delta.example/ada", False),
        ("Ada Lovelace, +49 30 1234567", False),
        ("Ada Lovelace, <what they do>", False),
        ("…", False),
        ("Ada, ", False),
    ],
)
def test_a_role_is_what_stands_beside_a_name_and_is_no_address(words: str, named: bool) -> None:
    assert role_named(words) is named


def test_the_checklist_asks_for_what_nobody_has_said() -> None:
    known = state()
    assert missing(known) == ("problem", "user")
    assert missing(replace(known, users=(USER,))) == ("problem",)
    assert missing(replace(known, problems=(PROBLEM,), users=(Contact("Ada", LEE, NOW),))) == ("user",)
    assert missing(replace(known, problems=(PROBLEM,), users=(USER,))) == ()


def test_what_carries_a_date_asks_for_it_on_each_issue_that_a_deal_counts_on() -> None:
    filled = replace(state(), problems=(PROBLEM,), users=(USER,))
    empty = state()
    unlinked = replace(empty, links=tuple(replace(link, ended_at=NOW) for link in empty.links))

    assert asked_of([filled, unlinked]) == (filled,)
    assert on_each([filled, unlinked]) == ((PROBLEM,), (USER,))
    assert on_each([filled, replace(empty, users=(USER,))]) == ((), (USER, USER))
    assert asked_of([unlinked]) == (unlinked,), "where no deal counts on any, each is asked"


def test_several_policies_together_require_it_if_one_does() -> None:
    product, legal = Policy("product"), Policy("legal", discovery=True)
    assert Policy.together([product, legal]).discovery and Policy.together([legal, product]).discovery
    assert not Policy.together([product, replace(legal, discovery=False)]).discovery


def test_a_yes_in_words_does_not_count_before_and_says_what_is_missing(required: Rulebook) -> None:
    made = after(required, ASKED, facts(WINTER, wrote(MONA, "signoff", day=SPRING.day)))

    assert agreed(made) is None and sets(made) == []
    [waits] = made.state.open_proposals()
    assert waits.people() == (), "nor is it kept for later"
    assert said(made) == ["reply-discovery-first"]
    [refused] = [one for one in made.decisions if one.rule == "/signoff"]
    assert refused.outcome is Outcome.REFUSED
    parts = refused.reasons[-1].children
    assert [part.text.endswith("nobody has said it") for part in parts] == [True, True]


def test_once_it_is_there_the_same_words_count(required: Rulebook) -> None:
    filled = replace(ASKED, problems=(PROBLEM,), users=(USER,))
    made = after(required, filled, facts(WINTER, wrote(MONA, "signoff", day=SPRING.day)))

    assert agreed(made) == SPRING


@pytest.mark.parametrize(
    "known", [ASKED, state(WINTER, status=Status.COMMITTED, commitment=commitment(WINTER))]
)
def test_products_own_edit_stands_as_a_plan_and_is_told_what_is_missing(
    required: Rulebook, known: IssueState
) -> None:
    made = after(required, known, facts(SPRING, by=MONA))

    field = made.state.fields["milestone"]
    assert (field.standing, field.status) == (SPRING, Status.PLANNED)
    assert agreed(made) in (None, WINTER) and sets(made) == []
    assert said(made) == ["reply-discovery-first"]
    assert made.state.open_proposals() == known.open_proposals()


def test_to_give_the_field_what_is_agreed_already_asks_for_nothing(required: Rulebook) -> None:
    known = state(SPRING, status=Status.PLANNED, commitment=commitment(WINTER))
    made = after(required, known, facts(WINTER, by=MONA))

    assert agreed(made) == WINTER and said(made) == []


def test_to_agree_to_no_date_promises_nothing_and_asks_for_nothing(required: Rulebook) -> None:
    made = after(required, ASKED, facts(WINTER, wrote(MONA, "signoff", nothing=True)))

    assert "reply-discovery-first" not in said(made)
    assert made.state.fields["milestone"].commitment is not None


def test_whoever_is_not_of_product_reads_that_and_not_what_is_missing(required: Rulebook) -> None:
    made = after(required, ASKED, facts(WINTER, wrote(LEE, "signoff", day=SPRING.day)))

    assert said(made) == ["reply-not-product"]


LINKS = replace(state(), links=())


def first_link(rules: Rulebook, before: IssueState = LINKS, **about: object) -> Plan[IssueState]:
    seen = facts(WINTER, wrote(SAM, "link", deal="SALES-7"))
    seen = replace(seen, issue=replace(seen.issue, **about), deals={DEAL.subject: DEAL})
    return after(rules, before, seen)


def invites(made: Plan[IssueState]) -> list[bool]:
    intents = (one.intent for one in made.effects if not one.to_deal)
    return [one.event.invites for one in intents if isinstance(one, Say) and one.message == "linked"]


def test_the_first_link_invites_once(required: Rulebook) -> None:
    made = first_link(required, public=False)
    assert invites(made) == [True] and made.state.invited == NOW

    ended = tuple(replace(link, ended_at=NOW) for link in made.state.links)
    again = replace(made.state, links=ended, handled=(), invited=NOW - DAY)
    assert invites(first_link(required, again, public=False)) == [False], "nor for the next deal"


@pytest.mark.parametrize("about", [{"public": True}, {"public": False, "open": False}])
def test_nobody_is_invited_where_strangers_read_or_the_work_has_ended(
    required: Rulebook, about: dict[str, bool]
) -> None:
    made = first_link(required, **about)
    assert True not in invites(made) and made.state.invited is None and made.state.linked()


def test_what_is_there_is_not_asked_for(required: Rulebook) -> None:
    filled = replace(LINKS, problems=(PROBLEM,), users=(USER,))
    assert invites(first_link(required, filled, public=False)) == [False]


def test_of_several_policies_a_user_is_heard_before_the_yes_of_those_who_require_it(
    required: Rulebook,
) -> None:
    """Legal's yes needs none; the date is agreed once product has said yes as well, which does."""
    product = required.config.sign_off["product"]
    both = {"product": product, "legal": product.model_copy(update={"discovery": "optional"})}
    rules = replace(required, config=replace(required.config, sign_off=both))
    waits = replace(ASKED, proposals=(proposal(SPRING, WINTER, policy="legal and product"),))
    seen = facts(WINTER, wrote(MONA, "signoff", day=SPRING.day))

    def signed_by(*policies: str) -> Plan[IssueState]:
        rights = {MONA.id: Rights(product=frozenset(policies))}
        return plan(waits, {}, looked(waits, replace(seen, rights=rights)), rules, Mode.ENFORCE, NOW)

    legal = signed_by("legal")
    assert said(legal) == ["reply-more-needed"] and agreed(legal) is None
    for policies in (("product",), ("legal", "product")):
        assert said(signed_by(*policies)) == ["reply-discovery-first"]
