"""When an agreed date is spoken of again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from automation.domain.due_dates import times
from automation.model import Commitment, Policy
from tests.factories import SPRING, commitment

DAY = date(2027, 3, 1)
"""A Monday."""
POLICY = Policy("product", reconfirm_days=10, warn_days=3)
AGREED = commitment(SPRING)


def at(month: int, day: int, hour: int = 8) -> datetime:
    return datetime(2027, month, day, hour, tzinfo=UTC)


def unanswered(agreed: Commitment, policy: Policy | None = POLICY, day: date = DAY) -> datetime | None:
    return times(agreed, day, policy).unanswered


def test_product_is_asked_as_long_before_as_the_policy_says_and_once_the_day_has_passed() -> None:
    assert times(AGREED, DAY, POLICY).asks == (at(2, 19), at(2, 26), at(3, 2))
    assert times(AGREED, DAY, Policy("product")).asks == (at(3, 2),)
    assert times(AGREED, DAY, None).asks == (at(3, 2),)


def test_no_answer_to_the_early_question_is_told_to_nobody() -> None:
    assert unanswered(AGREED) is None
    assert unanswered(replace(AGREED, asked_at=at(2, 19, 9))) is None


@pytest.mark.parametrize(
    ("day", "asked", "told"),
    [
        (date(2027, 3, 5), at(3, 2, 9), at(3, 5)),
        (DAY, at(2, 26, 9), at(3, 2)),
        (DAY, at(3, 2, 9), at(3, 2)),
    ],
    ids=["on the day itself", "never later than the day after it", "asked only then"],
)
def test_deals_hear_once_the_time_for_the_last_answer_is_over(
    day: date, asked: datetime, told: datetime
) -> None:
    assert unanswered(replace(AGREED, asked_at=asked), day=day) == told


def test_what_was_agreed_after_the_last_question_holds_until_its_day_has_passed() -> None:
    assert unanswered(replace(AGREED, signed_at=at(2, 27))) == at(3, 2)


def test_without_a_last_question_deals_hear_when_the_day_has_passed() -> None:
    assert unanswered(AGREED, Policy("product", reconfirm_days=10)) == at(3, 2)
    assert unanswered(replace(AGREED, asked_at=at(2, 19, 9)), Policy("product", reconfirm_days=10)) == at(
        3, 2
    )


def test_an_answer_in_words_or_by_another_date_ends_the_question() -> None:
    asked = replace(AGREED, asked_at=at(2, 26, 9))
    assert asked.questioned and not asked.in_doubt
    assert not replace(asked, signed_at=asked.asked_at + timedelta(hours=1)).questioned
