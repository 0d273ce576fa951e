"""``handshake proposals``: what waits for product."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import click

from automation.app.rules import vocabulary
from automation.app.settings import read_settings
from automation.app.systems import SYSTEMS
from automation.cli.terminal import as_json, opened, plainly, print_json, print_table, say, troubles
from automation.domain.fields import spoken_of
from automation.domain.offers import command_for, passed
from automation.model import CARRIER
from automation.rulebook.diagnostics import RulesError
from automation.rulebook.rulebook import load
from automation.rulebook.schema import SignOff
from automation.rulebook.turns import Turn, names_in, turn_of
from automation.store.open_proposals import Asked, Unsigned, asked_again, out_of_reach, unsigned, waiting
from automation.text.dates import spoken, working_days_after

PASTE = "Product can paste"
MOST_NAMED = 3
OUT_OF_REACH = "(in a place that the rules do not name)"
ON_ANY = "(answer on any issue of it)"


@click.command()
@click.option("--mine", is_flag=True, help="Only what waits for you: see --as.")
@click.option(
    "--as",
    "me",
    metavar="NAME",
    help="Who you are, as sign_off in the rules names you or your team (github:octocat, "
    "github:acme/product, jira:product-managers). Default: HANDSHAKE_ME. It goes with --mine.",
)
@as_json
def proposals(mine: bool, me: str | None, as_json: bool) -> None:
    """List the dates that wait for product's answer, the oldest first, and whose turn it is: those that
    somebody asked for, and agreed ones of which product is asked whether they still hold."""
    if me and not mine:
        raise click.UsageError("--as goes with --mine.")
    with plainly(), closing(opened()) as database:
        asked, lost, wrong = waiting(database), out_of_reach(database), troubles(database)
        standing = unsigned(database)
        policies = _policies(needed=mine)
        again = [_by_when(one, policies) for one in asked_again(database, _today())]
        asked = sorted((*asked, *again), key=lambda one: one.proposal.asked_at)
        turns = [(one, turn_of(one.proposal, one.askers, policies)) for one in asked]
        if mine:
            name = _who(me or read_settings().me, policies)
            turns = [(one, turn) for one, turn in turns if turn.is_for(name)]
    today = _today()
    for trouble in wrong:
        say(trouble, err=True)
    if as_json:
        print_json([_proposal(one, turn, today) for one, turn in turns])
    elif not turns:
        whom = name if mine else "product"
        say(f"Nothing that was read waits for {whom}." if wrong else f"Nothing waits for {whom}.")
    else:
        headings = ("Issue", "Deals", "Asked for", "Asked by", "Answer by", PASTE)
        print_table(headings, [_row(one, turn, today) for one, turn in turns], whole=PASTE)
    for left in () if as_json or mine else standing:
        say(f"{spoken_of(left.subject)}: {_unsigned(left, today)}.")
    for promised in () if as_json or mine else lost:
        day = spoken(promised.day, today) if promised.day else "a date"
        say(
            f"{promised.subject.key}: {day} was agreed, and the rules do not name the place that it moved to."
        )


def _policies(needed: bool) -> Mapping[str, SignOff]:
    """Return the sign-off policies of the rules; none where these cannot be read and are not ``needed``,
    as the list is of use all the same. Raise RulesError."""
    try:
        return load(read_settings().rules, vocabulary(SYSTEMS)).config.sign_off
    except RulesError:
        if needed:
            raise
        return {}


def _who(me: str | None, policies: Mapping[str, SignOff]) -> str:
    """Return who is asking. Raise ValueError where nobody said so, or the rules do not know that name."""
    known = [f"{system}:{name}" for system, name in names_in(policies.values())]
    if not me:
        raise ValueError(f"Say who you are, by --as or HANDSHAKE_ME. The rules name {', '.join(known)}.")
    if me.strip().lower() not in map(str.lower, known):
        raise ValueError(f"No sign-off policy names {me.strip()}. The rules name {', '.join(known)}.")
    return me.strip()


def _by_when(one: Asked, policies: Mapping[str, SignOff]) -> Asked:
    """Say by when product should say whether a date still holds."""
    policy, asked_on = policies.get(one.proposal.policy), one.proposal.asked_at.date()
    if policy is None:
        return one
    by = working_days_after(asked_on, policy.working_days, policy.holidays)
    return replace(one, proposal=replace(one.proposal, answer_by=by))


def _row(one: Asked, turn: Turn, today: date) -> tuple[str | tuple[str, ...], ...]:
    proposal = one.proposal
    asked, standing = proposal.value.day, proposal.old.day
    who = "Handshake" if one.again else proposal.asked_by.name if proposal.asked_by else "unknown"
    agreed = len(turn.agreed)
    late = (today - proposal.answer_by).days
    return (
        _lines(
            spoken_of(one.subject),
            one.title,
            OUT_OF_REACH if one.away else "",
            ON_ANY if one.subject.kind == CARRIER else "",
        ),
        ", ".join(deal.key for deal in one.deals) or "none now",
        _lines(f"{_which(one)}{_spoken(asked, today)}", _standing(one, standing, today)),
        _lines(f"{who}, {_ago(proposal.asked_at.date(), today)}", _because(proposal.because)),
        _lines(
            spoken(proposal.answer_by, today),
            f"{agreed} said yes" if agreed else "",
            _whose(proposal.policy, turn),
            f"{_days(late)} late" if late > 0 else "",
        ),
        _command(one, today) or "(that day has passed)",
    )


def _unsigned(one: Unsigned, today: date) -> str:
    """Say that a date stands by an override, where no row says so."""
    override = one.override
    day = _spoken(override.value.day, today)
    because = f", {_because(override.because)}" if override.because else ""
    return f"{one.label} stands at {day}, not agreed, by {override.by.name}'s override{because}"


def _whose(policy: str, turn: Turn) -> str:
    """Name those whose turn it is, as far as they fit."""
    names = [name for _, name in turn.names]
    if not names:
        return policy
    further = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    count = f"{turn.yeses} of " if turn.yeses > 1 else ""
    return f"{policy}: {count}{', '.join(names[:MOST_NAMED])}{further}"


def _standing(one: Asked, day: date | None, today: date) -> str:
    if one.override:
        return "stands, unsigned"
    if one.again:
        return "agreed before"
    if one.paused:
        return "stands unsigned: see handshake pauses"
    return f"not {_spoken(day, today)}"


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


def _proposal(one: Asked, turn: Turn, today: date) -> dict[str, Any]:
    proposal = one.proposal
    return {
        "id": proposal.id,
        "issue": str(one.subject),
        "key": spoken_of(one.subject),
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
        "again": one.again,
        "answer_by": proposal.answer_by.isoformat(),
        "policy": proposal.policy,
        "reminded_at": proposal.reminded_at and proposal.reminded_at.isoformat(),
        "overridden_by": one.override and one.override.by.name,
        "agreed": [person.name for person in turn.agreed],
        "yeses_missing": turn.yeses,
        "paused": one.paused,
        "turn": [f"{system}:{name}" for system, name in turn.names],
        "age_days": (today - proposal.asked_at.date()).days,
        "command": _command(one, today),
    }


def _today() -> date:
    return datetime.now(UTC).date()


def _command(one: Asked, today: date) -> str:
    """Return what product can paste; nothing where the day has passed."""
    if passed(one.proposal.value, today):
        return ""
    return command_for(one.subject, one.fields, one.proposal.field, one.proposal.value)
