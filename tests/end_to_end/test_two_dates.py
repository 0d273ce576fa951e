"""An issue with two dates, each of them held, signed, told and named by itself: a due date and a date field
that people made, on Jira."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from automation.store.schema import jobs, told
from tests.end_to_end.conftest import SPRING, SUMMER, Town
from tests.end_to_end.test_golden import compare

GO_LIVE = "Go-live date"


@pytest.fixture
def tracker() -> str:
    return "jira"


@pytest.fixture
def named() -> str:
    """What the rules call the second field."""
    return GO_LIVE


@pytest.fixture
def rules(rules: Path, named: str) -> Path:
    (rules / "dates.yaml").write_text(f'deadline_fields: {{jira: [duedate, "{named}"]}}\n', "utf-8")
    return rules


@pytest.fixture
def town(town: Town) -> Town:
    town.box.jira.add_field("Story points", "string")
    town.box.jira.add_field(GO_LIVE, projects=["PROD"], id="customfield_10077")
    return town


def go_live(town: Town, who: str, day: date | None) -> None:
    town.box.jira.as_user(who).set_date(town.place.key, "customfield_10077", day)
    town.settle()


def shows(town: Town) -> tuple[date | None, date | None]:
    issue = town.box.jira.issue(town.place.key)
    return issue.duedate, issue.custom.get("customfield_10077")


def lines(text: str) -> list[str]:
    """Return the commands in a comment, as people would copy them."""
    return re.findall(r"handshake (?:signoff|ask|decline|withdraw) [^`\n{}]+", text.replace("\\", ""))


@pytest.fixture
def both_asked(linked: Town) -> Town:
    """Lee has changed both dates, and both were held."""
    linked.ask("lee", SPRING)
    go_live(linked, "lee", SUMMER)
    return linked


@pytest.fixture
def both_agreed(both_asked: Town) -> Town:
    both_asked.comment("mona", "handshake signoff due-date 2027-03-01")
    both_asked.comment("mona", "handshake signoff go-live-date 2027-04-15")
    return both_asked


@pytest.mark.parametrize("named", [GO_LIVE, "customfield_10077", "go-live DATE"])
def test_each_date_is_held_and_its_line_signs_it(both_asked: Town) -> None:
    assert shows(both_asked) == (None, None)
    due, live = (lines(text)[-1] for text in both_asked.on_issue()[-2:])
    assert (due.strip(), live.strip()) == (
        "handshake signoff due-date 2027-03-01",
        "handshake signoff go-live-date 2027-04-15",
    )

    both_asked.comment("mona", live)
    assert shows(both_asked) == (None, SUMMER)

    both_asked.comment("mona", due)
    assert shows(both_asked) == (SPRING, SUMMER)
    assert both_asked.waiting() == []


@pytest.mark.parametrize("typed", ["Go-live date", '"Go-live date"', "golive", "customfield_10077"])
def test_the_field_is_read_as_people_write_it(both_asked: Town, typed: str) -> None:
    both_asked.comment("mona", f"handshake signoff {typed} 2027-04-15")

    assert shows(both_asked) == (None, SUMMER)


def test_a_bare_answer_where_several_wait_lists_them(both_asked: Town) -> None:
    for word in ("signoff", "decline"):
        both_asked.comment("mona", f"handshake {word}")
        assert [line.strip() for line in lines(both_asked.on_issue()[-1])] == [
            f"handshake {word} due-date 2027-03-01",
            f"handshake {word} go-live-date 2027-04-15",
        ]
    both_asked.comment("lee", "handshake withdraw")
    assert len(lines(both_asked.on_issue()[-1])) == 2
    assert len(both_asked.waiting()) == 2


@pytest.mark.parametrize(("who", "word"), [("sam", "ask"), ("mona", "signoff")])
def test_a_date_without_its_field_is_asked_back(linked: Town, who: str, word: str) -> None:
    linked.comment(who, f"handshake {word} 2027-06-01")

    offered = [line.strip() for line in lines(linked.on_issue()[-1])]
    assert offered == [f"handshake {word} due-date 2027-06-01", f"handshake {word} go-live-date 2027-06-01"]
    assert linked.waiting() == [] and shows(linked) == (None, None)

    linked.comment(who, offered[1])
    if word == "ask":
        assert [p.value.day for p in linked.waiting()] == [date(2027, 6, 1)]
    else:
        assert shows(linked) == (None, date(2027, 6, 1))


def test_an_answer_to_one_date_leaves_the_other(both_agreed: Town) -> None:
    go_live(both_agreed, "lee", date(2027, 5, 1))

    assert shows(both_agreed) == (SPRING, SUMMER)
    told = both_agreed.on_deal()[-1]
    assert "15 April (go-live date) is being rechecked" in told and "1 March" not in told

    both_agreed.comment("mona", "handshake decline go-live-date the audit comes first")
    assert shows(both_agreed) == (SPRING, SUMMER)
    assert both_agreed.waiting() == []


def test_whose_move_it_was_is_told_by_the_history_of_that_field(both_agreed: Town) -> None:
    go_live(both_agreed, "mona", date(2027, 5, 1))
    both_agreed.ask("lee", SUMMER)

    assert shows(both_agreed) == (SPRING, date(2027, 5, 1))


def test_words_about_the_whole_issue_name_each_date(both_agreed: Town) -> None:
    both_agreed.edit(
        "mona", body="One login for all tools.\n\n- log in with the company account\n- audit log"
    )
    compare(both_agreed, "jira/two dates, scope changed")
    assert "1 March (due date) stands as agreed. 15 April (go-live date) stands as agreed." in " ".join(
        both_agreed.on_issue()
    )

    both_agreed.comment("sam", f"/unlink {both_agreed.deal}")
    assert "1 March (due date) and 15 April (go-live date) stand" in both_agreed.on_deal()[-1]

    both_agreed.comment("sam", f"/link {both_agreed.deal}")
    assert "agreed for 1 March (due date) and 15 April (go-live date)" in both_agreed.on_deal()[-1]


def test_product_is_asked_of_each_date_that_was_agreed_for_something_else(both_agreed: Town) -> None:
    both_agreed.edit("lee", body="One login for all tools.\n\n- log in with the company account\n- audit log")
    compare(both_agreed, "jira/two dates, scope changed by an engineer")
    asked = [line.strip() for line in lines(both_agreed.on_issue()[-1])]
    assert asked == ["handshake signoff due-date 2027-03-01", "handshake signoff go-live-date 2027-04-15"]

    both_agreed.clock.forward(minutes=5)
    both_agreed.comment("mona", asked[0])
    told = both_agreed.on_deal()[-1]
    assert "still agreed for 1 March (due date)" in told and "15 April" not in told


def test_a_deal_that_is_new_hears_of_dates_that_stood_before(town: Town) -> None:
    town.ask("lee", SPRING)
    go_live(town, "lee", SUMMER)

    town.comment("sam", f"/link {town.deal}")

    said = town.on_issue()[-1]
    assert [line.strip() for line in lines(said)] == [
        "handshake signoff due-date 2027-03-01",
        "handshake signoff go-live-date 2027-04-15",
    ]
    assert shows(town) == (SPRING, SUMMER)


SITUATIONS = {
    "both asked": (),
    "one agreed, one asked": ("handshake signoff due-date 2027-03-01",),
    "a bare answer": ("handshake signoff",),
    "another date offered": ("handshake signoff go-live-date 2027-05-01",),
    "one declined": ("handshake decline go-live-date the audit comes first",),
    "nearly a command": ("handshake sign-off go-live-date 2027-04-15",),
    "a name that no date has": ("handshake signoff launch 2027-04-15",),
    "a day that has passed": ("handshake signoff 2026-03-01",),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_people_read_of_two_dates(both_asked: Town, situation: str) -> None:
    for words in SITUATIONS[situation]:
        both_asked.comment("mona", words)
    compare(both_asked, f"jira/two dates, {situation}")


def test_a_name_that_two_fields_have_keeps_work_waiting_until_that_is_mended(town: Town, rules: Path) -> None:
    town.box.jira.add_field("Go-Live Date", id="customfield_10099")
    town.place.comment("sam", f"/link {town.deal}")
    town.box.hooks.drain()
    while town.worker_app.worker.run_next():
        pass

    with town.worker_app.database.read() as connection:
        [error] = connection.scalars(select(jobs.c.error).where(jobs.c.kind == "reconcile")).all()
    assert "2 date fields called “Go-live date”: customfield_10077, customfield_10099" in error

    (rules / "dates.yaml").write_text("deadline_fields: {jira: [duedate, customfield_10077]}\n", "utf-8")
    town.clock.forward(minutes=2)
    town.settle()
    go_live(town, "lee", SUMMER)
    assert shows(town) == (None, None) and len(town.waiting()) == 1


@pytest.mark.parametrize("left", [None, date(2027, 6, 1)])
def test_a_field_that_was_deleted_and_made_again_keeps_what_is_agreed(
    both_agreed: Town, left: date | None
) -> None:
    jira = both_agreed.box.jira
    jira.delete_field("customfield_10077")
    jira.add_field(GO_LIVE, projects=["PROD"], id="customfield_10099")
    both_agreed.clock.forward(minutes=11)  # so long is it believed what fields are called
    for day in (date(2027, 6, 1), left):
        jira.as_user("lee").set_date(both_agreed.place.key, "customfield_10099", day)
    both_agreed.settle()

    issue = jira.issue(both_agreed.place.key)
    assert (issue.duedate, issue.custom.get("customfield_10099")) == (SPRING, SUMMER)
    [asked] = both_agreed.waiting()
    assert (asked.field, asked.value.day) == ("customfield_10099", left)
    deal = both_agreed.on_deal()[-1]
    assert "15 April (go-live date) is being rechecked" in deal

    both_agreed.comment("mona", "handshake decline go-live-date because it was agreed")

    assert both_agreed.waiting() == []
    assert jira.issue(both_agreed.place.key).custom.get("customfield_10099") == SUMMER
    with both_agreed.worker_app.database.read() as connection:
        assert set(connection.scalars(select(told.c.field))) == {"duedate", "customfield_10099"}


def test_a_second_field_of_that_name_is_not_taken_for_the_first(both_agreed: Town) -> None:
    jira = both_agreed.box.jira
    jira.delete_field("customfield_10077")
    for id in ("customfield_10098", "customfield_10099"):
        jira.add_field(GO_LIVE, projects=["PROD"], id=id)
    both_agreed.clock.forward(minutes=11)
    before = len(both_agreed.box.requests)
    jira.as_user("lee").set_date(both_agreed.place.key, "customfield_10099", SPRING)
    both_agreed.settle()

    assert not [call for call in both_agreed.box.requests[before:] if call.method == "PUT"]
