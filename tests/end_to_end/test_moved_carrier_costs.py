"""What a moved milestone costs, however many issues stand on it: each request is counted as it arrives."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from automation.model import (
    Commitment,
    FieldState,
    IssueState,
    Link,
    Person,
    Status,
    Subject,
    Value,
    Words,
)
from automation.sandbox.github_shapes import node
from automation.sandbox.wire import Asked
from automation.store import issue_rows, subjects
from tests.end_to_end.conftest import BOT, REPO, SPRING, Town
from tests.end_to_end.test_moved_milestones import JUNE, TITLES, due

DEALS = 20
SAM, MONA = Person("github", "4", "sam"), Person("github", "3", "mona")


def stand_on_spring(town: Town, issues: int) -> list[str]:
    """Let so many issues stand on one milestone, its date agreed, each for one of twenty deals."""
    hub, at = town.box.github, town.clock() - timedelta(days=1)
    deals = [
        town.box.jira.add_issue("SALES", f"Customer {n}", reporter="sam", assignee="sam", due=JUNE)
        for n in range(DEALS)
    ]
    milestone = hub.milestone(REPO, TITLES[SPRING])
    spring = Value(str(milestone.number), SPRING, TITLES[SPRING], node("MI", milestone.id))
    agreed = Commitment(spring, "product", (MONA,), at, verified=True)
    held = FieldState(standing=spring, status=Status.COMMITTED, commitment=agreed)
    with town.worker_app.database.write() as connection:
        for n in range(issues):
            title = f"Feature {chr(97 + n % 26)}{chr(97 + n // 26)}"
            number = hub.add_issue(REPO, title, "As asked.", author="lee", milestone=TITLES[SPRING])
            subject = Subject("github", "issue", str(hub.issue(REPO, number).id), f"{REPO}#{number}")
            link = Link(Subject("jira", "deal", deals[n % DEALS]), SAM, at)
            known = IssueState(
                subject,
                fields={"milestone": held},
                links=(link,),
                words=Words(title, "As asked."),
                lives=subject.key,
                standing="open",
            )
            issue_rows.save(connection, IssueState(subject), known)
            subjects.note(connection, subject)
    return deals


@pytest.mark.parametrize("issues", [100, pytest.param(500, marks=pytest.mark.thorough)])
def test_a_moved_milestone_costs_the_same_however_many_stand_on_it(town: Town, issues: int) -> None:
    deals = stand_on_spring(town, issues)
    town.settle()
    town.comment("mona", "/decline")  # who is of product was asked within the hour
    begun = len(town.box.requests)

    town.box.github.as_user("lee").edit_milestone(REPO, TITLES[SPRING], due=JUNE)
    town.settle(steps=300 + 3 * issues)  # each of them takes over what was decided, and asks nobody

    asked = [one for one in town.box.requests[begun:] if one.actor == BOT]
    cost = Counter(("jira" if "/rest/" in one.path else "github", _kind(one)) for one in asked)
    assert due(town) == SPRING and len(town.waiting()) == 1
    assert cost["github", "read"] <= 8 and cost["github", "write"] == 2, "one restore, one comment"
    assert cost["jira", "write"] == DEALS
    assert cost["jira", "read"] <= 4, "once to decide, and once for ten seconds of words"
    told = [c.text for key in deals for c in town.box.jira.comments(key)]
    assert len(told) == DEALS and all("1 March is being rechecked" in one for one in told)
    assert all("Feature" in one for one in told)


def _kind(one: Asked) -> str:
    return "read" if one.method == "GET" or one.path.endswith(("graphql", "bulkfetch")) else "write"
