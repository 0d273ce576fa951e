"""How many calls to the trackers and the CRM each thing costs that people do, by the sandbox's record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import requests

from automation.app.settings import Settings
from automation.app.worker_app import build_worker_app
from automation.sandbox import sandbox
from automation.sandbox.hooks import Delivery
from automation.sandbox.places import GitHubIssue, JiraIssue
from benchmarks.house import app
from benchmarks.place import SQLITE, Place
from benchmarks.table import Row
from tests.crash import stories
from tests.crash.processes import BOT, SECRET, environment
from tests.crash.stories import BODY, DEALS, MILESTONES, PROJECT, REPO, SPRING, SUMMER
from tests.end_to_end.conftest import Clock, Town
from tests.ports import free_port
from webhooks.serve import Aside

READS = ("bulkfetch", "graphql")
"""What ends the paths that are read with POST."""
ID_HEADERS = ("X-GitHub-Delivery", "X-Atlassian-Webhook-Identifier")


@dataclass(frozen=True)
class Scenario:
    """What somebody does, and how many reads it may cost, echoes of our own writes included."""

    name: str
    do: Callable[[Town], object]
    most: int


@dataclass(frozen=True)
class Calls:
    """What something cost. ``unsigned`` reads ask, without our credentials, whether strangers could read an
    issue; ``said`` is the list of all, for whoever wonders."""

    reads: int
    writes: int
    unsigned: int
    said: tuple[str, ...] = ()


FIRST = (
    Scenario(
        "/link: label, two notices (Jira: and the deal among its links)",
        lambda town: town.comment("sam", f"/link {town.deal}"),
        6,
    ),
    Scenario(
        "ask by the field: held, two notices, a label",
        lambda town: town.ask("lee", SPRING),
        7,
    ),
    Scenario(
        "/signoff: applied, two notices, a label less",
        lambda town: town.comment("mona", f"/signoff {SPRING}"),
        8,
    ),
    Scenario(
        "scope edit of a signed issue: whose it was, two notices",
        lambda town: town.edit("lee", body=f"{BODY}\n- keep guests out"),
        4,
    ),
    Scenario(
        "an edit of it that changes no scope",
        lambda town: town.edit("lee", body=f"{BODY}\n- keep guests out\n\n"),
        1,
    ),
    Scenario("our own date, told of", lambda town: echo(town, "date"), 0),
    Scenario("our own label, told of", lambda town: echo(town, "label"), 0),
    Scenario("our own comment, told of", lambda town: echo(town, "comment"), 0),
)
DECLINED = (
    Scenario(
        "/decline: two notices, a label less",
        lambda town: town.comment("mona", "/decline because the export comes first"),
        6,
    ),
)
UNLINKED = (
    Scenario("edit of an issue without a deal", lambda town: town.edit("lee", title="Another title"), 1),
    Scenario("a stranger's /link", lambda town: town.comment("stranger", f"/link {town.deal}"), 3),
    Scenario("a stranger's other comment", lambda town: town.comment("stranger", "Same here."), 0),
)


def rows(place: Place) -> Iterator[Row]:
    counted: dict[Scenario, dict[str, Calls]] = {}
    for system in ("github", "jira"):
        for scenario, calls in counts(place, system):
            counted.setdefault(scenario, {})[system] = calls
    for scenario, found in counted.items():
        measured = "; ".join(f"{system}: {_told(calls)}" for system, calls in found.items())
        yield Row(scenario.name, measured, target=f"≤ {scenario.most} reads")


def _told(calls: Calls) -> str:
    unsigned = f" (and {calls.unsigned} as a stranger)" if calls.unsigned else ""
    return f"**{calls.reads}** reads{unsigned}, **{calls.writes}** writes"


def counts(place: Place, system: str) -> Iterator[tuple[Scenario, Calls]]:
    with _town(place, system) as town:
        for scenario in FIRST:
            yield scenario, _counted(town, scenario)
        other = _elsewhere(town, system)
        other.comment("sam", f"/link {other.deal}")
        other.ask("lee", SUMMER)
        for scenario in DECLINED:
            yield scenario, _counted(other, scenario)
        bare = _elsewhere(town, system)
        bare.edit("lee", title="The first title")  # seen for the first time
        for scenario in UNLINKED:
            yield scenario, _counted(bare, scenario)


def _counted(town: Town, scenario: Scenario) -> Calls:
    """Let it happen, and say how many calls it took."""
    town.clock.forward(minutes=5)  # so that nothing known by heart is fresh
    before = len(town.box.requests)
    scenario.do(town)
    made = town.box.requests[before:]
    ours = [call for call in made if call.actor == BOT]
    reads = [call for call in ours if call.method == "GET" or call.path.endswith(READS)]
    return Calls(
        len(reads),
        len(ours) - len(reads),
        sum(call.method == "GET" and not call.actor for call in made),
        tuple(f"{call.method} {call.path}" for call in made),
    )


def echo(town: Town, what: str) -> None:
    """Let the tracker tell once more, by a delivery of its own, of what we wrote last: a ``date``, a
    ``label`` or a ``comment``."""
    told = [one for one in town.box.hooks.deliveries if _about(town, one) == what]
    latest = told[-1]
    headers = {
        name: f"{value}-again" if name in ID_HEADERS else value for name, value in latest.headers.items()
    }
    answer = requests.post(latest.url, latest.body, headers=headers, timeout=5)
    assert answer.status_code == 202, answer.text  # noqa: S101 - else nothing is measured
    town.settle()


def _about(town: Town, delivery: Delivery) -> str:
    """Return what a delivery tells of our own doing, empty where it tells of others'."""
    body: dict[str, Any] = json.loads(delivery.body)
    if delivery.system == "github":
        if body["sender"]["login"] != BOT:
            return ""
        kinds = {"labeled": "label", "unlabeled": "label", "milestoned": "date", "demilestoned": "date"}
        return "comment" if delivery.event == "issue_comment" else kinds.get(body["action"], "")
    who = body.get("user") or body["comment"]["author"]
    if who["accountId"] != town.box.jira.user(BOT).account_id:
        return ""
    changed = [item["field"] for item in body.get("changelog", {}).get("items", ())]
    return {"labels": "label", "duedate": "date"}.get(changed[0], "") if changed else "comment"


def _elsewhere(town: Town, system: str) -> Town:
    """Return the same town, about another issue."""
    if system == "github":
        number = town.box.github.add_issue(REPO, "Single sign-on", BODY, author="lee")
        return replace(town, place=GitHubIssue(town.box, REPO, number, MILESTONES))
    key = town.box.jira.add_issue(PROJECT, "Single sign-on", BODY, reporter="lee")
    return replace(town, place=JiraIssue(town.box, key))


@contextmanager
def _town(place: Place, system: str) -> Iterator[Town]:
    """Give a town with an issue on that tracker, where time moves by hand and nothing waits."""
    clock, url = Clock(datetime.now(UTC)), place.database(SQLITE)
    with sandbox(clock=clock) as box:
        stories.people(box)
        deal = box.jira.add_issue(DEALS, "Borealis Ltd", reporter="sam", assignee="sam")
        known = environment(box.github_url, box.jira_url, place.new(), free_port(), url)
        settings = Settings(_env_file=None, **known)  # type: ignore[arg-type]
        house = build_worker_app(settings, clock, write_interval=0.0)
        receiver = Aside(app(settings, house.database), "127.0.0.1", 0)
        receiver.start()
        address = f"http://127.0.0.1:{receiver.port}/webhooks"
        box.github.send_hooks_to(f"{address}/github", SECRET)
        box.jira.send_hooks_to(f"{address}/jira", SECRET)
        first = GitHubIssue(box, REPO, 0, MILESTONES)
        town = Town(box, clock, lambda: (house, receiver), first, deal, house, receiver)
        # As when it starts: it asks whose the names in the rules are, and whether it is let in.
        house.credentials.prove()
        house.namesakes.look()
        clock.forward(seconds=2)
        try:
            yield _elsewhere(town, system)
        finally:
            receiver.close()
            house.database.close()
