"""Who is of a policy, and which policy governs which issue."""

from __future__ import annotations

from pathlib import Path

import pytest

from automation.sandbox.places import GitHubIssue
from tests.end_to_end.conftest import REPO, SPRING, SUMMER, Town
from tests.end_to_end.passing_time import TRACKERS


def change(town: Town, rules: Path, file: str, old: str, new: str) -> None:
    path = rules / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    town.clock.forward(seconds=2)


@pytest.mark.parametrize("tracker", ["jira"])
def test_whoever_holds_a_role_in_the_project_of_the_issue_signs_and_only_while_they_do(
    linked: Town, rules: Path
) -> None:
    site = linked.box.jira
    site.add_user("rolf", "Rolf")
    held = site.project("PROD").roles["Developers"]
    held.append(site.user("rolf"))
    people = "jira_groups: [product-managers]\n    people_needed"
    change(linked, rules, "handshake.yaml", people, "jira_roles: [Developers]\n    people_needed")
    linked.ask("lee", SPRING)
    linked.clock.forward(minutes=25)

    linked.comment("mona", f"/signoff {SPRING}")
    assert linked.place.day() is None
    held.clear()
    linked.comment("rolf", f"/signoff {SPRING}")
    assert linked.place.day() is None
    held.append(site.user("rolf"))
    linked.comment("rolf", f"/signoff {SPRING}")
    assert linked.place.day() == SPRING


LEGAL = """
  legal:
    users: {github: [rolf], jira: ["%s"]}
    people_needed"""
HELD = """  - name: dates on customer requests wait for product
    when: deadline.changed
    if: size(issue.deals) > 0
"""
BY_LABEL = """  - name: dates with a contract wait for legal
    when: deadline.changed
    if: '"contract" in issue.labels'
    then:
      - hold: {until: legal}
      - comment: {to: issue, message: date-held}

"""


@pytest.fixture
def contract(town: Town, rules: Path) -> Town:
    """Dates of issues with the label wait for legal, who is Rolf; others for product, who is Mona."""
    site = town.box.jira
    town.box.github.add_user("rolf")
    town.box.github.set_role(REPO, "rolf", "write")
    site.add_user("rolf", "Rolf")
    legal = LEGAL % site.user("rolf").account_id
    change(town, rules, "handshake.yaml", "\nsign_off:", f"\nsign_off:{legal}: 1")
    without = "'size(issue.deals) > 0 && !(\"contract\" in issue.labels)'"
    others = HELD.replace("size(issue.deals) > 0", without)
    change(town, rules, "deadlines.yaml", HELD, BY_LABEL + others)
    label(town, True)
    town.comment("sam", f"/link {town.deal}")
    town.clock.forward(minutes=25)
    return town


def label(town: Town, present: bool) -> None:
    if isinstance(town.place, GitHubIssue):
        lee = town.box.github.as_user("lee")
        (lee.label if present else lee.unlabel)(REPO, town.place.number, "contract")
    else:
        changed = {"add_labels" if present else "remove_labels": ("contract",)}
        town.box.jira.as_user("lee").edit(town.place.key, **changed)
    town.settle()


@TRACKERS
def test_an_answer_that_nobody_asked_for_counts_only_by_whom_the_rules_hold_it_for(contract: Town) -> None:
    contract.comment("mona", f"/signoff {SPRING}")
    assert (contract.place.day(), contract.waiting()) == (None, [])
    assert "rolf" in contract.on_issue()[-1].lower()

    contract.comment("rolf", f"/signoff {SPRING}")
    assert contract.place.day() == SPRING


@TRACKERS
def test_a_date_that_is_asked_for_in_words_waits_for_whom_the_rules_hold_it_for(contract: Town) -> None:
    contract.comment("sam", f"/ask {SPRING} because they start then")
    assert [waiting.policy for waiting in contract.waiting()] == ["legal"]

    contract.ask("mona", SPRING)
    assert contract.place.day() is None


@TRACKERS
def test_a_label_that_is_taken_off_hands_no_date_to_others(contract: Town) -> None:
    contract.comment("rolf", f"/signoff {SPRING}")
    contract.clock.forward(hours=1)
    label(contract, False)

    contract.ask("mona", SUMMER)
    assert contract.place.day() == SPRING
    contract.clock.forward(hours=1)
    contract.comment("mona", f"/signoff {SUMMER}")
    assert contract.place.day() == SPRING


@pytest.fixture
def together(contract: Town, rules: Path) -> Town:
    """Dates of issues with the label wait for product and for legal."""
    change(contract, rules, "deadlines.yaml", "hold: {until: legal}", "hold: {until: [product, legal]}")
    return contract


@TRACKERS
@pytest.mark.parametrize(("first", "second"), [("mona", "rolf"), ("rolf", "mona")])
def test_a_date_that_takes_two_policies_is_agreed_once_each_has_said_yes(
    together: Town, first: str, second: str
) -> None:
    together.ask("lee", SPRING)
    held = together.on_issue()[-1]
    assert "mona" in held.lower() and "rolf" in held.lower()
    assert "It takes a yes from each: product and legal" in held
    together.clock.forward(minutes=25)

    together.comment(first, f"/signoff {SPRING}")
    assert together.place.day() is None
    missing = {"mona": "legal", "rolf": "product"}[first]
    assert f"one more of {missing} must agree to 1 March" in together.on_issue()[-1]
    together.clock.forward(minutes=25)
    together.comment(first, f"/signoff {SPRING}")
    assert together.place.day() is None

    together.comment(second, f"/signoff {SPRING}")
    assert (together.place.day(), together.waiting()) == (SPRING, [])
    assert "agreed for 1 March" in together.on_deal()[-1]


@TRACKERS
def test_whoever_is_of_both_policies_says_yes_for_both(together: Town) -> None:
    together.set_product("rolf", True)
    together.comment("rolf", f"/signoff {SPRING}")

    assert together.place.day() == SPRING


@TRACKERS
def test_an_edit_of_one_policy_waits_for_the_other_and_either_can_say_no(together: Town) -> None:
    together.ask("lee", SUMMER)
    together.ask("mona", SPRING)
    assert [yes.value.day for asked in together.waiting() for yes in asked.yeses] == [SPRING]
    assert not any("agreed for" in said for said in together.on_deal())
    assert together.place.day() == SPRING
    together.clock.forward(minutes=25)

    together.comment("rolf", f"/decline {SUMMER}")
    assert (together.place.day(), together.waiting()) == (None, [])
