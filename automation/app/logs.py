"""One line per thing that happened, for people on a terminal and for machines elsewhere.

What came from outside cannot do anything to a terminal, or pass for another line. Payloads and customer
texts are never logged; secrets that are known by value are blotted out
wherever they might slip in (an error text of a library, for one).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import structlog

from automation.text import inert

SHORTEST_SECRET = 6


def set_up(secrets: Iterable[str], stream: TextIO = sys.stderr) -> None:
    """Send all log lines to ``stream``: coloured on a terminal, ``key=value`` elsewhere."""
    blot = _Blot(line for secret in secrets for line in secret.splitlines() if len(line) >= SHORTEST_SECRET)
    render: Any = (
        structlog.dev.ConsoleRenderer(pad_event_to=0)
        if stream.isatty()
        else structlog.processors.LogfmtRenderer(key_order=["at", "level", "event"])
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _without_nothing,
            structlog.processors.format_exc_info,  # into text, for what comes next
            blot,
            _inert,
            render,
        ],
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


class _Blot:
    """Makes every value a text without secrets. A key of several lines is known by each of them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted(set(secrets), key=len, reverse=True)

    def __call__(self, _logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in line.items():
            if isinstance(value, bool | int | float):
                continue
            text = str(value)
            for secret in self._secrets:
                text = text.replace(secret, "***")
            line[key] = text
        return line


def _inert(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Write out what a terminal would obey, or would make two lines of one."""
    for key, value in line.items():
        if isinstance(value, str):
            line[key] = inert.lines(value) if key == "exception" else inert.line(value)
    return line


def _without_nothing(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in line.items() if value is not None and value != ""}
