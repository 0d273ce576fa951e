"""Commands as people write, send and mistype them: at once or never, and nothing that nobody meant."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from automation.domain.commands import parse
from automation.sandbox.places import GitHubIssue
from tests.end_to_end.conftest import SPRING, SUMMER, Town, both

ASKED = "/signoff 2027-03-01"


tracker = both


def document(*lines: str, marks: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what Jira's editor makes of lines."""
    content: list[dict[str, Any]] = []
    for line in lines:
        text = {"type": "text", "text": line, "marks": [{"type": mark} for mark in marks]}
        content.append({"type": "paragraph", "content": [text] if line else []})
    return {"type": "doc", "version": 1, "content": content}


def told(town: Town) -> list[str]:
    """Return the commands that Handshake's last words on the issue offer to paste."""
    words = town.on_issue()[-1].replace("\\", "")
    lines = [line.strip().strip("`") for line in words.split("\n")]
    return [line for line in lines if line.startswith(("/", "handshake "))]


def spelled(town: Town, command: str) -> str:
    return command if isinstance(town.place, GitHubIssue) else f"handshake {command[1:]}"


def a_day_later(town: Town) -> None:
    """Somebody else writes a command of their own, so that all that was missed is caught up with."""
    town.clock.forward(hours=26)
    town.comment("sam", f"/link {town.deal}")


# ---------------------------------------------------------------- at once or never


def test_a_whole_line_in_bold_counts_at_once(asked: Town) -> None:
    bold: Any = f"**{ASKED}**" if isinstance(asked.place, GitHubIssue) else document(ASKED, marks=("strong",))
    asked.comment("mona", bold)

    assert asked.place.day() == SPRING
    assert len(asked.on_deal()) == 3


def test_what_is_escaped_or_quoted_from_a_mail_never_counts(asked: Town) -> None:
    before = len(asked.on_issue()), len(asked.on_deal())
    for text in (
        rf"\{ASKED}",
        "&#47;signoff 2027-03-01",
        f"> {ASKED}",
        f"Not yet.\n\n-----Original Message-----\nFrom: handshake-bot\n\nproduct can paste:\n\n{ASKED}",
        f"Not yet.\n\nFrom: handshake-bot\nSent: Monday\nTo: Mona\nSubject: Re: Single sign-on\n\n{ASKED}",
        f"Not yet.\n\n---- On Mon, 11 Jan 2027 handshake-bot wrote ----\n\n{ASKED}",
    ):
        asked.comment("mona", text)
    assert len(asked.waiting()) == 1
    a_day_later(asked)

    assert asked.place.day() is None
    assert (len(asked.on_issue()), len(asked.on_deal())) == before
    assert len(asked.waiting()) == 1


def test_an_answer_above_the_mail_that_it_answers_counts(asked: Town) -> None:
    asked.comment(
        "mona", f"/signoff 2027-04-15\n\n-----Original Message-----\nFrom: handshake-bot\n\n{ASKED}"
    )

    assert asked.place.day() == SUMMER


def test_without_a_slash_a_line_on_github_is_prose(asked: Town) -> None:
    asked.comment("mona", "handshake decline because the cipher is old")

    assert len(asked.waiting()) == (1 if isinstance(asked.place, GitHubIssue) else 0)


# ---------------------------------------------------------------- what is offered


def test_what_is_not_understood_is_answered_by_the_line_for_what_is_asked(asked: Town) -> None:
    for line in ("/signoff tomorrow", "/signoff but only if it fits", "/sign-off", "/approve"):
        said = len(asked.on_issue())
        asked.comment("mona", line)
        assert told(asked) == [spelled(asked, ASKED)]
        assert len(asked.on_issue()) == said + 1
        assert len(asked.waiting()) == 1
    asked.comment("mona", told(asked)[0])
    assert asked.place.day() == SPRING


def test_where_nothing_is_asked_no_date_and_no_deal_is_invented(linked: Town) -> None:
    for line in ("/signoff tomorrow", "/sign-off", "/ask soon", "/link", "/unlink X-1 X-2", "/decline"):
        linked.comment("mona", line)
        [offered] = told(linked)
        [command] = parse([offered], "github" if isinstance(linked.place, GitHubIssue) else "jira", SPRING)
        assert command.problem
    linked.comment("mona", offered)

    assert linked.waiting() == []
    assert linked.place.day() is None


def test_a_line_that_is_nearly_a_command_is_quoted_once(asked: Town) -> None:
    asked.comment("mona", "Good.\n\n/sign-off 2027-03-01")
    a_day_later(asked)

    assert "sign-off 2027-03-01”" in asked.on_issue()[-1].replace("\u200b", "").replace("\\", "")
    assert told(asked) == [spelled(asked, ASKED)]
    assert len(asked.on_issue()) == 3
    assert len(asked.waiting()) == 1


def test_a_line_without_a_slash_that_names_a_date_and_a_mistyped_link_are_answered_too(asked: Town) -> None:
    for who, line in (
        ("mona", "handshake sign off 2027-03-01"),
        ("sam", f"/linkk {asked.deal}"),
        ("sam", "/aks 2027-04-15"),
    ):
        said = len(asked.on_issue())
        asked.comment(who, line)
        assert len(asked.on_issue()) == said + 1
        assert "not read as a command" in asked.on_issue()[-1]
    assert told(asked) == [spelled(asked, "/ask 2027-04-15")]
    assert asked.place.day() is None
    assert [p.value.day for p in asked.waiting()] == [SPRING]


def test_commands_of_other_bots_are_left_to_them(asked: Town) -> None:
    before = len(asked.on_issue())
    asked.comment("mona", "/assign @lee\n/label bug\n/close\n/retest\n/cc @mona\n@lee approve it")

    assert len(asked.on_issue()) == before


def test_a_line_to_the_bot_itself_is_answered(asked: Town) -> None:
    if isinstance(asked.place, GitHubIssue):
        asked.comment("mona", "@handshake-bot signoff")
    else:
        us = {
            "type": "mention",
            "attrs": {"id": asked.box.jira.user("handshake-bot").account_id, "text": "@The Bot"},
        }
        text = {"type": "text", "text": " signoff"}
        doc = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [us, text]}]}
        asked.comment("mona", doc)  # type: ignore[arg-type]

    assert told(asked) == [spelled(asked, ASKED)]


def test_a_reason_may_follow_decline_without_because(asked: Town) -> None:
    asked.comment("mona", "/decline not enough people")

    assert asked.waiting() == []
    assert "Reason: not enough people" in asked.on_issue()[-1]


# ---------------------------------------------------------------- dates


def test_a_date_is_read_as_people_write_it_and_said_with_its_year(asked: Town) -> None:
    asked.comment("mona", "/signoff 1 March")

    assert asked.place.day() == SPRING
    assert "agreed to 1 March 2027" in asked.on_issue()[-1]


def test_a_date_without_its_year_is_the_one_that_is_asked_for(linked: Town) -> None:
    if isinstance(linked.place, GitHubIssue):
        linked.box.github.add_milestone("acme/shop", "In two years", date(2029, 3, 1))
        linked.comment("sam", "/ask 2029-03-01")
    else:
        linked.ask("lee", date(2029, 3, 1))
    linked.comment("mona", "/signoff 1 March")

    assert "1 March 2029" in linked.on_issue()[-1]
    assert linked.waiting() == []


def test_a_wish_is_said_with_its_year(linked: Town) -> None:
    linked.comment("sam", "/ask 1 March because they start then")

    assert "1 March 2027 is asked for" in linked.on_issue()[-1]


def test_a_date_that_can_mean_two_days_is_asked_about(asked: Town) -> None:
    asked.comment("mona", "/signoff 01/03/2027")

    assert "1 March 2027" in asked.on_issue()[-1]
    assert told(asked) == [spelled(asked, ASKED)]  # 3 January has passed
    assert asked.place.day() is None


# ---------------------------------------------------------------- days that have passed


def test_a_day_that_has_passed_is_asked_about_and_told_to_nobody(linked: Town) -> None:
    deals = len(linked.on_deal())
    for who, line in (
        ("mona", "/signoff 2026-01-05"),
        ("mona", "/sign-off 5 Jan 2026"),
        ("sam", "/ask 2020-01-05"),
    ):
        linked.comment(who, line)
        assert "has passed; did you mean 2028?" in linked.on_issue()[-1]
        word = "ask" if "ask" in line else "signoff"
        assert told(linked) == [spelled(linked, f"/{word} 2028-01-05")]
        assert linked.waiting() == []
    assert len(linked.on_deal()) == deals


def test_a_date_that_stood_and_has_passed_is_neither_a_plan_nor_offered(town: Town) -> None:
    town.place.ask("lee", SPRING)
    town.clock.forward(days=90)
    town.comment("sam", f"/link {town.deal}")

    assert "1 March 2027 has passed; did you mean 2028?" in town.on_issue()[0]
    assert told(town) == [spelled(town, "/signoff 2028-03-01")]
    assert "not planned yet" in town.on_deal()[0]


def test_what_was_asked_and_has_passed_meanwhile_is_not_agreed(asked: Town) -> None:
    asked.clock.forward(days=90)
    for line in ("/signoff", ASKED, "/signoff soon"):
        asked.comment("mona", line)
        assert spelled(asked, ASKED) not in told(asked)
        assert len(asked.waiting()) == 1
    assert "did you mean 2028?" in asked.on_issue()[-2]


def test_a_change_to_a_day_that_has_passed_is_held_and_asked_about(linked: Town) -> None:
    linked.clock.forward(days=90)
    linked.ask("lee", SPRING)

    assert linked.place.day() is None
    assert "1 March 2027 has passed; did you mean 2028?" in linked.on_issue()[-1]
    assert told(linked) == [spelled(linked, "/signoff 2028-03-01")]
    assert "1 March" not in linked.on_deal()[-1]


def test_products_own_edit_to_a_day_that_has_passed_promises_nothing(asked: Town) -> None:
    asked.clock.forward(days=90)
    deals = len(asked.on_deal())
    asked.ask("mona", SPRING)
    asked.clock.forward(minutes=20)
    asked.settle()

    assert "1 March 2027 has passed; did you mean 2028?" in asked.on_issue()[-1]
    assert len(asked.on_deal()) == deals
    assert len(asked.waiting()) == 1


def test_what_was_agreed_and_has_passed_is_told_to_no_new_deal(asked: Town) -> None:
    asked.comment("mona", ASKED)
    asked.clock.forward(days=90)
    other = asked.box.jira.add_issue(
        "SALES", "Acme", reporter="sam", assignee="sam", due=SPRING + timedelta(days=200)
    )
    asked.comment("sam", f"/link {other}")

    words = [c.text for c in asked.box.jira.comments(other)][-1]
    assert "no date to give for now" in words
    assert "planned for" not in words
