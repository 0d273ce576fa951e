"""Sign-offs: product's yes, no, or another date, and the commitment that follows."""

from __future__ import annotations

from dataclasses import replace

from automation.deadlines import diff
from automation.draft import Draft
from automation.model import (
    NOTHING,
    Commitment,
    Event,
    Mode,
    Pending,
    Person,
    Proposal,
    ProposalState,
    Status,
    Value,
    Written,
)


def commit(
    draft: Draft,
    field: str,
    value: Value,
    policy: str,
    signers: tuple[Person, ...],
    asked: Proposal | None,
    because: str = "",
) -> None:
    """Put ``value`` in force. Rules hear of it once the tracker was seen to hold it."""
    known = draft.field(field)
    truth = _truth(draft, field)
    key = "" if truth == value else draft.set_deadline(field, truth, value, "apply")
    draft.set_field(
        field,
        standing=value,
        status=Status.COMMITTED if value else Status.EMPTY,
        commitment=Commitment(
            value=value,
            policy=policy,
            signed_by=signers,
            signed_at=draft.now,
            replaces=known.commitment.value if known.commitment else NOTHING,
            because=because,
            counter=bool(asked and asked.value != value),
        ),
        contested=None,
        pending=Pending(key, truth) if key else None,
    )
    reason = f" because {because}" if because else ""
    draft.record("signed", f"{field}: {value.name or 'no date'}{reason}", signers[-1])
    if asked:
        draft.put_proposal(replace(asked, signers=signers))
        draft.close_proposal(replace(asked, signers=signers), ProposalState.SIGNED)
    if truth == value:
        confirm(draft, field)


def confirm(draft: Draft, field: str) -> None:
    """Note that the tracker holds the committed value, and let rules react to it."""
    commitment = draft.field(field).commitment
    if commitment is None or commitment.verified:
        return
    commitment = replace(commitment, verified=True)
    draft.set_field(field, commitment=commitment)
    change = diff(field, commitment.replaces, commitment.value)
    if change is not None:
        proposal = next((p for p in reversed(draft.state.proposals) if _led_to(p, field, commitment)), None)
        draft.emit(
            Event(
                "deadline.committed",
                draft.now,
                change=change,
                actor=commitment.signed_by[-1],
                proposal=proposal,
                commitment=commitment,
                because=commitment.because,
            )
        )


def accept(draft: Draft, event: Event) -> None:
    """Let a change stand that no rule held.

    Product's own edit plans; it commits where it answers a proposal or moves a commitment.
    Anybody else's is taken as it is, and a commitment it leaves behind is at risk.
    """
    change = event.change
    if change is None:
        return
    policies = draft.facts.rights_of(event.actor).product
    asked = draft.open_proposal(change.field)
    if event.actor and policies and (asked or draft.field(change.field).commitment):
        policy = asked.policy if asked and asked.policy in policies else min(policies)
        commit(draft, change.field, change.new, policy, (event.actor,), asked)
        return
    status = Status.PLANNED if policies else Status.INHERITED
    draft.set_field(
        change.field,
        standing=change.new,
        status=status if change.new else Status.EMPTY,
        contested=None,
        pending=None,
    )
    draft.put_at_risk(change.field)


def sign(draft: Draft, event: Event) -> None:
    """Carry out ``/signoff [field] [date] [because …]``."""
    written = event.written
    if written is None or not _answerable(draft, written):
        return
    command = written.command
    asked = _bound(draft, written)
    exact = command.day is not None or command.nothing
    if asked is None and not exact:
        _ask_which(draft, written)
        return
    field = asked.field if asked else command.field or next(iter(draft.facts.issue.deadlines))
    value = asked.value if asked else NOTHING
    if exact and value.day != command.day:
        offered = (NOTHING,) if command.nothing else draft.facts.carriers.get(field, ())
        fitting = [carrier for carrier in offered if carrier.day == command.day]
        if not fitting:
            days = sorted({carrier.day.isoformat() for carrier in offered if carrier.day})
            draft.reply("reply-no-carrier", _reply(draft, written, tuple(days)))
            return
        value = fitting[0]
    policy = asked.policy if asked else min(draft.facts.rights_of(written.author).product)
    if draft.mode is not Mode.ENFORCE and _truth(draft, field) != value:
        draft.reply("reply-set-it-yourself", _reply(draft, written))
        return
    known = draft.field(field).commitment
    if asked is None and known and known.value == value:
        draft.reply("reply-nothing-waits", _reply(draft, written))
        return
    earlier = asked.signers if asked else ()
    signers = (*(person for person in earlier if person != written.author), written.author)
    if asked and len(signers) < draft.policies[policy].people_needed:
        draft.put_proposal(replace(asked, signers=signers))
        draft.reply("reply-more-needed", _reply(draft, written))
        return
    commit(draft, field, value, policy, signers, asked, command.because)


def decline(draft: Draft, event: Event) -> None:
    """Carry out ``/decline [field] [because …]``: what stood goes on standing."""
    written = event.written
    if written is None or not _answerable(draft, written):
        return
    asked = _bound(draft, written)
    if asked is None:
        _ask_which(draft, written)
        return
    field = asked.field
    draft.record("declined", f"{field}: {asked.value.name or 'no date'}", written.author)
    draft.put_at_risk(field, False)
    draft.close_proposal(asked, ProposalState.DECLINED)
    known = draft.field(field)
    truth = _truth(draft, field)
    if truth == asked.value != known.standing and known.pending is None:
        key = draft.set_deadline(field, truth, known.standing, "restore")
        if key:
            draft.set_field(field, pending=Pending(key, truth), contested=None)
    draft.emit(
        Event(
            "proposal.declined",
            draft.now,
            change=diff(field, known.standing, asked.value),
            actor=written.author,
            proposal=asked,
            commitment=draft.field(field).commitment,
            because=written.command.because,
        )
    )


def _answerable(draft: Draft, written: Written) -> bool:
    """Tell whether the author may answer here and the words can count; reply kindly where not."""
    rights = draft.facts.rights_of(written.author)
    waiting = draft.state.open_proposals()
    needed = {p.policy for p in waiting} or set(draft.policies)
    if not rights.product & needed:
        if rights.may_link:
            about = waiting[-1].id if waiting else ""
            draft.reply("reply-not-product", _reply(draft, written), "not-product", written.author.id, about)
        return False
    if written.edited:
        draft.reply("reply-edited", _reply(draft, written))
        return False
    if written.command.problem:
        draft.reply("reply-unclear", _reply(draft, written))
        return False
    return True


def _bound(draft: Draft, written: Written) -> Proposal | None:
    """Return the one proposal these words are about.

    A date names it; bare words mean the only open one, if our comment about it was there to be read.
    Times are compared by the second, as trackers give no more.
    """
    command = written.command
    product = draft.facts.rights_of(written.author).product
    waiting = [
        p for p in draft.state.open_proposals() if p.policy in product and command.field in ("", p.field)
    ]
    if command.day is not None or command.nothing:
        same = [p for p in waiting if p.value.day == command.day]
        waiting = same or waiting
        return waiting[0] if len(waiting) == 1 else None
    shown = [p for p in waiting if p.shown_at and p.shown_at.replace(microsecond=0) <= written.at]
    return shown[0] if len(shown) == len(waiting) == 1 else None


def _ask_which(draft: Draft, written: Written) -> None:
    waiting = draft.state.open_proposals()
    if not waiting:
        draft.reply("reply-nothing-waits", _reply(draft, written))
        return
    several = len(draft.facts.issue.deadlines) > 1
    choices = tuple(command_for(p.field, p.value, several, written.command.word) for p in waiting)
    draft.reply("reply-which", _reply(draft, written, choices))


def command_for(field: str, value: Value, several: bool, word: str = "signoff") -> str:
    """Return the line that answers for ``value``: always with its date, and with the field
    where the issue has several."""
    day = value.day.isoformat() if value.day else "none"
    return f"/{word} {field} {day}" if several else f"/{word} {day}"


def _reply(draft: Draft, written: Written, choices: tuple[str, ...] = ()) -> Event:
    waiting = draft.state.open_proposals()
    return Event(
        "command.answered",
        draft.now,
        actor=written.author,
        proposal=waiting[-1] if waiting else None,
        written=written,
        choices=choices,
    )


def _led_to(proposal: Proposal, field: str, commitment: Commitment) -> bool:
    return (
        proposal.field == field
        and proposal.state is ProposalState.SIGNED
        and proposal.signers == commitment.signed_by
    )


def _truth(draft: Draft, field: str) -> Value:
    return draft.facts.issue.deadlines.get(field, NOTHING)
