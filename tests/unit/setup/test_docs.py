"""What the documentation says is so: the reference is fresh, links lead somewhere, examples load."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from automation.app.settings import Settings
from automation.app.systems import SYSTEMS
from automation.cli import main
from automation.engine.plan import plan
from automation.model import NOTHING, Delivery, Effect, Kind, Link, Mode, Say
from automation.rulebook.rulebook import Rulebook, load
from automation.rulebook.variables import ProductVars
from automation.rulebook.views import message
from automation.store.database import Database
from automation.store.inbox import Inbox
from tests.factories import DEAL, ISSUE, NOW, SAM, SPRING, SUMMER, WINTER, commitment, deal, facts, state

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
    pytest.param(page, block, id=f"{page.name} {number}")
    for page in PAGES
    for number, block in enumerate(blocks(page, "yaml"), 1)
]


def files_of(page: Path) -> dict[str, str]:
    """Return the message files that a page shows in full, by name: those are named in the line before."""
    shown = re.findall(
        r"`rules/messages/([\w.-]+\.liquid)`:?\n\n```liquid\n(.*?)^```", page.read_text(), re.M | re.S
    )
    return dict(shown)


def beside_the_shipped(folder: Path, page: Path, block: str) -> Path:
    """Copy the shipped rules, and what a page shows beside them; its settings take the place of ours."""
    shutil.copytree(ROOT / "rules", folder, dirs_exist_ok=True)
    (folder / "example.yaml").write_text(block)
    for name, text in files_of(page).items():
        (folder / "messages" / name).write_text(text)
    given = yaml.safe_load(block)
    settings = yaml.safe_load((folder / "handshake.yaml").read_text())
    kept = {name: value for name, value in settings.items() if name not in given}
    (folder / "handshake.yaml").write_text(yaml.safe_dump(kept))
    return folder


@pytest.mark.parametrize(("page", "block"), EXAMPLES)
def test_every_example_of_rules_loads_beside_those_that_are_shipped(
    page: Path, block: str, tmp_path: Path
) -> None:
    load(beside_the_shipped(tmp_path, page, block))


PIECES = [
    pytest.param(block, id=f"{page.name} {number}")
    for page in PAGES
    for number, block in enumerate(blocks(page, "liquid"), 1)
]


@pytest.mark.parametrize("block", PIECES)
def test_every_piece_of_a_message_passes_the_check(block: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rules", tmp_path, dirs_exist_ok=True)
    (tmp_path / "messages" / "piece.issue.liquid").write_text(block)
    said = (
        "rules:\n  - {name: piece, when: deadline.committed, then: [comment: {to: issue, message: piece}]}\n"
    )
    (tmp_path / "piece.yaml").write_text(said)
    load(tmp_path)


def test_every_message_that_an_example_names_is_shown_or_shipped() -> None:
    """Else it could not be tried as it stands; and one that no example names would never be."""
    for page in PAGES:
        named = set(re.findall(r"message: ([\w-]+)", "".join(blocks(page, "yaml"))))
        shown = {name.partition(".")[0] for name in files_of(page)}
        assert shown <= named, page.name


EMPTY = r"^\*\* |\S  +\S| [,.]|\bto\*\*|\(\)|None|\{\{|\{%"
"""What a variable without a value leaves behind."""

RULES = [example for example in EXAMPLES if "rules" in yaml.safe_load(str(example.values[1]))]


@pytest.mark.parametrize(("page", "block"), RULES)
@pytest.mark.parametrize("change", [Kind.SET, Kind.LATER, Kind.EARLIER, Kind.CLEARED, Kind.OTHER])
def test_an_example_tells_each_deal_once_and_leaves_nothing_empty(
    page: Path, block: str, change: Kind, tmp_path: Path
) -> None:
    """Play what it waits for through the whole of the rules, for two deals of which one closes early."""
    rulebook = load(beside_the_shipped(tmp_path, page, block))
    said = agreed(rulebook, change)
    told = [effect.target.key for effect, _ in said if effect.target != ISSUE]
    assert sorted(told) == sorted(set(told)), "each deal is told once"
    assert {DEAL.key, EARLY.key} == set(told)
    messages = [effect.intent.message for effect, _ in said if effect.target == ISSUE]
    assert len(messages) == len(set(messages))
    for _, text in said:
        assert text and not re.search(EMPTY, text, re.M), text
    shown = {name.partition(".")[0] for name in files_of(page)}
    own = [text for effect, text in said if effect.intent.message in shown]
    assert bool(own) is (change in (Kind.SET, Kind.LATER, Kind.EARLIER)), "it speaks where it should"
    for text in own:
        assert EARLY.name in text and DEAL.name not in text


EARLY = replace(DEAL, subject=deal("SALES-9"), name="Delta Bank", closes=date(2027, 2, 1))
AGREED = {
    Kind.SET: (NOTHING, SPRING),
    Kind.LATER: (WINTER, SPRING),
    Kind.EARLIER: (SUMMER, SPRING),
    Kind.CLEARED: (WINTER, NOTHING),
    Kind.OTHER: (SPRING, replace(SPRING, ref="8", name="March release")),
}


def agreed(rulebook: Rulebook, kind: Kind) -> list[tuple[Effect, str]]:
    """Return what is said, and its words, once product's word is seen in the tracker."""
    old, new = AGREED[kind]
    known = commitment(new, replaces=old, verified=False)
    links = tuple(Link(one.subject, SAM, NOW - timedelta(days=3)) for one in (DEAL, EARLY))
    before = replace(state(new, commitment=known), links=links)
    deals = {one.subject: one for one in (DEAL, EARLY)}
    seen = facts(new, deals=deals)
    made_of = plan(before, {}, seen, rulebook, Mode.ENFORCE, NOW)
    made = []
    for effect in made_of.effects:
        if isinstance(effect.intent, Say):
            told = deals.get(effect.target)
            to = "deals" if told else "issue"
            spoken_of = {told.subject: told} if told else deals
            view = message(effect.intent, seen.issue, spoken_of, ProductVars(), "", told, NOW.date())
            name, plainly = effect.intent.message, lambda markdown: markdown
            text = rulebook.messages.render(name, to, view, encode=plainly, today=NOW.date())
            made.append((effect, text))
    return made


FORMS = [
    pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in sorted(ROOT.glob(".github/**/*.yml"))
]


@pytest.mark.parametrize("page", [*SHOWN, *FORMS])
def test_every_command_exists(page: Path) -> None:
    text = page.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)\b", text, re.M)) <= targets
    for line in re.findall(r"(?:\.venv/bin/|`|^)handshake ([a-z][^`\n#|&]*)", text, re.M):
        if line.split()[0] in ("signoff", "link", "decline"):
            continue  # a command in a Jira comment
        command, words = main, line.split()
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            takes_others = type(command).resolve_command is not click.Group.resolve_command
            if takes_others and words[0].isupper():
                break  # `ledger ISSUE`
            assert words[0] in command.commands, f"{page.name}: handshake {line}"
            command = command.commands[words.pop(0)]
        if not words:
            continue
        options = [option for known in command.params for option in known.opts] + ["--help"]
        for word in re.findall(r"(?<!\S)--[a-z-]+", " ".join(words)):
            assert word in options, f"{page.name}: handshake {line}"


def test_every_option_in_prose_is_one_of_a_command_beside_it() -> None:
    """``--live`` alone between backticks is told of some command; one that none has misleads."""

    def options(command: click.Command) -> set[str]:
        own = {option for known in command.params for option in known.opts}
        return (
            own.union(*map(options, command.commands.values())) if isinstance(command, click.Group) else own
        )

    known = options(main) | {"--help"}
    for page in (page for page in PAGES if page.parent.name != "adr"):  # those speak of pip as well
        for option in re.findall(r"`(--[a-z-]+)[^`]*`", page.read_text()):
            assert option in known, f"{page.name}: {option}"


GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
BY_HAND = ("serve", "demo", "rules check --live")
"""Commands on the pages that go on for ever, or ask GitHub and Jira."""


def shown_commands() -> list[str]:
    found = dict.fromkeys(
        line.strip()
        for page in PAGES
        for block in blocks(page, "sh")
        for line in re.findall(r"^\.venv/bin/handshake ([^#&\n]+)", block, re.M)
    )
    return [line for line in found if not line.startswith(BY_HAND)]


@pytest.mark.parametrize("line", shown_commands())
def test_every_command_on_the_pages_runs(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    monkeypatch.chdir(tmp_path)
    with closing(Database("sqlite:///data/handshake.db")) as database:
        Inbox(database).accept(Delivery("github", GUID, "issues", b"{}", NOW))

    result = CliRunner().invoke(main, shlex.split(line.replace("/backups/", "")))

    assert result.exit_code == 0, result.output


def test_every_setting_is_named_in_the_example_and_in_the_table() -> None:
    parts = (Settings, *(system.settings for system in SYSTEMS))
    names = {str(field.validation_alias) for part in parts for field in part.model_fields.values()}
    for file in (".env.example", "docs/operations.md"):
        said = re.findall(r"\b(?:HANDSHAKE|GITHUB|JIRA)_[A-Z_]+\b", (ROOT / file).read_text())
        assert set(said) == names, file


def test_the_address_of_each_system_is_described_with_the_headers_it_sends() -> None:
    paths = yaml.safe_load((ROOT / "docs/http.yaml").read_text())["paths"]
    described = {path: set() for path in paths if path.startswith("/webhooks/")}
    for path, headers in described.items():
        headers |= {header["name"] for header in paths[path]["post"]["parameters"]}

    declared = {}
    for system in SYSTEMS:
        source, scheme = system.source, system.source.scheme
        declared[f"/webhooks/{system.name}"] = {scheme.header, scheme.time, source.event, source.id} - {""}
    assert described == declared
