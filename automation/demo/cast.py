"""The people and places of the story, made to fit whatever the rules folder names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from automation.rulebook.schema import RulesConfig
from automation.sandbox import Sandbox
from automation.sandbox.places import GitHubIssue, JiraIssue

BOT = "handshake-bot"
ENGINEER, SALES, PRODUCT = "lee", "sam", "mona"
NAMES = {ENGINEER: "Lee", SALES: "Sam", PRODUCT: "Mona", BOT: "Handshake"}
PEOPLE = (ENGINEER, SALES, PRODUCT)

TITLE, NAME = "feat(auth): SAML login [ready]", "Single sign-on"
"""How engineers call the issue on GitHub, and how customers do."""
REPORTS = "Weekly reports by mail"
"""Another issue there, that other customers asked for."""
OTHERS = ("Echo Foods, renewal", "Delta Bank, pilot")
"""Their deals."""
AUDIT = "Who changed what, and when.\n\nAcceptance criteria:\n\n- every change is listed"
WISH = """Asked for by {deal}.

### Problem in the user's words

Somebody changed my orders, and nobody can say who.

### User who was asked

Ana Ruiz, head of purchasing
"""


@dataclass(frozen=True, slots=True)
class Dates:
    """The days of the story: three releases, and when the deal is expected to close."""

    spring: date
    summer: date
    autumn: date
    closes: date

    @classmethod
    def after(cls, today: date) -> Dates:
        spring = _first_of_a_month(today + timedelta(days=60))
        return cls(
            spring=spring,
            summer=_first_of_a_month(spring + timedelta(days=80)),
            autumn=_first_of_a_month(spring + timedelta(days=170)),
            closes=spring + timedelta(days=19),
        )


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story plays: a deal, and what it hangs on in each tracker that the rules name. ``reports`` is
    another issue on GitHub, which the ``others`` hang on."""

    box: Sandbox
    dates: Dates
    deal: JiraIssue
    github: GitHubIssue | None
    jira: JiraIssue | None
    reports: GitHubIssue | None = None
    others: tuple[JiraIssue, ...] = ()

    @property
    def deals(self) -> tuple[JiraIssue, ...]:
        return (self.deal, *self.others)


def set_stage(box: Sandbox, rules: RulesConfig, today: date) -> Stage:
    """Seed both sandboxes. Raise ValueError where the rules name no place for issues."""
    repositories, projects = rules.trackers.github.repositories, rules.trackers.jira.projects
    if not repositories and not projects:
        raise ValueError("Name a GitHub repository or a Jira project under trackers in the rules.")
    dates = Dates.after(today)
    for name, display in NAMES.items():
        box.github.add_user(name, display, type="Bot" if name == BOT else "User")
        box.jira.add_user(name, display)
    for policy in rules.sign_off.values():
        for team in policy.github_teams:
            organisation, _, slug = team.partition("/")
            box.github.add_team(organisation, slug, members=(PRODUCT,))
        for group in policy.jira_groups:
            box.jira.add_group(group, (PRODUCT,))
    for group in rules.may_link.jira_groups:
        box.jira.add_group(group, PEOPLE)
    roles = {role: list(PEOPLE) for role in rules.may_link.jira_roles}
    roles |= {role: [PRODUCT] for policy in rules.sign_off.values() for role in policy.jira_roles}
    for project in dict.fromkeys((rules.deals.project, *projects)):
        box.jira.add_project(project, project.capitalize(), roles={**roles, "Administrators": [BOT]})
    deal = box.jira.add_issue(
        rules.deals.project, "Borealis Ltd, 300 seats", reporter=SALES, assignee=SALES, due=dates.closes
    )
    others = [
        box.jira.add_issue(rules.deals.project, name, reporter=SALES, assignee=SALES, due=dates.closes)
        for name in (OTHERS if repositories else ())
    ]
    github = _on_github(box, repositories[0], dates) if repositories else None
    return Stage(
        box=box,
        dates=dates,
        deal=JiraIssue(box, deal),
        github=github,
        jira=_on_jira(box, projects[0], dates) if projects else None,
        reports=_beside(box, github) if github else None,
        others=tuple(JiraIssue(box, other) for other in others),
    )


def _on_github(box: Sandbox, repo: str, dates: Dates) -> GitHubIssue:
    roles = {SALES: "triage", ENGINEER: "write", PRODUCT: "write", BOT: "maintain"}
    box.github.add_repo(repo, private=True, roles=roles)
    milestones = {
        "Spring release": dates.spring,
        "Summer release": dates.summer,
        "Autumn release": dates.autumn,
    }
    for title, due in milestones.items():
        box.github.add_milestone(repo, title, due)
    number = box.github.add_issue(repo, TITLE, "One login for all tools.", author=ENGINEER)
    return GitHubIssue(box, repo, number, milestones)


def _beside(box: Sandbox, issue: GitHubIssue) -> GitHubIssue:
    """Add the issue that has the same milestone as the other one will have in the end."""
    words = "Every Monday, to whoever wants it."
    number = box.github.add_issue(issue.repo, REPORTS, words, author=ENGINEER, milestone="Summer release")
    return GitHubIssue(box, issue.repo, number, issue.milestones)


def _on_jira(box: Sandbox, project: str, dates: Dates) -> JiraIssue:
    key = box.jira.add_issue(project, "Audit log", AUDIT, reporter=ENGINEER, due=dates.summer)
    return JiraIssue(box, key)


def _first_of_a_month(day: date) -> date:
    """Return the first day of a month that is not before ``day``."""
    return day if day.day == 1 else (day.replace(day=1) + timedelta(days=32)).replace(day=1)
