"""Jira's client before the stand-in, on Cloud and on Data Center."""

from __future__ import annotations

from typing import Any

import pytest

from automation.adapters.jira.people import JiraPeople, JiraRights
from automation.adapters.jira.tracker import Jira
from automation.sandbox import Sandbox
from tests.fakes import FreeGate, Noted


@pytest.fixture(params=["3", "2"], ids=["Cloud", "Data Center"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def connected(box: Sandbox, version: str, **asked: Any) -> Jira:
    """Return a client with nobody's rights; ``asked`` is what else it asks the rules for."""
    sign_in = "handshake" if version == "2" else ("any@acme.example", "handshake")
    people = (lambda _: JiraPeople(), JiraRights)
    return Jira(box.jira_url, sign_in, *people, b"key", FreeGate(), Noted(), **asked)
