"""What cannot be seen yet is looked for, and what was done after it waits, for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from automation.domain.changes import news
from automation.engine.sight import GIVE_UP, PATIENCE, judge, lagging, of_issue, pause, stale
from automation.model import (
    Command,
    Facts,
    FieldState,
    Gap,
    History,
    IssueState,
    Move,
    News,
    Trigger,
    Value,
    Written,
)
from tests.factories import ISSUE, LEE, MONA, NOW, SPRING, WINTER, issue, looked

SECOND = timedelta(seconds=1)


def state(**known: object) -> IssueState:
    return IssueState(ISSUE, version=3, fields={"milestone": FieldState(WINTER, **known)})  # type: ignore[arg-type]


def named(ago: timedelta = timedelta(), **about: object) -> Trigger:
    return Trigger(ISSUE, "comment", at=NOW, comment="c9", named_at=NOW - ago, **about)  # type: ignore[arg-type]


def seen(*gaps: Gap, **more: object) -> Facts:
    return Facts(issue(deadlines={"milestone": WINTER}), gaps=gaps, **more)  # type: ignore[arg-type]


def written(at: datetime) -> Written:
    return Written(Command("decline"), "c1", MONA, at)


def test_the_waits_double_from_half_a_second_and_end_at_a_minute() -> None:
    waited, waits = 0.0, []
    for _ in range(11):
        waits.append(pause(timedelta(seconds=waited)))
        waited += waits[-1]
    assert waits == [0.5, 0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_what_was_done_before_is_decided_at_once_and_only_the_rest_is_looked_for() -> None:
    gap, other = named(), Trigger(ISSUE, "issue", at=NOW, named_at=NOW)
    facts = seen(Gap("comment c9", gap, NOW), written=(written(NOW - SECOND),))

    found = judge(state(), looked(state(), facts), (gap, other), NOW)

    assert (found.decide, found.again, found.missed) == (True, (gap,), ())
    assert found.why == "not readable yet: comment c9"


@pytest.mark.parametrize(
    "facts",
    [
        {"written": (written(NOW),)},
        {"history": {"milestone": History((Move("7", NOW + SECOND, LEE, WINTER, SPRING),), "7", NOW)}},
        {"mentioned": {"SALES-7": "body"}},
    ],
    ids=["a command", "a date", "words of nobody knows when"],
)
def test_what_was_done_after_it_waits_for_a_minute(facts: dict[str, object]) -> None:
    gap = named(ago=PATIENCE - SECOND)
    waiting = seen(Gap("comment c9", gap, NOW), **facts)
    assert judge(state(), looked(state(), waiting), (gap,), NOW).decide is False
    late = judge(state(), looked(state(), waiting), (gap,), NOW + 2 * SECOND)
    assert (late.decide, late.again) == (True, (gap,))


def test_at_a_first_sight_all_waits_since_a_link_may_be_what_is_missing() -> None:
    gap = named()
    assert judge(IssueState(ISSUE), seen(Gap("comment c9", gap, NOW)), (gap,), NOW).decide is False


def test_after_a_quarter_of_an_hour_somebody_has_to_look_after_it() -> None:
    gap = named(ago=GIVE_UP)
    found = judge(state(), seen(Gap("comment c9", gap, NOW)), (gap,), NOW)
    assert (found.decide, found.again, found.missed) == (True, (), (gap,))


def test_what_another_look_is_for_is_left_to_it() -> None:
    own, others = Trigger(ISSUE, "issue", at=NOW, named_at=NOW), named()
    found = judge(state(), seen(Gap("comment c9", others, NOW)), (own,), NOW)
    assert (found.decide, found.again) == (True, ())


def test_a_change_that_is_newer_than_what_was_read_is_missing() -> None:
    told = Trigger(ISSUE, "issue", updated=NOW, named_at=NOW)
    assert stale(issue(updated_at=NOW), [told]) == []
    assert [gap.at for gap in stale(issue(updated_at=NOW - SECOND), [told])] == [NOW]
    assert stale(issue(updated_at=None), [told]) == []


def test_a_time_far_ahead_is_none_that_can_be_waited_for() -> None:
    told = Trigger(ISSUE, "issue", updated=NOW.replace(year=9999), named_at=NOW)
    assert stale(issue(updated_at=NOW), [told]) == []


@pytest.mark.parametrize(
    ("truth", "history", "missing"),
    [
        (SPRING, History((), "7", NOW, SPRING), False),
        (SPRING, History((), "7", NOW, WINTER), True),
        (SPRING, History(), True),
        (WINTER, History(), False),
        (replace(WINTER, day=SPRING.day), History(), False),
        (SPRING, History((), "7", NOW, None), False),
        (SPRING, History((Move("7", NOW, LEE, WINTER, None),), "7", NOW, None), True),
    ],
    ids=[
        "told",
        "not told",
        "nothing told",
        "as it was",
        "its carrier moved",
        "nameless",
        "nameless just now",
    ],
)
def test_a_history_that_does_not_go_as_far_as_the_issue_lags(
    truth: Value, history: History, missing: bool
) -> None:
    now = issue(deadlines={"milestone": truth}, updated_at=NOW)
    found = lagging(state(), now, news(state(), now, ()), {"milestone": history}, {}, (), NOW)
    assert bool(found) is missing
    assert all(gap.passing for gap in found)
    timeless = replace(now, updated_at=None)
    assert lagging(state(), timeless, News(), {"milestone": history}, {}, (), NOW) in ([], found)


def test_a_history_that_is_older_than_what_a_delivery_tells_of_lags() -> None:
    told = Trigger(ISSUE, "issue", updated=NOW, changed=("milestone",), named_at=NOW)
    now = issue(deadlines={"milestone": WINTER}, updated_at=NOW)
    old = History((), "7", NOW - timedelta(seconds=30), WINTER)
    assert [
        gap.trigger
        for gap in lagging(state(), now, news(state(), now, ()), {"milestone": old}, {}, (told,), NOW)
    ] == [told]
    new = replace(old, newest_at=NOW)
    assert lagging(state(), now, news(state(), now, ()), {"milestone": new}, {}, (told,), NOW) == []


def test_whoever_wrote_words_before_they_changed_did_not_change_them() -> None:
    told = Trigger(ISSUE, "issue", updated=NOW, changed=("body",), named_at=NOW)
    words = {"body": NOW - timedelta(hours=1)}
    assert lagging(state(), issue(updated_at=NOW), News(), {}, words, (told,), NOW) != []
    assert lagging(state(), issue(updated_at=NOW), News(), {}, {"body": NOW}, (told,), NOW) == []


def test_an_issue_that_was_there_is_gone_and_one_that_never_was_may_be_new() -> None:
    told = Trigger(ISSUE, "issue", named_at=NOW)
    assert of_issue(state(), (told,), NOW, "no issue").again == (told,)
    assert of_issue(state(), (told,), NOW + PATIENCE, "no issue").again == ()
    assert of_issue(state(), (told,), NOW + PATIENCE, "no issue").missed == ()
    assert of_issue(IssueState(ISSUE), (told,), NOW, "no issue").again == (told,)
    assert of_issue(IssueState(ISSUE), (told,), NOW + GIVE_UP, "no issue").missed == (told,)
    gone = replace(told, what="gone")
    assert of_issue(IssueState(ISSUE), (gone,), NOW, "no issue").again == ()
