"""The files of a rules folder: which there are, whether they are still the same, and what stands in them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

from automation.model import RulesText

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


def read(folder: Path) -> RulesText:
    """Return the files of a folder as they are now. Raise OSError, UnicodeDecodeError for what is no text."""
    sha256 = hashlib.sha256()
    found = {}
    for path in _all_files(folder):
        content = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        sha256.update(f"{name}\0{len(content)}\0".encode(errors="surrogateescape"))
        sha256.update(content)
        found[name] = content.decode("utf-8")
    return RulesText(Path(os.path.abspath(folder)).name, sha256.hexdigest(), found)


@contextmanager
def unpacked(text: RulesText) -> Iterator[Path]:
    """Give a folder with these files for a while. Raise ValueError for a name that would lead out of it."""
    with TemporaryDirectory() as place:
        folder = Path(place) / text.folder
        if folder.resolve().parent != Path(place).resolve():
            raise ValueError(f"'{text.folder}' is no name of a folder")
        (folder / "messages").mkdir(parents=True)
        for name, content in text.files.items():
            path = folder / name
            if path.parent not in (folder, folder / "messages") or path.name in ("", ".."):
                raise ValueError(f"'{name}' is no file of a rules folder")
            path.write_bytes(content.encode("utf-8"))
        yield folder
