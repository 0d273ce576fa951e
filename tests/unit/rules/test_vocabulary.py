"""Rules speak of the systems that there are, in the words that these declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from automation.model import Subject
from automation.rulebook.diagnostics import RulesError
from automation.rulebook.rulebook import load
from automation.rulebook.schema import SHIPPED, Names, TrackerRules, Vocabulary


class Board(TrackerRules):
    """A tracker with boards."""

    MARK = "/"

    boards: Names = ()

    @property
    def places(self) -> tuple[str, ...]:
        return self.boards


FURTHER = Vocabulary({**SHIPPED.trackers, "toy": Board}, {**SHIPPED.crms, "toy": "Toy"})
RULES = """\
trackers:
  toy: {boards: [north]}
  github: {repositories: [acme/shop]}
deals: {system: toy, project: TOY}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path


def test_what_is_not_declared_is_a_mistake(folder: Path) -> None:
    with pytest.raises(RulesError) as caught:
        load(folder)

    assert "unknown key 'toy'" in str(caught.value)
    assert "'toy' is not known; deals live in Jira (system: jira)" in str(caught.value)


def test_what_a_further_system_declares_can_be_said(folder: Path) -> None:
    config = load(folder, FURTHER).config

    assert config.deals.system == "toy"
    assert config.trackers.places("github") == ("acme/shop",)
    assert config.trackers.places("toy") == ("north",)
    assert config.trackers.places("unheard") == ()
    assert config.trackers.look_after(Subject("toy", "issue", "north/12"))


def test_places_are_told_by_what_each_system_declares() -> None:
    trackers = FURTHER.file.model_validate({"trackers": {"jira": {"projects": ["PROD"]}}}).trackers

    assert trackers.look_after(Subject("jira", "issue", "PROD-7"))
    assert not trackers.look_after(Subject("jira", "issue", "PRODUCT-7"))
    assert not trackers.look_after(Subject("github", "issue", "acme/shop#12"))
    assert not trackers.look_after(Subject("unheard", "issue", "PROD-7"))
    assert trackers.all_places() == ("PROD",)
