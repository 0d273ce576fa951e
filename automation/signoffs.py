"""Sign-offs: product's yes, no, or another date."""

from __future__ import annotations

from dataclasses import replace

from automation.commitments import commit, truth_of
from automation.draft import Draft
from automation.model import (
    NOTHING,
    Event,
    Mode,
    Proposal,
    ProposalState,
    Written,
)
from automation.offers import has_passed, settle, unclear
from automation.proposals import ask_which, carrier, end, field_of


def sign(draft: Draft, event: Event) -> None:
    """Carry out ``/signoff [field] [date] [because …]``."""
    written = event.written
    if written is None or not _answerable(draft, written):
        return
    written = settle(draft, written)
    command = written.command
    asked = _bound(draft, written)
    exact = command.day is not None or command.nothing
    if asked is None and not exact:
        ask_which(draft, written)
        return
    field = asked.field if asked else field_of(draft, written)
    named_day = command.day if exact or asked is None else asked.value.day
    if not field or has_passed(draft, written, field, named_day):
        return
    value = asked.value if asked else NOTHING
    if exact and value.day != command.day:
        named = carrier(draft, written, field)
        if named is None:
            return
        value = named
    policy = asked.policy if asked else min(draft.facts.rights_of(written.author).product)
    if draft.mode is not Mode.ENFORCE and truth_of(draft, field) != value:
        draft.reply("reply-set-it-yourself", written)
        return
    known = draft.field(field)
    so_already = known.commitment.value == value if known.commitment else value == known.standing == NOTHING
    if asked is None and so_already:
        draft.reply("reply-nothing-waits", written)
        return
    earlier = asked.signers if asked else ()
    signers = (*(person for person in earlier if person != written.author), written.author)
    if asked and len(signers) < draft.policies[policy].people_needed:
        draft.put_proposal(replace(asked, signers=signers))
        draft.reply("reply-more-needed", written)
        return
    commit(draft, field, value, policy, signers, asked, command.because, dated=command.spelled)


def decline(draft: Draft, event: Event) -> None:
    """Carry out ``/decline [field] [because …]``: what stood goes on standing."""
    written = event.written
    if written is None or not _answerable(draft, written):
        return
    written = settle(draft, written)
    asked = _bound(draft, written)
    if asked is None:
        ask_which(draft, written)
        return
    end(draft, asked, written, ProposalState.DECLINED)


def _answerable(draft: Draft, written: Written) -> bool:
    """Tell whether the author may answer here and the words can count; reply kindly where not."""
    rights = draft.facts.rights_of(written.author)
    waiting = draft.state.open_proposals()
    needed = {p.policy for p in waiting} or set(draft.policies)
    if not rights.product & needed:
        if rights.may_link:
            about = waiting[-1].id if waiting else ""
            draft.reply("reply-not-product", written, "not-product", written.author.id, about)
        return False
    if written.edited:
        draft.reply("reply-edited", written)
        return False
    if written.command.problem:
        unclear(draft, written)
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
