"""The command grammar: whole lines of a comment that begin with a slash and a known word. In Jira, whose
editor opens a menu on ``/``, the word ``handshake`` can stand for the slash.

Each command declares how it is written, who may use it, and an example; the documentation and
the helpful replies are made from that. Unknown words are not commands and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from automation.deadlines import LABELS
from automation.model import Command

LONGEST_LINE = 1000
STARTS = ("/", "handshake ")
"""What a line begins with that may be a command."""
_LINE = re.compile(r"(?:/|handshake\s+)([a-z]+)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_BECAUSE = re.compile(r"(?:^|\s)because\b[\s:,]*(.*)$", re.IGNORECASE | re.DOTALL)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Grammar:
    """One command: ``usage`` as people read it, ``who`` may use it, a line that works, what it does."""

    usage: str
    who: str
    example: str
    does: str


GRAMMAR = {
    "link": Grammar(
        "/link <deal>",
        "whoever may_link allows",
        "/link SALES-7",
        "Links the issue to a deal, by its key or address.",
    ),
    "unlink": Grammar(
        "/unlink <deal>",
        "whoever may_link allows",
        "/unlink SALES-7",
        "Ends the link. What was promised for the deal goes on until product releases it.",
    ),
    "ask": Grammar(
        "/ask [field] <date> [because …]",
        "whoever may_link allows",
        "/ask 2027-03-01 because the customer starts then",
        "Asks product for a date, without changing the field.",
    ),
    "withdraw": Grammar(
        "/withdraw [field] [because …]",
        "whoever asked",
        "/withdraw because the customer can wait",
        "Takes back the date one has asked for.",
    ),
    "signoff": Grammar(
        "/signoff [field] [date] [because …]",
        "product",
        "/signoff 2027-03-01",
        "Agrees to the date that was asked for; another date offers that one; `none` agrees to no date.",
    ),
    "decline": Grammar(
        "/decline [field] [because …]",
        "product",
        "/decline because the export has to come first",
        "Says no to the date that was asked for. What was agreed before goes on.",
    ),
}


def parse(lines: Iterable[str]) -> list[Command]:
    """Read the commands in ``lines`` (plain text, as an adapter's markup gives them)."""
    commands = []
    for line in lines:
        # Cut short, "/signoff … but only if" would read as a plain yes: an overlong line is no command.
        match = _LINE.fullmatch(line.strip()) if len(line) <= LONGEST_LINE else None
        if match and match[1].lower() in GRAMMAR:
            commands.append(_command(match[1].lower(), (match[2] or "").strip()))
    return commands


def _command(word: str, rest: str) -> Command:
    if word in ("link", "unlink"):
        deal = rest.strip("<>")
        if not deal or len(deal.split()) > 1:
            return Command(word, problem="Name one deal, by its key or its address.")
        return Command(word, deal=deal)
    because = ""
    reason = _BECAUSE.search(rest)
    if reason:
        because, rest = reason[1].strip(), rest[: reason.start()].strip()
    field, day, nothing = "", None, False
    for token in rest.split():
        if token.lower() in LABELS and not field:
            field = token.lower()
        elif token.lower() == "none" and day is None:
            nothing = True
        elif _DAY.fullmatch(token) and day is None and not nothing:
            try:
                day = date.fromisoformat(token)
            except ValueError:
                return Command(word, problem=f"{token} is not a day of the calendar.")
        else:
            return Command(word, problem=f"I could not read “{token}”. Write a date like 2027-03-01.")
    if word == "ask" and day is None:
        return Command(word, problem="Name the date you ask for.")
    return Command(word, field=field, day=day, nothing=nothing, because=because)
