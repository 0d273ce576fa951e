"""What the words of an issue link, who made such a link, and how few words are made of it."""

from __future__ import annotations

from typing import Any

import pytest

from automation.sandbox.places import GitHubIssue
from tests.end_to_end.conftest import BODY, REPO, SPRING, WINTER, Town, both

tracker = both


def deals(town: Town, count: int) -> list[str]:
    """Return the keys of so many deals, the town's own first."""
    more = [town.box.jira.add_issue("SALES", f"Customer {n}", reporter="sam") for n in range(1, count)]
    return [town.deal, *more]


def linked(town: Town) -> tuple[str, ...]:
    return tuple(deal.key for deal in town.worker_app.states.deals_of(subject(town)))


def subject(town: Town) -> Any:

    return town.subject


def reads(town: Town) -> int:
    return sum(request.path.endswith("bulkfetch") for request in town.box.requests)


# ---------------------------------------------------------------- what links


@pytest.mark.parametrize(
    "address",
    [
        "/projects/SALES/issues/{key}?filter=allopenissues",
        "/jira/software/c/projects/SALES/boards/1/backlog?selectedIssue={key}",
        "/jira/core/projects/SALES/issues/{key}",
    ],
)
def test_a_deal_is_linked_by_whatever_page_shows_it(town: Town, address: str) -> None:
    url = town.box.jira_url + address.format(key=town.deal)
    town.edit("lee", body=f"{BODY}\n\nFor {url}.")
    by_text = linked(town)
    town.edit("lee", body=BODY)
    town.comment("sam", f"/link {url}")

    assert by_text == linked(town) == (town.deal,)


HIDDEN = [
    "<!-- for example {key} -->",
    "`{key}` and x@{key}.com",
    "```\n{key}\n```\n\n> {key}",
    "~~{key}~~ <del>{key}</del>",
]


@pytest.mark.parametrize("words", HIDDEN)
def test_what_nobody_reads_or_means_links_nothing(town: Town, words: str) -> None:
    if not isinstance(town.place, GitHubIssue):
        pytest.skip("Jira has other ways to write it")
    town.edit("lee", body=f"{BODY}\n\n{words.format(key=town.deal)}")

    assert linked(town) == ()
    assert town.on_issue() == town.on_deal() == []


def document(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(blocks)}


def said(text: str, *marks: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "marks": [{"type": mark} for mark in marks]}


def test_in_jira_too_code_quotes_and_crossed_out_words_link_nothing(town: Town) -> None:
    if isinstance(town.place, GitHubIssue):
        pytest.skip("GitHub has other ways to write it")
    key = town.deal
    anna = town.box.jira.as_user("lee")
    anna.edit(
        town.place.key,
        description=document(
            {"type": "codeBlock", "content": [{"type": "text", "text": f"```\n{key}"}]},
            {
                "type": "blockquote",
                "content": [{"type": "paragraph", "content": [{"type": "text", "text": key}]}],
            },
            {
                "type": "paragraph",
                "content": [said(f"{key} ", "strike"), said(key, "strike", "strong"), said(key, "code")],
            },
        ),
    )
    town.settle()
    unseen = linked(town)
    card = {"type": "inlineCard", "attrs": {"url": f"{town.box.jira_url}/projects/SALES/issues/{key}"}}
    anna.edit(town.place.key, description=document({"type": "paragraph", "content": [card]}))
    town.settle()

    assert unseen == ()
    assert linked(town) == (key,)


def test_a_key_that_moves_into_a_quote_ends_its_link(town: Town) -> None:
    if not isinstance(town.place, GitHubIssue):
        pytest.skip("Jira has other ways to write it")
    town.edit("lee", body=f"For {town.deal}")
    town.edit("lee", body=f"> For {town.deal}\n\nNot any more.")

    assert linked(town) == ()
    assert "no longer connected" in town.on_deal()[-1]


# ---------------------------------------------------------------- how many


def test_forty_deals_in_one_text_are_one_comment_and_ten_links(town: Town) -> None:
    keys = deals(town, 40)
    before = reads(town)

    town.edit("lee", body="\n".join(f"- {key}" for key in keys))

    assert linked(town) == tuple(sorted(keys[:10], key=lambda key: linked(town).index(key)))
    [comment] = [text.replace("\\", "") for text in town.on_issue()]
    assert "30 more were not linked" in comment
    assert keys[10] in comment and "/link" in comment
    assert "Customer 9" in comment and "Customer 10" not in comment
    assert len(town.on_deal()) == 1
    looked = [r for r in town.box.requests if r.path.endswith("bulkfetch")][before:]
    assert len(looked) <= 1 + 1 + 10 * 2, "one to look, and those for what is said and shown"


def test_ten_links_that_end_at_once_are_one_comment(town: Town) -> None:
    keys = deals(town, 10)
    town.edit("lee", body=" ".join(keys))
    town.edit("lee", body=BODY)

    assert linked(town) == ()
    assert len(town.on_issue()) == 2
    assert "disconnected" in town.on_issue()[1]


def test_links_by_command_leave_room_and_what_came_too_late_is_said_once(town: Town) -> None:
    keys = deals(town, 14)
    town.comment("sam", f"/link {keys[0]}")
    town.edit("lee", body=f"{BODY}\n\nFor {' '.join(keys[:11])}")
    linked_by_then = set(linked(town))
    town.edit("lee", body=f"{BODY}\n\nFor {' '.join(keys[:13])}")
    town.edit("lee", body=f"{BODY}\n\nAll for {' '.join(keys[:13])}")

    assert linked_by_then == set(linked(town)) == set(keys[:11])
    last = town.on_issue()[-1].replace("\\", "")
    assert len(town.on_issue()) == 3
    assert keys[11] in last and keys[12] in last and keys[10] not in last
    town.comment("sam", f"/link {keys[11]}")
    assert keys[11] in linked(town)


def test_unknown_deals_of_one_text_get_one_answer_that_names_them(town: Town) -> None:
    town.edit("lee", body=f"{town.deal} SALES-901 SALES-902")

    assert linked(town) == (town.deal,)
    answers = [text.replace("\\", "") for text in town.on_issue() if "Nothing was linked" in text]
    assert len(answers) == 1
    assert "SALES-901" in answers[0] and "SALES-902" in answers[0] and town.deal not in answers[0]


def test_on_a_public_issue_no_answer_names_a_deal(town: Town) -> None:
    if not isinstance(town.place, GitHubIssue):
        pytest.skip("Jira issues are private here")
    town.box.github.set_private(REPO, False)
    keys = deals(town, 12)

    town.edit("lee", body=" ".join(keys) + " SALES-901")

    assert len(linked(town)) == 10
    assert town.on_issue() == []


# ---------------------------------------------------------------- who wrote it


def stranger(town: Town, **words: str) -> None:
    """Let a stranger change words, as the author of a GitHub issue may, before we look."""
    if isinstance(town.place, GitHubIssue):
        town.box.github.set_role(REPO, "stranger", "triage")
    town.place.edit("stranger", **words)
    if isinstance(town.place, GitHubIssue):
        town.box.github.set_role(REPO, "stranger", "read")


@pytest.mark.parametrize("part", ["title", "body"])
def test_mending_a_text_makes_nobody_the_author_of_a_strangers_link(town: Town, part: str) -> None:
    stranger(town, **{part: f"Sinlge sign-on for {town.deal}"})
    town.clock.forward(minutes=1)
    town.place.edit("lee", **{part: f"Single sign-on for {town.deal}"})
    town.settle()

    assert linked(town) == ()
    assert town.on_issue() == town.on_deal() == []


def test_whoever_takes_a_key_out_of_its_code_has_written_it(town: Town) -> None:
    """In Jira, whose history has wiki markup: what was code then counts as code."""
    if isinstance(town.place, GitHubIssue):
        pytest.skip("on GitHub the history has the text as it was")
    stranger = town.box.jira.as_user("stranger")
    block = {"type": "codeBlock", "content": [{"type": "text", "text": town.deal}]}
    stranger.edit(town.place.key, description=document(block))
    town.clock.forward(minutes=1)
    town.place.edit("lee", body=f"For {town.deal}")
    town.clock.forward(minutes=1)
    stranger.edit(town.place.key, description=f"For {town.deal}, please")
    town.settle()

    assert linked(town) == (town.deal,)


def test_who_took_a_deal_out_counts_and_not_who_wrote_last(town: Town) -> None:
    town.edit("lee", body=f"{BODY} for {town.deal}")
    stranger(town, body=BODY)
    town.clock.forward(minutes=1)
    town.place.edit("lee", body=f"{BODY}!")
    town.settle()
    kept = linked(town)
    town.edit("lee", body=f"{BODY} for {town.deal}")
    town.edit("lee", body=BODY)

    assert kept == (town.deal,)
    assert linked(town) == ()


def test_a_link_is_whose_who_wrote_the_key_though_a_stranger_wrote_last(town: Town) -> None:
    town.place.edit("lee", body=f"{BODY} for {town.deal}")
    town.clock.forward(minutes=1)
    stranger(town, title="Single sign-on, please")
    town.settle()

    assert linked(town) == (town.deal,)


def test_where_the_history_was_cut_nobody_made_the_link(town: Town) -> None:
    if not isinstance(town.place, GitHubIssue):
        pytest.skip("Jira's history cannot be cut")
    lee = town.box.github.as_user("lee")
    town.place.edit("lee", body=f"For {town.deal}")
    town.clock.forward(minutes=1)
    town.place.edit("lee", body=f"For {town.deal}!")
    lee.forget_revision(REPO, town.number, 1)
    town.settle()

    assert linked(town) == ()
    assert town.on_issue() == []


# ---------------------------------------------------------------- a milestone that is gone


def test_a_deleted_milestone_clears_the_date_and_is_seen_at_once(town: Town) -> None:
    if not isinstance(town.place, GitHubIssue):
        pytest.skip("Jira has no milestones")
    town.comment("sam", f"/link {town.deal}")
    town.ask("lee", SPRING)
    town.comment("mona", "/signoff 2027-03-01")
    before = len(town.on_issue()), len(town.on_deal())

    town.box.github.as_user("lee").delete_milestone(REPO, "Spring release")
    town.settle()

    assert len(town.on_issue()) > before[0] and len(town.on_deal()) > before[1]
    assert "Milestone Spring release was deleted, and 1 March went with it" in town.on_issue()[-1]
    assert "1 March is being rechecked" in town.on_deal()[-1]
    town.ask("lee", WINTER)
    assert town.place.day() is None, "dates go on waiting for product"
    town.comment("mona", "/signoff 2027-01-31")
    assert town.place.day() == WINTER


def test_a_deleted_milestone_that_nothing_stands_on_is_ignored(town: Town) -> None:
    if not isinstance(town.place, GitHubIssue):
        pytest.skip("Jira has no milestones")
    before = len(town.box.requests)
    town.box.github.as_user("lee").delete_milestone(REPO, "Summer release")
    town.settle()

    assert len(town.box.requests) == before


def test_what_is_asked_after_a_milestone_was_deleted_is_not_in_force_either(town: Town) -> None:
    """Both happen before we look: the date that stood cannot be set back, and the new one does not stay."""
    if not isinstance(town.place, GitHubIssue):
        pytest.skip("Jira has no milestones")
    town.comment("sam", f"/link {town.deal}")
    town.ask("lee", SPRING)
    town.comment("mona", "/signoff 2027-03-01")

    town.box.github.as_user("lee").delete_milestone(REPO, "Spring release")
    town.place.ask("lee", WINTER)
    town.settle()

    assert town.place.day() is None
    assert "stays empty; 31 January waits for product" in town.on_issue()[-1]
    assert [proposal.value.day for proposal in town.waiting()] == [WINTER]
