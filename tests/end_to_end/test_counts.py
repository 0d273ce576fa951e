"""What came in and what became of it can be told apart, and is counted; and so are our calls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from benchmarks import calls
from benchmarks.place import Place
from tests.end_to_end.conftest import SECRET, SPRING, Town
from tests.sources import SCHEMES, sign


def scrape(town: Town) -> list[str]:
    town.worker_app.counters.flush()
    return requests.get(f"http://127.0.0.1:{town.receiver.port}/metrics", timeout=5).text.splitlines()


def test_a_first_failure_to_store_will_be_an_increase(town: Town) -> None:
    assert 'handshake_not_stored_total{source="github"} 0.0' in scrape(town)


def test_dropped_ignored_malformed_and_refused_are_told_apart_and_counted(town: Town) -> None:
    for number, (event, body) in enumerate(
        {
            "ping": {"zen": "Keep it logically awesome."},
            "star": {"action": "created", "repository": {"full_name": "acme/shop"}},
            "repository": {"action": "archived", "repository": {"full_name": "acme/shop"}},
            "milestone": {"action": "deleted", "repository": {"full_name": "acme/shop"}},
            "issue_comment": {"action": "created", "repository": {"full_name": "evil/shop"}},
        }.items()
    ):
        raw = json.dumps(body).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": f"delivery-{number}",
            "X-Hub-Signature-256": sign(SCHEMES["github"], SECRET, raw),
        }
        url = f"http://127.0.0.1:{town.receiver.port}/webhooks/github"
        assert requests.post(url, raw, headers=headers, timeout=5).status_code == 202
    town.settle()

    lines = scrape(town)

    for reason in ("ping", "event"):
        assert f'handshake_dropped_total{{reason="{reason}",source="github"}} 1.0' in lines
    for reading in ("unsupported", "malformed", "refused"):
        assert f'handshake_read_total{{reading="{reading}",source="github"}} 1.0' in lines
    assert 'handshake_received_total{source="github"} 3.0' in lines


def test_what_a_held_date_sets_going_is_counted(linked: Town) -> None:
    before = scrape(linked)
    linked.ask("lee", SPRING)

    lines = scrape(linked)

    assert "handshake_restore_seconds_count 0.0" in before
    assert "handshake_restore_seconds_count 1.0" in lines
    assert 'handshake_effects_total{effect="SetDeadline",result="done"} 1.0' in lines
    assert 'handshake_system_open{system="github"} 1.0' in lines
    rule = "dates on customer requests wait for product"
    for start in (
        f'handshake_rule_evaluations_total{{outcome="fired",rule="{rule}"}}',
        'handshake_upstream_calls_total{method="PATCH",status="200",system="github"}',
        'handshake_upstream_quota_left{system="github"}',
    ):
        assert [line for line in lines if line.startswith(start) and not line.endswith(" 0.0")], start


@pytest.mark.parametrize("tracker", ["github", "jira"])
def test_nothing_that_people_do_costs_more_reads_than_was_promised(tmp_path: Path, tracker: str) -> None:
    counted = list(calls.counts(Place(tmp_path, None), tracker))

    dear = {scenario.name: cost.said for scenario, cost in counted if cost.reads > scenario.most}
    assert dear == {}
    did = {scenario.name.partition(":")[0]: cost.writes for scenario, cost in counted}
    assert did["ask by the field"] == 4, "it is held: a date, a label and two notices"
    assert did["/signoff"] == 4 and did["/decline"] == 3, "and answered, both ways"
