"""Deals hear what became of an issue: that it is available, or dropped, or open again."""

from __future__ import annotations

import re

import pytest

from automation.model import Mode
from automation.sandbox.places import GitHubIssue
from tests.end_to_end.conftest import REPO, SPRING, SUMMER, Town, both

tracker = both


def released(town: Town, name: str) -> None:
    """Let the issue belong to a release."""
    if isinstance(town.place, GitHubIssue):
        town.box.github.as_user("lee").set_milestone(REPO, town.number, name)
    else:
        town.box.jira.as_user("lee").set_fix_versions(town.place.key, name, released=True)
    town.settle()


def close(town: Town, done: bool = True) -> None:
    town.place.close("lee", done)
    town.settle()


def line(text: str) -> str:
    return text.partition("What you can tell the customer: ")[2]


def test_linking_what_is_done_says_available_with_its_release(town: Town) -> None:
    released(town, "Spring release")
    close(town)
    assert town.on_deal() == [], "nobody asked for it yet"

    town.comment("sam", f"/link {town.deal}")

    [told] = town.on_deal()
    assert ": available" in told
    assert "Spring release" in told
    assert "is available" in line(told)
    assert "planned" not in told
    assert "that it is available" in town.on_issue()[-1]
    assert "no date" not in town.on_issue()[-1]


def test_linking_what_was_dropped_says_so(town: Town) -> None:
    close(town, done=False)

    town.comment("sam", f"/link {town.deal}")

    [told] = town.on_deal()
    assert "will not be built in this form" in told
    assert re.search("mona can tell you more", told, re.IGNORECASE)


def test_closing_and_opening_again_tell_the_deals(linked: Town) -> None:
    close(linked)
    linked.place.reopen("lee")
    linked.settle()
    close(linked, done=False)

    assert (
        [
            re.search("available|open again|will not be built", text)[0]  # type: ignore[index]
            for text in linked.on_deal()[1:]
        ]
        == ["available", "open again", "will not be built"]
    )
    assert len(linked.on_issue()) == 1, "engineers know what they did"


def test_each_is_told_once_whatever_is_delivered_again(linked: Town) -> None:
    close(linked)
    for delivery in list(linked.box.hooks.deliveries):
        linked.box.hooks.redeliver(delivery.id)
    linked.settle()
    linked.edit("lee", body="Another text.")

    assert sum(": available" in text for text in linked.on_deal()) == 1


def test_what_was_closed_while_nothing_was_linked_is_told_by_the_link_only(linked: Town) -> None:
    linked.comment("sam", f"/unlink {linked.deal}")
    close(linked)
    linked.comment("sam", f"/link {linked.deal}")

    assert [": available" in text for text in linked.on_deal()] == [False, False, True]


def test_an_agreed_date_that_is_dropped_with_its_issue_is_put_to_product(asked: Town) -> None:
    asked.comment("mona", "/signoff 2027-03-01")
    close(asked, done=False)

    assert "stop using 1 March" in asked.on_deal()[-1]
    assert "can't keep early March" in line(asked.on_deal()[-1])
    assert "without being done, and 1 March was agreed" in asked.on_issue()[-1]
    assert asked.place.day() == SPRING, "what was agreed stays"

    asked.place.reopen("lee")
    asked.settle()

    assert "open again" in asked.on_deal()[-1]
    assert "is planned for early March" in line(asked.on_deal()[-1])


def test_an_agreed_date_that_is_done_is_available(asked: Town) -> None:
    asked.comment("mona", "/signoff 2027-03-01")
    told = len(asked.on_issue())
    close(asked)

    assert "is available" in line(asked.on_deal()[-1])
    assert len(asked.on_issue()) == told


def test_a_word_that_waited_until_the_issue_was_open_again_is_not_said(linked: Town) -> None:
    linked.place.close("lee")
    linked.box.hooks.drain()
    linked.worker_app.worker.run_next()  # the delivery
    linked.worker_app.worker.run_next()  # the look: the word is planned, and waits
    linked.place.reopen("lee")
    linked.settle()

    assert not any(": available" in text for text in linked.on_deal())
    assert "open again" in linked.on_deal()[-1]


@pytest.mark.parametrize("tracker", ["jira"])
@pytest.mark.parametrize(
    ("resolution", "said"),
    [
        ("Duplicate", "will not be built in this form"),
        ("Won't Do", "will not be built in this form"),
        ("Fixed", "available"),
        (None, "available"),
        ("Known error", "nobody has said how it ended"),
    ],
)
def test_what_jira_calls_an_end(linked: Town, resolution: str | None, said: str) -> None:
    linked.box.jira.as_user("lee").transition(linked.place.key, "Done", resolution)
    linked.settle()

    assert said in linked.on_deal()[-1]


@pytest.mark.parametrize("tracker", ["jira"])
def test_a_version_that_is_not_released_or_names_a_customer_is_not_said(town: Town) -> None:
    jira = town.box.jira.as_user("lee")
    jira.set_fix_versions(town.place.key, "Delta pilot, $400k", released=True)
    jira.transition(town.place.key, "Done")
    town.comment("sam", f"/link {town.deal}")
    other = town.box.jira.add_issue("PROD", "Export", "As CSV.", reporter="lee")
    jira.set_fix_versions(other, "9.9")
    jira.transition(other, "Done")
    jira.comment(other, f"handshake link {town.deal}")
    town.settle()

    assert len(town.on_deal()) == 2
    assert not re.search("Delta|9.9", " ".join(town.on_deal()))


class TestTell:
    """Where nothing is set back, whoever asked is asked to."""

    @pytest.fixture
    def mode(self) -> Mode:
        return Mode.TELL

    @pytest.mark.parametrize("end", ["decline", "withdraw"])
    def test_the_field_that_still_shows_a_refused_date_is_to_be_set_back_by_whoever_asked(
        self, asked: Town, end: str
    ) -> None:
        asked.comment("mona" if end == "decline" else "lee", f"/{end}")

        said = asked.on_issue()[-1].replace("\\", "")
        assert re.search("still shows 1 March. @lee, please empty it again", said, re.IGNORECASE), said
        before = len(asked.on_issue()), len(asked.on_deal())

        asked.ask("lee", None)

        assert asked.waiting() == [], "this was asked for, and is no wish of its own"
        assert (len(asked.on_issue()), len(asked.on_deal())) == before

    def test_what_stood_first_is_named_where_several_dates_were_let_through(self, asked: Town) -> None:
        asked.ask("lee", SUMMER)
        asked.comment("mona", "/decline")

        said = asked.on_issue()[-1].replace("\\", "")
        assert re.search("still shows 15 April. @lee, please empty it again", said, re.IGNORECASE), said

    def test_another_date_after_it_is_a_new_wish(self, asked: Town) -> None:
        asked.comment("mona", "/decline")
        asked.ask("lee", SUMMER)

        assert [wish.value.day for wish in asked.waiting()] == [SUMMER]


def test_where_the_date_was_set_back_nobody_is_asked_to(asked: Town) -> None:
    asked.comment("mona", "/decline")

    assert "still shows" not in asked.on_issue()[-1]


def test_a_further_deal_is_said_shortly(linked: Town) -> None:
    other = linked.box.jira.add_issue("SALES", "Echo Foods", reporter="sam", assignee="sam")
    linked.comment("sam", f"/link {other}")

    first, second = linked.on_issue()
    assert "Dates here now wait for product" in first
    assert second.replace("*", "").startswith("Another deal counts on this")
    assert "Echo Foods" in second
    assert "wait for product" not in second


def test_several_deals_that_are_linked_at_once_hear_one_whole_text(town: Town) -> None:
    other = town.box.jira.add_issue("SALES", "Echo Foods", reporter="sam", assignee="sam")
    town.edit("lee", body=f"Asked for by {town.deal} and {other}.")

    [said] = town.on_issue()
    assert "Dates here now wait for product" in said
    assert "Two deals asked for this" in said
