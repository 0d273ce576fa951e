"""``handshake proposals``: what waits for product."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

import click

from automation.cli.terminal import as_json, plainly, print_json, print_table
from automation.dates import spoken
from automation.model import Proposal, Subject
from automation.offers import command_for, passed
from automation.settings import read_settings
from automation.store.database import Database
from automation.store.state import States


@click.command()
@as_json
def proposals(as_json: bool) -> None:
    """List the dates that wait for product's answer, the oldest first."""
    with plainly(), closing(Database(read_settings().database_url)) as database:
        waiting = States(database).open_proposals()
    if as_json:
        print_json([_proposal(subject, proposal) for subject, proposal in waiting])
    elif not waiting:
        click.echo("Nothing waits for product.")
    else:
        _print_proposals(waiting)


def _print_proposals(waiting: list[tuple[Subject, Proposal]]) -> None:
    headings = ("Issue", "Asked for", "Instead of", "By", "Answer by", "Product can paste")
    print_table(headings, [_row(subject, proposal) for subject, proposal in waiting])


def _row(subject: Subject, proposal: Proposal) -> tuple[str, ...]:
    today = proposal.asked_at.date()
    return (
        subject.key,
        spoken(proposal.value.day, today) if proposal.value.day else "no date",
        spoken(proposal.old.day, today) if proposal.old.day else "no date",
        proposal.asked_by.name if proposal.asked_by else "unknown",
        spoken(proposal.answer_by, today),
        _command(subject, proposal) or "(that day has passed)",
    )


def _proposal(subject: Subject, proposal: Proposal) -> dict[str, Any]:
    return {
        "id": proposal.id,
        "issue": str(subject),
        "field": proposal.field,
        "asked": proposal.value.day and proposal.value.day.isoformat(),
        "standing": proposal.old.day and proposal.old.day.isoformat(),
        "asked_by": proposal.asked_by and proposal.asked_by.name,
        "asked_at": proposal.asked_at.isoformat(),
        "answer_by": proposal.answer_by.isoformat(),
        "policy": proposal.policy,
        "command": _command(subject, proposal),
    }


def _today() -> date:
    return datetime.now(UTC).date()


def _command(subject: Subject, proposal: Proposal) -> str:
    """Return what product can paste; nothing where the day has passed."""
    if passed(proposal.value, _today()):
        return ""
    return command_for(subject, proposal.field, proposal.value)
