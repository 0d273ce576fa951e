"""A fresh checkout sets itself up, or says in two lines what is missing; and the locks lock."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tomllib
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from pytest_socket import SocketConnectBlockedError

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "cat", "cksum", "dirname", "mkdir", "rm", "chmod")

# Stands in for a Python: answers yes or no, and makes a .venv whose Python notes what it is told.
PYTHON = """#!/bin/sh
case "$*" in
  *"sys.version_info <"*) exit {too_old} ;;
  *"import venv"*) exit {no_venv} ;;
  *"print("*) echo python3.12 ;;
  "-m venv .venv")
    mkdir -p .venv/bin
    printf '#!/bin/sh\\n[ "$1" = -c ] || echo "$*" >> {notes}\\n[ ! -e {broken} ] || [ "$1" = -c ]\\n' \\
      > .venv/bin/python
    chmod +x .venv/bin/python ;;
esac
"""


class Machine:
    """A computer with a checkout and the Pythons it is given, and no others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkout = folder / "checkout"
        self.notes = folder / "notes"
        self.broken = folder / "broken"
        self.bin = folder / "bin"
        self.bin.mkdir()
        (self.checkout / "tools").mkdir(parents=True)
        shutil.copy(ROOT / "tools" / "setup", self.checkout / "tools")
        self.lock = self.checkout / "requirements-dev.lock"
        self.lock.write_text("flask==3.1.3\n")
        self.project = self.checkout / "pyproject.toml"
        self.project.write_text("[project]\n")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or tool)

    def add(self, name: str, *, too_old: bool = False, no_venv: bool = False) -> Machine:
        self.add_script(
            name,
            PYTHON.format(too_old=int(too_old), no_venv=int(no_venv), notes=self.notes, broken=self.broken),
        )
        return self

    def add_script(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def move(self) -> None:
        self.checkout = self.checkout.rename(self.folder / "elsewhere")

    def set_up(self, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", self.checkout / "tools" / "setup"],
            env={"PATH": str(self.bin), **settings},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def installed(self) -> list[str]:
        """Return what pip was told since the last time."""
        told = self.notes.read_text().splitlines() if self.notes.exists() else []
        self.notes.unlink(missing_ok=True)
        return told


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def two_lines(done: subprocess.CompletedProcess[str]) -> str:
    """Check that this stopped with a plain message of two lines, and return it."""
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 2, done.stderr
    return done.stderr


def test_it_installs_what_is_locked_and_then_the_project(machine: Machine) -> None:
    done = machine.add("python3").set_up()
    assert done.returncode == 0, done.stderr
    dependencies, project = machine.installed()
    assert "--require-hashes -r requirements-dev.lock" in dependencies
    assert "--no-index --no-deps --no-build-isolation --editable ." in project


def test_a_python_that_is_on_the_path_but_does_not_run_is_passed_over(machine: Machine) -> None:
    machine.add_script("python3.13", "#!/bin/sh\necho 'python3.13: command not found' >&2\nexit 127\n")
    done = machine.add("python3.12").set_up()
    assert done.returncode == 0
    assert "with python3.12" in done.stderr
    assert "not found" not in done.stderr


def test_a_python_with_venv_is_preferred_to_a_newer_one_without(machine: Machine) -> None:
    done = machine.add("python3.13", no_venv=True).add("python3.11").set_up()
    assert done.returncode == 0
    assert "with python3.11" in done.stderr


def test_without_a_python_it_says_what_to_install(machine: Machine) -> None:
    message = two_lines(machine.set_up())
    assert "3.11 or newer" in message
    assert "apt-get install python3" in message


def test_an_old_python_is_no_python(machine: Machine) -> None:
    assert "3.11 or newer" in two_lines(machine.add("python3", too_old=True).set_up())


def test_without_venv_it_says_what_to_install(machine: Machine) -> None:
    message = two_lines(machine.add("python3", too_old=True).add("python3.12", no_venv=True).set_up())
    assert "python3.12 has no venv module" in message
    assert "apt-get install python3-venv (or python3.12-venv)" in message


def test_a_named_python_is_the_one_used(machine: Machine) -> None:
    machine.add("python3.13").add("my own python")
    assert "with my own python" in machine.set_up(PYTHON="my own python").stderr


def test_a_named_python_that_is_too_old_is_not_replaced_by_another(machine: Machine) -> None:
    machine.add("python3.13").add("python3.9", too_old=True)
    assert "tried: python3.9." in two_lines(machine.set_up(PYTHON="python3.9"))


def test_what_is_done_is_not_done_again(machine: Machine) -> None:
    machine.add("python3").set_up()
    machine.installed()
    again = machine.set_up()
    assert (again.returncode, again.stderr) == (0, "")
    assert machine.installed() == []


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(lambda m: m.lock.write_text("flask==3.1.4\n"), id="another lock"),
        pytest.param(lambda m: m.project.write_text("[build-system]\n"), id="another pyproject"),
        pytest.param(lambda m: (m.checkout / ".venv/bin/python").unlink(), id="Python gone"),
        pytest.param(lambda m: m.move(), id="checkout moved"),
    ],
)
def test_it_is_done_again_when_something_changed(
    machine: Machine, happens: Callable[[Machine], object]
) -> None:
    machine.add("python3").set_up()
    machine.installed()
    happens(machine)
    assert machine.set_up().returncode == 0
    assert len(machine.installed()) == 2


def test_a_failed_installation_says_so_and_is_tried_again(machine: Machine) -> None:
    machine.broken.touch()
    done = machine.add("python3").set_up()
    assert done.returncode == 2
    assert "Check the connection" in done.stderr
    machine.installed()
    machine.broken.unlink()
    assert machine.set_up().returncode == 0
    assert len(machine.installed()) == 2


# ---------------------------------------------------------------- the locks


def locked(name: str) -> dict[str, str]:
    """Return version by package, having checked that each has a hash."""
    text = (ROOT / name).read_text()
    entry = r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==(\S+)[^\n]*((?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+)"
    entries = re.findall(entry, text, re.M)
    assert len(entries) == len(re.findall(r"^[^\s#]", text, re.M))
    return {package: version for package, version, _ in entries}


@pytest.mark.parametrize(
    ("lock", "groups"), [("requirements.lock", ["build"]), ("requirements-dev.lock", ["build", "dev"])]
)
def test_a_lock_has_all_that_pyproject_asks_for(lock: str, groups: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = list(project["project"]["dependencies"])
    for group in groups:
        wanted += project["dependency-groups"][group]
    versions = locked(lock)
    for requirement in map(Requirement, wanted):
        version = versions[requirement.name.lower()]
        assert requirement.specifier.contains(version), f"run make lock: {requirement}, locked {version}"


def test_an_extra_that_a_package_asks_for_is_locked_as_such() -> None:
    """Otherwise pip takes the newest release for it, and setting up breaks on the day there is one."""
    lock = (ROOT / "requirements-dev.lock").read_text()
    asked = set()
    for package in locked("requirements-dev.lock"):
        with suppress(PackageNotFoundError):  # for another platform
            for each in map(Requirement, requires(package) or ()):
                if each.extras and (each.marker is None or each.marker.evaluate({"extra": ""})):
                    asked.add(f"{each.name}[{','.join(sorted(each.extras))}]")
    assert "coverage[toml]" in asked
    for each in asked:
        assert f"\n{each}==" in lock, f"run make lock: {each}"


def test_what_is_tested_is_what_runs() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()


def test_no_address_gets_into_a_lock() -> None:
    for lock in ROOT.glob("*.lock"):
        assert not re.search(r"://|^-", lock.read_text(), re.M)


def test_actions_are_pinned_to_a_commit() -> None:
    workflows = "".join(file.read_text() for file in ROOT.glob(".github/workflows/*.yml"))
    uses = re.findall(r"uses: (\S+)", workflows)
    assert uses
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", one) for one in uses)


def test_tests_reach_no_other_machine() -> None:
    # Newer versions warn before they raise, and warnings are errors here.
    blocked = pytest.raises((SocketConnectBlockedError, UserWarning), match="tried to use socket")
    with blocked, socket.socket() as outside:
        outside.connect(("192.0.2.1", 9))
