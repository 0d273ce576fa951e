"""Who is of a policy, and which policy governs which issue."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.conftest import SPRING, Town


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
