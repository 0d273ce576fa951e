"""Which field, which of the values that could carry its date, and which wish a command means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from automation.domain.commitments import (
    carries_another_day,
)
from automation.domain.fields import declared, fields_of
from automation.domain.offers import (
    commands_for,
    has_passed,
    lines_again,
    lines_for,
    unclear,
)
from automation.domain.plan_builder import PlanBuilder
from automation.domain.reasoning import value_words, what_waits
from automation.model import (
    NOTHING,
    Proposal,
    Value,
    Written,
)


def field_of(builder: PlanBuilder, written: Written) -> str:
    """Return the deadline field that a command is about. Where the issue has none such, say so; where it has
    several and none is named, list them."""
    fields = [field.id for field in fields_of(builder.facts.issue)]
    field = written.command.field or (fields[0] if len(fields) == 1 else "")
    if field in fields:
        return field
    if fields and not field:
        several = replace(written.command, problem="This issue has several dates, and nothing was changed.")
        choices = lines_for(builder, written, written.command.day)
        builder.reply("reply-which", replace(written, command=several), choices=choices)
        return ""
    named = f"field named {declared(field, builder.state.subject.system).label}" if field else "date field"
    command = replace(written.command, field="", problem=f"This issue has no {named}.")
    unclear(builder, replace(written, command=command))
    return ""


def carrier(builder: PlanBuilder, written: Written, field: str) -> Value | None:
    """Return the value that carries the date a command names; where there is none, say what is on offer."""
    day = written.command.day
    if day is None:
        return NOTHING
    asked = builder.open_proposal(field)
    table = [one for one in asked.values() if not carries_another_day(builder, field, one)] if asked else []
    same = next((value for value in table if value.day == day), None)
    if same is not None:
        return same  # a year that was left out is known only now
    offered = builder.facts.carriers.get(field, ())
    fitting = next((carrier for carrier in offered if carrier.day == day), None)
    if fitting is None:
        builder.why.refuse(
            "nothing there carries that date", ("on offer", ", ".join(map(value_words, offered)) or "nothing")
        )
        days = sorted({c.day.isoformat() for c in offered if c.day and c.day >= builder.now.date()})
        builder.reply("reply-no-carrier", written, choices=tuple(days))
    return fitting


def ask_which(builder: PlanBuilder, written: Written, waiting: Sequence[Proposal] = ()) -> None:
    """List what the words could answer: what is ``waiting``, else what waits for the field they name."""
    named = written.command.field
    waiting = waiting or [p for p in builder.state.open_proposals() if named in ("", p.field)]
    again = lines_again(builder, named)
    if again and not waiting:
        builder.why.refuse("a date waits to be agreed again, and that takes its date")
        builder.reply("reply-which", written, choices=again)
        return
    if not waiting:
        builder.why.nothing("nothing waits for an answer here")
        if written.mark is None or not written.mark.stays:
            builder.reply("reply-nothing-waits", written)
        return
    builder.why.refuse(
        "which of the dates that wait is meant is not clear", parts=what_waits(waiting, written)
    )
    word = written.command.word
    choices = commands_for(builder, waiting, word)
    if choices or not has_passed(builder, written, waiting[-1].field, waiting[-1].value.day):
        builder.reply("reply-which", written, choices=choices)
