"""What came in and how it was read can be told apart, and is counted."""

from __future__ import annotations

import json

import requests

from tests.end_to_end.conftest import SECRET, Town
from webhooks.signatures import SCHEMES, sign


def test_ignored_unsupported_malformed_and_refused_are_told_apart_and_counted(town: Town) -> None:
    url = f"http://127.0.0.1:{town.house.server.port}"
    for number, (event, body) in enumerate(
        {
            "ping": {"zen": "Keep it logically awesome."},
            "milestone": {"action": "edited", "repository": {"full_name": "acme/shop"}},
            "issues": {"action": "opened", "repository": {"full_name": "acme/shop"}},
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
        assert requests.post(f"{url}/webhooks/github", raw, headers=headers, timeout=5).status_code == 202
    town.settle()

    lines = requests.get(f"{url}/metrics", timeout=5).text.splitlines()

    for reading in ("ignored", "unsupported", "malformed", "refused"):
        assert f'handshake_deliveries{{reading="{reading}",source="github"}} 1.0' in lines
