"""Where a policy needs two people, both agree to the same date, and each hears who is still needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.conftest import REPO, SPRING, SUMMER, WINTER, Town, both

tracker = both


def link_for_two(town: Town, rules: Path, policy: str) -> None:
    """Let product be Mona and Rolf, by this policy, and Sam link the deal."""
    hub, site = town.box.github, town.box.jira
    hub.add_user("rolf")
    hub.set_role(REPO, "rolf", "write")
    site.add_user("rolf", "Rolf")
    town.set_product("rolf", True)
    settings = rules / "handshake.yaml"
    settings.write_text(settings.read_text().replace("people_needed: 1", policy))
    town.clock.forward(seconds=1)
    town.comment("sam", f"/link {town.deal}")


@pytest.fixture
def two(town: Town, rules: Path) -> Town:
    """Product are Mona and Rolf. Lee has asked for 1 March."""
    link_for_two(town, rules, "people_needed: 2")
    town.ask("lee", SPRING)
    town.clock.forward(minutes=25)
    return town


@pytest.mark.parametrize(("first", "second"), [(SUMMER, SPRING), (SPRING, SUMMER)])
def test_yeses_to_two_dates_agree_neither(two: Town, first, second) -> None:
    two.comment("mona", f"/signoff {first}")
    two.comment("rolf", f"/signoff {second}")
    assert two.place.day() is None
    assert not any("agreed**" in said and "not agreed" not in said for said in two.on_deal())

    two.comment("rolf", f"/signoff {first}")
    assert two.place.day() == first


def test_whoever_agreed_hears_who_is_still_needed_and_what_they_can_paste(two: Town) -> None:
    two.comment("mona", f"/signoff {SUMMER}")

    reply = two.on_issue()[-1]
    assert "one more of product must agree to 15 April" in reply
    needed = reply.partition("Nothing is agreed")[2]
    assert "rolf" in needed.lower() and "mona" not in needed.lower()
    assert f"signoff {SUMMER}" in needed


def test_whoever_left_before_the_last_yes_does_not_count(two: Town) -> None:
    two.comment("mona", f"/signoff {SPRING}")
    two.set_product("mona", False)
    two.clock.forward(minutes=25)
    two.comment("rolf", f"/signoff {SPRING}")

    assert two.place.day() is None


def test_an_edit_of_one_stands_but_agrees_nothing_until_the_other_says_yes(two: Town) -> None:
    two.ask("mona", WINTER)
    assert two.place.day() == WINTER
    [waiting] = two.waiting()
    assert [yes.value.day for yes in waiting.yeses] == [WINTER]

    two.clock.forward(hours=1)
    two.comment("rolf", f"/signoff {WINTER}")

    assert (two.place.day(), two.waiting()) == (WINTER, [])
    assert any("end of January" in said or "31 January" in said for said in two.on_deal()[-1:])


@pytest.fixture
def apart(town: Town, rules: Path) -> Town:
    """Product are Mona and Rolf, and whoever asks may not agree. Mona has asked for 1 March."""
    link_for_two(town, rules, "people_needed: 1\n    askers_may_sign: false")
    town.comment("mona", f"/ask {SPRING}")
    town.clock.forward(minutes=25)
    return town


def test_whoever_asked_hears_who_else_can_agree(apart: Town) -> None:
    apart.comment("mona", f"/signoff {SPRING}")

    assert apart.place.day() is None
    reply = apart.on_issue()[-1]
    assert "Not agreed: somebody else of product must agree to 1 March" in reply
    assert "your own yes does not count" in reply
    needed = reply.partition("Nothing is agreed")[2]
    assert "rolf" in needed.lower() and "mona" not in needed.lower()

    apart.clock.forward(minutes=25)
    apart.comment("rolf", f"/signoff {SPRING}")
    assert (apart.place.day(), apart.waiting()) == (SPRING, [])


def test_setting_the_date_oneself_is_no_way_around(apart: Town) -> None:
    apart.ask("mona", SPRING)

    assert [waiting.value.day for waiting in apart.waiting()] == [SPRING]
    assert "product has not agreed yet" in apart.on_issue()[-1]
    assert not any("agreed**" in said and "not agreed" not in said for said in apart.on_deal())
