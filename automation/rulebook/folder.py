"""The files of a rules folder: which there are, and whether they are still the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path

PATTERNS = ("*.yaml", "*.yml")


def fingerprint(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return names, times (ns) and sizes of the folder's files: cheap, and different after a change. A
    folder that cannot be read has none, which shows as a change, too."""
    seen = []
    for place, start, patterns in ((folder, "", PATTERNS), (folder / "messages", "messages/", ("*.liquid",))):
        with suppress(OSError):
            names = [name for name in os.listdir(place) if _shown(name, patterns)]
            for name in names:
                with suppress(OSError):  # taken away while we look, or a link to nowhere
                    stat = os.stat(f"{place}/{name}")
                    seen.append((start + name, stat.st_mtime_ns, stat.st_size))
    return tuple(sorted(seen))


def files(folder: Path, *patterns: str) -> list[Path]:
    """Return the files directly in ``folder``. Raise OSError where they cannot be seen."""
    return [path for path in entries(folder, *patterns) if path.is_file()]


def entries(folder: Path, *patterns: str) -> list[Path]:
    """Return what is directly in ``folder``, also what is no file, without what is hidden: editors keep
    their drafts there. Raise OSError where it cannot be seen."""
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(folder / name for name in names if _shown(name, patterns))


def _shown(name: str, patterns: Sequence[str]) -> bool:
    return not name.startswith(".") and any(fnmatch(name, pattern) for pattern in patterns)


def _all_files(folder: Path) -> list[Path]:
    return files(folder, *PATTERNS) + files(folder / "messages", "*.liquid")


def digest(folder: Path) -> str:
    """Return what changes with any byte of the folder's files."""
    sha256 = hashlib.sha256()
    for path in _all_files(folder):
        content = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        sha256.update(f"{name}\0{len(content)}\0".encode(errors="surrogateescape"))
        sha256.update(content)
    return sha256.hexdigest()
