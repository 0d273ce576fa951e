"""A name is not a person: rights follow the ids that names in the rules meant when they were first seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from structlog.testing import capture_logs

from automation.sandbox import Sandbox
from tests.end_to_end.conftest import REPO, SPRING, WINTER, Town

LISTED = {"users": {"github": ["Mona"]}}
TEAM = {"github_teams": ["acme/product"]}
GROUP = {"jira_groups": ["product-managers"]}
OTHERS = "1 name is somebody else's now; see handshake rules check --live"
NOBODYS = "1 name is nobody's now; see handshake rules check --live"


@pytest.fixture
def policy() -> dict[str, Any]:
    return LISTED


@pytest.fixture
def rules(rules: Path, policy: dict[str, Any]) -> Path:
    """The shipped rules, with this policy instead of theirs."""
    path = rules / "handshake.yaml"
    settings = yaml.safe_load(path.read_text("utf-8"))
    settings["sign_off"] = {"product": policy}
    path.write_text(yaml.safe_dump(settings), "utf-8")
    return rules


def details(town: Town) -> dict[str, str]:
    answer = requests.get(f"http://127.0.0.1:{town.receiver.port}/readyz", timeout=5).json()
    return dict(answer["details"])


def warnings(lines: list[Any]) -> list[str]:
    return [line["text"] for line in lines if line["event"] == "name in the rules" and "text" in line]


def taken_over(box: Sandbox) -> None:
    """Mona takes another login, and a stranger the one that she had."""
    box.github.rename_user("mona", "mona-2")
    box.github.add_user("mona")
    box.github.set_role(REPO, "mona", "read")


def test_a_stranger_who_registers_the_old_login_signs_nothing_and_hears_nothing(asked: Town) -> None:
    before = asked.on_issue()
    taken_over(asked.box)

    with capture_logs() as lines:
        asked.comment("mona", "/signoff 2027-03-01")
        asked.comment("mona", "/signoff 2027-03-01 because I am Mona")

    assert asked.place.day() is None
    assert asked.on_issue() == before
    assert len(asked.waiting()) == 1
    assert len(warnings(lines)) == 1, "it is told once"
    assert details(asked) == {"rules": OTHERS}


def test_whoever_had_the_login_first_signs_under_another_one(asked: Town) -> None:
    taken_over(asked.box)

    asked.comment("mona-2", "/signoff 2027-03-01")

    assert asked.place.day() == SPRING
    assert details(asked) == {"rules": OTHERS}


def test_a_login_that_was_given_up_is_told_and_its_holder_still_signs(asked: Town) -> None:
    asked.box.github.rename_user("mona", "mona-2")

    asked.comment("mona-2", "/signoff 2027-03-01")

    assert asked.place.day() == SPRING
    assert details(asked) == {"rules": NOBODYS}


def test_a_restart_keeps_whom_names_mean(asked: Town) -> None:
    asked.restart()
    taken_over(asked.box)
    asked.restart()

    asked.comment("mona", "/signoff 2027-03-01")
    assert asked.place.day() is None
    asked.comment("mona-2", "/signoff 2027-03-01")
    assert asked.place.day() == SPRING


def test_names_are_looked_at_from_the_start_after_a_change_of_the_rules_and_every_hour(
    town: Town, rules: Path
) -> None:
    def calls() -> int:
        return len([one for one in town.box.requests if one.path.lower() == "/users/mona"])

    look = town.worker_app.namesakes.look
    look()
    look()
    assert (calls(), details(town)) == (1, {})
    taken_over(town.box)
    town.clock.forward(minutes=59)
    look()
    assert calls() == 1
    town.clock.forward(minutes=2)
    with capture_logs() as lines:
        look()
        town.clock.forward(minutes=61)
        look()
    assert (calls(), details(town)) == (3, {"rules": OTHERS})
    assert len(warnings(lines)) == 1

    path = rules / "handshake.yaml"
    path.write_text(path.read_text("utf-8").replace("Mona", "mona-2"), "utf-8")
    town.clock.forward(seconds=2)
    look()
    assert details(town) == {}, "what no longer stands in the rules is nobody's concern"


@pytest.mark.parametrize("fault", ["502 before", "403 limit"])
def test_names_are_asked_for_again_soon_after_an_outage(town: Town, fault: str) -> None:
    def answers() -> list[int]:
        return [one.status for one in town.box.requests if one.path.startswith("/users/")]

    town.box.fail_next("GET", "/users/", fault, retry_after=30)
    town.worker_app.namesakes.look()
    assert answers() == [502 if fault == "502 before" else 403]
    town.worker_app.namesakes.look()
    assert len(answers()) == 1

    town.clock.forward(minutes=2)
    town.worker_app.namesakes.look()
    assert answers()[1:] == [200]


@pytest.mark.parametrize("policy", [TEAM])
def test_a_team_made_anew_under_the_old_name_signs_nothing(asked: Town) -> None:
    asked.box.github.delete_team("acme", "product")
    asked.box.github.add_team("acme", "product", members=("lee",))

    asked.comment("lee", "/signoff 2027-03-01")
    asked.comment("mona", "/signoff 2027-03-01")

    assert asked.place.day() is None
    assert len(asked.waiting()) == 1
    asked.clock.forward(minutes=61)
    asked.worker_app.namesakes.look()
    assert details(asked) == {"rules": OTHERS}


@pytest.mark.parametrize("policy", [TEAM])
def test_a_team_keeps_its_rights_under_another_name(asked: Town) -> None:
    asked.box.github.rename_team("acme", "product", "owners")

    asked.comment("lee", "/signoff 2027-03-01")
    assert asked.place.day() is None
    asked.comment("mona", "/signoff 2027-03-01")

    assert asked.place.day() == SPRING
    asked.clock.forward(minutes=61)
    asked.worker_app.namesakes.look()
    assert details(asked) == {"rules": NOBODYS}


@pytest.mark.parametrize("policy", [TEAM])
def test_a_member_who_takes_another_login_stays_a_member(asked: Town) -> None:
    taken_over(asked.box)

    asked.comment("mona", "/signoff 2027-03-01")
    assert asked.place.day() is None
    asked.comment("mona-2", "/signoff 2027-03-01")

    assert asked.place.day() == SPRING


@pytest.mark.parametrize("policy", [GROUP])
@pytest.mark.parametrize("tracker", ["jira"])
def test_a_jira_group_made_anew_under_the_old_name_signs_nothing(asked: Town) -> None:
    asked.box.jira.delete_group("product-managers")
    asked.box.jira.add_group("product-managers", ("lee",))

    asked.comment("lee", "/signoff 2027-03-01")
    asked.comment("mona", "/signoff 2027-03-01")

    assert asked.place.day() is None
    assert details(asked) == {"rules": OTHERS}


@pytest.mark.parametrize("tracker", ["jira"])
def test_a_group_that_may_link_and_was_made_anew_links_nothing(town: Town) -> None:
    town.worker_app.namesakes.look()
    town.box.jira.delete_group("staff")
    town.box.jira.add_group("staff", ("stranger",))

    town.comment("stranger", f"/link {town.deal}")

    assert (town.on_issue(), town.on_deal()) == ([], [])


@pytest.mark.parametrize("policy", [{"users": {"github": ["mona", "nobody-yet"]}}])
def test_a_login_that_nobody_had_when_it_was_first_seen_signs_nothing_later(asked: Town) -> None:
    asked.box.github.add_user("nobody-yet")
    asked.box.github.set_role(REPO, "nobody-yet", "write")

    asked.comment("nobody-yet", "/signoff 2027-03-01")
    assert asked.place.day() != SPRING
    asked.comment("mona", "/signoff 2027-03-01")

    assert asked.place.day() == SPRING
    assert WINTER != SPRING
