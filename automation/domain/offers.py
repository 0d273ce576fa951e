"""What a reply offers to paste: what is asked for, in this tracker's spelling; never a date that nobody
named, and never a day that has passed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from automation.domain import field_names, near_misses
from automation.domain.commands import GRAMMAR, WORD_FOR_SLASH
from automation.domain.fields import by_id, carried_by, declared, fields_known, fields_of, of_issues
from automation.domain.plan_builder import PlanBuilder
from automation.model import (
    CARRIER,
    NOTHING,
    Command,
    DeadlineField,
    Event,
    Proposal,
    Subject,
    Value,
    Written,
)
from automation.text.dates import dated
from automation.text.typed_dates import coming

NAMING = ("signoff", "ask", "override")
"""Commands that put a date forward; the others only say which one they are about."""
BY_NAME = ("ask", "override")
"""Commands that have to name a carrier's own date, as without it they are about the issue they stand on."""


def command_for(
    subject: Subject, fields: Sequence[DeadlineField], field: str, value: Value, word: str = "signoff"
) -> str:
    """Return the line that answers for ``value``: always with its date, and with its field where the issue
    has other ``fields``. In Jira, whose editor opens a menu on a slash, it begins with ``handshake``."""
    day = value.day.isoformat() if value.day else "none"
    if subject.kind == CARRIER and word in BY_NAME:
        return typed(subject, f"/{word} {field_names.typed(declared(field, subject.system), ())} {day}")
    if all(one.id == field for one in fields):
        return typed(subject, f"/{word} {day}")
    named = by_id(fields).get(field) or declared(field, subject.system)
    return typed(subject, f"/{word} {field_names.typed(named, fields)} {day}")


def of_carrier(subject: Subject, command: Command) -> str:
    """Return the line with this command's word and date that is about the own date of what an issue stands
    on; nothing where it names no day."""
    own = carried_by(subject.system)
    value = Value(day=command.day) if command.day else NOTHING
    return command_for(subject, of_issues(subject.system), own.id, value, command.word) if value.day else ""


def typed(subject: Subject, command: str) -> str:
    """Write a command as this tracker's people can type it."""
    return f"handshake {command[1:]}" if subject.system in WORD_FOR_SLASH else command


def form(subject: Subject, word: str) -> str:
    """Return a line to be filled in: as it stands it is no command."""
    return typed(subject, GRAMMAR[word].form)


def passed(value: Value, today: date) -> bool:
    """Tell whether the day that a value promises has passed."""
    return value.day is not None and value.day < today


def question(day: date, today: date) -> str:
    """Ask whether the coming year was meant by a day that has passed."""
    meant = coming(day.month, day.day, today)
    return f"{dated(day)} has passed; did you mean {meant.year}?" if meant else f"{dated(day)} has passed."


def instead(
    subject: Subject,
    fields: Sequence[DeadlineField],
    field: str,
    day: date,
    today: date,
    word: str = "signoff",
) -> str:
    """Return the line for the same day of the coming year, or nothing where no calendar has one."""
    meant = coming(day.month, day.day, today)
    return command_for(subject, fields, field, Value(meant.isoformat(), meant), word) if meant else ""


def lines_for(builder: PlanBuilder, written: Written, day: date | None) -> tuple[str, ...]:
    """Return the line with this command's word and ``day``, one for each field that it can be about."""
    fields = fields_of(builder.facts.issue)
    value = Value(day.isoformat(), day) if day else Value()
    meant = [field.id for field in fields if written.command.field in ("", field.id)]
    return tuple(
        command_for(builder.state.subject, fields, field, value, written.command.word) for field in meant
    )


def commands_for(builder: PlanBuilder, waiting: Iterable[Proposal], word: str) -> tuple[str, ...]:
    """Return the lines that answer what waits: a yes is to one of the values on the table, the other answers
    are about the wish."""
    today = builder.now.date()
    meant = [(p.field, value) for p in waiting for value in (p.values() if word == "signoff" else (p.value,))]
    subject, here = builder.state.subject, builder.facts.issue
    known = by_id(fields_known(builder.state, here))
    named = dict.fromkeys((*here.deadlines, *(field for field, _ in meant)))
    fields = [known.get(field) or declared(field, subject.system) for field in named]
    return tuple(
        command_for(subject, fields, field, value, word)
        for field, value in meant
        if word not in NAMING or not passed(value, today)
    )


def lines_again(builder: PlanBuilder, named: str) -> tuple[str, ...]:
    """Return the lines that agree again to dates of which product is asked whether they hold; ``named`` is
    the field that is meant, empty for all."""
    fields = fields_known(builder.state, builder.facts.issue)
    doubted = {field: one.value for field, one in builder.state.commitments().items() if one.questioned}
    return tuple(
        command_for(builder.state.subject, fields, field, value)
        for field, value in doubted.items()
        if named in ("", field) and not passed(value, builder.now.date())
    )


def settle(builder: PlanBuilder, written: Written) -> Written:
    """Give a date that was written without its year the one that is on the table, if that is the same day.
    Where that can be several, it answers none of them: the words count as bare."""
    command, day = written.command, written.command.day
    if not command.yearless or day is None:
        return written
    table = [value.day for p in _named(builder, written) for value in p.values() if value.day]
    same = {other for other in table if (other.month, other.day) == (day.month, day.day)}
    if len(same) > 1 and command.word != "ask":
        return replace(written, command=replace(command, day=None))
    return replace(written, command=replace(command, day=same.pop())) if len(same) == 1 else written


def has_passed(builder: PlanBuilder, written: Written, field: str, day: date | None) -> bool:
    """Tell whether the day that is put forward has passed; ask what was meant, if so."""
    today = builder.now.date()
    if day is None or day >= today:
        return False
    builder.why.refuse("the day has passed; it was asked which one is meant", ("day", day.isoformat()))
    about = replace(written, command=replace(written.command, field=field or written.command.field))
    meant = coming(day.month, day.day, today)
    asking = replace(written.command, problem=question(day, today))
    once = () if written.id else ("passed", field, day, builder.state.version)
    choices = lines_for(builder, about, meant) if meant else ()
    builder.reply("reply-past", replace(written, command=asking), *once, choices=choices)
    return True


def legible(builder: PlanBuilder, written: Written) -> bool:
    """Tell whether the words can count; say kindly where they can't."""
    if written.edited:
        builder.why.refuse("the comment was edited after it was written: only what was written first counts")
        builder.reply("reply-edited", written)
        return False
    if written.command.problem:
        unclear(builder, written)
        return False
    return True


def unclear(builder: PlanBuilder, written: Written) -> None:
    """Say what could not be read, and offer what works: the days it can mean, else what is asked for."""
    command = written.command
    builder.why.refuse("it could not be read as it stands", ("problem", command.problem))
    if not command.readings:
        builder.reply("reply-unclear", written, choices=_offers(builder, written))
        return
    days = [day for day in command.readings if day >= builder.now.date()]
    builder.reply(
        "reply-unclear",
        written,
        choices=tuple(line for day in days for line in lines_for(builder, written, day)),
    )


def nearly(builder: PlanBuilder, event: Event) -> None:
    """Answer a line that is nearly a command, to people who may use commands. Other bots have some of these
    words too: they are answered where dates are anybody's business."""
    written = event.written
    if written is None:
        return
    rights = builder.facts.rights_of(written.author)
    near = near_misses.read(written.command.near, True)
    # A restricted comment's line is kept back here, so that it may be such a word.
    borrowed = written.restricted or (near is not None and near.borrowed)
    if not (rights.product or rights.may_link):
        builder.why.refuse(f"{written.author.name} may use no commands here")
        return
    if borrowed and not builder.state.answerable():
        builder.why.nothing("it may be meant for another bot, and no date here is anybody's business")
        return
    builder.why.refuse("it is nearly a command, and was answered with the line it may have been meant as")
    command = settle(builder, written).command
    choices = _offers(builder, written)
    if command.day is not None or command.nothing:
        if command.word in NAMING and has_passed(builder, written, command.field, command.day):
            return
        choices = lines_for(builder, replace(written, command=command), command.day)
    builder.reply("reply-nearly", written, choices=choices)


def _offers(builder: PlanBuilder, written: Written) -> tuple[str, ...]:
    """Return the lines with this command that answer what waits."""
    word = written.command.word
    if word not in ("signoff", "decline", "withdraw"):
        return ()
    waiting = _named(builder, written)
    if word == "withdraw":
        waiting = [p for p in waiting if p.asked_by == written.author]
    return commands_for(builder, waiting, word)


def _named(builder: PlanBuilder, written: Written) -> list[Proposal]:
    return [p for p in builder.state.open_proposals() if written.command.field in ("", p.field)]
