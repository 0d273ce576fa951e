"""``handshake pauses``: who is paused, and how to go on."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from automation.model import Setback, SetDeadline
from automation.store.outbox import add_effects
from tests import databases
from tests.factories import SPRING, WINTER, effect, say

BOT = "github:66"


@pytest.fixture
def paused(served: None) -> None:
    """Somebody whose dates were set back, and about whom people were asked."""
    database = databases.default()
    restore = SetDeadline("milestone", SPRING, WINTER, "restore", (BOT, "rule: dates wait"))
    asked = say("date-not-agreed", setback=Setback("paused", hint="Too many \x1b[2J dates.", paused=BOT))
    planned = [effect(restore, key="restore"), effect(asked, key="asked")]
    with database.write() as connection:
        add_effects(connection, planned, "", now=datetime.now(UTC).timestamp)
    database.close()


def test_where_nobody_is_paused_that_is_said(handshake, served) -> None:
    assert handshake("pauses").output == "Nobody is paused.\n"


def test_who_is_paused_is_told_with_what_ends_it(handshake, paused) -> None:
    said = handshake("pauses").output
    [listed] = json.loads(handshake("pauses", "--json").output)["paused"]

    assert f"{BOT}: paused until" in said and f"handshake pauses release '{BOT}'" in said
    assert listed["name"] == BOT and "\x1b" not in said

    assert handshake("pauses", "release", BOT).output == "Released. 0 issues are looked at again now.\n"
    assert handshake("pauses").output == "Nobody is paused.\n"


def test_who_is_not_paused_cannot_be_released(handshake, served) -> None:
    assert handshake("pauses", "release", BOT).exit_code == 1
