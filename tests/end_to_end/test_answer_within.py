"""By when product answers, in working days, and what happens where it does not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from tests.end_to_end.conftest import SUMMER, Town, both

tracker = both

POLICY = "    answer_within: 2 working days\n"


def settle_on(rules: Path, more: str) -> None:
    """Let the policy say more than it does as shipped."""
    settings = rules / "handshake.yaml"
    settings.write_text(settings.read_text().replace(POLICY, f"{POLICY}{more}"))


def test_a_public_holiday_is_no_working_day_where_the_policy_says_whose(town: Town, rules: Path) -> None:
    town.clock.now = datetime(2027, 3, 5, 9, tzinfo=UTC)  # Monday is Women's Day, and free in Berlin
    settle_on(rules, "    holidays: DE-BE\n")
    town.comment("sam", f"/link {town.deal}")
    town.ask("lee", SUMMER)

    assert [waiting.answer_by for waiting in town.waiting()] == [date(2027, 3, 10)]
    assert "by Wednesday, 10 March" in town.on_issue()[-1]
    assert "by Wednesday, 10 March" in town.on_deal()[-1]
