"""What a mode keeps back is there to be read, with its words, and is nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from automation.cli import main
from automation.engine.rendering import Rendering
from automation.model import Mode, Say, SetDeadline, Would
from automation.ports import Unavailable
from automation.store.decisions import Diary
from tests.end_to_end.conftest import SPRING, WINTER, Town


@pytest.fixture
def mode() -> Mode:
    return Mode.OBSERVE


def kept_back(town: Town) -> list[Would]:
    return Diary(town.worker_app.database).kept_back(0)[0]


def said(town: Town, message: str) -> dict[str, str]:
    """Return the words of a message that would be said, by where."""
    return {
        would.effect.target.key: would.text
        for would in kept_back(town)
        if isinstance(would.effect.intent, Say) and would.effect.intent.message == message
    }


def test_in_observe_the_words_are_those_that_would_be_said_and_nothing_is_written(linked: Town) -> None:
    before = linked.writes()
    linked.ask("lee", SPRING)

    on = said(linked, "date-held") | said(linked, "date-asked")

    assert "Milestone stays empty; 1 March waits for product" in on[linked.place.key]
    assert "/signoff 2027-03-01" in on[linked.place.key]
    assert "1 March is requested, not agreed" in on[linked.deal]
    assert linked.writes() == before == []


def test_a_reply_that_observe_does_not_give_is_shown_too(linked: Town) -> None:
    linked.comment("mona", "/decline")

    assert "No date is waiting for product here" in said(linked, "reply-nothing-waits")[linked.place.key]


def test_the_words_of_a_new_link_know_its_deal(linked: Town) -> None:
    assert "One deal asked for this" in said(linked, "linked")[linked.place.key]


def test_operators_read_them_with_a_command(linked: Town, tmp_path: Path) -> None:
    linked.ask("lee", SPRING)
    url = {"HANDSHAKE_DATABASE_URL": f"sqlite:///{tmp_path}/handshake.db"}

    def handshake(*words: str) -> str:
        result = CliRunner().invoke(main, ["decisions", *words], env={**url, "COLUMNS": "100"})
        assert result.exit_code == 0, result.output
        return result.stdout

    listed, words = handshake(), handshake("--would", "--limit", "1")
    newest = json.loads(handshake("--json"))[0]

    assert "fired  dates on customer requests wait for product (" in listed
    assert "would  say date-held, on acme/shop#" in listed
    assert "Milestone stays empty; 1 March waits for product" in " ".join(words.split())
    assert "SALES" in words and "1 of 2 are shown" in words
    assert newest["mode"] == "observe"
    assert newest["decisions"][0]["outcome"] == "fired"
    assert {"restore milestone: no date, on " + linked.place.key} <= {one["does"] for one in newest["would"]}


def test_the_words_are_not_logged(linked: Town) -> None:
    with capture_logs() as lines:
        linked.ask("lee", SPRING)

    assert any(line["event"] == "would" for line in lines)
    assert "requested, not agreed" not in str(lines) and "stays empty" not in str(lines)


def test_where_the_words_cannot_be_made_that_is_said_in_their_place_and_the_look_goes_on(
    linked: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> str:
        raise Unavailable("Jira does not answer")

    monkeypatch.setattr(Rendering, "text", fails)
    linked.ask("lee", SPRING)

    instead = "(the words could not be made: Jira does not answer)"
    assert set(said(linked, "date-held").values()) == {instead}
    assert "parked" not in linked.worker_app.queue.counts()


class TestTell:
    @pytest.fixture
    def mode(self) -> Mode:
        return Mode.TELL

    def test_only_the_date_is_kept_back(self, linked: Town) -> None:
        linked.ask("lee", WINTER)

        [would] = kept_back(linked)

        assert isinstance(would.effect.intent, SetDeadline) and would.text == ""


class TestEnforce:
    @pytest.fixture
    def mode(self) -> Mode:
        return Mode.ENFORCE

    def test_nothing_is_kept_back(self, asked: Town) -> None:
        assert kept_back(asked) == []
