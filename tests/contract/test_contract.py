"""What we ask, are answered and are sent, against the vendors' own descriptions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date

import pytest

from automation.sandbox import Asked
from tests.contract.calls import by_hand, main_job
from tests.contract.deviations import sorted_out
from tests.contract.documents import (
    Fault,
    github,
    github_webhooks,
    jira,
    needs_contracts,
    parts_of_github_webhooks,
)
from tests.unit.adapters.payloads import comment_event, issue_event

pytestmark = [
    pytest.mark.contract,
    needs_contracts,
    # It is told here that of several ways to sign in only one is tried.
    pytest.mark.filterwarnings("ignore:Unsupported scheme type:UserWarning"),
]

ISSUE = "/repos/acme/shop/issues/1"


def faults(requests: Iterable[Asked]) -> Iterator[Fault]:
    for asked in requests:
        yield from (jira() if asked.path.startswith("/rest/") else github()).faults(asked)


def test_all_that_is_asked_and_answered_is_described(town, box, curl):
    main_job(town)
    by_hand(box, curl)

    recorded = [*town.box.requests, *box.requests]
    unknown, stale = sorted_out(faults(recorded), "request", "answer")
    assert unknown == [], "neither described nor known to differ"
    assert stale == [], "known to differ, and no longer does"


def test_the_webhooks_that_are_sent_are_described(box, arrivals):
    pia = box.github.as_user("pia")
    n = pia.open_issue("acme/shop", "Export")
    pia.edit_issue("acme/shop", n, title="Export as CSV", body="All columns.")
    pia.label("acme/shop", n, "csv")
    pia.unlabel("acme/shop", n, "csv")
    pia.set_milestone("acme/shop", n, "March")
    pia.set_milestone("acme/shop", n, "April")
    box.github.add_issue_field("acme", "Target date", "date")
    pia.set_field("acme/shop", n, "Target date", date(2027, 5, 1))
    pia.set_field("acme/shop", n, "Target date", date(2027, 6, 1))
    pia.set_field("acme/shop", n, "Target date", None)
    board = box.github.add_project("acme", "Launch")
    box.github.add_project_field("acme", board, "Ship date")
    pia.set_project_date("acme", board, "acme/shop", n, "Ship date", date(2027, 5, 1))
    pia.set_project_date("acme", board, "acme/shop", n, "Ship date", None)
    box.github.add_project_field("acme", board, "Status", "single_select", options=("Todo", "Agreed"))
    for status in ("Todo", "Agreed", None):
        pia.set_status("acme", board, "acme/shop", n, status)
    pia.take_off_project("acme", board, "acme/shop", n)
    comment = pia.comment("acme/shop", n, "one")
    pia.edit_comment("acme/shop", comment, "two")
    pia.delete_comment("acme/shop", comment)
    pia.edit_issue("acme/shop", n, state="closed")
    pia.edit_issue("acme/shop", n, state="open")
    pia.add_milestone("acme/shop", "May")
    pia.edit_milestone("acme/shop", "April", new_title="Later", due=date(2027, 5, 1))
    assert box.hooks.drain()
    assert len(set(arrivals.names())) == 18

    found = [
        fault
        for name, request in zip(arrivals.names(), arrivals.seen, strict=True)
        for fault in github_webhooks().webhook_faults(
            re.sub(r"[._]", "-", name), request.headers, request.get_json()
        )
    ]
    assert sorted_out(found, "webhook") == ([], [])


def test_the_webhooks_that_tests_make_up_are_parts_of_described_ones():
    made_up = {
        "issues": [issue_event(action) for action in ("opened", "edited", "milestoned", "closed", "deleted")],
        "issue-comment": [comment_event(action) for action in ("created", "edited", "deleted")],
    }
    found = [
        fault
        for event, bodies in made_up.items()
        for body in bodies
        for fault in parts_of_github_webhooks().webhook_faults(f"{event}-{body['action']}", {}, body)
    ]
    assert sorted_out(found, "part") == ([], [])


# ---------------------------------------------------------------- that faults are found

GOOD = Asked(
    "PATCH", ISSUE, 404, "sam", "", "application/json", b'{"milestone": 1}', "application/json", b"{}"
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"path": "/repos/acme/shop/wishes"}, ["PATCH /repos/acme/shop/wishes: is not described"]),
        ({"method": "PUT"}, [f"PUT {ISSUE}: is not described"]),
        ({"query": "verbose=1"}, ["the parameter verbose is not described"]),
        (
            {"method": "GET", "path": "/repos/acme/shop/issues", "query": "state=lost"},
            ["'lost' is not one of"],
        ),
        ({"sent": b'{"milestone": 1, "labels": 7}'}, ["labels: 7 is not of type 'array'"]),
        ({"sent": b"milestone=1", "sent_as": "application/x-www-form-urlencoded"}, ["MediaTypeNotFound"]),
        ({"status": 418}, ["ResponseNotFound"]),
        ({"answered": b'{"message": 7}'}, ["message: 7 is not of type 'string'"]),
        ({"answered": b"<p>", "answered_as": "text/html"}, ["MediaTypeNotFound"]),
    ],
)
def test_what_is_not_described_is_found(change: dict[str, object], expected: list[str]):
    found = [f"{fault.where}: {fault.text}" for fault in github().faults(GOOD._replace(**change))]
    assert len(found) == len(expected), found
    assert all(part in text for part, text in zip(expected, found, strict=True)), found


def test_a_webhook_that_is_not_described_is_found():
    body = json.loads(json.dumps(issue_event("milestoned", issue={"number": "twelve"})))
    found = [fault.text for fault in parts_of_github_webhooks().webhook_faults("issues-milestoned", {}, body)]
    assert found and all("issue/number" in text for text in found)
    assert [fault.text for fault in github_webhooks().webhook_faults("issues-danced", {}, {})] == [
        "is not described"
    ]
