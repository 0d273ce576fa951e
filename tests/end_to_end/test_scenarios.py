"""The same stories on a GitHub milestone and on a Jira due date, with the same verdicts."""

from __future__ import annotations

import re

import pytest

from automation.sandbox.places import GitHubIssue
from tests.end_to_end.conftest import BODY, SPRING, SUMMER, WINTER, Town, both, each_database

LABELS = {"customer-request", "waiting-for-product"}


tracker = both
database_url = each_database


@pytest.fixture
def agreed(asked: Town) -> Town:
    """Mona has signed 1 March."""
    asked.comment("mona", "/signoff 2027-03-01")
    return asked


def counts(town: Town) -> tuple[int, int]:
    return len(town.on_issue()), len(town.on_deal())


# ---------------------------------------------------------------- link


@pytest.mark.parametrize("line", ["{slash}link {deal}", "/link {url}/browse/{deal}"])
def test_link(town: Town, line: str) -> None:
    slash = "/" if isinstance(town.place, GitHubIssue) else "handshake "
    town.comment("sam", line.format(slash=slash, deal=town.deal, url=town.box.jira_url))

    assert counts(town) == (1, 1)
    assert "Borealis Ltd" in town.on_issue()[0]
    assert "not planned yet" in town.on_deal()[0]
    assert town.place.labels() == {"customer-request"}


def test_in_jira_the_deal_is_shown_among_the_issues_links_while_it_is_linked(linked: Town) -> None:
    if isinstance(linked.place, GitHubIssue):
        assert linked.place.labels() == {"customer-request"}, "GitHub has no place for such links"
        return
    shown = list(linked.box.jira.remote_links(linked.place.key))
    linked.comment("sam", f"/unlink {linked.deal}")

    assert len(shown) == 1
    assert list(linked.box.jira.remote_links(linked.place.key)) == []


def test_a_date_that_stood_before_linking_is_inherited(town: Town) -> None:
    town.place.ask("lee", WINTER)
    town.clock.forward(minutes=1)

    town.comment("sam", f"/link {town.deal}")

    assert town.place.day() == WINTER
    assert "not for customers" in town.on_deal()[0]


@pytest.mark.parametrize("part", ["title", "body"])
def test_a_deal_named_in_the_words_is_linked_and_unlinked(town: Town, part: str) -> None:
    words = {
        "title": f"Single sign-on ({town.deal})",
        "body": f"{BODY}\n\nFor {town.box.jira_url}/browse/{town.deal}",
    }
    town.edit("lee", **{part: words[part]})
    linked = counts(town)
    town.edit("lee", title="Single sign-on", body=BODY)

    assert linked == (1, 1)
    assert counts(town) == (2, 2)
    assert "no longer connected" in town.on_deal()[1]
    assert town.place.labels() == set()


def test_a_stranger_can_neither_link_nor_unlink_by_words(town: Town) -> None:
    """On GitHub an issue's author may edit it, whoever that is."""
    stranger_writes(town, f"{BODY}\n\nSee {town.deal}")
    assert counts(town) == (0, 0)

    town.comment("sam", f"/link {town.deal}")
    stranger_writes(town, BODY)
    assert counts(town) == (1, 1)


def stranger_writes(town: Town, body: str) -> None:
    if isinstance(town.place, GitHubIssue):
        town.box.github.set_role("acme/shop", "stranger", "triage")
        town.place.edit("stranger", body=body)
        town.box.github.set_role("acme/shop", "stranger", "read")
    else:
        town.place.edit("stranger", body=body)
    town.settle()


def test_unlink_by_command(linked: Town) -> None:
    linked.comment("sam", f"/unlink {linked.deal}")

    linked.ask("lee", SPRING)

    assert linked.place.day() == SPRING, "no deal hangs on it any more"
    assert "no longer connected" in linked.on_deal()[-1]


def test_a_commitment_outlives_its_link(agreed: Town) -> None:
    agreed.comment("sam", f"/unlink {agreed.deal}")

    agreed.ask("lee", SUMMER)

    assert agreed.place.day() == SPRING
    assert "don't repeat 1 March" in agreed.on_deal()[-1]


def test_an_open_proposal_outlives_its_link(asked: Town) -> None:
    asked.comment("sam", f"/unlink {asked.deal}")

    asked.ask("lee", SUMMER)

    assert asked.place.day() is None


# ---------------------------------------------------------------- ask and hold


def test_hold(asked: Town) -> None:
    assert asked.place.day() is None
    assert counts(asked) == (2, 2)
    assert asked.place.labels() == LABELS
    [proposal] = asked.waiting()
    assert (proposal.value.day, proposal.asked_by and proposal.asked_by.name.lower()) == (SPRING, "lee")
    told = asked.on_deal()[1]
    assert "1 March is requested, not agreed" in told
    assert "What you can tell the customer" in told
    assert not re.search(r"milestone|due date|webhook|reverted|PROD-|acme/shop", told, re.IGNORECASE)


def test_ask_by_command(linked: Town) -> None:
    linked.comment("sam", "/ask 2027-03-01 because the customer starts then")

    assert linked.place.day() is None
    assert [proposal.value.day for proposal in linked.waiting()] == [SPRING]
    assert "1 March is asked for" in linked.on_issue()[-1]
    assert "requested, not agreed" in linked.on_deal()[-1]


def test_at_risk(agreed: Town) -> None:
    agreed.ask("lee", SUMMER)

    assert agreed.place.day() == SPRING
    assert "don't repeat 1 March" in agreed.on_deal()[-1]


def test_a_cleared_date_is_held_and_at_risk(agreed: Town) -> None:
    agreed.ask("lee", None)

    assert agreed.place.day() == SPRING
    assert "don't repeat 1 March" in agreed.on_deal()[-1]


# ---------------------------------------------------------------- answers


def test_the_command_in_the_refusal_makes_the_date_stand(asked: Town) -> None:
    [command] = re.findall(r"`?((?:/|handshake )signoff [\d-]+)`?", asked.on_issue()[-1])

    asked.comment("mona", command)

    assert asked.place.day() == SPRING
    assert counts(asked) == (3, 3)
    assert asked.place.labels() == {"customer-request"}
    assert "planned for early March" in asked.on_deal()[-1]


def test_a_bare_sign_off_means_what_our_comment_showed(asked: Town) -> None:
    asked.comment("mona", "/signoff")

    assert asked.place.day() == SPRING


def test_counter_offer(asked: Town) -> None:
    asked.comment("mona", "/signoff 2027-04-15 because existing accounts take longer")

    assert asked.place.day() == SUMMER
    assert "15 April" in asked.on_deal()[-1]
    assert "accounts" not in asked.on_deal()[-1], "reasons stay inside"


def test_a_committed_date_that_moves_is_told_in_both_languages(agreed: Town) -> None:
    agreed.ask("lee", SUMMER)
    agreed.comment("mona", "/signoff 2027-04-15")

    assert "moved from 1 March to 15 April" in agreed.on_issue()[-1]
    deal = agreed.on_deal()[-1]
    assert "moves from 1 March to 15 April" in deal
    assert "26 days after this deal's expected close" in deal
    assert "mid-April instead of early March" in deal


def test_decline(asked: Town) -> None:
    asked.comment("mona", "/decline because the export comes first")

    assert asked.waiting() == []
    assert "the export comes first" in asked.on_issue()[-1].replace("\\", "")
    assert "not possible" in asked.on_deal()[-1]
    assert asked.place.labels() == {"customer-request"}


def test_withdraw(asked: Town) -> None:
    asked.comment("sam", "/withdraw")
    assert len(asked.waiting()) == 1
    assert "Only whoever asked can withdraw" in asked.on_issue()[-1]

    asked.comment("lee", "/withdraw")

    assert asked.waiting() == []
    assert "no longer asked for" in asked.on_issue()[-1]
    assert "no longer asked for" in asked.on_deal()[-1]


def test_own_edit_plans(linked: Town) -> None:
    linked.ask("mona", WINTER)
    linked.clock.forward(minutes=20)
    linked.settle()

    assert linked.place.day() == WINTER
    assert counts(linked) == (1, 1)


def test_own_edit_answers_a_proposal_and_is_told_after_the_undo_time(asked: Town) -> None:
    asked.ask("mona", SUMMER)
    at_once = counts(asked)
    asked.clock.forward(minutes=15)
    asked.settle()

    assert at_once == (2, 2)
    assert counts(asked) == (3, 3)
    assert asked.place.day() == SUMMER
    assert asked.waiting() == []


def test_own_edit_that_is_undone_in_time_says_nothing(agreed: Town) -> None:
    before = counts(agreed)
    agreed.ask("mona", SUMMER)
    agreed.ask("mona", SPRING)
    agreed.clock.forward(minutes=40)
    agreed.settle()

    assert counts(agreed) == before


# ---------------------------------------------------------------- scope


def test_a_changed_scope_is_told_item_by_item(linked: Town) -> None:
    body = (
        BODY.replace("log out everywhere", "log out on every device within a minute") + "\n- keep guests out"
    )

    linked.edit("lee", title="Single sign-on for everybody", body=body)

    told = linked.on_issue()[-1].replace("\\", "")
    assert "keep guests out" in told
    assert "log out on every device" in told
    assert "keep guests out" in linked.on_deal()[-1]
    assert "What you can tell the customer" in linked.on_deal()[-1]


def test_a_typo_and_a_new_order_are_no_scope(linked: Town) -> None:
    before = counts(linked)

    linked.edit(
        "lee", body="One login for all toolz.\n\n- log out everywhere\n- log in with the company account"
    )

    assert counts(linked) == before


def test_the_scope_of_an_unlinked_issue_is_nobodys_business(town: Town) -> None:
    town.edit("lee", body="Something else altogether.")

    assert counts(town) == (0, 0)


# ---------------------------------------------------------------- who may not


@pytest.mark.parametrize(
    "line", ["/link {deal}", "/signoff 2027-03-01", "/decline", "/ask 2027-03-01", "/withdraw", "/sign-off"]
)
def test_a_stranger_gets_nothing(asked: Town, line: str) -> None:
    asked.box.github.set_private("acme/shop", False)
    before, waiting = counts(asked), asked.waiting()

    asked.comment("stranger", line.format(deal=asked.deal))

    assert counts(asked) == before
    assert asked.waiting() == waiting


def test_anyone_else_gets_one_kind_reply(asked: Town) -> None:
    asked.comment("lee", "/signoff 2027-03-01")
    asked.comment("lee", "/decline")

    assert asked.place.day() is None
    assert counts(asked) == (3, 2)
    assert "Only product can answer" in asked.on_issue()[-1]


def test_membership_counts_now(asked: Town) -> None:
    asked.set_product("mona", False)

    asked.comment("mona", "/signoff 2027-03-01")

    assert asked.place.day() is None


def test_an_edited_comment_never_signs(asked: Town) -> None:
    written = asked.place.comment("mona", "/signoff 2027-04-15")
    asked.clock.forward(seconds=5)
    asked.place.edit_comment("mona", written, "/signoff 2027-03-01")
    asked.settle()

    assert asked.place.day() is None
    assert len(asked.waiting()) == 1


# ---------------------------------------------------------------- duplicate, reordered, lost


def test_duplicates_have_no_second_effect(agreed: Town) -> None:
    before = agreed.writes()

    for delivery in list(agreed.box.hooks.deliveries):
        agreed.box.hooks.redeliver(delivery.id)
    agreed.settle()

    assert agreed.writes() == before
    assert {delivery.status for delivery in agreed.box.hooks.deliveries} == {202}


def outcome(town: Town) -> tuple[object, ...]:
    return town.place.day(), town.place.labels(), [p.value for p in town.waiting()], counts(town)


def test_reordered_deliveries_end_the_same(linked: Town) -> None:
    """What happened while we were down arrives in the wrong order."""
    down = linked.receiver
    down.close()
    linked.place.ask("lee", SUMMER)
    linked.clock.forward(seconds=2)
    linked.place.ask("lee", SPRING)
    linked.box.hooks.drain()
    missed = [delivery.id for delivery in linked.box.hooks.deliveries if delivery.status == 0]
    linked.restart()

    for id in reversed(missed):
        linked.box.hooks.redeliver(id)
    linked.settle()

    assert missed
    assert outcome(linked) == (None, LABELS, [linked.waiting()[0].value], (2, 2))
    assert linked.waiting()[0].value.day == SPRING


def test_a_lost_delivery_is_found_by_the_next_one(linked: Town) -> None:
    linked.receiver.close()
    linked.place.ask("lee", SPRING)
    linked.box.hooks.drain()
    linked.restart()

    linked.edit("lee", title="Single sign-on, please")

    assert linked.place.day() is None
    assert linked.waiting()[0].value.day == SPRING
