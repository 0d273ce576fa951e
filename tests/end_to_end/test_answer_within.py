"""By when product answers, in working days, and what happens where it does not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.end_to_end.conftest import SPRING, SUMMER, Town, both
from tests.end_to_end.passing_time import live

tracker = both

POLICY = "    answer_within: 2 working days\n"


def settle_on(rules: Path, more: str) -> None:
    """Let the policy say more than it does as shipped."""
    settings = rules / "handshake.yaml"
    settings.write_text(settings.read_text().replace(POLICY, f"{POLICY}{more}"))


def test_a_public_holiday_is_no_working_day_where_the_policy_says_whose(town: Town, rules: Path) -> None:
    town.clock.now = datetime(2027, 3, 5, 9, tzinfo=UTC)  # Monday is Women's Day, and free in Berlin
    settle_on(rules, "    holidays: DE-BE\n")
    put_mode(town, rules, "observe", "enforce")
    town.comment("sam", f"/link {town.deal}")
    town.ask("lee", SUMMER)

    assert [waiting.answer_by for waiting in town.waiting()] == [date(2027, 3, 10)]
    assert "by Wednesday, 10 March" in town.on_issue()[-1]
    assert "by Wednesday, 10 March" in town.on_deal()[-1]


@pytest.fixture
def mode() -> None:
    """As the rules say."""


@pytest.fixture
def waits(town: Town, rules: Path) -> Town:
    """Rita is the backup. Lee has asked for 1 March on Monday, so that product should answer by Wednesday."""
    town.box.github.add_user("rita")
    rita = town.box.jira.add_user("rita", "Rita")
    people = f'{{github: [rita], jira: ["{rita.account_id}"]}}'
    settle_on(rules, f"    backup: {people}\n    expires_after: 10 days\n")
    put_mode(town, rules, "observe", "enforce")
    town.comment("sam", f"/link {town.deal}")
    town.ask("lee", SPRING)
    return town


def put_mode(town: Town, rules: Path, old: str, new: str) -> None:
    settings = rules / "handshake.yaml"
    settings.write_text(settings.read_text().replace(f"\nmode: {old}\n", f"\nmode: {new}\n"))
    town.clock.forward(seconds=2)
    town.settle()


def until(town: Town, day: int, hour: int) -> None:
    live(town, (datetime(2027, 1, day, hour, tzinfo=UTC) - town.clock.now).total_seconds())


def reminders(town: Town) -> list[str]:
    return [said for said in town.on_issue() if "still waits for product" in said]


def test_the_backup_is_reminded_on_the_next_working_day_and_once(waits: Town) -> None:
    until(waits, 14, 7)
    assert reminders(waits) == []
    waits.restart()
    until(waits, 14, 9)

    [reminder] = reminders(waits)
    assert "rita" in reminder.lower() and "mona" not in reminder.lower()
    assert "by Wednesday, 13 January" in reminder and f"signoff {SPRING}" in reminder
    assert len(waits.on_deal()) == 2, "the deal has heard that it waits"

    waits.comment("lee", "Any news?")
    until(waits, 20, 9)
    assert len(reminders(waits)) == 1


def test_whoever_has_answered_is_not_followed_by_a_reminder(waits: Town) -> None:
    waits.clock.forward(minutes=25)
    waits.comment("mona", "/decline")
    until(waits, 20, 9)

    assert reminders(waits) == []


def test_a_reminder_that_came_due_while_the_mode_was_observe_is_given_after_it(
    waits: Town, rules: Path
) -> None:
    put_mode(waits, rules, "enforce", "observe")
    until(waits, 14, 9)
    assert reminders(waits) == []

    put_mode(waits, rules, "observe", "enforce")
    until(waits, 15, 10)
    assert len(reminders(waits)) == 1


def test_a_wish_that_nobody_answers_ends_and_both_sides_read_so(waits: Town) -> None:
    until(waits, 21, 8)
    assert len(waits.waiting()) == 1
    until(waits, 21, 12)

    assert (waits.waiting(), waits.place.day()) == ([], None)
    assert "1 March is no longer asked for: nobody answered" in waits.on_issue()[-1]
    assert "there was no answer" in waits.on_deal()[-1]


def test_silence_makes_no_agreed_date_safe_that_is_in_doubt(waits: Town) -> None:
    waits.clock.forward(minutes=25)
    waits.comment("mona", f"/signoff {SPRING}")
    waits.ask("lee", SUMMER)
    until(waits, 31, 12)

    assert [asked.value.day for asked in waits.waiting()] == [SUMMER]
    assert not any("still stands" in said for said in waits.on_deal())
