"""What receives cannot come to know what works: import-linter finds each such import in a copy."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FORBIDDEN = {
    "webhooks/receiver.py": ["automation.engine.worker", "automation.adapters.github.client"],
    "webhooks/signatures.py": ["automation.store.database"],
    "automation/app/settings.py": ["automation.engine.facts"],
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy in which all of these are imported."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in ("automation", "webhooks"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file, modules in FORBIDDEN.items():
        path = copy / file
        path.write_text(path.read_text() + "".join(f"\nimport {module}  # noqa\n" for module in modules))
    ended = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=copy,
        env={"PYTHONPATH": str(copy), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 1, ended.stdout
    return ended.stdout


@pytest.mark.parametrize(
    ("file", "module"), [(file, module) for file, modules in FORBIDDEN.items() for module in modules]
)
def test_an_import_that_would_join_the_edge_to_the_work_is_refused(said: str, file: str, module: str) -> None:
    importer = file.removesuffix(".py").replace("/", ".")
    assert f"{importer} -> {module} (l." in said
