"""Sign-offs: product's yes, no, or another date."""

from __future__ import annotations

from automation.commitments import commit, truth_of
from automation.draft import Draft
from automation.model import (
    NOTHING,
    Event,
    Mode,
    Proposal,
    ProposalState,
    Value,
    Written,
    Yes,
)
from automation.offers import has_passed, legible, settle
from automation.proposals import ask_which, carrier, end, field_of, propose
from automation.yeses import about, counted, enough, policy_of


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
    value = _value(draft, written, field, asked)
    if value is None:
        return
    policy = policy_of(draft, field, written.author)
    if not policy:
        draft.reply("reply-not-product", written, "not-product", written.author.id, field)
        return
    known = draft.field(field)
    so_already = known.commitment.value == value if known.commitment else value == known.standing == NOTHING
    agreed_before = asked is None and so_already
    to_be_set = draft.mode is not Mode.ENFORCE and truth_of(draft, field) != value
    if agreed_before and not to_be_set:
        draft.reply("reply-nothing-waits", written)
        return
    yes = Yes(written.author, value, draft.at)
    said = asked.with_yes(yes) if asked else None
    people = counted(draft, said, value, policy) if said else (written.author,)
    if not enough(draft, policy, people) and not agreed_before:
        _wait_for_more(draft, written, yes, said, policy, field)
        return
    if to_be_set:
        if said:
            draft.put_proposal(said)
        draft.reply("reply-set-it-yourself", written)
        return
    commit(draft, field, value, policy, people, said, command.because, dated=command.spelled)


def _value(draft: Draft, written: Written, field: str, asked: Proposal | None) -> Value | None:
    """Return the value that is said yes to: one on the table, or what carries the date. Reply where none."""
    command = written.command
    table = asked.values() if asked else ()
    if table and command.day is None and not command.nothing:
        return table[0]
    same = next((value for value in table if value.day == command.day), None)
    return same if same is not None else carrier(draft, written, field)


def _wait_for_more(
    draft: Draft, written: Written, yes: Yes, said: Proposal | None, policy: str, field: str
) -> None:
    """Keep a yes that is not the last one it takes, and say who is still needed. Where nothing was asked, it
    asks for that value."""
    if draft.mode is Mode.OBSERVE:
        return
    if said is None:
        old = draft.field(field).standing
        said = propose(draft, policy, field, old, yes.value, yes.by).with_yes(yes)
    draft.put_proposal(said)
    people = counted(draft, said, yes.value, policy)
    draft.reply("reply-more-needed", written, proposal=about(said, yes.value, people))


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
    command = written.command
    end(draft, asked, written.author, ProposalState.DECLINED, command.because, command.spelled)


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
    return legible(draft, written)


def _bound(draft: Draft, written: Written) -> Proposal | None:
    """Return the one proposal these words are about.

    A date names it; bare words mean the only open one, if our comment about it was there to be read, and a
    bare yes only where nobody has agreed to another date than the one asked.
    Times are compared by the second, as trackers give no more.
    """
    command = written.command
    product = draft.facts.rights_of(written.author).product
    waiting = [
        p for p in draft.state.open_proposals() if p.policy in product and command.field in ("", p.field)
    ]
    if command.day is not None or command.nothing:
        same = [p for p in waiting if command.day in {value.day for value in p.values()}]
        waiting = same or waiting
        return waiting[0] if len(waiting) == 1 else None
    shown = [p for p in waiting if p.shown_at and p.shown_at.replace(microsecond=0) <= written.at]
    clear = command.word != "signoff" or all(len(p.values()) == 1 for p in shown)
    return shown[0] if len(shown) == len(waiting) == 1 and clear else None
