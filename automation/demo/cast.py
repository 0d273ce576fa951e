"""The people and places of the story, made to fit whatever the rules folder names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from automation.policy import Settings as RuleSettings
from automation.sandbox import Sandbox

BOT = "handshake-bot"
ENGINEER, SALES, PRODUCT = "lee", "sam", "mona"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story plays: an issue that has no date yet, a deal that hangs on it, three milestones."""

    repo: str
    number: int
    deal: str
    spring: date
    summer: date
    autumn: date
    closes: date

    @property
    def issue(self) -> str:
        return f"{self.repo}#{self.number}"


def set_stage(box: Sandbox, rules: RuleSettings, today: date) -> Stage:
    """Seed both sandboxes. Raise ValueError where the rules name no GitHub repository."""
    if not rules.trackers.github.repositories:
        raise ValueError("The demo plays on GitHub: name a repository under trackers.github in the rules.")
    repo = rules.trackers.github.repositories[0]
    project = rules.deals.project
    hub, site = box.github, box.jira
    for login, name in ((SALES, "Sam"), (ENGINEER, "Lee"), (PRODUCT, "Mona"), (BOT, "Handshake")):
        hub.add_user(login, name, type="Bot" if login == BOT else "User")
    roles = {SALES: "triage", ENGINEER: "write", PRODUCT: "write", BOT: "maintain"}
    hub.add_repo(repo, private=True, roles=roles)
    for policy in rules.sign_off.values():
        for team in policy.github_teams:
            organisation, _, slug = team.partition("/")
            hub.add_team(organisation, slug, members=(PRODUCT,))
    site.add_user(SALES, "Sam")
    site.add_user(BOT, "Handshake")
    site.add_project(project, "Deals")
    spring = first_of_a_month(today + timedelta(days=60))
    stage = Stage(
        repo=repo,
        number=hub.add_issue(repo, "Single sign-on", "Customers want one login for all.", author=ENGINEER),
        deal=site.add_issue(
            project,
            "Borealis Ltd, 300 seats",
            reporter=SALES,
            assignee=SALES,
            due=spring + timedelta(days=19),
        ),
        spring=spring,
        summer=first_of_a_month(spring + timedelta(days=80)),
        autumn=first_of_a_month(spring + timedelta(days=170)),
        closes=spring + timedelta(days=19),
    )
    for title, due in (("Spring", stage.spring), ("Summer", stage.summer), ("Autumn", stage.autumn)):
        hub.add_milestone(repo, f"{title} release", due)
    return stage


def first_of_a_month(day: date) -> date:
    """Return the first day of a month that is not before ``day``."""
    return day if day.day == 1 else (day.replace(day=1) + timedelta(days=32)).replace(day=1)
