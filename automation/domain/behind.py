"""Words on an issue about the own date of what carries its date: handed on to that carrier, which asks who
may, and says there that they were heard where it speaks on another issue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from automation.domain.moved_carriers import ANSWER
from automation.domain.plan_builder import PlanBuilder
from automation.domain.reasoning import value_words
from automation.model import Behind, Event, Outcome, Proposal, Rights, Trigger, Written

Act = Callable[[PlanBuilder, Event], None]


def or_behind(act: Act) -> Act:
    """Return what carries out a command: here, or on the carrier that its words are about."""

    def carry_out(builder: PlanBuilder, event: Event) -> None:
        written = event.written
        about = _meant(builder, written) if written else None
        if about is None or written is None:
            act(builder, event)
            if written is not None:
                _say_where(builder, written)
            return
        waiting = (("asked", value_words(one.value)) for one in about.proposals)
        builder.why.done(f"it is about the date of {about.carrier.key}", *waiting)
        builder.send(
            Trigger(
                about.carrier,
                ANSWER,
                written.author,
                written.at,
                written.id,
                on=builder.state.subject,
            )
        )

    return carry_out


def _say_where(builder: PlanBuilder, written: Written) -> None:
    """Answer words about a carrier that count, where what becomes of them is said on another issue than the
    one they stand on."""
    places = builder.facts.places
    if builder.why.outcome is Outcome.DONE and written.issue and places and written.issue not in places:
        builder.reply("reply-said-elsewhere", written, choices=tuple(place.key for place in places))


def _meant(builder: PlanBuilder, written: Written) -> Behind | None:
    """Return the carrier that the words of somebody who may answer are about, None where they are about the
    issue: its own dates come first. A wish is about the carrier only where it names its date, which moves
    all that stands there; an override also where it lets stand what is asked of that."""
    command = written.command
    legible = not (written.edited or command.problem or command.near)
    behind = builder.facts.behind
    theirs = any(wish.asked_by == written.author for one in behind for wish in one.proposals)
    may = builder.facts.rights_of(written.author) != Rights() or (command.word == "withdraw" and theirs)
    if not (legible and may):
        return None
    if command.field:
        return next((one for one in behind if one.field == command.field), None)
    if command.word == "ask":
        return None
    mine = builder.state.open_proposals()
    if command.day is not None or command.nothing:
        if any(_names(written, proposal) for proposal in mine):
            return None
        for one in behind:
            shown = one.contested is not None and _same(written, one.contested.day)
            if shown or any(_names(written, proposal) for proposal in one.proposals):
                return one
    if command.word == "override":
        return None
    return next((one for one in behind if one.proposals and not mine), None)


def _names(written: Written, proposal: Proposal) -> bool:
    return any(_same(written, value.day) for value in proposal.values())


def _same(written: Written, day: date | None) -> bool:
    meant = written.command.day
    if meant is None or day is None or not written.command.yearless:
        return meant == day
    return (meant.month, meant.day) == (day.month, day.day)
