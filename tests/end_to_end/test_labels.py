"""Labels in a hurry: people ask, sign and decline faster than trackers answer, and each label ends right."""

from __future__ import annotations

import pytest

from automation.sandbox.places import GitHubIssue, JiraIssue, Place
from tests.end_to_end.conftest import BODY, MILESTONES, REPO, SPRING, Town, both

LINKED, WAITING = "customer-request", "waiting-for-product"
LABEL_WRITES = {"github": ("POST", r"/issues/\d+/labels$"), "jira": ("PUT", r"/issue/PROD-\d+$")}
REMOVALS = {"github": ("DELETE", r"/labels/"), "jira": LABEL_WRITES["jira"]}

BURST = (
    ("/ask 2027-03-01 because the customer moves", {LINKED, WAITING}),
    ("/signoff 2027-03-01", {LINKED}),
    ("/ask 2027-04-15 because of the audit", {LINKED, WAITING}),
    ("/decline 2027-04-15 because the export comes first", {LINKED}),
)


tracker = both


def places(town: Town, count: int) -> list[Place]:
    """Make more issues like the one there is."""
    made: list[Place] = [town.place]
    for number in range(count - 1):
        if isinstance(town.place, GitHubIssue):
            n = town.box.github.add_issue(REPO, f"Single sign-on {number}", BODY, author="lee")
            made.append(GitHubIssue(town.box, REPO, n, MILESTONES))
        else:
            key = town.box.jira.add_issue("PROD", f"Single sign-on {number}", BODY, reporter="lee")
            made.append(JiraIssue(town.box, key))
    return made


def who(text: str) -> str:
    return "lee" if text.startswith("/ask") else "mona"


def a_little(town: Town, jobs: int) -> None:
    """Let some of what is due be done, and much wait."""
    assert town.box.hooks.drain()
    for _ in range(jobs):
        town.worker_app.worker.run_next()


@pytest.mark.parametrize(("tracker", "how"), [("github", "502 after"), ("jira", "502 before")])
def test_after_a_burst_and_a_failed_write_each_issue_shows_what_waits(
    town: Town, tracker: str, how: str
) -> None:
    twelve = places(town, 12)
    for place in twelve:
        place.comment("sam", f"/link {town.deal}")
    town.settle(2000)
    town.box.fail_next(*LABEL_WRITES[tracker], how, times=2)
    town.box.fail_next(*REMOVALS[tracker], how, times=2)

    wanted = {}
    for step in range(len(BURST)):
        town.clock.forward(seconds=2)
        for number, place in enumerate(twelve):
            if step <= number % len(BURST):
                text, wanted[place.key] = BURST[step]
                place.comment(who(text), text)
                a_little(town, (number * 7 + step * 3) % 5)
    town.settle(4000)
    town.clock.forward(minutes=30)
    town.settle(4000)

    assert {place.key: place.labels() for place in twelve} == wanted


@pytest.mark.parametrize("how", ["502 before", "502 after"])
def test_a_label_whose_first_write_failed_does_not_stay_for_ever(
    linked: Town, tracker: str, how: str
) -> None:
    linked.box.fail_next(*LABEL_WRITES[tracker], how)
    linked.place.comment("lee", "/ask 2027-03-01 because the customer moves")
    a_little(linked, 4)
    linked.clock.forward(seconds=2)

    linked.comment("mona", "/decline 2027-03-01 because the export comes first")
    linked.clock.forward(minutes=5)
    linked.settle()

    assert linked.place.labels() == {LINKED}


@pytest.mark.parametrize("tracker", ["jira"])
def test_a_deal_that_was_unlinked_while_showing_it_failed_is_not_shown_afterwards(town: Town) -> None:
    town.box.fail_next("POST", r"/issue/PROD-\d+/remotelink$", "502 before")
    town.place.comment("sam", f"/link {town.deal}")
    a_little(town, 4)
    town.clock.forward(seconds=2)

    town.comment("sam", f"/unlink {town.deal}")
    town.clock.forward(minutes=5)
    town.settle()

    assert town.box.jira.remote_links(town.place.key) == []
    assert town.place.labels() == set()


def test_a_label_that_people_took_off_is_not_put_back_while_the_same_wish_waits(asked: Town) -> None:
    if isinstance(asked.place, GitHubIssue):
        asked.box.github.as_user("lee").unlabel(REPO, asked.place.number, WAITING)
    else:
        asked.box.jira.as_user("lee").edit(asked.place.key, remove_labels=(WAITING,))
    asked.settle()
    asked.edit("lee", body=f"{BODY}\n- keep guests out")

    assert asked.place.labels() == {LINKED}
    assert asked.place.day() != SPRING
