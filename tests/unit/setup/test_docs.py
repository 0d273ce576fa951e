"""What the documentation says is so: the reference is fresh, links lead somewhere, examples load."""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path

import pytest
import yaml

from automation.cli import main
from automation.rulebook import load
from automation.settings import Settings

ROOT = Path(__file__).parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / ".github" / "CONTRIBUTING.md"])
SHOWN = [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in PAGES]


def test_the_rules_reference_is_fresh() -> None:
    fresh = runpy.run_path(str(ROOT / "tools" / "reference.py"))["page"]()
    assert (ROOT / "docs" / "rules.md").read_text() == fresh, "run make docs"


def test_everything_in_the_reference_is_explained() -> None:
    bare = re.findall(r"^\| (`[^|]+`) \|.*\|  \|$", (ROOT / "docs" / "rules.md").read_text(), re.M)
    assert not bare, "say in the docstring of its class what each of these is"


def headings(page: Path) -> set[str]:
    """Return the anchors that GitHub gives a page's headings."""
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", SHOWN)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in headings(there), f"{page.name} links to {target}"


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", page.read_text(), re.M | re.S)


EXAMPLES = [
    pytest.param(block, id=f"{page.name} {number}")
    for page in PAGES
    for number, block in enumerate(blocks(page, "yaml"), 1)
]


@pytest.mark.parametrize("block", EXAMPLES)
def test_every_example_of_rules_loads(block: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rules" / "messages", tmp_path / "messages")
    (tmp_path / "example.yaml").write_text(block)
    settings = yaml.safe_load((ROOT / "rules" / "handshake.yaml").read_text())
    missing = {name: value for name, value in settings.items() if name not in yaml.safe_load(block)}
    (tmp_path / "rest.yaml").write_text(yaml.safe_dump(missing))
    load(tmp_path)


FORMS = [
    pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in sorted(ROOT.glob(".github/**/*.yml"))
]


@pytest.mark.parametrize("page", [*SHOWN, *FORMS])
def test_every_command_exists(page: Path) -> None:
    text = page.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)\b", text, re.M)) <= targets
    for words in re.findall(r"(?:\.venv/bin/|`)handshake ([a-z]+(?: [a-z]+)?)", text):
        first, _, second = words.partition(" ")
        if first in ("signoff", "link"):
            continue  # a command in a Jira comment
        assert first in main.commands, f"{page.name}: handshake {words}"
        group = getattr(main.commands[first], "commands", None)
        assert group is None or second in group, f"{page.name}: handshake {words}"


def test_every_setting_is_named_in_the_example_and_in_the_table() -> None:
    names = {str(field.validation_alias) for field in Settings.model_fields.values()}
    for file in (".env.example", "docs/operations.md"):
        said = re.findall(r"\b(?:HANDSHAKE|GITHUB|JIRA)_[A-Z_]+\b", (ROOT / file).read_text())
        assert set(said) == names, file
