"""The command grammar: whole lines of a comment that begin with a slash and a known word. In Jira, whose
editor opens a menu on ``/``, the word ``handshake`` can stand for the slash.

Each command declares how it is written, who may use it, and an example; the documentation is made from
that. Unknown words are not commands and are passed over; what is nearly a command is read as such, so that
whoever wrote it can be told. This is the one reader: the webhook's, the catch-up's and the single comment's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from automation.domain import field_names, near_misses
from automation.model import Command, DeadlineField
from automation.text import typed_dates, typed_names

LONGEST_LINE = 1000
WORD_FOR_SLASH = frozenset({"jira"})
"""The systems in which the word ``handshake`` can stand for the slash; elsewhere such a line is prose."""

_LINE = re.compile(r"(/|handshake\s+)([a-z]+)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_BECAUSE = re.compile(r"(?:^|\s)because\b[\s:,]*(.*)$", re.IGNORECASE | re.DOTALL)
_TOKEN = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Grammar:
    """One command: ``usage`` as people read it, ``who`` may use it, an ``example`` for the documentation,
    a ``form`` to be filled in that is never a command as it stands, what it does."""

    usage: str
    who: str
    example: str
    form: str
    does: str


GRAMMAR = {
    "link": Grammar(
        "/link <deal>",
        "whoever may_link allows",
        "/link SALES-7",
        "/link <key or address>",
        "Links the issue to a deal, by its key or address.",
    ),
    "unlink": Grammar(
        "/unlink <deal>",
        "whoever may_link allows",
        "/unlink SALES-7",
        "/unlink <key or address>",
        "Ends the link. What was promised for the deal goes on until product releases it.",
    ),
    "ask": Grammar(
        "/ask [field] <date> [because …]",
        "whoever may_link allows",
        "/ask 2027-03-01 because the customer starts then",
        "/ask YYYY-MM-DD",
        "Asks product for a date, without changing the field; for that of a milestone or a version itself"
        " where the words name it.",
    ),
    "withdraw": Grammar(
        "/withdraw [field] [because …]",
        "whoever asked",
        "/withdraw because the customer can wait",
        "/withdraw YYYY-MM-DD",
        "Takes back the date one has asked for.",
    ),
    "signoff": Grammar(
        "/signoff [field] [date] [because …]",
        "product",
        "/signoff 2027-03-01",
        "/signoff YYYY-MM-DD",
        "Agrees to the date that was asked for; another date offers that one; `none` agrees to no date.",
    ),
    "decline": Grammar(
        "/decline [field] [because …]",
        "product",
        "/decline because the export has to come first",
        "/decline YYYY-MM-DD",
        "Says no to the date that was asked for. What was agreed before goes on.",
    ),
    "override": Grammar(
        "/override [field] <date> because …",
        "whoever the policy's may_override allows",
        "/override 2027-03-01 because the contract is signed for that day",
        "/override YYYY-MM-DD because …",
        "Lets a date stand that product has not agreed to, also that of a milestone or a version. Product is"
        " asked, and both sides read that it has not agreed.",
    ),
    "name": Grammar(
        "/name [name for customers]",
        "product, or whoever may_link allows",
        "/name Single sign-on",
        "/name <a few words>",
        "Says what customers may read this called. Without words it takes the name away.",
    ),
    "user": Grammar(
        "/user <name, what they do, how to reach them>",
        "product, whoever may_link allows, or the owner of a deal",
        "/user Ada Lovelace, head of IT, ada@delta.example",
        "/user <name, what they do, how to reach them>",
        "Notes somebody at the customer whom product may talk to. Deals are not asked for one any more.",
    ),
    "problem": Grammar(
        "/problem <in the user's own words>",
        "product, whoever may_link allows, or the owner of a deal",
        "/problem I sign in to nine tools every morning",
        "/problem <in the user's own words>",
        "Notes what a user wants solved. With `discovery: required` no date is agreed before that was said.",
    ),
}

ANSWERING = ("signoff", "decline", "withdraw", "override")
"""Commands that say what becomes of a date, as against asking for one."""

REASONED = ("decline", "withdraw")
"""After these words prose is the reason, also without ``because``; after ``signoff`` it may be an “if”."""


def parse(
    lines: Iterable[str], system: str, today: date, fields: Sequence[DeadlineField] = ()
) -> list[Command]:
    """Read the commands in ``lines`` (plain text, as an adapter's markup gives them), and what nearly is one.

    ``system`` is where they were written, ``today`` when: a date without its year is the next such day.
    ``fields`` are the deadline fields of the issue; those that others have are known, too.
    """
    return [command for line in lines if (command := _read(line.strip(), system, today, fields))]


def heard(lines: Iterable[str], system: str, anybody: bool = False) -> bool:
    """Tell whether ``lines`` hold a command or nearly one. ``anybody``: who we are is not known here, nor how
    the text is shown, so that all that may be one counts."""
    for line in lines:
        line = near_misses.to_us(line.strip()) if anybody else line.strip()
        if _read(line, system, date.min, (), anybody):
            return True
    return False


def _read(
    line: str, system: str, today: date, fields: Sequence[DeadlineField], doubtful: bool = False
) -> Command | None:
    # Cut short, "/signoff … but only if" would read as a plain yes: an overlong line is no command.
    if len(line) > LONGEST_LINE:
        return None
    word_for_slash = system in WORD_FOR_SLASH
    match = _LINE.fullmatch(line)
    if match and match[2].lower() in GRAMMAR and (match[1] == "/" or word_for_slash):
        return _command(match[2].lower(), (match[3] or "").strip(), today, fields)
    near = near_misses.read(line, word_for_slash)
    if near is None:
        return None
    command = _command(near.word, near.rest, today, fields)
    if near.prose and (command.day is None or command.problem or command.because):
        return None
    unread = bool(command.problem) or command.prose
    if near.doubtful and unread and not (doubtful or typed_dates.mentions(near.rest)):
        return None
    # Shown again is how it was called, and no reason or deal: those may be for fewer people's eyes.
    named = line[: len(line) - len(near.rest)] if near.word in ("link", "unlink") else _BECAUSE.sub("", line)
    meant = Command(near.word, near=named.strip())
    return meant if command.problem else replace(command, near=meant.near, deal="", because="")


def _command(word: str, rest: str, today: date, fields: Sequence[DeadlineField]) -> Command:
    if word in ("link", "unlink"):
        deal = rest.strip("<>")
        if not deal or len(deal.split()) > 1:
            return Command(word, problem="Name one deal, by its key or its address.")
        return Command(word, deal=deal)
    if word in typed_names.READ:
        text, problem = typed_names.READ[word](rest)
        return Command(word, problem=problem) if problem else Command(word, text=text)
    because = ""
    reason = _BECAUSE.search(rest)
    if reason:
        because, rest = reason[1].strip(), rest[: reason.start()].strip()
    command, left = _structured(Command(word, because=because), rest, today, fields)
    if command.problem or not left:
        if word == "ask" and command.day is None and not command.problem:
            return Command(word, problem="Name the date you ask for.")
        if word == "override" and not command.problem:
            return _with_reason(command)
        return command
    if word not in REASONED:
        return Command(word, problem=_not_read(left.split()[0], fields))
    if typed_dates.mentions(left):
        # It may be an answer to another date than the one that waits.
        return Command(word, problem="Please put the word “because” before the reason.")
    return replace(command, because=f"{left} because {because}" if because else left, prose=True)


def _with_reason(command: Command) -> Command:
    """Let a date stand without product's word only where it is named, and said why."""
    if command.day is None and not command.nothing:
        return Command(command.word, problem="Name the date that should stand.")
    return command if command.because else Command(command.word, problem="Say why, after the word “because”.")


def _not_read(token: str, fields: Sequence[DeadlineField]) -> str:
    """Say what could not be read, and what can be, where an issue has several dates."""
    if len(fields) < 2:
        return f"I could not read “{token}”. Please write the date as year, month and day."
    here = ", ".join(field.label for field in fields)
    return f"I could not read “{token}”. The dates of this issue are: {here}."


def _structured(
    command: Command, rest: str, today: date, fields: Sequence[DeadlineField]
) -> tuple[Command, str]:
    """Read the field and the date that ``rest`` begins with. Return what is left."""
    word = command.word
    while rest:
        named_field = None if command.field else field_names.read(rest, fields)
        if named_field and len(named_field.fields) == 1:
            command = replace(command, field=named_field.fields[0].id)
            rest = rest[named_field.end :].lstrip()
            continue
        if named_field and not (word in REASONED and not named_field.fields):
            return Command(word, problem=_unclear_name(named_field, fields)), ""
        token = _TOKEN.match(rest)
        named = token[0].lower().rstrip(".,;!") if token else ""
        left = rest[token.end() :].lstrip() if token else ""
        typed = None if command.day or command.nothing else typed_dates.read(rest, today)
        if named == "none" and not command.nothing and command.day is None:
            if left and word in REASONED:
                break  # "none of this works" is prose
            command = replace(command, nothing=True)
        elif typed and typed.problem:
            if word in REASONED and rest[typed.end :].strip():
                break
            return Command(word, problem=typed.problem, readings=typed.readings), ""
        elif typed:
            left = rest[typed.end :].lstrip()
            command = replace(command, day=typed.day, yearless=not typed.year, spelled=not typed.iso)
        else:
            break
        rest = left
    return command, rest


def _unclear_name(named: field_names.Named, fields: Sequence[DeadlineField]) -> str:
    """Say that nothing here is called so, or by which ids those go that are."""
    if not named.fields:
        return _not_read(named.name, fields)
    ids = " or ".join(field.id for field in named.fields)
    return f"Several dates are called “{named.name}”. Please name one of them by its id: {ids}."
