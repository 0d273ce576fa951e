"""What is measured, beside its limit, as a table: on the terminal as it grows, and in README.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).with_name("README.md")
BEGINS, ENDS = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. ``limit`` was measured in the same run: what no code of ours could do better than, and
    what that is; ``share`` is how much of it is reached; ``target`` what we want."""

    what: str
    measured: str
    limit: str = ""
    share: str = ""
    target: str = ""


def share(measured: float, limit: float) -> str:
    """Say how much of ``limit`` is reached; both are better when they are higher."""
    return f"{measured / limit:.0%}" if limit else ""


def times(measured: float, limit: float) -> str:
    """Say how many times as long as ``limit`` it took."""
    return f"{measured / limit:.1f} ×" if limit else ""


def at(waits: Sequence[float], part: float) -> float:
    """Return the wait (seconds) that this part of all did not exceed."""
    found = sorted(waits)
    return found[min(len(found) - 1, int(len(found) * part))] if found else 0.0


def waits(seconds: Sequence[float], *parts: float) -> str:
    """Write the wait that each of ``parts`` of all (0.5, 0.99) did not exceed; 1 is the longest."""
    named = (f"{'max' if part == 1 else f'p{part * 100:.0f}'} {ms(at(seconds, part))}" for part in parts)
    return ", ".join(named)


def ms(seconds: float) -> str:
    """Write a time in milliseconds, with as many digits as mean something."""
    return f"{seconds * 1e3:.{0 if seconds >= 0.0995 else 1 if seconds >= 0.001 else 2}f} ms"


def markdown(title: str, rows: Iterable[Row]) -> str:
    """Write a table."""
    lines = [
        f"### {title}",
        "",
        "| Figure | Measured | Limit, same run | Share | Target |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {r.what} | {r.measured} | {r.limit} | {r.share} | {r.target} |" for r in rows]
    return "\n".join(lines)


def keep(text: str) -> None:
    """Put ``text`` between the marks of README.md."""
    old = README.read_text()
    before, rest = old.split(BEGINS)
    _, after = rest.split(ENDS)
    README.write_text(f"{before}{BEGINS}\n\n{text}\n\n{ENDS}{after}")
