"""Rules are read again when they change, and a mistake keeps the last good ones in force."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from automation.model import Mode
from automation.rulebook.diagnostics import RulesError
from automation.rulebook.live import LiveRules
from automation.rulebook.rulebook import load
from tests.factories import NOW
from tests.unit.engine.conftest import RULES

GOOD = RULES.replace(
    "rules: []", "rules:\n  - name: a rule\n    when: deal.linked\n    then: [label: {add: x}]"
)


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def later() -> Callable[[], datetime]:
    """A clock by which a second passes between any two looks."""
    seconds = count()
    return lambda: NOW + timedelta(seconds=next(seconds))


@pytest.fixture
def live(folder, heard, later) -> LiveRules:
    return LiveRules(folder, None, heard.append, later)


@pytest.fixture
def write(folder):
    """Write the rules anew; the file is a second younger each time, as after a person's edit."""
    seconds = iter(range(1, 100))

    def write(text: str, name: str = "rules.yaml") -> Path:
        path = folder / name
        path.write_text(text)
        at = NOW.timestamp() + next(seconds)
        os.utime(path, (at, at))
        return path

    return write


def names(live: LiveRules) -> list[str]:
    return [rule.name for rule in live.rulebook().rules]


def test_the_rules_are_those_of_the_folder(live) -> None:
    assert names(live) == []


def test_without_a_change_nothing_is_read_again(live, heard) -> None:
    assert live.rulebook() is live.rulebook()
    assert heard == []


def test_a_changed_file_counts(live, write, heard) -> None:
    write(GOOD)

    assert names(live) == ["a rule"]
    assert names(live) == ["a rule"]
    assert heard == ["the rules were read again: mode observe, 1 rules"]


def test_a_change_counts_within_a_second(folder, heard, write) -> None:
    now = NOW
    live = LiveRules(folder, None, heard.append, lambda: now)
    write(GOOD)

    now += timedelta(seconds=0.9)
    assert names(live) == []
    now += timedelta(seconds=0.1)
    assert names(live) == ["a rule"]
    write(RULES)
    now -= timedelta(hours=1)  # clocks are set back, too
    assert names(live) == []
    assert len(heard) == 2


def test_a_new_file_and_one_that_is_gone_count_too(live, write) -> None:
    extra = write("rules:\n  - name: more\n    when: deal.linked\n    then: [label: {add: y}]\n", "more.yaml")
    assert names(live) == ["more"]

    extra.unlink()
    assert names(live) == []


def test_a_changed_message_counts(live, message) -> None:
    before = live.rulebook()

    message("Hello.")

    assert live.rulebook().messages.names == {("date-held", "issue")}
    assert live.rulebook().digest != before.digest


def test_a_mistake_keeps_the_last_good_rules_and_is_told_once(live, write, heard) -> None:
    write(GOOD)
    live.rulebook()
    heard.clear()

    write(GOOD.replace("deal.linked", "deal.linkt"))
    for _ in range(3):
        assert names(live) == ["a rule"]

    [told] = heard
    assert told.startswith("the rules were changed, but not well; the last good ones stay in force:\n")
    assert "rules.yaml:11:11: " in told


def test_when_it_is_good_again_that_is_told(live, write, heard) -> None:
    write("rules: [")
    live.rulebook()
    write(GOOD)
    live.rulebook()

    assert heard[1:] == ["the rules are good again: mode observe, 1 rules"]


def test_a_mode_given_for_a_beginning_counts_until_another_one_is_written(folder, write, later) -> None:
    live = LiveRules(folder, Mode.ENFORCE, lambda _: None, later, until_changed=True)
    write(GOOD)
    assert live.in_force().mode is Mode.ENFORCE, "that file says what it said at the start"

    write(f"mode: tell\n{GOOD}")
    assert live.in_force().mode is Mode.TELL
    write(GOOD)
    assert live.in_force().mode is Mode.OBSERVE


def test_each_new_mistake_is_told(live, write, heard) -> None:
    write("rules: [")
    live.rulebook()
    write("rules: {")
    live.rulebook()

    assert len(heard) == 2


def test_a_mistake_that_was_mended_is_over(live, write) -> None:
    write("rules: [")
    live.rulebook()

    write(GOOD)

    assert names(live) == ["a rule"]


def test_a_folder_that_vanishes_keeps_the_last_good_rules(live, write, folder, heard) -> None:
    write(GOOD)
    live.rulebook()

    folder.rename(folder.with_name("elsewhere"))

    assert names(live) == ["a rule"]
    assert "there is no such folder" in heard[-1]


def test_rules_that_are_wrong_at_the_start_are_refused(folder, write, later) -> None:
    write("rules: [")

    with pytest.raises(RulesError):
        LiveRules(folder, None, print, later)


def test_many_threads_hear_of_a_change_once(live, write, heard) -> None:
    write(GOOD)
    threads = [threading.Thread(target=live.rulebook) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(heard) == 1


# ---------------------------------------------------------------- the mode


def test_the_mode_of_the_rules_is_live(live, write) -> None:
    assert live.mode() is Mode.OBSERVE

    write(f"mode: enforce\n{GOOD}")
    live.rulebook()

    assert live.mode() is Mode.ENFORCE


def test_a_mode_from_outside_overrides_the_rules(folder, write, heard, later) -> None:
    live = LiveRules(folder, Mode.TELL, heard.append, later)
    write(f"mode: enforce\n{GOOD}")

    live.rulebook()

    assert live.mode() is Mode.TELL
    assert heard == ["the rules were read again: mode tell, 1 rules"]


def test_a_mode_counts_since_we_saw_it_whatever_the_files_say_of_their_age(folder, heard, write) -> None:
    """Files are copied with their times, checked out later than written, and dated in the future."""
    now = NOW
    live = LiveRules(folder, None, heard.append, lambda: now)
    assert live.in_force().noticed == NOW

    for age in (timedelta(hours=2), -timedelta(hours=2)):
        now += timedelta(minutes=1)
        path = write(f"mode: enforce\n{GOOD}" if age > timedelta() else GOOD)
        at = (now - age).timestamp()
        os.utime(path, (at, at))

        seen = live.in_force()

        assert (seen.mode, seen.noticed) == (seen.rulebook.mode, now)


@pytest.mark.parametrize("text", ["rules: [", GOOD], ids=["a mistake", "other rules, same mode"])
def test_what_leaves_the_mode_as_it_is_changes_nothing_about_since_when(live, write, text) -> None:
    noticed = live.in_force().noticed
    write(text)

    assert live.in_force().noticed == noticed


def test_a_mode_that_is_overridden_is_not_changed_by_the_files(folder, heard, later, write) -> None:
    live = LiveRules(folder, Mode.TELL, heard.append, later)
    noticed = live.in_force().noticed
    write(f"mode: enforce\n{GOOD}")

    assert (live.in_force().mode, live.in_force().noticed) == (Mode.TELL, noticed)


# ---------------------------------------------------------------- a folder that cannot be read


def taken_away(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def a_file(folder: Path) -> None:
    taken_away(folder)
    folder.write_text("not a folder")


def a_loop(folder: Path) -> None:
    taken_away(folder)
    folder.symlink_to(folder)


def a_folder_for_a_file(folder: Path) -> None:
    (folder / "more.yaml").mkdir()


def a_pipe_for_a_file(folder: Path) -> None:
    os.mkfifo(folder / "more.yml")


def a_pipe_for_a_message(folder: Path) -> None:
    (folder / "messages").mkdir(exist_ok=True)
    os.mkfifo(folder / "messages" / "pipe.issue.liquid")


def another_alphabet(folder: Path) -> None:
    (folder / "more.yaml").write_bytes("rules: []  # f\xfcr".encode("latin-1"))


def a_name_in_another_alphabet(folder: Path) -> None:
    with open(os.fsencode(folder) + b"/\xff.yaml", "wb") as file:
        file.write(b"rules: [")


@pytest.mark.parametrize(
    "harm",
    [
        taken_away,
        a_file,
        a_loop,
        a_folder_for_a_file,
        a_pipe_for_a_file,
        a_pipe_for_a_message,
        another_alphabet,
        a_name_in_another_alphabet,
    ],
)
def test_whatever_becomes_of_the_folder_the_last_good_rules_stay_and_it_is_said_once(
    live, write, folder, heard, harm
) -> None:
    write(GOOD)
    good = live.rulebook()
    assert live.problem() is None
    heard.clear()

    harm(folder)

    assert [live.rulebook() for _ in range(3)] == [good] * 3
    assert live.problem() == "they cannot be used; the last good ones are in force; the log says more"
    assert len(heard) <= 1
    with pytest.raises(RulesError):
        load(folder)


def test_rules_that_our_user_may_not_read_leave_the_last_good_ones_in_force(
    live, write, heard, monkeypatch
) -> None:
    write(GOOD)
    good = live.rulebook()
    heard.clear()

    def refused(_: object) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", refused)
    assert [live.rulebook() for _ in range(3)] == [good] * 3
    assert live.problem() is not None
    [said] = heard
    assert "cannot be read (Permission denied); let the account that runs Handshake read it" in said

    monkeypatch.undo()
    live.rulebook()
    assert live.problem() is None
