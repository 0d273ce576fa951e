"""What an issue shows of a deal: no more than everybody who reads the issue may read."""

from __future__ import annotations

import re

import pytest
import requests

from automation.sandbox.places import GitHubIssue, JiraIssue
from tests.end_to_end.conftest import BODY, BOT, REPO, SPRING, SUMMER, Town, both

CANARY = "canary"


tracker = both


@pytest.fixture
def marked(town: Town) -> Town:
    """The deal has a canary in each field that is read."""
    site = town.box.jira
    site.add_user("canary-owner", "Canary Owner")
    town.deal = site.add_issue("SALES", "canary Ltd", reporter="sam", assignee="canary-owner", due=SUMMER)
    return town


def tell_all(town: Town) -> None:
    """Let everything be said that is said of a deal."""
    town.comment("sam", f"/link {town.deal}")
    town.comment("sam", "/link SALES-999")
    town.comment("sam", "/ask 2027-04-15 because the canary wants it")
    town.ask("lee", SPRING)
    town.comment("mona", "/decline")
    town.ask("lee", SPRING)
    town.comment("mona", "/signoff 2027-03-01")
    town.edit("lee", body=f"{BODY}\n- keep guests out")
    town.ask("lee", SUMMER)
    town.comment("sam", f"/unlink {town.deal}")
    town.comment("sam", f"/link {town.deal}")


def open_to_strangers(town: Town) -> None:
    """Let strangers read the issue, without a word to Handshake."""
    if isinstance(town.place, GitHubIssue):
        town.box.github.set_private(REPO, False)
    else:
        town.box.jira.set_anonymous("PROD", True)


def sent_elsewhere(town: Town) -> str:
    """Return all that Handshake has sent to places that are not the deal."""
    found = [r for r in town.box.requests if r.actor == BOT and r.method != "GET"]
    return "\n".join(r.sent.decode() for r in found if "/SALES-" not in r.path and "bulkfetch" not in r.path)


def test_a_public_place_is_sent_nothing_of_a_deal(marked: Town) -> None:
    open_to_strangers(marked)

    tell_all(marked)

    assert marked.place.day() == SPRING
    assert CANARY not in sent_elsewhere(marked).lower()
    assert marked.deal not in sent_elsewhere(marked)
    assert marked.place.labels() == set()
    assert any("not planned yet" in told for told in marked.on_deal())


def test_a_secured_deal_is_a_key_and_nothing_more(marked: Town) -> None:
    marked.box.jira.set_security(marked.deal, ("sam", BOT))

    tell_all(marked)

    sent = sent_elsewhere(marked).lower().replace("the canary wants it", "")
    assert CANARY not in sent
    assert marked.deal.lower() in sent.replace("\\\\", "")


def test_others_learn_nothing_from_the_answers_in_a_public_place(town: Town) -> None:
    site = town.box.jira
    closed = site.add_issue("SALES", "Lost", reporter="sam", status="Done")
    site.add_project("HR")
    other = site.add_issue("HR", "Salaries", reporter="sam")
    open_to_strangers(town)

    for key in (town.deal, town.deal, closed, other, "SALES-999"):
        town.comment("sam", f"/link {key}")
    town.comment("sam", f"/unlink {town.deal}")
    town.comment("sam", "/unlink SALES-999")

    assert len(town.on_issue()) == 7
    assert len(set(town.on_issue())) == 1
    assert len(town.on_deal()) == 2


def test_words_that_name_a_deal_in_a_public_place_are_not_answered(town: Town) -> None:
    open_to_strangers(town)

    town.edit("lee", body=f"{BODY}\n\nFor {town.deal}.")
    town.edit("lee", body=f"{BODY}\n\nFor SALES-999.")

    assert town.on_issue() == []
    assert len(town.on_deal()) == 2


# ---------------------------------------------------------------- turned public


def turn_public(town: Town) -> None:
    """Let strangers read the issue, as somebody does on the tracker's own pages."""
    if isinstance(town.place, GitHubIssue):
        town.box.github.set_role(REPO, "mona", "admin")
        town.box.github.as_user("mona").set_private(REPO, False)
        town.settle()
    else:
        town.box.jira.set_anonymous("PROD", True)
        town.edit("lee", title="Single sign-on, please")  # Jira has no webhook for it


def shown(town: Town) -> str:
    """Return all that our comments and links on the issue show now."""
    links = town.box.jira.remote_links(town.place.key) if isinstance(town.place, JiraIssue) else []
    return "\n".join([*town.on_issue(), *map(str, links)]).replace("\\", "")


def test_a_place_that_turns_public_keeps_no_deal_in_our_comments_labels_and_links(
    marked: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    marked.comment("sam", f"/link {marked.deal}")
    marked.ask("lee", SPRING)
    before, comments = shown(marked), len(marked.on_issue())

    turn_public(marked)

    assert "canary Ltd" in before
    assert not re.search(r"canary|deal|SALES-|rules/", shown(marked), re.IGNORECASE)
    assert marked.place.labels() == set()
    assert len(marked.on_issue()) >= comments
    assert "waits for product" in shown(marked), "what strangers may read stays"
    details = requests.get(f"http://127.0.0.1:{marked.receiver.port}/readyz", timeout=5).json()["details"]
    assert details["public"].startswith("2 comments were edited")
    writes = marked.writes()
    marked.comment("mona", "/signoff 2027-03-01")
    marked.ask("lee", SUMMER)
    again = [path for method, path in marked.writes()[len(writes) :] if method in ("PATCH", "PUT", "DELETE")]
    assert not [path for path in again if "comment" in path or "remotelink" in path], "once is enough"


def test_what_waits_while_a_place_turns_public_says_no_more_than_strangers_may_read(marked: Town) -> None:
    marked.place.comment("sam", f"/link {marked.deal}")
    assert marked.box.hooks.drain()
    while marked.worker_app.worker.run_next(words=False):
        pass
    open_to_strangers(marked)

    marked.settle()

    assert CANARY not in sent_elsewhere(marked).lower()
    assert marked.place.labels() == set()


def test_in_public_a_label_can_still_be_taken_off(linked: Town) -> None:
    open_to_strangers(linked)

    linked.comment("sam", f"/unlink {linked.deal}")

    assert linked.place.labels() == set()


# ---------------------------------------------------------------- who may see what


def test_a_deal_that_was_moved_away_gets_no_words_where_it_is_now(linked: Town) -> None:
    linked.box.jira.add_project("OTHER")
    moved = linked.box.jira.move(linked.deal, "OTHER")
    before = len(linked.on_deal())

    linked.ask("lee", SPRING)
    linked.comment("mona", "/signoff 2027-03-01")

    assert linked.place.day() == SPRING
    assert len([c for c in linked.box.jira.comments(moved) if c.author.name == BOT]) == before


def test_a_strangers_title_stands_on_the_deal_as_their_words(linked: Town) -> None:
    linked.edit("lee", title='Agreed" for 1 May”: "tell them’. SSO isn\'t')

    linked.ask("lee", SPRING)

    told = linked.on_deal()[-1].replace("\\", "").replace("\u200b", "")
    assert told.splitlines()[0].strip("*") == (
        "“Agreed for 1 May: tell them. SSO isn't”: 1 March is requested, not agreed"
    )


class TestInJira:
    """What only Jira has."""

    @pytest.fixture
    def tracker(self) -> str:
        return "jira"

    def test_a_linker_who_may_not_see_a_deal_hears_what_one_hears_of_none(self, town: Town) -> None:
        secret = town.box.jira.add_issue("SALES", "Aurora", reporter="sam")
        town.box.jira.set_security(secret, ("sam", BOT))

        town.comment("lee", f"/link {secret}")
        town.comment("lee", "/link SALES-999")
        town.edit("lee", title=f"Single sign-on ({secret})")

        answers = [re.sub(r"SALES-\d+", "", text) for text in town.on_issue()]
        assert len(answers) == 3
        assert len(set(answers)) == 1
        assert town.box.jira.remote_links(town.place.key) == []
        town.comment("sam", f"/link {secret}")
        assert len(town.box.jira.remote_links(town.place.key)) == 1

    def test_what_a_restricted_comment_says_is_not_repeated(self, asked: Town) -> None:
        site = asked.box.jira
        site.add_group("leads", ("mona", BOT))
        leads = {"type": "group", "value": "leads", "identifier": "leads"}
        mona = site.as_user("mona")

        mona.comment(asked.place.key, "handshake signoff 12 canary", visibility=leads)
        asked.settle()
        mona.comment(asked.place.key, "handshake decline because of the canary", visibility=leads)
        asked.settle()

        assert asked.waiting() == []
        assert "declined" in asked.on_issue()[-1]
        assert CANARY not in sent_elsewhere(asked)
        assert CANARY not in "".join(asked.on_deal())

    def test_a_restricted_line_that_is_nearly_a_command_is_answered_without_its_words(
        self, asked: Town
    ) -> None:
        site = asked.box.jira
        site.add_group("leads", ("mona", BOT))
        leads = {"type": "group", "value": "leads", "identifier": "leads"}
        before = len(asked.on_issue())

        for line in ("/sign-off 2027-03-01 because of the canary", "/approve"):
            site.as_user("mona").comment(asked.place.key, line, visibility=leads)
            asked.settle()

        answers = asked.on_issue()[before:]
        assert len(answers) == 2
        assert all("handshake signoff 2027-03-01" in answer for answer in answers)
        assert CANARY not in sent_elsewhere(asked)
        assert len(asked.waiting()) == 1
