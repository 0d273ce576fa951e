"""Each import contract of pyproject.toml fails where somebody imports what it forbids, in a copy."""

from __future__ import annotations

import shutil
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from importlinter import Contract, ContractCheck
from importlinter.api import use_cases

ROOT = Path(__file__).parents[3]
PACKAGES = ("automation", "webhooks")
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
    "importlinter"
]["contracts"]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if path.name != "__init__.py"
)


@dataclass(frozen=True)
class Copy:
    """A copy of the code, looked at by import-linter."""

    folder: Path

    def report(self) -> Iterator[tuple[Contract, ContractCheck]]:
        """Check each contract."""
        options = use_cases.read_user_options(str(self.folder / "pyproject.toml"))
        report = use_cases.create_report(options, cache_dir=str(self.folder / "cache"))
        yield from report.get_contracts_and_checks()

    def broken_by(self, module: str, forbidden: str) -> set[str]:
        """Return the names of the contracts that do not hold while ``module`` imports ``forbidden``."""
        with self.importing(module, forbidden):
            return {contract.name for contract, check in self.report() if not check.kept}

    @contextmanager
    def importing(self, module: str, forbidden: str) -> Iterator[None]:
        """Let ``module`` import ``forbidden`` meanwhile."""
        file = self.folder.joinpath(*module.split(".")).with_suffix(".py")
        before = file.read_text() if file.exists() else None
        try:
            file.write_text(f"{before or ''}\nimport {forbidden}\n")
            yield
        finally:
            file.unlink() if before is None else file.write_text(before)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """A copy that is sound, and found under the names of our packages."""
    folder = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        for package in PACKAGES:
            monkeypatch.delitem(sys.modules, package, raising=False)
        monkeypatch.syspath_prepend(folder)
        sound = use_cases.lint_imports(str(folder / "pyproject.toml"), cache_dir=str(folder / "cache"))
        assert sound
        yield Copy(folder)


# ---------------------------------------------------------------- what must fail, and may not come back


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("automation.engine.reconcile", "automation.adapters.github.client"),
        ("automation.engine.executor", "automation.adapters.jira.tracker"),
        ("automation.engine.worker", "github"),
        ("automation.engine.facts", "sqlalchemy"),
        ("automation.engine.reconcile", "automation.store.queue"),
        ("automation.app.settings", "automation.engine.facts"),
        ("webhooks.receiver", "automation.engine.worker"),
        ("webhooks.receiver", "automation.adapters.marks"),
        ("webhooks.signatures", "automation.store.database"),
        ("automation.text.dates", "automation.domain.signoffs"),
        ("automation.domain.scope", "automation.domain.plan_builder"),
        ("automation.adapters.github.triggers", "requests"),
        ("automation.adapters.jira.triggers", "requests"),
        ("automation.stray", "automation.model"),
    ],
)
def test_such_an_import_fails(copy: Copy, module: str, forbidden: str) -> None:
    assert len(copy.broken_by(module, forbidden)) >= 1


def test_a_module_that_may_be_imported_breaks_nothing(copy: Copy) -> None:
    assert copy.broken_by("automation.engine.facts", "automation.domain.scope") == set()


# ---------------------------------------------------------------- each contract, whatever it says


def inside(*patterns: str) -> list[str]:
    """Return the modules that a contract means by these names: each with what is below it."""
    return [
        one
        for one in MODULES
        if any(fnmatchcase(one, each) or fnmatchcase(one, f"{each}.*") for each in patterns)
    ]


def target(forbidden: str) -> str:
    """Return a module to import for what a contract forbids."""
    return next(iter(inside(forbidden)), forbidden)


FORBIDDEN = [
    pytest.param(contract["name"], source, forbidden, id=f"{contract['name']}: {forbidden}")
    for contract in CONTRACTS
    if contract["type"] == "forbidden"
    for source in [next(one for one in inside(*contract["source_modules"]))]
    for forbidden in contract["forbidden_modules"]
]


@pytest.fixture(scope="module")
def caught(copy: Copy) -> set[tuple[str, str, str]]:
    """What is found where all that contracts forbid is imported at once: contract, importer, imported."""
    wanted = [(case.values[1], target(case.values[2])) for case in FORBIDDEN]
    with ExitStack() as stack:
        for source, forbidden in wanted:
            stack.enter_context(copy.importing(source, forbidden))
        return {
            (contract.name, step["importer"], step["imported"])
            for contract, check in copy.report()
            for found in check.metadata.get("invalid_chains", ())
            for chain in found["chains"]
            for step in chain
            if len(chain) == 1
        }


@pytest.mark.parametrize(("contract", "source", "forbidden"), FORBIDDEN)
def test_whatever_a_contract_forbids_breaks_it(
    caught: set[tuple[str, str, str]], contract: str, source: str, forbidden: str
) -> None:
    assert (contract, source, target(forbidden)) in caught


LAYERS = [
    pytest.param(contract["name"], f"{container}.{lower}", f"{container}.{upper}", id=f"{lower}, {upper}")
    for contract in CONTRACTS
    if contract["type"] == "layers"
    for container in contract.get("containers", [""])
    for above, below in zip(contract["layers"], contract["layers"][1:], strict=False)
    for upper, lower in [(above.split(" | ")[0].strip("()"), below.split(" | ")[-1].strip("()"))]
]


@pytest.mark.parametrize(("contract", "lower", "upper"), LAYERS)
def test_no_layer_imports_the_one_above(copy: Copy, contract: str, lower: str, upper: str) -> None:
    assert contract in copy.broken_by(inside(lower)[0], inside(upper)[0])


def test_every_contract_is_tried() -> None:
    tried = {case.values[0] for case in [*FORBIDDEN, *LAYERS]}
    assert {contract["name"] for contract in CONTRACTS} == tried
