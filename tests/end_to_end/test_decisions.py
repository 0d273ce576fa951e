"""Why was my /signoff not counted? ``handshake decisions show`` says whose word did not count, and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from automation.cli import main
from tests.end_to_end.conftest import SPRING, SUMMER, Town


@pytest.fixture
def tracker(both: str) -> str:
    return both


Command = Callable[..., str]


@pytest.fixture
def handshake(tmp_path: Path) -> Command:
    """Call ``handshake decisions`` on the town's database, on a terminal that folds nothing."""

    def call(*words: str) -> str:
        settings = {"HANDSHAKE_DATABASE_URL": f"sqlite:///{tmp_path}/handshake.db", "COLUMNS": "300"}
        result = CliRunner().invoke(main, ["decisions", *words], env=settings)
        assert result.exit_code == 0, result.output
        return result.stdout

    return call


def newest(handshake: Command) -> dict[str, Any]:
    """Return the last decision, as it is shown to machines."""
    [look] = json.loads(handshake("--limit", "1", "--json"))
    shown: dict[str, Any] = json.loads(handshake("show", str(look["decisions"][0]["id"]), "--json"))
    return shown


def walk(reasons: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for reason in reasons:
        yield reason
        yield from walk(reason["children"])


def in_the_way(shown: dict[str, Any]) -> str:
    return "; ".join(one["text"] for one in walk(shown["reasons"]) if one["answer"] == "no")


def test_somebody_who_is_not_of_product_reads_of_whom_product_is_made(
    asked: Town, handshake: Command
) -> None:
    comment = asked.comment("lee", "/signoff 2027-03-01")

    shown = newest(handshake)

    assert (shown["rule"], shown["outcome"], shown["same_again"]) == ("/signoff", "refused", True)
    assert "word does not count; for product: not in the team acme/product or the group" in in_the_way(shown)
    assert shown["reasons"][0]["values"]["comment"] == comment.removeprefix("c")
    [effect] = shown["effects"]
    assert (effect["does"], effect["state"]) == (f"say reply-not-product, on {asked.place.key}", "done")
    assert effect["receipt"], "the comment that answered"


def test_whoever_left_product_meanwhile_is_not_of_it(asked: Town, handshake: Command) -> None:
    asked.set_product("mona", False)
    asked.comment("mona", "/signoff 2027-03-01")

    assert "by what the tracker answered at that moment" in in_the_way(newest(handshake))


def test_an_edited_comment_says_so(asked: Town, handshake: Command) -> None:
    written = asked.comment("mona", "Looks good")
    asked.place.edit_comment("mona", written, "/signoff 2027-03-01")
    asked.comment("sam", "/name Login for all")  # with which all that was written is read again

    [look] = json.loads(handshake("--limit", "1", "--json"))
    id = next(one["id"] for one in look["decisions"] if one["rule"] == "/signoff")
    assert "edited after it was written" in handshake("show", str(id))


def test_a_sign_off_that_counts_shows_what_it_led_to(asked: Town, handshake: Command) -> None:
    asked.comment("mona", "/signoff 2027-03-01")

    looks = json.loads(handshake("--json"))
    id = next(one["id"] for look in looks for one in look["decisions"] if one["rule"] == "/signoff")
    shown = handshake("show", str(id))

    assert f"{id}  done: /signoff (built in)" in shown
    assert "✓ " in shown and "yes counts, given in words" in shown
    assert "apply " in shown and "comes out the same" in shown


def test_a_held_date_shows_the_rule_with_what_its_condition_saw(asked: Town, handshake: Command) -> None:
    listed = handshake()
    id = next(line.split()[0] for line in listed.splitlines() if "dates on customer requests wait" in line)

    shown = handshake("show", id)

    assert "size(issue.deals) > 0: true, as size(issue.deals) = 1" in shown
    assert "is not of product" in shown and "it is set back" in shown
    assert f"restore {next(iter(asked.waiting())).field}: no date" in shown


def test_all_that_was_decided_comes_out_the_same_again(asked: Town, handshake: Command) -> None:
    asked.comment("sam", "/link SALES-99")
    asked.comment("mona", "/signoff")
    asked.ask("lee", SUMMER)
    asked.comment("lee", "/withdraw")
    asked.edit("sam", title="Single sign-on for all", body="- log in\n- log out")
    asked.comment("sam", f"/unlink {asked.deal}")

    looks = json.loads(handshake("--json"))
    ids = [one["id"] for look in looks for one in look["decisions"]]

    assert len(ids) > 8
    assert [
        id for id in ids if json.loads(handshake("show", str(id), "--json"))["same_again"] is not True
    ] == []


def test_what_was_seen_stays_in_the_database_and_out_of_the_log(asked: Town, handshake: Command) -> None:
    with capture_logs() as lines:
        asked.comment("mona", "/decline because Borealis pays late")
        asked.ask("lee", SPRING)

    assert "Borealis" in handshake("--json") or "Borealis" in json.dumps(newest(handshake)["seen"])
    assert any(line["event"] == "decision" for line in lines)
    assert "Borealis" not in str(lines)
