"""What conditions and messages see: every variable has a value, and says what is so now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from automation.domain.customer_names import Known
from automation.domain.fields import diff
from automation.model import (
    NOTHING,
    Command,
    Contact,
    Deal,
    Event,
    ProposalState,
    Rights,
    ScopeChange,
    Setback,
    Written,
)
from automation.rulebook.product_views import product_vars
from automation.rulebook.variables import (
    ActorVars,
    ChangeVars,
    CommitmentVars,
    DealVars,
    Message,
    PairVars,
    ProductVars,
    ProposalVars,
    Reply,
    ScopeVars,
    SetbackVars,
    ValueVars,
)
from automation.rulebook.views import conditions, message
from automation.text.safe import Safe
from tests.factories import (
    DEAL,
    LEE,
    MONA,
    NOW,
    SPRING,
    STRANGER,
    SUMMER,
    UNDATED,
    WINTER,
    commitment,
    facts,
    issue,
    proposal,
    say,
    state,
)

LATER = diff("milestone", WINTER, SPRING)
NOBODY = product_vars((), "", "")


def seen(**event: object):
    return conditions(Event("deadline.changed", NOW, **event), facts(SPRING), state(WINTER))


def rendered(deal: Deal | None = None, **event: object) -> Message:
    return message(say(**event), issue(SPRING), {DEAL.subject: DEAL}, NOBODY, "@lee", deal, NOW.date())


# ---------------------------------------------------------------- conditions


def test_a_condition_sees_the_change_as_people_count_it() -> None:
    assert seen(change=LATER).change == ChangeVars(
        field="milestone",
        label="Milestone",
        kind="later",
        old=ValueVars("2027-01-31", "Winter release"),
        new=ValueVars("2027-03-01", "Spring release"),
        days=29,
    )


def test_what_an_event_does_not_have_is_empty_and_never_missing() -> None:
    bare = seen()

    assert (bare.change, bare.actor, bare.commitment) == (ChangeVars(), ActorVars(), CommitmentVars())


def test_a_condition_sees_whether_product_did_it() -> None:
    assert seen(actor=MONA).actor == ActorVars("mona", product=True)
    assert seen(actor=LEE).actor == ActorVars("lee", product=False)
    assert seen(actor=STRANGER).actor == ActorVars("stranger", product=False)


def test_a_condition_sees_the_issue_with_its_deals() -> None:
    found = seen().issue

    assert (found.key, found.system, found.title) == ("acme/shop#12", "github", "Single sign-on")
    assert found.deals == (
        DealVars("SALES-7", "Borealis Ltd, 300 seats", DEAL.url, True, "2027-03-20", "", "jira"),
    )


def test_a_deal_that_could_not_be_read_counts_all_the_same() -> None:
    """Else a deal that is closed to us would let its dates go unheld."""
    unread = conditions(Event("deadline.changed", NOW), replace(facts(), deals={}), state())

    assert [(deal.key, deal.name) for deal in unread.issue.deals] == [("SALES-7", "SALES-7")]


def test_an_unlinked_issue_has_no_deals() -> None:
    assert conditions(Event("deadline.changed", NOW), facts(), state(linked=False)).issue.deals == ()


def test_a_condition_sees_the_commitment_that_the_event_is_about() -> None:
    assert seen(commitment=commitment(WINTER, at_risk=True)).commitment == CommitmentVars(
        "2027-01-31", "Winter release", True
    )


def test_rights_are_those_of_this_look() -> None:
    nobody = replace(facts(), rights={MONA.id: Rights()})

    assert not conditions(Event("deadline.changed", NOW, actor=MONA), nobody, state()).actor.product


# ---------------------------------------------------------------- messages


def test_a_message_about_a_proposal_has_the_line_to_paste() -> None:
    assert rendered(proposal=proposal(SPRING)).proposal == ProposalVars(
        day="2027-03-01",
        name="Spring release",
        asked_by="lee",
        answer_by="2027-01-14",
        command=Safe("/signoff 2027-03-01"),
        label="Milestone",
    )


def test_where_a_date_was_cleared_the_line_signs_no_date() -> None:
    assert rendered(proposal=proposal(NOTHING, asked_by=None)).proposal.command == "/signoff none"


def test_where_nothing_was_asked_the_line_signs_the_date_that_stands() -> None:
    assert rendered(change=diff("milestone", NOTHING, SUMMER)).proposal == ProposalVars(
        command=Safe("/signoff 2027-04-15"), label="Milestone"
    )


def test_where_no_date_stands_there_is_no_line() -> None:
    assert rendered(change=diff("milestone", WINTER, UNDATED)).proposal == ProposalVars()
    assert rendered().proposal == ProposalVars()


def test_a_message_has_the_answer_and_its_reason() -> None:
    answer = rendered(actor=MONA, because="it fits", commitment=commitment(counter=True)).answer

    assert (answer.by, answer.because, answer.counter) == ("mona", "it fits", True)


def test_a_message_that_answers_no_command_has_an_empty_reply() -> None:
    assert rendered().reply == Reply()


def test_a_reply_has_what_was_typed_an_example_and_choices() -> None:
    written = Written(Command("link", deal="SALES-999", problem="Hm."), "c1", LEE, NOW)

    reply = rendered(written=written, choices=("/signoff 2027-03-01",)).reply

    assert (reply.to, reply.text, reply.problem) == ("@lee", "SALES-999", "Hm.")
    assert reply.example == "/link <key or address>"
    assert reply.choices == ("/signoff 2027-03-01",)


def test_what_handshake_made_itself_is_safe_and_what_was_typed_is_not() -> None:
    written = Written(Command("link", deal="**SALES**", problem="“**x**” is odd."), "c1", LEE, NOW)
    made = rendered(written=written, proposal=proposal(), choices=("/signoff none",))

    for text in (made.reply.to, made.reply.example, *made.reply.choices, made.proposal.command):
        assert isinstance(text, Safe)
    for text in (made.reply.text, made.reply.problem, made.issue.title, made.actor.name, made.rule.name):
        assert not isinstance(text, Safe)


def test_a_message_has_the_deal_it_is_told_to_or_an_empty_one() -> None:
    assert rendered(DEAL).deal.name == "Borealis Ltd, 300 seats"
    assert rendered(None).deal == DealVars()


def test_a_deal_without_a_closing_date_says_so_with_nothing() -> None:
    assert rendered(replace(DEAL, closes=None)).deal.closes == ""
    assert rendered(replace(DEAL, closes=date(2028, 2, 29))).deal.closes == "2028-02-29"


def test_people_of_product_are_named_and_one_is_pinged() -> None:
    assert product_vars(["mona", "omar"], "@mona", "product") == ProductVars(
        mention=Safe("@mona"), people=("mona", "omar"), group="product"
    )


def test_a_proposal_that_was_answered_is_still_told_of() -> None:
    assert rendered(proposal=proposal(state=ProposalState.SIGNED)).proposal.day == "2027-03-01"


def test_a_date_that_is_signed_and_not_in_its_field_yet_is_told_to_nobody() -> None:
    signed = commitment(SPRING, verified=False, replaces=WINTER, at_risk=True)
    first = commitment(SPRING, verified=False, at_risk=True)

    assert rendered(commitment=signed).commitment == CommitmentVars("2027-01-31", "Winter release", True)
    assert rendered(commitment=first).commitment == CommitmentVars()
    told = rendered(commitment=first, setback=Setback("refused", "apply", "Give it."))
    assert told.commitment.day == "2027-03-01"
    assert told.setback == SetbackVars("refused", "apply", "Give it.")


# ---------------------------------------------------------------- names


def shown_to(deal: Deal | None, known: Known, name: str = "", **event: object) -> Message:
    known_state = replace(state(), name=name, users=(Contact("Ada, head of IT", LEE, NOW),))
    seen = {DEAL.subject: DEAL}
    return message(say(**event), issue(), seen, NOBODY, "", deal, NOW.date(), known_state, known)


def test_an_issue_is_called_what_customers_may_read() -> None:
    sso = Known(deals=("Sign-on Ltd",))

    assert rendered(DEAL).issue.name == "“Single sign-on”"
    assert shown_to(DEAL, sso).issue.name == "what you asked for"
    assert shown_to(DEAL, sso, "Log in once").issue.name == "Log in once"
    assert not isinstance(shown_to(DEAL, sso, "Log in once").issue.name, Safe)


def test_a_deal_reads_of_a_change_what_customers_may_read_and_engineers_read_all() -> None:
    change = ScopeChange(
        added=("passkeys", "as Delta Bank has it"),
        removed=("pays 400k",),
        changed=(("30 days", "like at Delta"), ("30 days", "90 days")),
        title=("SSO for Delta", "SSO"),
    )
    delta = Known(deals=("Delta Bank",))

    assert shown_to(DEAL, delta, scope=change).scope == ScopeVars(
        added=("passkeys",), changed=(PairVars("30 days", "90 days"),),
        more_added=1, more_removed=1, more_changed=2,
    )  # fmt: skip
    all_of_it = shown_to(None, delta, scope=change).scope
    assert (all_of_it.added, all_of_it.more_changed) == (change.added, 0)
    tags = ScopeChange(title=("[WIP] SSO", "SSO"))
    assert shown_to(DEAL, delta, scope=tags).scope == ScopeVars()
    renamed = ScopeChange(title=("SSO", "Sign-on"))
    assert shown_to(DEAL, delta, scope=renamed).scope == ScopeVars(title=PairVars("SSO", "Sign-on"))
    assert shown_to(DEAL, delta, "Log in once", scope=renamed).scope == ScopeVars(more_changed=1)


def test_whom_to_talk_to_is_asked_while_nobody_is_known() -> None:
    asking = replace(say(), ask_user=True)

    assert message(asking, issue(), {}, NOBODY, "", DEAL, NOW.date(), state()).ask_user
    known = replace(state(), users=(Contact("Ada", LEE, NOW),))
    assert not message(asking, issue(), {}, NOBODY, "", DEAL, NOW.date(), known).ask_user
