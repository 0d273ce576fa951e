"""``handshake proposals``: what waits for product."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

import click

from automation.cli.terminal import as_json, opened, plainly, print_json, print_table, say, troubles
from automation.domain.offers import command_for, passed
from automation.store.open_proposals import Asked, Unsigned, out_of_reach, unsigned, waiting
from automation.text.dates import spoken

PASTE = "Product can paste"
OUT_OF_REACH = "(in a place that the rules do not name)"


@click.command()
@as_json
def proposals(as_json: bool) -> None:
    """List the dates that wait for product's answer, the oldest first."""
    with plainly(), closing(opened()) as database:
        asked, lost, wrong = waiting(database), out_of_reach(database), troubles(database)
        standing = unsigned(database)
    today = _today()
    for trouble in wrong:
        say(trouble, err=True)
    if as_json:
        print_json([_proposal(one, today) for one in asked])
    elif not asked:
        say("Nothing that was read waits for product." if wrong else "Nothing waits for product.")
    else:
        headings = ("Issue", "Deals", "Asked for", "Asked by", "Answer by", PASTE)
        print_table(headings, [_row(one, today) for one in asked], whole=PASTE)
    for one in () if as_json else standing:
        say(f"{one.subject.key}: {_unsigned(one, today)}.")
    for promised in () if as_json else lost:
        day = spoken(promised.day, today) if promised.day else "a date"
        say(
            f"{promised.subject.key}: {day} was agreed, and the rules do not name the place that it moved to."
        )


def _row(one: Asked, today: date) -> tuple[str | tuple[str, ...], ...]:
    proposal = one.proposal
    asked, standing = proposal.value.day, proposal.old.day
    who = proposal.asked_by.name if proposal.asked_by else "unknown"
    agreed = len(proposal.agreed(proposal.value))
    said = f"{agreed} said yes" if agreed else proposal.policy
    late = (today - proposal.answer_by).days
    return (
        _lines(one.subject.key, one.title, OUT_OF_REACH if one.away else ""),
        ", ".join(deal.key for deal in one.deals) or "none now",
        _lines(
            f"{_which(one)}{_spoken(asked, today)}",
            "stands, unsigned" if one.override else f"not {_spoken(standing, today)}",
        ),
        _lines(f"{who}, {_ago(proposal.asked_at.date(), today)}", _because(proposal.because)),
        _lines(spoken(proposal.answer_by, today), said, f"{_days(late)} late" if late > 0 else ""),
        _command(one, today) or "(that day has passed)",
    )


def _unsigned(one: Unsigned, today: date) -> str:
    """Say that a date stands by an override, where no row says so."""
    override = one.override
    day = _spoken(override.value.day, today)
    because = f", {_because(override.because)}" if override.because else ""
    return f"{one.label} stands at {day}, not agreed, by {override.by.name}'s override{because}"


def _which(one: Asked) -> str:
    """Name the field, where the issue has several."""
    return f"{one.label}: " if len(one.fields) > 1 else ""


def _lines(*parts: str) -> tuple[str, ...]:
    return tuple(part for part in parts if part)


def _because(reason: str) -> str:
    return f"because {reason}" if reason else ""


def _spoken(day: date | None, today: date) -> str:
    return spoken(day, today) if day else "no date"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _ago(day: date, today: date) -> str:
    days = (today - day).days
    return f"{_days(days)} ago" if days > 0 else "today"


def _proposal(one: Asked, today: date) -> dict[str, Any]:
    proposal = one.proposal
    return {
        "id": proposal.id,
        "issue": str(one.subject),
        "key": one.subject.key,
        "out_of_reach": one.away,
        "title": one.title or None,
        "deals": [deal.key for deal in one.deals],
        "field": proposal.field,
        "label": one.label,
        "asked": proposal.value.day and proposal.value.day.isoformat(),
        "standing": proposal.old.day and proposal.old.day.isoformat(),
        "asked_by": proposal.asked_by and proposal.asked_by.name,
        "asked_at": proposal.asked_at.isoformat(),
        "because": proposal.because or None,
        "answer_by": proposal.answer_by.isoformat(),
        "policy": proposal.policy,
        "reminded_at": proposal.reminded_at and proposal.reminded_at.isoformat(),
        "overridden_by": one.override and one.override.by.name,
        "agreed": [person.name for person in proposal.agreed(proposal.value)],
        "command": _command(one, today),
    }


def _today() -> date:
    return datetime.now(UTC).date()


def _command(one: Asked, today: date) -> str:
    """Return what product can paste; nothing where the day has passed."""
    if passed(one.proposal.value, today):
        return ""
    return command_for(one.subject, one.fields, one.proposal.field, one.proposal.value)
