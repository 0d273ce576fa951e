"""Plays the demo, and puts what people see of two of its steps into the README."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
BEGINS = "This is a part of what you see:\n\n```\n"
SHOWN = ("gives it the milestone", "because existing accounts")
"""What the first lines of the steps say that are shown."""
NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


def excerpt(told: str) -> str:
    """Return the steps that are shown, and between them how many are not."""
    steps = re.split(r"^─+\n", told, flags=re.M)
    first, second = (next(n for n, step in enumerate(steps) if what in step) for what in SHOWN)
    left_out = NUMBERS[second - first - 1]
    return f"{steps[first].rstrip()}\n\n  … {left_out} steps later …\n\n{steps[second].rstrip()}\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rules").symlink_to(ROOT / "rules")
        played = subprocess.run(  # noqa: S603
            [str(Path(sys.executable).parent / "handshake"), "demo", "--exit"],
            cwd=folder,
            env={**os.environ, "HANDSHAKE_PORT": "0", "COLUMNS": "80", "HANDSHAKE_MODE": "enforce"},
            capture_output=True,
            text=True,
            check=True,
        )
    readme = ROOT / "README.md"
    before, begins, rest = readme.read_text().partition(BEGINS)
    _, _, after = rest.partition("```\n")
    readme.write_text(f"{before}{begins}{excerpt(played.stdout)}```\n{after}")


if __name__ == "__main__":
    main()
