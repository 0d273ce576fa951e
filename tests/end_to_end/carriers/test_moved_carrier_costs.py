"""What a moved milestone or version costs, however many issues stand on it: each request is counted as it
arrives."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from automation.engine.reader import FRESH
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
from automation.sandbox.wire import Asked
from automation.store import issue_rows, subjects
from tests.end_to_end.carried import TITLES, Carried, subject_of
from tests.end_to_end.conftest import BOT, SPRING, Town

DEALS = 20
JUNE = date(2027, 6, 1)
SAM, MONA = Person("github", "4", "sam"), Person("github", "3", "mona")


def stand_on_spring(town: Town, kind: Carried, issues: int) -> list[str]:
    """Let so many issues stand on one carrier, its date agreed, each for one of twenty deals."""
    at = town.clock() - timedelta(days=1)
    deals = [
        town.box.jira.add_issue("SALES", f"Customer {n}", reporter="sam", assignee="sam", due=JUNE)
        for n in range(DEALS)
    ]
    ref = kind.path(town).rpartition("/")[2]
    spring = Value(ref, SPRING, TITLES[SPRING], kind.subject(town).id)
    agreed = Commitment(spring, "product", (MONA,), at, verified=True)
    held = FieldState(standing=spring, status=Status.COMMITTED, commitment=agreed)
    made = []
    town.box.hooks.hold()
    for n in range(issues):
        title = f"Feature {chr(97 + n % 26)}{chr(97 + n // 26)}"
        place = kind.another(town, title)
        made.append((title, place.key, subject_of(town, place)))
    town.box.hooks.release([])  # nothing was told of them
    with town.worker_app.database.write() as connection:
        for n, (title, key, subject) in enumerate(made):
            link = Link(Subject("jira", "deal", deals[n % DEALS]), SAM, at)
            known = IssueState(
                subject,
                fields={kind.field: held},
                links=(link,),
                words=Words(title, "All that happened."),
                lives=key,
                standing="open",
            )
            issue_rows.save(connection, IssueState(subject), known)
            subjects.note(connection, subject)
    return deals


@pytest.mark.parametrize("issues", [100, pytest.param(500, marks=pytest.mark.thorough)])
def test_a_moved_date_costs_the_same_however_many_stand_on_it(town: Town, kind: Carried, issues: int) -> None:
    deals = stand_on_spring(town, kind, issues)
    town.settle()
    town.comment("mona", "/decline")  # who is of product was asked within the hour
    begun, since = len(town.box.requests), town.clock.now

    kind.set(town, "lee", JUNE)
    town.settle(steps=300 + 3 * issues)  # each of them takes over what was decided, and asks nobody

    asked = [one for one in town.box.requests[begun:] if one.actor in (BOT, "")]
    cost = Counter((_side(one), _kind(one)) for one in asked)
    assert kind.due(town) == SPRING and len(town.waiting()) == 1
    assert cost["tracker", "read"] <= 8 and cost["tracker", "write"] == 2, "one restore, one comment"
    assert cost["deals", "write"] == DEALS
    passed = (town.clock.now - since).total_seconds()
    assert cost["deals", "read"] <= 2 + passed // FRESH, "once to decide, and once for ten seconds of words"
    told = [c.text for key in deals for c in town.box.jira.comments(key)]
    assert len(told) == DEALS and all("1 March is being rechecked" in one for one in told)
    assert all("Feature" in one for one in told)


def _side(one: Asked) -> str:
    return "deals" if "/SALES-" in one.path or one.path.endswith(("search/jql", "bulkfetch")) else "tracker"


def _kind(one: Asked) -> str:
    return "read" if one.method == "GET" or one.path.endswith(("graphql", "bulkfetch")) else "write"
