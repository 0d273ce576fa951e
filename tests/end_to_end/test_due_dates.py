"""An agreed date that comes near or passes while its issue is open, and what is kept of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from automation.model import Mode
from automation.store import ledger
from tests.end_to_end.conftest import BODY, SUMMER, Town, both

tracker = both


@pytest.fixture
def agreed(asked: Town) -> Town:
    asked.comment("mona", "/signoff 2027-03-01")
    return asked


def on(town: Town, month: int, day: int) -> None:
    """Let that day come, and what is due by then be done."""
    town.clock.now = max(town.clock.now, datetime(2027, month, day, 8, 0, tzinfo=UTC))
    town.settle()


def asks(town: Town) -> list[str]:
    return [text.replace("\\", "") for text in town.on_issue() if "is near: does it still hold?" in text]


def told(town: Town) -> list[str]:
    return [text for text in town.on_deal() if "rechecked" in text or "has passed" in text]


def remembered(town: Town) -> list[tuple[str, str]]:
    lines = ledger.story(town.worker_app.database, town.subject)
    return [(one.entry.what, one.entry.text.partition(": ")[2]) for one in lines]


def test_product_is_asked_ten_days_before_and_three_and_deals_hear_once_nobody_answers(agreed: Town) -> None:
    on(agreed, 2, 18)
    assert asks(agreed) == []

    on(agreed, 2, 19)
    [question] = asks(agreed)
    assert "signoff 2027-03-01" in question and "Monday, 1 March" in question
    on(agreed, 2, 20)
    assert len(asks(agreed)) == 1 and told(agreed) == []

    on(agreed, 2, 26)
    assert len(asks(agreed)) == 2 and told(agreed) == []
    on(agreed, 3, 1)
    assert told(agreed) == []

    on(agreed, 3, 2)
    [word] = told(agreed)
    assert "1 March 2027 has passed, and it is not done yet" in word
    assert "has passed, and this is still open" in agreed.on_issue()[-1]
    before = agreed.on_issue(), agreed.on_deal()
    on(agreed, 3, 9)
    assert (agreed.on_issue(), agreed.on_deal()) == before


def test_an_answer_ends_the_question_until_the_next_one(agreed: Town) -> None:
    on(agreed, 2, 19)
    agreed.comment("mona", "/signoff 2027-03-01")
    assert "1 March is agreed again" in agreed.on_issue()[-1].replace("\\", "")
    assert told(agreed) == []

    on(agreed, 2, 26)
    assert len(asks(agreed)) == 2


def test_deals_hear_before_the_day_where_the_time_for_an_answer_has_passed(agreed: Town) -> None:
    agreed.ask("mona", SUMMER)
    agreed.clock.forward(minutes=20)
    agreed.settle()
    on(agreed, 4, 12)
    assert len(asks(agreed)) == 1 and told(agreed) == []

    on(agreed, 4, 15)
    assert "15 April is being rechecked" in told(agreed)[-1]
    agreed.comment("mona", "/signoff 2027-04-15")
    assert "still agreed for 15 April" in agreed.on_deal()[-1]


def test_what_is_due_survives_a_restart(agreed: Town) -> None:
    agreed.restart()
    on(agreed, 2, 19)
    agreed.restart()
    on(agreed, 2, 19)
    assert len(asks(agreed)) == 1


@pytest.mark.parametrize(
    ("day", "done", "end"),
    [
        ((2, 25), True, ("kept", "2027-03-01, done on 2027-02-25")),
        ((3, 5), True, ("missed", "2027-03-01, done 4 days late")),
        ((2, 25), False, ("missed", "2027-03-01, dropped")),
    ],
    ids=["on time", "late", "dropped"],
)
def test_the_ledger_says_whether_a_date_was_kept(
    agreed: Town, day: tuple[int, int], done: bool, end: tuple[str, str]
) -> None:
    on(agreed, *day)
    agreed.place.close("lee", done)
    agreed.settle()

    assert end in remembered(agreed)
    questions = len(asks(agreed))
    on(agreed, 4, 1)
    assert len(asks(agreed)) == questions


def test_a_date_that_is_moved_after_it_has_passed_was_missed(agreed: Town) -> None:
    on(agreed, 3, 2)
    agreed.ask("mona", SUMMER)
    assert ("missed", "2027-03-01, moved to 2027-04-15") in remembered(agreed)


def test_a_deal_that_was_told_no_date_hears_nothing_of_it(agreed: Town) -> None:
    agreed.edit("lee", body=BODY.replace("log out everywhere", "log out after 30 days"))
    second = agreed.box.jira.add_issue("SALES", "Echo Foods", reporter="sam", assignee="sam")
    agreed.comment("sam", f"/link {second}")
    on(agreed, 3, 2)

    assert "has passed" in told(agreed)[-1]
    assert not any("has passed" in comment.text for comment in agreed.box.jira.comments(second))


class TestAnotherMode:
    @pytest.fixture
    def mode(self) -> Mode | None:
        return None

    @pytest.fixture
    def rules(self, rules: Path) -> Path:
        switch(rules, "enforce")
        return rules

    def test_what_fell_due_while_only_observing_is_not_made_up_for(self, agreed: Town, rules: Path) -> None:
        switch(rules, "observe")
        on(agreed, 2, 19)
        switch(rules, "enforce")
        on(agreed, 2, 25)
        assert asks(agreed) == []

        on(agreed, 2, 26)
        assert len(asks(agreed)) == 1


def switch(rules: Path, mode: str) -> None:
    settings = rules / "handshake.yaml"
    settings.write_text(re.sub(r"(?m)^mode: .*$", f"mode: {mode}", settings.read_text()))
