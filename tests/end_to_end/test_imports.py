"""An issue that arrives from elsewhere with all its past: linked, dated, labelled, with old times, and with
comments that hold commands. Its date stood before; nothing that was said there signs, asks or overrides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from automation.model import Status
from automation.sandbox.jira_shapes import in_hook, issue_in_hook, millis
from automation.sandbox.places import GitHubIssue, JiraIssue
from tests.end_to_end.conftest import BODY, MILESTONES, REPO, SPRING, SUMMER, Town, both, let_leads_override
from tests.end_to_end.passing_time import live
from tests.end_to_end.test_moves import another_repository

tracker = both

ELSEWHERE = "acme/old"
WORDS = (
    ("mona", f"/signoff {SUMMER}"),
    ("vera", f"/override {SUMMER} because the contract says so"),
    ("mona", f"/signoff {SPRING} because we said so there"),
    ("mona", "/decline"),
)
"""What was said where it comes from, the day before yesterday: Handshake was in force here by then."""


@pytest.fixture
def town(town: Town, rules: Path) -> Town:
    let_leads_override(town, rules)
    town.settle()
    town.clock.forward(days=20)
    return town


def past(town: Town) -> list[tuple[str, str, datetime]]:
    start = town.clock.now - timedelta(days=2)
    return [(who, text, start + timedelta(minutes=n)) for n, (who, text) in enumerate(WORDS)]


def imported(town: Town) -> None:
    """Let an issue arrive, of which nobody says anything."""
    written = town.clock.now - timedelta(days=400)
    body = f"{BODY}\n\nFor {town.deal}."
    labels = ("customer-request", "waiting-for-product")
    if isinstance(town.place, GitHubIssue):
        number = town.box.github.import_issue(
            REPO,
            "Audit log",
            body,
            author="sam",
            written=written,
            comments=past(town),
            milestone="Spring release",
            labels=labels,
        )
        town.place = GitHubIssue(town.box, REPO, number, MILESTONES)
    else:
        key = town.box.jira.import_issue(
            "PROD",
            "Audit log",
            body,
            reporter="sam",
            written=written,
            comments=past(town),
            due=SPRING,
            labels=labels,
        )
        town.place = JiraIssue(town.box, key)


def somebody_edits_it(town: Town) -> None:
    town.edit("lee", title="Audit log for admins")


def somebody_comments(town: Town) -> None:
    town.comment("lee", "/signoff 2027-04-15")


def it_is_told_as_made(town: Town) -> None:
    """Jira tells of it as of any new issue, with the time that it has."""
    site = town.box.jira
    if not isinstance(town.place, JiraIssue):
        pytest.skip("GitHub tells nothing of what it imports")
    user, issue = site.user("sam"), site.issue(town.place.key)
    payload = {
        "timestamp": millis(site),
        "webhookEvent": "jira:issue_created",
        "issue_event_type_name": "issue_created",
        "user": in_hook(site, user),
        "issue": issue_in_hook(site, issue),
    }
    site.hooks.send("jira", "jira:issue_created", payload, {})
    town.settle()


ARRIVALS = (somebody_edits_it, somebody_comments, it_is_told_as_made)


@pytest.mark.parametrize("seen", ARRIVALS)
def test_what_was_said_elsewhere_signs_nothing_and_the_date_stood_before(
    town: Town, seen: Callable[[Town], None]
) -> None:
    imported(town)
    writes = len(town.writes())

    seen(town)
    town.clock.forward(minutes=10)
    town.settle()

    [field] = town.worker_app.states.load(town.subject)[0].fields.values()
    assert (town.place.day(), field.standing.day, field.status) == (SPRING, SPRING, Status.INHERITED)
    assert field.commitment is None and field.override is None
    said = [text for text in town.on_issue() if "nothing was changed" not in text.lower()]
    assert not any("agreed to" in text or "stands, and product" in text for text in said), said
    assert all("agreed for" not in text for text in town.on_deal())
    assert "not for customers" in town.on_deal()[-1], "it is linked by its words, and so its deal reads"
    dated = [path for verb, path in town.writes()[writes:] if verb in ("PATCH", "PUT")]
    assert not [path for path in dated if "comment" not in path and "label" not in path], dated

    town.comment("mona", f"/signoff {SPRING}")
    [field] = town.worker_app.states.load(town.subject)[0].fields.values()
    assert field.commitment and "agreed for 1 March" in town.on_deal()[-1], "said here it counts"


@pytest.mark.parametrize("tracker", ["github"])
def test_what_was_said_before_a_transfer_from_a_place_of_no_concern_signs_nothing(town: Town) -> None:
    hub = town.box.github
    another_repository(town, ELSEWHERE)
    number = hub.add_issue(ELSEWHERE, "Audit log", f"{BODY}\n\nFor {town.deal}.", author="sam")
    hub.as_user("lee").set_milestone(ELSEWHERE, number, "Spring release")
    for who, text in WORDS:
        if who == "mona":
            hub.as_user(who).comment(ELSEWHERE, number, text)
    town.settle()
    town.clock.forward(days=2)

    arrived = hub.as_user("lee").transfer_issue(ELSEWHERE, number, REPO)
    assert isinstance(town.place, GitHubIssue)
    town.place = replace(town.place, number=arrived)
    live(town, 120)

    fields = town.worker_app.states.load(town.subject)[0].fields.values()
    assert [field.commitment for field in fields] == [None]
    assert all("agreed for" not in text for text in town.on_deal())
    assert not any("nothing was changed" in text.lower() for text in town.on_issue())
