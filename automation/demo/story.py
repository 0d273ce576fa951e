"""The story, step by step: who does what. What Handshake does about it is nowhere written here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from automation.demo.cast import AUDIT, ENGINEER, NAME, NAMES, PRODUCT, SALES, WISH, Stage
from automation.sandbox.places import GitHubIssue, JiraIssue, Place

TRADES = {ENGINEER: "engineer", SALES: "sales", PRODUCT: "product"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does at a place, told in a line, and the doing of it."""

    at: Place
    told: str
    does: Callable[[], object]


def steps(stage: Stage) -> list[Step]:
    """Return the story for this stage."""
    on_github = _on_github(stage, stage.github) if stage.github else ()
    on_jira = _on_jira(stage, stage.jira) if stage.jira else ()
    return [*on_github, *on_jira]


def _on_github(stage: Stage, issue: GitHubIssue) -> Iterator[Step]:
    dates = stage.dates
    yield _says(issue, SALES, f"/link {stage.deal.key}")
    yield _says(issue, PRODUCT, f"/name {NAME}")
    yield _does(
        issue, ENGINEER, "gives it the milestone", "Spring release", lambda: issue.ask(ENGINEER, dates.spring)
    )
    yield _says(issue, ENGINEER, f"/signoff {dates.spring}")
    yield _says(issue, PRODUCT, f"/signoff {dates.spring}")
    yield _does(
        issue,
        ENGINEER,
        "sees trouble coming and moves it to",
        "Autumn release",
        lambda: issue.ask(ENGINEER, dates.autumn),
    )
    yield _says(issue, PRODUCT, f"/signoff {dates.summer} because existing accounts take longer to connect")
    yield Step(issue, "GitHub delivers that last webhook a second time", lambda: _again(stage))
    if stage.reports:
        links = "\n".join(f"/link {deal.key}" for deal in stage.others)
        yield _says(stage.reports, SALES, links)
        yield _does(
            stage.reports,
            ENGINEER,
            "moves the milestone Summer release itself, with both issues on it, to",
            f"{dates.autumn}",
            lambda: stage.box.github.as_user(ENGINEER).edit_milestone(
                issue.repo, "Summer release", due=dates.autumn
            ),
        )
    yield _says(issue, SALES, f"/ask {dates.spring} because the pilot begins then")


def _on_jira(stage: Stage, issue: JiraIssue) -> Iterator[Step]:
    dates = stage.dates
    asks = f"{AUDIT}\n\n{WISH.format(deal=stage.deal.key)}"
    more = asks.replace("listed", "listed\n- the list can be exported")
    yield _does(
        issue,
        SALES,
        "writes into the description",
        f"Asked for by {stage.deal.key}, and what a user says",
        lambda: issue.edit(SALES, body=asks),
    )
    yield _does(
        issue, ENGINEER, "sets the due date to", f"{dates.spring}", lambda: issue.ask(ENGINEER, dates.spring)
    )
    yield _says(issue, PRODUCT, "handshake decline because the export has to come first")
    yield _does(
        issue,
        ENGINEER,
        "adds an acceptance criterion",
        "the list can be exported",
        lambda: issue.edit(ENGINEER, body=more),
    )
    yield _does(
        issue, ENGINEER, "sets the due date to", f"{dates.autumn}", lambda: issue.ask(ENGINEER, dates.autumn)
    )


def _says(at: Place, who: str, text: str) -> Step:
    return _does(at, who, "comments", text, lambda: at.comment(who, text))


def _does(at: Place, who: str, doing: str, what: str, does: Callable[[], object]) -> Step:
    return Step(at, f"{NAMES[who]} ({TRADES[who]}) {doing}: [b]{what}[/b]", does)


def _again(stage: Stage) -> None:
    """Redeliver the last comment, as GitHub's button does: same id, same bytes."""
    hooks = stage.box.hooks
    comments = [delivery for delivery in hooks.deliveries if delivery.event == "issue_comment"]
    hooks.redeliver(comments[-1].id)
