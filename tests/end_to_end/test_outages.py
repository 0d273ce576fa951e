"""A tracker that does not answer for a while: all is taken up by itself, nothing is parked or doubled."""

from __future__ import annotations

import pytest
import requests
from structlog.testing import capture_logs

from automation.store.deliveries import Desk
from tests.end_to_end.conftest import SPRING, Town

pytestmark = pytest.mark.parametrize("tracker", ["github", "jira"])

WRITES = ("POST", "PATCH", "PUT", "DELETE")
OUTAGES = {
    "502": {"how": "502 before"},
    "502 though done": {"how": "502 after", "methods": WRITES},
    "nothing": {"how": "drop before"},
    "a page for people": {"how": "page"},
    "writes only": {"how": "502 before", "methods": WRITES},
}


def pass_by(town: Town, **time: float) -> None:
    """Let time pass, minute by minute or in sixty steps."""
    total = sum({"minutes": 60, "hours": 3600}[name] * value for name, value in time.items())
    step = max(60.0, total / 60)
    for _ in range(int(total // step)):
        town.clock.forward(seconds=step)
        town.settle()


def parked(town: Town) -> list[str]:
    return [task.error for item in Desk(town.worker_app.database).parked() for task in item.parked]


def details(town: Town) -> dict[str, str]:
    answer = requests.get(f"http://127.0.0.1:{town.receiver.port}/readyz", timeout=10)
    found: dict[str, str] = answer.json()["details"]
    return found


@pytest.mark.parametrize(
    ("kind", "time"),
    [*((kind, {"minutes": 9}) for kind in OUTAGES), ("502", {"hours": 24}), ("writes only", {"hours": 24})],
)
def test_whatever_came_in_an_outage_is_carried_out_after_it(
    linked: Town, tracker: str, kind: str, time: dict[str, float]
) -> None:
    for system in ("github", "jira"):
        linked.box.out(system, **OUTAGES[kind])  # type: ignore[arg-type]
    linked.place.ask("lee", SPRING)
    linked.place.comment("sam", "Any news?")
    linked.place.edit("lee", title="Single sign-on for all")
    linked.settle()

    pass_by(linked, **time)
    assert parked(linked) == []
    for system in ("github", "jira"):
        linked.box.back(system)
    pass_by(linked, minutes=12)

    assert parked(linked) == []
    assert linked.place.day() is None
    assert len(linked.waiting()) == 1
    said = linked.on_issue() + linked.on_deal()
    assert len(said) == len(set(said)) >= 4, "each thing once"


def test_an_outage_costs_few_calls_and_is_told_once(linked: Town, tracker: str) -> None:
    linked.box.out(tracker)
    linked.place.ask("lee", SPRING)
    linked.place.comment("sam", "/link SALES-1")
    with capture_logs() as lines:
        linked.settle()
        before = len(linked.box.requests)
        pass_by(linked, hours=4)

    assert len(linked.box.requests) - before < 4 * 12 * 3, "every five minutes, and few at a time"
    assert "since 11 January, 09:0" in details(linked)[tracker]
    assert "asked again every 5 minutes at most" in details(linked)[tracker]
    linked.box.back(tracker)
    with capture_logs() as after:
        pass_by(linked, minutes=6)
    assert details(linked) == {}
    told = [line["event"] for line in (*lines, *after) if line["event"] in ("no answer", "answers again")]
    assert told == ["no answer", "answers again"]


PARTS = {
    "github": (("errors", "graphql"), ("502 before", "/comments"), ("502 before", "/memberships")),
    "jira": (("502 before", "/comment"), ("page", "/changelog"), ("502 before", "/group/member")),
}


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_part_that_is_out_for_a_day_while_all_else_answers_is_waited_for_too(
    asked: Town, tracker: str, part: int
) -> None:
    how, path = PARTS[tracker][part]
    asked.box.out(tracker, how, path=path)
    asked.place.comment("mona", "/signoff 2027-03-01")
    asked.settle()
    pass_by(asked, hours=24)
    assert parked(asked) == []

    asked.box.back(tracker)
    pass_by(asked, minutes=12)
    assert asked.place.day() == SPRING
    said = asked.on_issue() + asked.on_deal()
    assert len(said) == len(set(said)) == 6
