"""How many calls to the trackers and the CRM each thing costs that people do, by the sandbox's record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from automation.app.settings import Settings
from automation.app.worker_app import build_worker_app
from automation.sandbox import sandbox
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


@dataclass(frozen=True)
class Scenario:
    """What somebody does, and the fewest calls conceivable: what has to be known, and what is written."""

    name: str
    do: Callable[[Town], object]
    fewest: str


FIRST = (
    Scenario(
        "/link: label, two notices (Jira: and the deal among its links)",
        lambda town: town.comment("sam", f"/link {town.deal}"),
        "4 reads (issue, comment, right, deal)",
    ),
    Scenario(
        "ask by the field: held, two notices, a label",
        lambda town: town.ask("lee", SPRING),
        "4 reads (issue, who set it, their rights, deal)",
    ),
    Scenario(
        "/signoff: applied, two notices, a label less",
        lambda town: town.comment("mona", f"/signoff {SPRING}"),
        "4 reads (issue, comment, right, deal)",
    ),
    Scenario(
        "scope edit of a signed issue: two notices",
        lambda town: town.edit("lee", body=f"{BODY}\n- keep guests out"),
        "3 reads (issue, who wrote it, deal)",
    ),
    Scenario(
        "an edit of it that changes no scope",
        lambda town: town.edit("lee", body=f"{BODY}\n- keep guests out\n\n"),
        "1 read",
    ),
)
DECLINED = (
    Scenario(
        "/decline: two notices, a label less",
        lambda town: town.comment("mona", "/decline because the export comes first"),
        "4 reads (issue, comment, right, deal)",
    ),
)
UNLINKED = (
    Scenario(
        "edit of an issue without a deal", lambda town: town.edit("lee", title="Another title"), "1 read"
    ),
    Scenario(
        "a stranger's /link", lambda town: town.comment("stranger", f"/link {town.deal}"), "3 reads, no write"
    ),
    Scenario("a stranger's other comment", lambda town: town.comment("stranger", "Same here."), "none"),
)


def rows(place: Place) -> Iterator[Row]:
    counted: dict[str, dict[str, str]] = {}
    fewest: dict[str, str] = {}
    for system in ("github", "jira"):
        for scenario, found in _counts(place, system):
            counted.setdefault(scenario.name, {})[system] = found
            fewest[scenario.name] = scenario.fewest
    for name, calls in counted.items():
        measured = "; ".join(f"{system}: {found}" for system, found in calls.items())
        yield Row(name, measured, fewest[name])


def _counts(place: Place, system: str) -> Iterator[tuple[Scenario, str]]:
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


def _counted(town: Town, scenario: Scenario) -> str:
    """Let it happen, and say how many calls it took."""
    town.clock.forward(minutes=5)  # so that nothing known by heart is fresh
    before = len(town.box.requests)
    scenario.do(town)
    ours = [call for call in town.box.requests[before:] if call.actor == BOT]
    kinds = Counter("read" if c.method == "GET" or c.path.endswith(READS) else "write" for c in ours)
    if not kinds:
        return "none"
    return f"**{kinds['read']}** reads, **{kinds['write']}** writes"


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
        clock.forward(seconds=2)
        try:
            yield _elsewhere(town, system)
        finally:
            receiver.close()
            house.database.close()
