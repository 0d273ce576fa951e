"""Whatever an issue or its place is called by now: what was linked, asked, agreed and said goes with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from automation.sandbox.places import GitHubIssue
from tests.end_to_end.conftest import BOT, MILESTONES, REPO, SPRING, SUMMER, Town

STORE = "acme/store"


@pytest.fixture
def agreed(asked: Town) -> Town:
    """Product has agreed to 1 March."""
    asked.comment("mona", "/signoff 2027-03-01")
    return asked


def look_after(rules: Path, **places: str) -> None:
    """Let the rules name these places, as in ``repositories="[acme/shop]"``."""
    path = rules / "handshake.yaml"
    text = path.read_text()
    for kind, named in places.items():
        before = {"repositories": "[acme/shop]", "projects": "[PROD]"}[kind]
        text = text.replace(f"{kind}: {before}", f"{kind}: {named}")
    path.write_text(text)


def another_repository(town: Town, repo: str = STORE, milestones: dict[str, date] | None = None) -> None:
    roles = {"sam": "triage", "lee": "write", "mona": "write", BOT: "maintain"}
    town.box.github.add_repo(repo, private=True, roles=roles)
    town.box.github.add_milestone(repo, "Of its own", date(2027, 9, 1))  # so that numbers differ
    for title, due in (MILESTONES if milestones is None else milestones).items():
        town.box.github.add_milestone(repo, title, due)


def transfer(town: Town, to: str = STORE, who: str = "lee") -> None:
    number = town.box.github.as_user(who).transfer_issue(REPO, town.number, to)
    if isinstance(town.place, GitHubIssue):
        town.place = replace(town.place, repo=to, number=number)


def moved(texts: list[str]) -> list[str]:
    return [text for text in texts if "Now in" in text or "new home" in text or "Moved to" in text]


def doubled(texts: list[str]) -> list[str]:
    return [text for text in set(texts) if texts.count(text) > 1]


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0,), (1,), (0, 1, 0, 1)])
def test_a_transferred_issue_keeps_what_was_agreed_and_holds_the_next_date(
    agreed: Town, rules: Path, order: tuple[int, ...]
) -> None:
    look_after(rules, repositories=f"[acme/shop, {STORE}]")
    another_repository(agreed)
    agreed.settle()
    before = len(agreed.on_issue()), len(agreed.on_deal())
    agreed.box.hooks.hold()
    transfer(agreed)
    agreed.box.hooks.release(order)
    agreed.settle()
    assert agreed.place.day() == SPRING
    said, told = agreed.on_issue()[before[0] :], agreed.on_deal()[before[1] :]
    assert len(said) == len(moved(said)) == 1 and f"Now in {STORE}" in said[0]
    assert len(told) == len(moved(told)) == 1 and "1 March stands as agreed" in told[0]
    agreed.ask("lee", SUMMER)
    assert agreed.place.day() == SPRING
    assert len(agreed.waiting()) == 1
    agreed.comment("mona", "/signoff 2027-04-15")
    assert agreed.place.day() == SUMMER
    assert not doubled(agreed.on_issue()) and not doubled(agreed.on_deal())
