"""The demo plays its story to the end, against the real service, and shows what people would read."""

from __future__ import annotations

import io
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner
from rich.console import Console

from automation.app.settings import read_settings
from automation.cli import main
from automation.demo.play import play
from automation.demo.screen import Screen
from automation.store.database import Database
from automation.store.queue import Queue
from automation.store.state import States


class Recording(Console):
    """A console on which nobody looks. Ctrl-C is pressed once ``until`` was printed."""

    def __init__(self, until: str = "never") -> None:
        self._until = until
        super().__init__(record=True, file=io.StringIO(), width=100, highlight=False)

    def print(self, *objects: object, **how: object) -> None:
        super().print(*objects, **how)
        if any(self._until in str(each) for each in objects):
            raise KeyboardInterrupt


@dataclass(frozen=True)
class Told:
    """A demo that was played: its exit code, what was to be read, where it stood, what still runs."""

    ended: int
    text: str
    folder: Path
    left_running: list[str]

    def steps(self) -> list[tuple[int, int]]:
        return [(int(n), int(of)) for n, of in re.findall(r"^(\d+)/(\d+)  ", self.text, re.MULTILINE)]


def stand_in(folder: Path, patch: pytest.MonkeyPatch, without: str = "") -> None:
    """Stand in a folder with the shipped rules (``without`` one of their trackers), on any free port."""
    shutil.copytree("rules", folder / "rules")
    settings = folder / "rules/handshake.yaml"
    assert without in settings.read_text()
    settings.write_text(settings.read_text().replace(without, ""))
    patch.chdir(folder)
    patch.setenv("HANDSHAKE_PORT", "0")


def watch(console: Recording, stay: bool = False) -> Told:
    before = set(threading.enumerate())
    try:
        ended = play(read_settings(), console, stay)
    finally:
        structlog.reset_defaults()
    started = set(threading.enumerate()) - before
    for thread in started:
        thread.join(10)
    left = [thread.name for thread in started if thread.is_alive()]
    return Told(ended, console.export_text(), Path.cwd(), left)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The whole story, played for somebody whose environment has the settings of real sites."""
    with pytest.MonkeyPatch.context() as patch:
        stand_in(tmp_path_factory.mktemp("demo"), patch)
        patch.setenv("GITHUB_TOKEN", "of a real account")
        patch.setenv("JIRA_URL", "https://jira.example")
        patch.setenv("JIRA_TOKEN", "of a real site")
        yield watch(Recording())


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Stand in another folder, with rules that look after one tracker only."""
    return lambda without: stand_in(tmp_path, monkeypatch, without)


ROOT = Path(__file__).parents[2]
JIRA = "jira: {projects: [PROD]}"
GITHUB = "github: {repositories: [acme/shop]}"


def test_the_story_is_told_to_its_end(story) -> None:
    of = story.steps()[0][1]

    assert story.ended == 0
    assert story.steps() == [(number, of) for number in range(1, of + 1)]
    assert "did not come to an end" not in story.text


def test_nothing_goes_wrong_on_the_way(story) -> None:
    assert not re.search("trouble:|given up:|moved on:", story.text)


def test_it_shows_what_engineers_and_what_sales_read(story) -> None:
    assert "─ engineers read on the issue ─" in story.text
    assert "─ sales reads on the deal ─" in story.text
    assert "waits for product" in story.text
    assert "requested, not agreed" in story.text


def test_it_shows_a_moved_milestone_with_three_deals(story) -> None:
    moved = story.text.index("moves the milestone Summer release itself")
    _, _, after = story.text[moved:].partition("Handshake  ")
    step = after[: after.index("/ask ")]

    assert step.count("set it back") == 1 and step.count("─ engineers read on the issue ─") == 1
    assert "Date of milestone “Summer release” kept at" in step
    assert len(re.findall("sales reads on the deal", step)) == 3
    assert "Single sign-on: " in step and "“Weekly reports by mail”: " in step


def test_it_shows_people_no_machinery(story) -> None:
    assert not re.search(r"<!--|Traceback|None\b|\{\{|\{%", story.text)


def test_a_wish_is_left_on_each_tracker_for_whoever_wants_to_try(story) -> None:
    database = Database(f"sqlite:///{story.folder}/data/demo.db")

    assert {subject.system for subject, _ in States(database).open_proposals()} == {"github", "jira"}
    assert "parked" not in Queue(database, lambda: 0.0).counts()
    database.close()


def test_it_shows_a_name_for_customers_and_a_wish_beside_an_agreed_date(story) -> None:
    assert len(story.steps()) <= 16
    named, asked = story.text.index("/name Single sign-on"), story.text.index(" (sales) comments: /ask ")
    agreed = story.text.index("agreed for product")
    assert named < agreed < asked


def test_the_excerpt_in_the_readme_is_what_one_sees(story) -> None:
    """But for the dates, which are those of the day it is played on. If not: tools/excerpt.py."""
    readme = (ROOT / "README.md").read_text()
    excerpt = re.search(r"This is a part of what you see:\n\n```\n(.*?)^```", readme, re.M | re.S)
    assert excerpt
    parts = [timeless(part) for part in re.split(r"^ +… .* …$", excerpt[1], flags=re.M)]

    assert len(parts) == 2
    for part in parts:
        assert part in timeless(story.text)


def timeless(text: str) -> str:
    """Return words without frames, line ends and dates; what is done at once is done in any order."""
    months = "January|February|March|April|May|June|July|August|September|October|November|December"
    text = re.sub(r"^  Handshake  (.*)", _in_any_order, text, flags=re.M)
    text = re.sub(r"[│╭╮╰╯─\s]+", " ", text)
    text = re.sub(rf"(\w+day, )?\d+ ({months})( \d{{4}})?", "DAY", text)
    text = re.sub(rf"(early |mid-|late )({months})( \d{{4}})?", "SOON", text)
    return re.sub(r"\d{4}-\d\d-\d\d|\d+ days", "WHEN", text)


def _in_any_order(done: re.Match[str]) -> str:
    return " ".join(sorted(done[1].split("; ")))


def test_a_mode_that_keeps_words_back_shows_them_as_they_would_be_written(beside, monkeypatch) -> None:
    beside(JIRA)
    monkeypatch.setenv("HANDSHAKE_MODE", "observe")

    told = watch(Recording())

    assert told.ended == 0
    assert "HANDSHAKE_MODE is observe" in told.text
    assert "─ would be written on SALES-1 ─" in told.text
    assert "It would also " in told.text
    assert " reads on the deal" not in told.text and " read on the issue" not in told.text


@dataclass
class Saving:
    """Somebody who does one thing after the other, each once what went before is on the screen."""

    console: Recording
    deeds: list[tuple[str, Callable[[], object]]]

    def look(self) -> None:
        if not self.deeds:
            raise KeyboardInterrupt
        awaited, deed = self.deeds[0]
        if awaited in self.console.export_text(clear=False):
            self.deeds.pop(0)
            deed()


def test_a_mistake_that_is_saved_while_it_runs_is_shown_and_so_is_its_end(beside, monkeypatch) -> None:
    beside(JIRA)
    console, own = Recording(), Path("rules/own.yaml")
    settings = Path("rules/handshake.yaml")
    tell = settings.read_text().replace("mode: observe", "mode: tell")
    wrong = "rules:\n  - name: mine\n    when: deadline.commited\n    then: [label: {add: x}]\n"
    somebody = Saving(
        console,
        [
            ("Change a rule or a message", lambda: own.write_text(wrong)),
            ("rules/own.yaml:3:11: ", lambda: own.write_text(wrong.replace("commited", "committed"))),
            ("The rules are good again: mode enforce", lambda: settings.write_text(tell)),
            ("The rules were read again: mode tell", lambda: None),
        ],
    )
    monkeypatch.setattr(
        Screen, "kept_back", lambda _: "Change a rule" in console.export_text(clear=False) and somebody.look()
    )

    told = watch(console, stay=True)

    assert told.ended == 0 and not somebody.deeds
    assert "─ a mistake in the rules ─" in told.text


def test_nothing_of_it_goes_on_after_its_end(story) -> None:
    assert story.left_running == []


def test_the_command_plays_it_too_on_github_alone_and_twice_if_one_likes(beside) -> None:
    beside(JIRA)
    Path("data").mkdir()
    Path("data/demo.db").write_text("of an earlier play")

    result = CliRunner().invoke(main, ["demo", "--exit"])

    assert result.exit_code == 0
    assert "acme/shop#" in result.output
    assert "PROD-" not in result.output


def test_afterwards_it_stays_up_and_says_how_to_go_on_until_ctrl_c(beside) -> None:
    beside(GITHUB)

    told = watch(Recording(until="Change a rule"), stay=True)

    assert told.ended == 0
    for part in ("PROD-", "/readyz", "handshake proposals", "curl "):
        assert part in told.text
    assert told.text.rstrip().endswith("Goodbye.")


def test_ctrl_c_in_the_middle_is_no_error(beside) -> None:
    beside(GITHUB)

    told = watch(Recording(until="2/"))

    assert told.ended == 0
    assert told.steps()[-1][0] == 2
    assert told.text.rstrip().endswith("Goodbye.")
    assert told.left_running == []


@pytest.mark.parametrize("command", [["demo", "--exit"], ["serve", "--or-demo"]], ids=" ".join)
def test_broken_rules_are_said_plainly(beside, command) -> None:
    beside("")
    Path("rules/own.yaml").write_text("rules: 7\n")

    result = CliRunner().invoke(main, command)

    assert result.exit_code == 2
    assert result.stderr.startswith("rules/own.yaml:1:8: ")


@pytest.mark.parametrize("connected", [True, False])
def test_where_something_is_connected_nobody_is_shown_a_demo(beside, monkeypatch, connected) -> None:
    beside("")
    Path("rules/own.yaml").write_text("rules: 7\n")
    if connected:
        monkeypatch.setenv("GITHUB_TOKEN", "of a real account")

    said = CliRunner().invoke(main, ["serve", "--or-demo"]).stdout

    assert said.endswith("so here is the demo.\n") is not connected
